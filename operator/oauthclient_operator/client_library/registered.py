"""What came of a registration, for a program: the client information, or the error that says what to do."""

from collections.abc import Sequence

from ..confidential import Confidential
from ..errors import (
    IssuerUnavailable,
    RegistrationAmbiguous,
    RegistrationRejected,
    RegistrationUnauthorized,
)
from ..exchange import Answer, NotSent
from ..oauth import rfc7591
from ..oauth.client_information import ClientInformation
from ..oauth.client_metadata import SOFTWARE_STATEMENT, ClientMetadata
from ..oauth.outcome import Ambiguous, Committed, NotUnderstood, Rejected
from ..oauth.refusal import refusal
from .failures import left_behind, not_sent, told
from .held import statement


def registered(
    answer: Answer,
    initial_access_token: Confidential | None,
    requested: ClientMetadata,
    held: Sequence[Confidential],
) -> ClientInformation:
    """Return what the server registered, by its answer; no echo of what is `held` is shown.

    Raises:
        EgressRefused, IssuerUnavailable: nothing was sent, or the server asks to wait; there is no client.
        RegistrationRejected: it refused; there is no client.
        RegistrationAmbiguous: there may be one.
    """
    found = rfc7591.judge(
        answer,
        presented=initial_access_token,
        asked=requested.without([SOFTWARE_STATEMENT]).members,
        statement=statement(requested),
        held=held,
    )
    match outcome := told(found, answer):
        case Committed(members=members):
            return ClientInformation.parse(members)
        case NotSent():
            raise not_sent(outcome, "the registration", held)
        case Rejected():
            raise refusal(_kind(outcome), f"the registration endpoint answers {outcome.sentence()}", outcome)
        case Ambiguous() | NotUnderstood():
            message = "nobody can say whether the client was registered"
            raise left_behind(RegistrationAmbiguous, message, outcome, answer, held)


def _kind(outcome: Rejected) -> type[IssuerUnavailable | RegistrationRejected]:
    if outcome.status == 429:
        return IssuerUnavailable
    return (
        RegistrationUnauthorized if rfc7591.says_unauthorized(outcome.status, outcome.error) else RegistrationRejected
    )
