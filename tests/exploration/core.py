"""How the program's executor is begun on a key, what it remembers of it, and what it says when it has ended."""

import gc
import logging
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from unittest import mock

from oauthclient_operator.cluster import secrets
from oauthclient_operator.names import RecordState
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.reconcile.fleet import _Pace
from oauthclient_operator.reconcile.memory import Memory
from oauthclient_operator.reconcile.reconciler import Reconciler
from oauthclient_operator.record.envelope import Stored
from oauthclient_operator.record.envelope import read as read_record
from oauthclient_operator.resource.key import Key, oauth_client, record_of
from oauthclient_operator.token_bucket import TokenBucket
from tests.exploration import ports
from tests.exploration.run import Run
from tests.exploration.settings import NAMESPACE, at, seconds
from tests.exploration.store import Body

_RECORD = "record "


@dataclass(frozen=True, slots=True)
class Mind:
    """What a process remembers of a key between two passes."""

    memory: Memory | None = None
    buckets: tuple[tuple[str, TokenBucket], ...] = ()
    paces: tuple[tuple[tuple[IssuerAddress] | tuple[IssuerAddress, str], _Pace], ...] = ()
    """By an issuer, or by it and a tenant; none is changed."""
    """Of replacements that rest on a server's word alone: of each issuer, as the program keeps it."""

    def text(self) -> str:
        """Return all of it as text."""
        memory = self.memory
        held = memory and (
            repr(memory.basis),
            memory.failures.in_a_row,
            memory.held and (memory.held.verdict.message, _iso(memory.held.until)),
            memory.heals,
            _iso(memory.healed_at),
            memory.unwritten and memory.unwritten.message,
            _iso(memory.rests_until),
            memory.said and memory.said.message,
            _iso(memory.proven_at),
            memory.unanswered and (_iso(memory.unanswered.since), memory.unanswered.why),
            memory.left and (_iso(memory.left.due),),
        )
        paces = [
            (len(of), _iso(p.not_before), p.pause, _iso(p.touched_at), p.whose, sorted(p.failed))
            for of, p in self.paces
        ]
        return repr((held, [(uid, _iso(at(b.full_at))) for uid, b in self.buckets], paces))


BLANK = Mind()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a pass ended, and when the next one is due."""

    mind: Mind
    at: float | None = None
    backoff: bool = False


def record_key(uid: str) -> str:
    """Return how the world names the record of a resource that is gone, among what is reconciled."""
    return f"{_RECORD}{uid}"


def is_record_key(name: str) -> bool:
    """Whether a name among what is reconciled is a record's."""
    return name.startswith(_RECORD)


def is_let_go(record: Body) -> bool:
    """Whether a record says that its resource was let go."""
    return ports.summary_of(record).state in (RecordState.RELEASED, RecordState.LEFT_BEHIND)


def reconcile(run: Run, name: str, mind: Mind, holder: str, began_at: float) -> Coroutine[Any, Any, Ended]:
    """Return a pass over a resource, or over a record, of a process that began then."""
    key = _key(name)

    async def work() -> Ended:
        # Not before the run was begun: what is put together here looks at the clock.
        world = ports.world(run, holder)
        world.budgets._buckets._buckets.update(mind.buckets)
        world.fleet.began_at = at(began_at)
        for of, pace in mind.paces:
            match of:
                case (issuer, tenant):
                    world.fleet._of_tenants[issuer, tenant] = replace(pace)
                case (issuer,):
                    world.fleet._of_all[issuer] = replace(pace)
        reconciler = Reconciler(world)
        if mind.memory is not None:
            reconciler._memories[key] = mind.memory
        due = await reconciler.reconcile(key)
        now = run.read(lambda view: view.now)
        buckets = tuple(sorted((uid, b) for uid, b in world.budgets._buckets._buckets.items() if b.full_at > now))
        found: list[tuple[tuple[IssuerAddress] | tuple[IssuerAddress, str], _Pace]] = [
            ((issuer,), pace) for issuer, pace in world.fleet._of_all.items()
        ]
        paces = tuple(sorted((*found, *world.fleet._of_tenants.items()), key=lambda named: named[0]))
        after = Mind(memory=reconciler._memories.get(key), buckets=buckets, paces=paces)
        return Ended(after, None if due.at is None else seconds(due.at), due.backoff)

    return work()


@contextmanager
def deterministic() -> Iterator[None]:
    """Take the log out of the program, and let it read each copy of a record once: most time would go into that."""
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    thresholds = gc.get_threshold()
    # States are many and live long: looking through them again and again takes a third of the time.
    gc.set_threshold(50_000, 20, 100)
    try:
        with mock.patch.object(secrets, "read", _read):
            yield
    finally:
        gc.set_threshold(*thresholds)
        logging.disable(level)


def _read(body: Body) -> Stored:
    return body.kept(read_record)


def _key(name: str) -> Key:
    return record_of(NAMESPACE, name.removeprefix(_RECORD)) if is_record_key(name) else oauth_client(NAMESPACE, name)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
