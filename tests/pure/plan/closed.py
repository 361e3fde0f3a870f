"""Closed calls, each with just what a test is about."""

from datetime import datetime
from typing import Any

from oauthclient_operator.record.calls import CallKind, CallOutcome, ClosedCall, Said
from tests.pure.values import NOW, call, empty_record, published, registered_record

JKT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
NONCE = "use_dpop_nonce"


def closed(
    kind: CallKind, outcome: CallOutcome, *, at: datetime = NOW, said: Said | None = None, **values: Any
) -> ClosedCall:
    """Return a call of that kind, and what came of it; values as for `call`."""
    if kind is CallKind.REGISTER:
        made = call(empty_record(), kind, at=at, **values)
    else:
        record = registered_record()
        made = call(record, kind, at=at, client=published(record).key, **values)
    return ClosedCall(call=made, outcome=outcome, at=at, said=said or Said())


def refused(
    status: int,
    error: str | None = None,
    *,
    kind: CallKind = CallKind.REGISTER,
    retry_after: float | None = None,
    **values: Any,
) -> ClosedCall:
    """Return a call that was refused completely, a registration if nothing else is said."""
    said = Said(status=status, error=error, retry_after=retry_after)
    return closed(kind, CallOutcome.REJECTED, said=said, **values)


def proven(status: int, *, repeats: bool = False, retry_after: float | None = None) -> ClosedCall:
    """Return a registration with a DPoP proof that was refused for its nonce."""
    return refused(status, NONCE, retry_after=retry_after, proof_key=JKT, repeats=repeats)
