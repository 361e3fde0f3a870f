"""When a client is read at its server: where a person asks for it, and once more where the answer to that was lost.

Once, too, for each refusal of its credentials that is confirmed, and once a day after that, where the policy has
another client take its place if the server does not know it any more: only the client configuration endpoint can tell.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ..record.calls import CallKind
from ..record.clients import CLOCKS_DIFFER, Client
from ..record.envelope import has_room
from ..record.management import Way, to_be_called
from ..record.reading import last_failed, repeats, to_be_repeated
from ..record.record import Record
from ..resource.desired import Desired, GonePolicy
from ..resource.oauth_client import OAuthClient
from ..resource.secret import Secret
from ..verdict.publishing import immutable
from ..verdict.reading import read_failed, read_waits
from ..verdict.records import record_full
from ..verdict.registering import rejected
from ..verdict.updating import obstacle
from . import pauses
from .action import Action, Read, Serve, Wait
from .asked import asked_to_refresh
from .managing import denied, way_of
from .observed import Observed, Problem
from .registration import plan_rehearsal
from .spared_token import is_spared, wait_for_another

_AGAIN: Final = timedelta(days=1)
"""After so long a server is asked once more that told nothing, or that knew the client then: some renew what they are
asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Postponed:
    """A read that is due and cannot be made before then; `failed` is what failed for it in this pass."""

    why: str
    until: datetime | None
    failed: Problem | None = None


def plan_beside(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    wait: Wait,
    now: datetime,
) -> Action:
    """Return the next step for a read where all else only waits, or that wait, with what is to be said of a read.

    What is asked for by the spec comes first, and what of it cannot be had hides no read.
    """
    if wait.failed is not None:
        return wait
    step = _plan_read(observed, resource, desired, record, client, now)
    if isinstance(step, _Postponed):
        sooner = min((at for at in (wait.until, step.until) if at is not None), default=None)
        return replace(_saying(wait, read_waits(step.why)), until=sooner, failed=step.failed)
    if step is not None:
        return step
    last = last_failed(record, client)
    by_access = way_of(observed, client) is Way.ACCESS
    if last is None or not (by_access or (client.manageable and not client.management_lost)):
        return wait
    if client.doubts is not None and client.doubts.absent:
        # That it was refused is what tells that.
        return wait
    return _saying(wait, read_failed(last))


def _plan_read(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record, client: Client, now: datetime
) -> Action | _Postponed | None:
    asked = asked_to_refresh(resource, record)
    if asked is None and not to_be_repeated(record, client) and not is_in_question(desired, record, client, now):
        return None
    if (in_the_way := obstacle(client, way_of(observed, client))) is not None:
        # Nothing of ours makes that go away; the Event says so, and a new value asks again.
        return None if asked is None else Serve(refresh=asked, why=in_the_way)
    if (pause := _pause(observed, record, client, now)) is not None:
        return pause
    # A read may bring another client secret, as an update may: the Secret must be able to take it.
    rehearsal = plan_rehearsal(observed, resource, desired.publication, now)
    if isinstance(rehearsal, Wait):
        return _Postponed(why=rehearsal.verdict.message, until=rehearsal.until, failed=rehearsal.failed)
    by_access = way_of(observed, client) is Way.ACCESS
    if by_access and not rehearsal and (why_not := denied(observed, client)) is not None:
        failed = pauses.fresh(why_not, observed, now)
        return _Postponed(why=failed.verdict.message, until=failed.until, failed=failed.failed)
    last = last_failed(record, client)
    if by_access and not rehearsal and asked is None and last is not None and is_spared(observed, last, now):
        wait = wait_for_another(last)
        return _Postponed(why=wait.verdict.message, until=wait.until)
    way = to_be_called(record, client, CallKind.READ, by_access=by_access)
    return rehearsal or Read(way, repeats=asked is None and repeats(record, client), by_access=by_access)


def is_in_question(desired: Desired, record: Record, client: Client, now: datetime) -> bool:
    """Whether a policy wants to know if the server knows a client still whose credentials it refuses: asked once.

    And once a day after that: there was an outage, or something stood before the server, or it knew the client then.
    """
    doubts = client.doubts
    if desired.gone is not GonePolicy.REREGISTER or client.issuer != desired.terms.issuer:
        return False
    if doubts is None or not doubts.confirmed or doubts.absent:
        # Not where the time alone may be why: a clock that is wrong would find out tokens that nobody needs.
        return False
    if doubts.configuration_refused or client.management_lost:
        return False
    asked = [record.last(CallKind.READ, client.key)]
    since = now - _AGAIN
    if doubts.configuration_answered:
        asked.append(record.answering(client))
    else:
        # Who counted may have had another clock.
        since = max(doubts.last_at - CLOCKS_DIFFER, since)
    return all(call is None or call.at < since for call in asked)


def _pause(observed: Observed, record: Record, client: Client, now: datetime) -> _Postponed | None:
    last = last_failed(record, client)
    if last is not None and last.said.status == 429:
        until = pauses.after_rejection(last, observed.failures, observed.limits)
        if now < until:
            return _Postponed(why=rejected(last).message, until=until)
    if isinstance(observed.secret, Secret) and observed.secret.immutable:
        # Deleting it is seen, and all goes on.
        return _Postponed(why=immutable(observed.secret.name).message, until=None)
    if (held := observed.held_at(client.issuer)) is not None:
        # Something failed a moment ago, and nothing has changed since that could make it better.
        return _Postponed(why=held.verdict.message, until=held.until)
    if not has_room(record):
        return _Postponed(why=record_full().message, until=now + observed.limits.retry_slowly)
    return None


def _saying(wait: Wait, more: str) -> Wait:
    return replace(wait, verdict=replace(wait.verdict, message=f"{wait.verdict.message}; {more}"))
