"""The words for an issuer to which nothing could be sent."""

from typing import assert_never

from ..exchange import NotSent, TLSFailure
from ..names import Reason
from .verdict import Verdict


def unsent(answer: NotSent) -> Verdict:
    """Nothing was sent, for one reason or another."""
    if answer.refused:
        return Verdict(reason=Reason.ISSUER_NOT_ALLOWED, message=answer.cause, stalled=True)
    if answer.tls is not None:
        return not_secured(answer.cause, answer.tls)
    if answer.ours:
        return not_asked(answer.cause)
    return unavailable(answer.cause)


def unavailable(cause: str) -> Verdict:
    """The issuer does not answer, or asks to wait: that mends itself, or its administrator mends it."""
    return Verdict(reason=Reason.ISSUER_UNAVAILABLE, message=f"{cause}; it is tried again by itself")


def not_secured(cause: str, failure: TLSFailure) -> Verdict:
    """TLS does not come about, and does not mend itself."""
    message = f"{cause}: {advice(failure)}; it is tried again from time to time"
    return Verdict(reason=Reason.ISSUER_UNAVAILABLE, message=message, stalled=True)


def not_asked(cause: str) -> Verdict:
    """Our own side did not get it done; it says nothing of the issuer."""
    message = f"the operator itself could not ask the issuer: {cause}; it tries again by itself"
    return Verdict(reason=Reason.PENDING, message=message)


def advice(failure: TLSFailure) -> str:
    """Return what a person has to do so that TLS comes about, for the middle of a sentence."""
    match failure:
        case TLSFailure.UNTRUSTED:
            return (
                "have the operator's administrator put the authority that issued it into the file of --ca-bundle, or "
                "into spec.trust of the ClusterOAuthIssuer where there is one: either stands in the place of the "
                "system's authorities, unless these are asked for as well"
            )
        case TLSFailure.EXPIRED:
            return "have the server's administrator renew it, and see that the clocks of both sides agree"
        case TLSFailure.WRONG_NAME:
            return (
                "correct the host in the URL, or have the server's administrator install a certificate that names this "
                "host"
            )
        case TLSFailure.UNUSABLE:
            return "have the server's administrator replace it"
        case TLSFailure.REFUSED:
            return (
                "the server refuses the TLS of the operator, which speaks version 1.2 or newer, sends the host's name "
                "and shows no certificate: ask the server's administrator"
            )
        case _:
            assert_never(failure)
