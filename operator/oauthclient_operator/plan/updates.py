"""The ladder of an update: metadata brought to a client that the server knows, whichever of a record's it is."""

from datetime import datetime

from ..oauth.client_metadata import ClientMetadata
from ..oauth.rfc7591 import STATEMENT_ERRORS
from ..oauth.rfc7592 import UpdateForm, update_members
from ..record.calls import CallKind, CallOutcome, ClosedCall, UpdateCall, fingerprint
from ..record.clients import Client
from ..record.envelope import has_room
from ..record.management import Way, to_be_called
from ..record.reading import last_failed
from ..record.record import Record
from ..record.replacements import Replacement
from ..record.signing_keys import with_public_keys
from ..resource.desired import Desired, UnmanageablePolicy
from ..resource.oauth_client import OAuthClient
from ..resource.secret import Secret
from ..verdict.publishing import immutable
from ..verdict.records import record_full
from ..verdict.registering import rejected
from ..verdict.updating import (
    management_lost,
    obstacle,
    update_ambiguous,
    update_not_understood,
    update_unsupported,
)
from ..verdict.verdict import Verdict
from . import pauses
from .action import Action, Read, Update, Wait
from .asked import asked_to_retry
from .dialects import first_form, update_dialect
from .managing import denied, way_of
from .observed import Observed
from .reasons import TOKENS_AT_ONCE, is_doubtful, tokens_refused
from .registration import plan_preflight, plan_rehearsal
from .spared_token import is_spared, wait_for_another
from .updates_by_access import is_looked_at_first, is_once_more, pause_by_access, repeats


def plan_update(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    metadata: ClientMetadata,
    now: datetime,
    begins: Replacement | None = None,
    *,
    once_more: bool = False,
) -> Action:
    """Return the next step to bring metadata to a client, be it the published one or one that is to be.

    With it goes what the client has of keys of ours, and where a replacement `begins` so, one that is born for it.
    `once_more`, what was refused before keeps nobody waiting.
    """
    at_once = once_more or begins is not None or asked_to_retry(resource, record) is not None
    pause = _pause_of_update(observed, desired, record, client, metadata, now, retry=at_once)
    if pause is not None:
        return pause
    if isinstance(observed.secret, Secret) and observed.secret.immutable:
        # It could not take what the answer may bring. Deleting it is seen, and all goes on.
        return Wait(verdict=immutable(observed.secret.name))
    if (held := observed.held_at(client.issuer)) is not None:
        # It failed a moment ago, and nothing has changed since that could make it better.
        return pauses.held(held)
    if not has_room(record):
        # An answer that cannot be kept is worse than an edit that waits.
        return Wait(verdict=record_full(), until=now + observed.limits.retry_slowly)
    # The endpoints that are published change with the update, so the issuer's metadata are needed; those of another
    # issuer, which the spec names by now, say nothing of this client.
    at_hand = client.issuer == desired.terms.issuer and not desired.terms.problems
    preflight = plan_preflight(observed, None, now) if at_hand else None
    rehearsal = preflight or plan_rehearsal(observed, resource, desired.publication, now)
    by_access = way_of(observed, client) is Way.ACCESS
    if rehearsal is None and by_access and (why_not := denied(observed, client)) is not None:
        return pauses.fresh(why_not, observed, now)
    if rehearsal is None and by_access and is_looked_at_first(record, client):
        return Read(to_be_called(record, client, CallKind.READ, by_access=True), by_access=True)
    way = to_be_called(record, client, CallKind.UPDATE, by_access=by_access)
    signing = desired.signing if begins is not None else None
    last = record.last(CallKind.UPDATE, client.key)
    same_token = by_access and is_spared(observed, last, now)
    if rehearsal is None and same_token and not at_once and last is not None and is_once_more(last, metadata):
        return wait_for_another(last)
    again = by_access and repeats(last) and not same_token
    form, dialect = _form(record, client, desired, metadata), update_dialect(client, desired.terms)
    update = Update(way, metadata, form, begins, signing, dialect, by_access=by_access, repeats=again)
    return rehearsal or update


def _form(record: Record, client: Client, desired: Desired, metadata: ClientMetadata) -> UpdateForm:
    """Return what the next update says: all, unless the server refused that, or is known to want no more than asked."""
    begins = first_form(client, desired.terms)
    last = _last_of_the_same(record, client, metadata)
    if last is None or not isinstance(last.what, UpdateCall) or begins is not UpdateForm.FULL:
        return begins
    if not last.rejected or last.what.form is not UpdateForm.FULL:
        return begins
    said, dialect = with_public_keys(metadata, record.keys_of(client)), update_dialect(client, desired.terms)
    says = [update_members(client.information, said, client.asked_before, form, dialect) for form in UpdateForm]
    # RFC 7591 section 3.2.2: one of the members is not valid; it may be one that the server itself answered with.
    about_members = last.said.error in {"invalid_client_metadata", *STATEMENT_ERRORS}
    return UpdateForm.ASKED if about_members and says[0] != says[1] else begins


def _pause_of_update(
    observed: Observed,
    desired: Desired,
    record: Record,
    client: Client,
    metadata: ClientMetadata,
    now: datetime,
    *,
    retry: bool,
) -> Wait | None:
    way = way_of(observed, client)
    reregisters = desired.unmanageable is UnmanageablePolicy.REREGISTER
    if (in_the_way := obstacle(client, way)) is not None:
        return Wait(verdict=update_unsupported(in_the_way, reregisters=reregisters))
    if retry:
        return None
    if way is Way.ACCESS:
        same = _last_of_the_same(record, client, metadata)
        other_form = same is not None and _is_other_form(same, _form(record, client, desired, metadata))
        return pause_by_access(observed, record, client, same, now, other_form=other_form, reregisters=reregisters)
    return _pause_by_token(observed, desired, record, client, metadata, now)


def _pause_by_token(
    observed: Observed, desired: Desired, record: Record, client: Client, metadata: ClientMetadata, now: datetime
) -> Wait | None:
    reregisters = desired.unmanageable is UnmanageablePolicy.REREGISTER
    last, read = record.last(CallKind.UPDATE, client.key), last_failed(record, client)
    confirmed = client.confirmed is not None and client.confirmed.digest == metadata.digest()
    if client.management_lost and confirmed and read is not None and (last is None or last.number < read.number):
        # It was a read that was refused; no update is told from that before its time.
        slowly = read.at + observed.limits.retry_slowly
        verdict = management_lost(read, edited=False, doubtful=is_doubtful(client, desired.terms))
        return Wait(verdict=verdict, until=slowly) if now < slowly else None
    if last is None or to_be_called(record, client, CallKind.UPDATE) is not client:
        # At once, and once: what was refused was the address or the token.
        return None
    slowly = last.at + observed.limits.retry_slowly
    in_vain = _in_vain(record, client, desired, last, edited=not confirmed, reregisters=reregisters)
    if in_vain is not None and now < slowly:
        return Wait(verdict=in_vain, until=slowly)
    same = _last_of_the_same(record, client, metadata)
    if same is None or not isinstance(same.what, UpdateCall):
        return None
    if same.rejected and _is_other_form(same, _form(record, client, desired, metadata)):
        # At once, and once: what was refused was what was said beside what is desired.
        return None
    # A refusal that came since says nothing about it, and its cause stays what it was.
    lost = record.last(CallKind.UPDATE, client.key, CallOutcome.AMBIGUOUS)
    if same.not_understood:
        # The same answer would come again, and each one may have changed the credentials.
        return Wait(verdict=update_not_understood(same))
    slowly = same.at + observed.limits.retry_slowly
    if client.management_lost and now < slowly:
        # Nothing is registered anew by itself; an administrator may repair the server.
        verdict = management_lost(
            last,
            edited=not confirmed,
            reregisters=reregisters,
            doubtful=is_doubtful(client, desired.terms),
            asked=client.doubts is not None and not client.doubts.confirmed,
        )
        return Wait(verdict=verdict, until=slowly)
    # A token that another answer brought since then was not refused.
    same_token = same.what.bearer == fingerprint(client.information.registration_access_token)
    if same.rejected and same_token:
        until = pauses.after_rejection(same, observed.failures, observed.limits)
        if now < until:
            unknown = client.unresolved and same.said.status != 429
            return Wait(verdict=update_ambiguous(lost) if unknown else rejected(same), until=until)
    if len(client.unresolved) > 1 and now < slowly:
        return Wait(verdict=update_ambiguous(lost), until=slowly)
    return None


def _is_other_form(same: ClosedCall, form: UpdateForm) -> bool:
    full = isinstance(same.what, UpdateCall) and same.what.form is UpdateForm.FULL
    return form is UpdateForm.ASKED and full


def _in_vain(
    record: Record, client: Client, desired: Desired, last: ClosedCall, *, edited: bool, reregisters: bool
) -> Verdict | None:
    """Return what is said where no update of whatever saying is of use, as far as the server said last."""
    if last.unsupported and not (client.management_lost and last.said.status == 404):
        # What stands before a server may have said it: it is asked again, but not with every edit.
        return update_unsupported(None, reregisters=reregisters)
    if len(tokens_refused(record, client)) < TOKENS_AT_ONCE:
        return None
    # Each refusal may bring another token.
    return management_lost(last, edited=edited, reregisters=reregisters, doubtful=is_doubtful(client, desired.terms))


def _last_of_the_same(record: Record, client: Client, metadata: ClientMetadata) -> ClosedCall | None:
    """Return the newest update that said what one of now would: the same metadata, and the same keys of ours.

    None is looked for before one that the server took, which may have changed what another was refused for. Others
    that it refused since then change nothing: two of them would take turns, each due because the other came after it.
    """
    digest, kids = metadata.digest(), {key.kid for key in record.keys_of(client)}
    taken = record.last(CallKind.UPDATE, client.key, CallOutcome.COMMITTED)
    since = 0 if taken is None else taken.number
    updates = ((c, c.what) for c in record.closed if isinstance(c.what, UpdateCall) and c.what.client == client.key)
    same = (c for c, what in updates if what.asked.digest == digest and {*what.kids} == kids and c.number >= since)
    return max(same, key=lambda c: c.number, default=None)
