"""The words for an issuer to which nothing could be sent."""

from datetime import datetime
from typing import assert_never

from ..exchange import NotSent, TLSFailure
from ..names import Reason
from .verdict import SLOWLY, Verdict


def unsent(answer: NotSent, issuer: str) -> Verdict:
    """Nothing was sent to an issuer, for one reason or another."""
    if answer.refused:
        return Verdict(reason=Reason.ISSUER_NOT_ALLOWED, message=f"{answer.cause}{SLOWLY}", stalled=True)
    if answer.tls is not None:
        return not_secured(answer.cause, answer.tls, issuer)
    if answer.ours:
        return not_asked(answer.cause)
    return unavailable(answer.cause, issuer)


def unavailable(cause: str, issuer: str | None = None) -> Verdict:
    """The issuer does not answer, or asks to wait: that mends itself, or its administrator mends it."""
    message = f"{_called(issuer)} is not available now: {cause}; it is tried again by itself"
    return Verdict(reason=Reason.ISSUER_UNAVAILABLE, message=message)


def calls_failed(error: str, by: datetime) -> Verdict:
    """Calls to the issuer failed in a row, as the error says; `by` is when the next one is tried."""
    message = (
        f"{error}; the next one is tried by {by:%Y-%m-%dT%H:%M:%SZ}, and once one is answered all go on by themselves"
    )
    return Verdict(reason=Reason.ISSUER_UNAVAILABLE, message=message)


def not_secured(cause: str, failure: TLSFailure, issuer: str | None = None) -> Verdict:
    """TLS does not come about, and does not mend itself."""
    message = (
        f"no TLS connection to {_called(issuer)} can be made: {cause}: {advice(failure)}; it is tried again from time "
        "to time"
    )
    return Verdict(reason=Reason.ISSUER_UNAVAILABLE, message=message, stalled=True)


def not_asked(cause: str) -> Verdict:
    """Our own side did not get it done; it says nothing of the issuer."""
    message = f"the operator itself could not ask the issuer: {cause}; it tries again by itself"
    return Verdict(reason=Reason.PENDING, message=message)


def _called(issuer: str | None) -> str:
    return "the issuer" if issuer is None else f"issuer {issuer}"


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
