"""The executor: observe, ask `plan`, take the one step it names, ask again, until it says to wait.

It decides nothing. What a step found out is added to what is observed; what a step wrote is shown to the watches'
caches, so that the next pass does not act on what is older.
"""

import logging
from dataclasses import replace
from datetime import datetime
from typing import Final, assert_never

from ..errors import (
    AlreadyExists,
    AnswerNotRecorded,
    ClusterError,
    Conflict,
    IssuerBusy,
    LeaseTooShort,
    NamespaceMissing,
    NotFound,
    PassInterrupted,
    UnreadableRecord,
)
from ..issuer.caller import Caller
from ..plan import plan
from ..plan.action import Discover, Gone, Rest, Wait
from ..plan.observed import Limits
from ..resource.desired import Desired
from ..resource.key import Key, Kind
from ..resource.terms import IssuerTerms
from . import saying
from .basis import basis
from .logged import account, named
from .memory import Memory
from .observe import observe, observe_record, presented_secrets, presented_versions, published_secrets
from .passes import BEGINNINGS, Pass
from .settings import Next
from .world import World

STEPS: Final = 40
"""More than any life of a resource needs in one pass; beyond it the pass ends with a backoff."""

log = logging.getLogger(__name__)


class Reconciler:
    """Bring one resource at a time to what it asks, and one record at a time to its end."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._memories: dict[Key, Memory] = {}
        self._began_at = world.fleet.began_at
        self._tidy_at = 64
        self._stopped = False

    def stop(self) -> None:
        """Begin nothing with an issuer any more; what was answered is still recorded, published and reported.

        The process must end within a time that covers one exchange, not all of those that a pass may come to.
        """
        self._stopped = True

    async def reconcile(self, key: Key, *, asked_after: int | None = None, queues: bool = True) -> Next:
        """Take one pass over a key and say when the next one is due.

        `asked_after` is set where a person asks that the clients of a resource that is gone be deregistered: the number
        of the newest call of its record by then. Who does not queue is not woken when an issuer has a slot again.
        """
        due = Next()
        try:
            due = await self._pass(key, asked_after, queues=queues)
        finally:
            if not due.queued:
                self._world.issuers.withdraw(key)
            self._world.rollouts.looked_at(key)
        return due

    async def _pass(self, key: Key, asked_after: int | None, *, queues: bool) -> Next:
        step = self._begun(key, asked_after, queues=queues)
        if isinstance(step, Next):
            return step
        if step is None:
            self._memories.pop(key, None)
            self._world.issuers.dismiss(key)
            self._world.access_tokens.forget(key)
            return Next()
        try:
            due = await self._taken(step, key, queues=queues)
            step.end()
            await saying.tell(self._world, step)
            return due
        finally:
            step.end()
            self._remember(key, step.memory)
            if step.changed:
                log.info("pass", extra=account(step, key))

    async def _taken(self, step: Pass, key: Key, *, queues: bool) -> Next:
        """Take a pass to its end, whatever ends it, and say so where it is not what was wanted."""
        try:
            due = await self._run(step, key)
        except IssuerBusy as busy:
            # The worker is free for others. That it waits is not said, for this passes; what was done before is.
            step.memory = replace(step.memory, rehearsal=step.observed.rehearsal)
            await saying.say_before_waiting(self._world, step, key)
            return Next.busy(busy, self._world.clock.now(), queues=queues)
        except AnswerNotRecorded as lost:
            return await saying.say_unrecorded(self._world, step, key, lost)
        except NamespaceMissing as error:
            # That of the records, mostly: nobody was faster, and it does not pass by itself.
            return await saying.say_failure(self._world, step, key, error)
        except (PassInterrupted, Conflict, NotFound, AlreadyExists, UnreadableRecord):
            # Somebody else was faster, or the lease ran short. The watch brings what is newer; the queue looks again.
            return Next(backoff=True, why="another process is at work on it; try again in a minute")
        except ClusterError as error:
            return await saying.say_failure(self._world, step, key, error)
        step.memory = replace(step.memory, failing_since=None)
        return due

    def _begun(self, key: Key, asked_after: int | None, *, queues: bool) -> Pass | Next | None:
        """Return a pass over what the watches know of a key, or None where they know nothing.

        Where its issuer was not looked at yet in this process, or its namespace, nothing is begun, nor said.
        """
        world, now = self._world, self._world.clock.now()
        if (began_at := world.fleet.began(now)) != self._began_at:
            # What is held until a time is held until one of the clock as it was.
            self._began_at, self._memories = began_at, {}
        memory = self._memories.get(key, Memory())
        watched, limits, chance = world.watched, world.settings.limits, world.chance.fraction()
        memory = memory.turned(lambda issuer: world.issuers.turns(issuer, key.namespace), now)
        memory = memory.reading_anew(world.issuers.metadata_turns(key))
        desired: Desired | None = None
        match key.kind:
            case Kind.OAUTH_CLIENT:
                resource = watched.resource(key.namespace, key.name)
                if resource is None:
                    return None
                terms = world.accepted.terms_of(resource, key)
                if terms is None:
                    return Next(unseen=True, why="its issuer, or its namespace, has not been seen yet")
                prefixes = world.settings.secret_metadata_prefixes
                labels = world.accepted.labels_of(terms, resource.namespace)
                own = world.settings.tenant_issuers
                before = world.accepted.terms_before(resource)
                desired = Desired.of(resource, terms, prefixes, labels, tenant_issuers=own, before=before)
                if waits := world.rollouts.keep_waiting(key, resource, watched.record(resource.uid), desired):
                    desired = replace(desired, stays_at=resource.status.issuer)
                memory = memory.knowing(presented_versions(watched, resource, desired), presented_secrets(desired))
                published = published_secrets(watched, resource, desired)
                memory = memory.asked(resource.retry, resource.generation, now)
                known = basis(world, key, resource, desired, published, memory.presented.read)
                memory = memory.seen(known, now)
                uid, observed = (
                    resource.uid,
                    observe(
                        watched,
                        resource,
                        memory,
                        _limits(limits, terms),
                        # Terms that cannot be honoured say nothing of whom to trust there: then as before.
                        terms=None if terms.problems else terms,
                        others=world.accepted.others(resource, watched.record(resource.uid), terms),
                        awaited=world.accepted.awaited(resource) if resource.deleting else None,
                        published=published,
                        fleet_not_before=world.fleet.not_before(terms.address, key, now),
                        waits_for_another=waits,
                        began_at=began_at,
                        chance=chance,
                    ),
                )
            case Kind.RECORD:
                summary = watched.record(key.name)
                memory = memory.seen(None if summary is None else summary.resource_version, now)
                if summary is None:
                    return None
                seen = observe_record(summary, memory, limits, world.accepted.admitting(), world.accepted.unseen())
                observed = replace(seen, asked_after=asked_after, began_at=began_at, chance=chance)
                uid = key.name
            case Kind.CLUSTER_ISSUER:
                raise AssertionError("issuers have a reconciler of their own")
            case _:
                assert_never(key.kind)
        caller = Caller(key=key, uid=uid, queues=queues)
        return Pass(world, caller, desired, observed, replace(memory, rehearsal=None))

    def _remember(self, key: Key, memory: Memory) -> None:
        if memory.is_blank:
            self._memories.pop(key, None)
            return
        self._memories[key] = memory
        if len(self._memories) >= self._tidy_at:
            # A record that somebody else deleted is nobody's key any more.
            record = self._world.watched.record
            kept = {k: m for k, m in self._memories.items() if k.kind is not Kind.RECORD or record(k.name) is not None}
            self._memories, self._tidy_at = kept, 64 + 2 * len(kept)

    async def _run(self, step: Pass, key: Key) -> Next:
        for _ in range(STEPS):
            match plan(step.observed, step.desired, self._world.clock.now()):
                case Gone():
                    step.memory = Memory()
                    return Next()
                case Rest(until=until):
                    if key.kind is Kind.RECORD:
                        self._rest(step, until)
                    return Next(at=until, why=step.memory.why)
                case Wait() as wait:
                    return await self._wait(step, key, wait)
                case _ if not self._world.calls.may_act():
                    raise LeaseTooShort
                case action if self._stopped and isinstance(action, BEGINNINGS):
                    return Next(backoff=True)
                case action:
                    await step.take(action)
                    if self._stopped and isinstance(action, Discover):
                        # It was ended by us: what it found says nothing of the issuer.
                        return Next(backoff=True)
        log.error("a pass took too many steps", extra=named(key, step))
        return Next(backoff=True)

    def _rest(self, step: Pass, until: datetime | None) -> None:
        # Where no call is made, nothing is written that would move the time that is due.
        record = step.record
        summary = self._world.watched.record(record.subject.uid) if record is not None else None
        basis_now = step.memory.basis if summary is None else summary.resource_version
        step.memory = replace(step.memory, rests_until=until, basis=basis_now)

    async def _wait(self, step: Pass, key: Key, wait: Wait) -> Next:
        if key.kind is Kind.OAUTH_CLIENT and step.record is not None:
            step.memory = step.memory.having_read(step.record)
        step.memory = step.memory.waiting(wait, step.observed.chance)
        renews = wait.renewal is not None and wait.renewal.verdict is not None
        if not (step.memory.waits or step.memory.without_metadata or renews):
            self._world.issuers.content(key)
        again = await saying.say(self._world, step, key, wait.verdict, wait.renewal)
        return Next(at=min((at for at in (wait.until, again) if at is not None), default=None))


def _limits(limits: Limits, terms: IssuerTerms) -> Limits:
    """Return the limits that hold for a client of an issuer."""
    interval = terms.defaults.proof_interval
    return limits if interval is None else replace(limits, proof_interval=interval)
