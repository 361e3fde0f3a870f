"""What outlives resources: released records are deleted when nobody can need them, left-behind clients tried daily.

A record whose resource vanished without passing our finalizer is reported and never acted on.
"""

import logging
from datetime import datetime, timedelta

from . import names
from .errors import CallsSpent, ClusterError, Conflict, IssuerBusy, IssuerUnavailable, NotFound
from .issuer.places import Caller
from .oauth.outcome import Ambiguous
from .plan.action import Deregister
from .plan.deletion import plan_deregistration
from .plan.observed import Observed
from .reconcile import intents
from .reconcile.calls import AnswerNotRecorded, LeaseTooShort, OtherCallOpen
from .reconcile.observe import with_record
from .reconcile.visit import Visit
from .reconcile.world import World
from .record import transitions
from .record.codec import UnreadableRecordError
from .record.envelope import LEFT_BEHIND_INTERVAL, Stored, Summary, state
from .resource.desired import DeletionPolicy

log = logging.getLogger(__name__)


class Sweep:
    """Look after the records of resources that are gone."""

    def __init__(self, world: World, *, keep_released: timedelta) -> None:
        self._world = world
        self._keep_released = keep_released
        self._reported: set[str] = set()
        self._tried: dict[str, datetime] = {}

    async def run(self, interval: float) -> None:
        """Sweep every `interval` seconds until cancelled."""
        while True:
            await self._world.clock.sleep(interval)
            await self.once()

    async def once(self) -> None:
        """Look once at every record whose time has come."""
        for uid, summary in self._world.watched.records().items():
            try:
                await self._look(uid, summary)
            except (Conflict, NotFound, OtherCallOpen, LeaseTooShort, IssuerBusy, IssuerUnavailable, CallsSpent):
                continue  # Somebody else was faster, or nothing can be called now; the next sweep looks again.
            except (ClusterError, UnreadableRecordError, AnswerNotRecorded) as error:
                log.warning("a record could not be looked after", extra={"uid": uid, "why": str(error)})
            except Exception as error:  # noqa: BLE001 - one record's mistake must not end the others' care
                # The type alone: nobody knows what its words quote.
                log.error("a record could not be looked after", extra={"uid": uid, "why": type(error).__name__})  # noqa: TRY400

    async def _look(self, uid: str, summary: Summary) -> None:
        now = self._world.clock.now()
        if summary.state == names.RecordState.RELEASED:
            if _is_past(summary.due, now - self._keep_released):
                await self._forget(uid)
        elif summary.state == names.RecordState.LEFT_BEHIND:
            # Where no call is made, nothing is written that would move the time that is due.
            tried = self._tried.get(uid)
            if _is_past(summary.due, now) and (tried is None or now >= tried + LEFT_BEHIND_INTERVAL):
                await self._retry(uid)
                self._tried[uid] = now
        elif not self._world.watched.knows(uid) and uid not in self._reported:
            await self._report_if_gone(uid)

    async def _forget(self, uid: str) -> None:
        stored = await self._world.records.read(uid)
        # Judged anew on what was read: a late answer may have brought a client that the summary did not know of.
        if stored is not None and state(stored.record) is names.RecordState.RELEASED:
            await self._world.records.delete(stored)

    async def _retry(self, uid: str) -> None:
        stored = await self._world.records.read(uid)
        if stored is None or stored.record.released is None:
            return
        if stored.record.deletion == DeletionPolicy.RETAIN:
            return
        if stored.record.open is not None:
            await abandon(self._world, stored)
            return
        stored = await deregister(self._world, stored)
        now = self._world.clock.now()
        await self._world.records.change(stored, lambda r: transitions.confirm_release(r, now))

    async def _report_if_gone(self, uid: str) -> None:
        stored = await self._world.records.read(uid)
        if stored is None:
            return
        subject = stored.record.subject
        body = await self._world.cluster.read_oauth_client(subject.namespace, subject.name)
        metadata = body.get("metadata") if body is not None else None
        if isinstance(metadata, dict) and metadata.get("uid") == uid:
            return
        self._reported.add(uid)
        log.warning(
            "a registration record belongs to no resource: its OAuthClient vanished without its finalizer; "
            "the record is kept and nothing is done",
            extra={"namespace": subject.namespace, "resource": subject.name, "uid": uid},
        )


async def abandon(world: World, stored: Stored) -> Stored:
    """Close the open call if its deadline has passed and nobody recorded its answer."""
    call, now = stored.record.open, world.clock.now()
    if call is None or now < call.deadline + world.settings.limits.margin:
        return stored
    lost = Ambiguous(cause="the operator stopped before it could record an answer")
    return await world.records.change(stored, lambda r: transitions.close(r, call, lost, now))


async def deregister(world: World, stored: Stored, *, anyway: bool = False) -> Stored:
    """Make one try at deregistering each client of a record whose resource is gone; `anyway` see `Visit.begin`.

    Raises:
        IssuerBusy, IssuerUnavailable, CallsSpent: not now.
    """
    subject = stored.record.subject
    caller = Caller(namespace=subject.namespace, name=subject.name, uid=subject.uid, waits=False)
    visit = Visit(world.issuers, world.budgets, caller)
    for client in stored.record.clients:
        observed = with_record(Observed(resource=None), stored, world.watched, world.issuers)
        current = stored.record.client(client.key)
        if current is None or not current.alive:
            continue
        # A day has passed since the last try, or a person asks: the resource's own patience does not count.
        step = plan_deregistration(observed, stored.record, current, None)
        if isinstance(step, Deregister):
            visit.begin(stored.record.issuer, anyway=anyway)
            try:
                stored = (await world.calls.make(stored, intents.deregistration(current), visit)).stored
            finally:
                visit.end()
    return stored


def _is_past(due: datetime | None, now: datetime) -> bool:
    return due is not None and now >= due
