"""What outlives resources: released records are deleted when nobody can need them, left-behind clients tried daily.

A record whose resource vanished without passing our finalizer is reported and never acted on.
"""

import asyncio
import logging
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, Final

from . import names
from .errors import (
    AnswerNotRecorded,
    CallsSpent,
    ClusterError,
    Conflict,
    IssuerBusy,
    IssuerUnavailable,
    LeaseTooShort,
    NotFound,
    OtherCallOpen,
    UnreadableRecord,
)
from .issuer.places import Caller
from .oauth.outcome import Ambiguous
from .plan.action import Deregister
from .plan.deletion import plan_deregistration
from .plan.observed import Observed
from .reconcile import intents
from .reconcile.observe import with_record
from .reconcile.visit import Visit
from .reconcile.world import World
from .record import transitions
from .record.envelope import LEFT_BEHIND_INTERVAL, Stored, Summary, state
from .resource.desired import DeletionPolicy

AT_ONCE: Final = 16
"""Records, each of another namespace, whose clients are being deregistered."""

log = logging.getLogger(__name__)


class Sweep:
    """Look after the records of resources that are gone.

    What needs no issuer comes first. What does stands in one line per namespace, whose records are taken one after
    the other, and the lines have turns: a tenant whose issuers hang delays nobody else.
    """

    def __init__(self, world: World, *, keep_released: timedelta) -> None:
        self._world = world
        self._keep_released = keep_released
        self._reported: set[str] = set()
        self._rests: dict[str, datetime] = {}
        self._lines: dict[str, dict[str, None]] = {}
        self._tended: set[str] = set()
        # Who waits first goes first, and stands behind all others again for its next record.
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def run(self, interval: float) -> None:
        """Sweep every `interval` seconds until cancelled; the calls in flight then end, and no other is begun."""
        async with asyncio.TaskGroup() as lines:
            while True:
                await self._world.clock.sleep(interval)
                await self._sweep(lines)

    async def once(self) -> None:
        """Look once at every record whose time has come."""
        async with asyncio.TaskGroup() as lines:
            await self._sweep(lines)

    async def _sweep(self, lines: asyncio.TaskGroup) -> None:
        records, now = self._world.watched.records(), self._world.clock.now()
        self._reported &= records.keys()
        self._rests = {uid: until for uid, until in self._rests.items() if uid in records and now < until}
        in_line = {uid for line in self._lines.values() for uid in line}
        for uid, summary in records.items():
            if uid not in in_line:
                await self._safely(uid, self._look(uid, summary))
        for namespace in [namespace for namespace in self._lines if namespace not in self._tended]:
            self._tended.add(namespace)
            lines.create_task(self._tend(namespace), name="sweep")

    async def _tend(self, namespace: str) -> None:
        line = self._lines[namespace]
        while line:
            async with self._turns:
                uid = next(iter(line))
                await self._safely(uid, self._retry(uid))
                del line[uid]
        del self._lines[namespace]
        self._tended.discard(namespace)

    async def _safely(self, uid: str, care: Coroutine[Any, Any, None]) -> None:
        try:
            await care
        except (IssuerUnavailable, CallsSpent) as later:
            self._rest(uid, timedelta(seconds=later.retry_after or 0))
        except (Conflict, NotFound, OtherCallOpen, LeaseTooShort, IssuerBusy):
            return  # Somebody else was faster, or nothing can be called now; the next sweep looks again.
        except (ClusterError, UnreadableRecord, AnswerNotRecorded) as error:
            log.warning("a record could not be looked after", extra={"uid": uid, "why": str(error)})
        except Exception as error:  # noqa: BLE001 - one record's mistake must not end the others' care
            # The type alone: nobody knows what its words quote.
            log.error("a record could not be looked after", extra={"uid": uid, "why": type(error).__name__})  # noqa: TRY400

    def _rest(self, uid: str, time: timedelta = LEFT_BEHIND_INTERVAL) -> None:
        # Where no call is made, nothing is written that would move the time that is due.
        self._rests[uid] = self._world.clock.now() + time

    async def _look(self, uid: str, summary: Summary) -> None:
        now = self._world.clock.now()
        if summary.state == names.RecordState.RELEASED:
            if _is_past(summary.due, now - self._keep_released):
                await self._forget(uid)
        elif summary.state == names.RecordState.LEFT_BEHIND:
            if _is_past(summary.due, now) and uid not in self._rests:
                await self._settle(uid)
        elif not self._world.watched.knows(uid) and uid not in self._reported:
            await self._report_if_gone(uid)

    async def _forget(self, uid: str) -> None:
        stored = await self._world.records.read(uid)
        # Judged anew on what was read: a late answer may have brought a client that the summary did not know of.
        if stored is not None and state(stored.record) is names.RecordState.RELEASED:
            await self._world.records.delete(stored)

    async def _settle(self, uid: str) -> None:
        """Do what a left-behind record needs without its issuer, or let it stand in line for that."""
        stored = await self._world.records.read(uid)
        if stored is None or stored.record.released is None:
            return
        if stored.record.deletion != DeletionPolicy.RETAIN:
            if stored.record.open is not None:
                await abandon(self._world, stored)
            elif any(_deregistration(self._world, stored, c.key) for c in stored.record.clients):
                self._lines.setdefault(stored.record.subject.namespace, {})[uid] = None
                return
            else:
                await self._confirm(stored)
        self._rest(uid)

    async def _retry(self, uid: str) -> None:
        # Read anew: it may have stood in line for hours.
        stored = await self._world.records.read(uid)
        if stored is None or stored.record.released is None or stored.record.open is not None:
            return
        if stored.record.deletion != DeletionPolicy.RETAIN:
            await self._confirm(await deregister(self._world, stored))
        self._rest(uid)

    async def _confirm(self, stored: Stored) -> None:
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
        step = _deregistration(world, stored, client.key)
        if step is not None:
            visit.begin(stored.record.issuer, anyway=anyway)
            try:
                stored = (await world.calls.make(stored, intents.deregistration(step.client), visit)).stored
            finally:
                visit.end()
    return stored


def _deregistration(world: World, stored: Stored, key: int) -> Deregister | None:
    """Return the call that may deregister a client of a record whose resource is gone, if there is one."""
    client = stored.record.client(key)
    if client is None or not client.alive:
        return None
    observed = with_record(Observed(resource=None), stored, world.watched, world.issuers)
    # A day has passed since the last try, or a person asks: the resource's own patience does not count.
    step = plan_deregistration(observed, stored.record, client, None)
    return step if isinstance(step, Deregister) else None


def _is_past(due: datetime | None, now: datetime) -> bool:
    return due is not None and now >= due
