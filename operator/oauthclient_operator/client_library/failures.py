"""What an outcome that is no success is for a program: the error that says so, without anything that it holds."""

from collections.abc import Sequence
from typing import TypeVar

from ..confidential import Confidential
from ..errors import ClientLeftBehind, EgressRefused, IssuerUnavailable
from ..exchange import Answer, Incomplete, NotSent, Response
from ..oauth.client_information import ClientInformation
from ..oauth.echoes import Credentials, unless_credential
from ..oauth.judgement import rejected
from ..oauth.outcome import Ambiguous, Committed, NotUnderstood, Outcome
from ..oauth.unsent import unsent

_Left = TypeVar("_Left", bound=ClientLeftBehind)


def told(outcome: Outcome, answer: Answer) -> Outcome:
    """Return an outcome as a program has to hear it.

    Where its own part of the exchange failed, a success is none: whatever came before, it must hear of that.
    """
    if isinstance(outcome, Committed) and isinstance(answer, Incomplete) and answer.ours:
        return Ambiguous(cause=answer.cause, salvage=outcome.members)
    return outcome


def not_sent(outcome: NotSent, what: str, held: Sequence[Confidential]) -> EgressRefused | IssuerUnavailable:
    """Return the error of a request that was not sent; the host that its cause names may be a server's choice."""
    error = unsent(outcome, what)
    error.args = tuple(unless_credential(str(message), held) for message in error.args)
    return error


def left_behind(
    kind: type[_Left],
    message: str,
    outcome: Ambiguous | NotUnderstood,
    answer: Answer,
    held: Sequence[Confidential],
    *,
    client_id: str | None = None,
) -> _Left:
    """Return the error of a call of which nobody can say what came of it, with what came of credentials.

    `client_id` is the client's own, if it has one by now: anybody may see it.
    """
    left, found = ClientInformation(outcome.salvage), outcome.salvage.get("client_id")
    public = [] if client_id is None else [client_id]
    shown = found if isinstance(found, str) and not Credentials(held, public).given_away_by(found) else None
    # A 5xx, and a success without a client, do not say whether the server did it, but may say what is wrong there.
    said = rejected(answer, held) if isinstance(answer, Response) else None
    return kind(
        f"{message}: {outcome.cause}",
        status=answer.status if isinstance(answer, Response | Incomplete) else None,
        error=None if said is None else said.error,
        error_description=None if said is None else said.description,
        challenges=() if said is None else said.challenges,
        retry_after=None if said is None else said.retry_after,
        client_id=shown,
        client_secret=left.client_secret,
        registration_access_token=left.registration_access_token,
        registration_client_uri=left.registration_client_uri,
    )
