"""What came of a registration, for a program: the client information, or the error that says what to do."""

from collections.abc import Mapping

from ...errors import (
    EgressRefused,
    IssuerUnavailable,
    RegistrationAmbiguous,
    RegistrationRejected,
    RegistrationUnauthorized,
)
from ...exchange import Answer, Incomplete, NotSent, Response
from .. import rfc7591
from ..client_information import ClientInformation
from ..json_object import JSON
from ..outcome import Ambiguous, Committed, Outcome, Rejected


def registered(outcome: Outcome, answer: Answer) -> ClientInformation:
    """Return what the server registered; `answer` is what the outcome was judged by.

    Raises:
        EgressRefused, IssuerUnavailable: nothing was sent, or the server asks to wait; there is no client.
        RegistrationRejected: it refused; there is no client.
        RegistrationAmbiguous: there may be one.
    """
    match outcome:
        case Committed(members=members):
            return ClientInformation.parse(members)
        case NotSent(refused=True):
            raise EgressRefused(outcome.cause)
        case NotSent():
            raise IssuerUnavailable(f"the registration was not sent: {outcome.cause}")
        case Rejected():
            raise _refusal(outcome)
        case Ambiguous():
            status = answer.status if isinstance(answer, Response | Incomplete) else None
            raise _ambiguous(outcome, status)


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


def _ambiguous(outcome: Ambiguous, status: int | None) -> RegistrationAmbiguous:
    salvaged: Mapping[str, JSON] = outcome.salvage
    left, client_id = ClientInformation(salvaged), salvaged.get("client_id")
    return RegistrationAmbiguous(
        f"nobody can say whether the client was registered: {outcome.cause}",
        status=status,
        retry_after=outcome.retry_after,
        client_id=client_id if isinstance(client_id, str) else None,
        client_secret=left.client_secret,
        registration_access_token=left.registration_access_token,
        registration_client_uri=left.registration_client_uri,
    )
