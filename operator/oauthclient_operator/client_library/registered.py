"""What came of a registration, for a program: the client information, or the error that says what to do."""

from collections.abc import Mapping

from ..confidential import Confidential
from ..errors import (
    IssuerUnavailable,
    RegistrationAmbiguous,
    RegistrationRejected,
    RegistrationUnauthorized,
)
from ..exchange import Answer, Incomplete, NotSent, Response
from ..oauth import rfc7591
from ..oauth.client_information import ClientInformation
from ..oauth.client_metadata import ClientMetadata
from ..oauth.echoes import known
from ..oauth.json_object import JSON
from ..oauth.judgement import rejected
from ..oauth.outcome import Ambiguous, Committed, NotUnderstood, Rejected
from ..oauth.unsent import unsent


def registered(
    answer: Answer, initial_access_token: Confidential | None, requested: ClientMetadata
) -> ClientInformation:
    """Return what the server registered, by its answer; no echo of the initial access token is shown.

    Raises:
        EgressRefused, IssuerUnavailable: nothing was sent, or the server asks to wait; there is no client.
        RegistrationRejected: it refused; there is no client.
        RegistrationAmbiguous: there may be one.
    """
    match outcome := rfc7591.judge(answer, presented=initial_access_token, asked=requested.members):
        case Committed(members=members) if isinstance(answer, Incomplete) and answer.ours:
            # The caller's own part of the exchange failed: whatever came before, it must hear of that.
            raise _ambiguous(Ambiguous(cause=answer.cause, salvage=members), answer, initial_access_token)
        case Committed(members=members):
            return ClientInformation.parse(members)
        case NotSent():
            raise unsent(outcome, "the registration")
        case Rejected():
            raise _refusal(outcome)
        case Ambiguous() | NotUnderstood():
            raise _ambiguous(outcome, answer, initial_access_token)


def _refusal(outcome: Rejected) -> IssuerUnavailable | RegistrationRejected:
    kind: type[IssuerUnavailable | RegistrationRejected] = RegistrationRejected
    if outcome.status == 429:
        kind = IssuerUnavailable
    elif rfc7591.says_unauthorized(outcome.status, outcome.error):
        kind = RegistrationUnauthorized
    return kind(
        f"the registration endpoint answers {outcome.sentence()}",
        status=outcome.status,
        error=outcome.error,
        error_description=outcome.description,
        challenges=outcome.challenges,
        retry_after=outcome.retry_after,
    )


def _ambiguous(
    outcome: Ambiguous | NotUnderstood, answer: Answer, presented: Confidential | None
) -> RegistrationAmbiguous:
    salvaged: Mapping[str, JSON] = outcome.salvage
    left, client_id = ClientInformation(salvaged), salvaged.get("client_id")
    # A 5xx, and a success without a client, do not say whether the server did it, but may say what is wrong there.
    said = rejected(answer, known(presented)) if isinstance(answer, Response) else None
    return RegistrationAmbiguous(
        f"nobody can say whether the client was registered: {outcome.cause}",
        status=answer.status if isinstance(answer, Response | Incomplete) else None,
        error=None if said is None else said.error,
        error_description=None if said is None else said.description,
        challenges=() if said is None else said.challenges,
        retry_after=None if said is None else said.retry_after,
        client_id=client_id if isinstance(client_id, str) else None,
        client_secret=left.client_secret,
        registration_access_token=left.registration_access_token,
        registration_client_uri=left.registration_client_uri,
    )
