"""What it means for who asked that a request was not sent."""

from ..errors import EgressRefused, IssuerNotAsked, IssuerNotSecured, IssuerUnavailable
from ..exchange import NotSent


def unsent(answer: NotSent, what: str | None = None) -> EgressRefused | IssuerUnavailable:
    """Return the error that it is; `what` was not sent goes before the cause, where it is not the door's."""
    if answer.refused:
        return EgressRefused(answer.cause)
    message = answer.cause if what is None else f"{what} was not sent: {answer.cause}"
    if answer.tls is not None:
        return IssuerNotSecured(message, failure=answer.tls)
    return IssuerNotAsked(message) if answer.ours else IssuerUnavailable(message)
