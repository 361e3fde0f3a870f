"""When an update that presents an access token of the operator's own is made again: what it was refused before.

What a server says to such a token says nothing of the client's own, and the other way round.
"""

from datetime import datetime

from ..oauth.client_metadata import ClientMetadata
from ..record.calls import CallKind, CallOutcome, ClosedCall, UpdateCall
from ..record.clients import Client
from ..record.management import to_be_called
from ..record.record import Record
from ..verdict.credentials_valid import is_absent, refused
from ..verdict.registering import rejected
from ..verdict.updating import access_refused, update_ambiguous, update_not_understood, update_unsupported
from . import pauses
from .action import Wait
from .observed import Observed


def is_once_more(last: ClosedCall | None, metadata: ClientMetadata | None = None) -> bool:
    """Whether an update was refused for an access token that may have been withdrawn: once, another is obtained.

    Where `metadata` are given it is whether the next one is that one again: an edit since then is another.
    RFC 6750 section 3.1: "The client MAY request a new access token and retry the protected resource request."
    """
    if last is None or not isinstance(last.what, UpdateCall) or last.what.repeats or not _is_token_refused(last):
        return False
    return metadata is None or metadata.digest() == last.what.asked.digest


def repeats(last: ClosedCall | None) -> bool:
    """Whether the next update presents another access token than one that was refused."""
    return last is not None and _is_token_refused(last)


def is_looked_at_first(record: Record, client: Client) -> bool:
    """Whether a client is read before its update is made again: an access token is told plainly whether there is one.

    Keycloak answers an update of a client that it does not have with HTTP 500.
    """
    last, read = record.last(CallKind.UPDATE, client.key), record.last(CallKind.READ, client.key)
    lost = last is not None and last.by_access and last.outcome is CallOutcome.AMBIGUOUS
    return lost and last is not None and (read is None or read.number < last.number)


def pause_by_access(
    observed: Observed,
    record: Record,
    client: Client,
    same: ClosedCall | None,
    now: datetime,
    *,
    other_form: bool,
    reregisters: bool,
) -> Wait | None:
    """Return what is waited for before the next update, or None.

    `same` is the newest update that said what it would; in an `other_form` it says less than that one.
    """
    last = record.last(CallKind.UPDATE, client.key)
    if last is None or not last.by_access or is_once_more(last):
        return None
    if to_be_called(record, client, CallKind.UPDATE, by_access=True) is not client:
        # At once, and once: what was refused was the address.
        return None
    if client.doubts is not None and is_absent(client):
        # It may be restored there.
        slowly = client.doubts.last_at + observed.limits.retry_slowly
        return Wait(verdict=refused(client, client.doubts, renewed=False), until=slowly) if now < slowly else None
    slowly = last.at + observed.limits.retry_slowly
    if last.unsupported and now < slowly:
        return Wait(verdict=update_unsupported(None, reregisters=reregisters), until=slowly)
    if same is None or not same.by_access or (same.rejected and other_form):
        return None
    if same.not_understood:
        # The same answer would come again, and each one may have changed the credentials.
        return Wait(verdict=update_not_understood(same))
    lost = record.last(CallKind.UPDATE, client.key, CallOutcome.AMBIGUOUS)
    if same.rejected and now < (until := pauses.after_rejection(same, observed.failures, observed.limits)):
        if same.said.status in (401, 403):
            return Wait(verdict=access_refused(same), until=until)
        # What it was refused for may be what an update whose answer was lost made of the client: its secret, where
        # updates say that and renew it.
        unknown = client.unresolved and same.said.status not in (404, 429)
        return Wait(verdict=update_ambiguous(lost) if unknown else rejected(same), until=until)
    slowly = same.at + observed.limits.retry_slowly
    if len(client.unresolved) > 1 and now < slowly:
        return Wait(verdict=update_ambiguous(lost), until=slowly)
    return None


def _is_token_refused(last: ClosedCall) -> bool:
    return last.rejected and last.by_access and last.said.status == 401
