"""A life of one or two installations: a few things happen, all of it is seen, and each process begins anew; and so on."""

import asyncio
import random
import uuid
from dataclasses import dataclass
from datetime import timedelta
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from oauthclient_operator.cluster import informer
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reconcile import work
from oauthclient_operator.watching.issuers import Issuers
from oauthclient_operator.workqueue import WorkQueue
from tests.pure.installations.administrators import Administrators
from tests.pure.installations.authorization_server import ErringServer
from tests.pure.installations.cluster import Cluster
from tests.pure.installations.installation import Installation
from tests.pure.installations.people import TENANTS, People
from tests.pure.installations.promises import Promises
from tests.pure.virtual_time import in_virtual_time, now

Act = Callable[[], Awaitable[None] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What happens in lives of a kind beside what people do, and the seconds within which all of it is seen."""

    seen_within: float
    limits: Limits
    acts: Callable[[People, Administrators], tuple[Act, ...]]
    is_set_up: bool = False
    pauses: tuple[float, ...] = (0.0, 0.05, 0.3, 3.0)
    """Between two acts, in seconds."""
    holds_to_seconds: bool = False
    """Whether it is held to what is promised in seconds."""


_NEVER: Final = timedelta(days=1)
"""Whoever waits is woken, or would wait for longer than any of these lives."""
KINDS: Final = {
    "people": Kind(seen_within=90.0, limits=Limits(retry_slowly=_NEVER), acts=lambda people, _: people.acts),
    "away": Kind(
        seen_within=660.0,
        pauses=(0.3, 3.0, 30.0, 100.0),
        holds_to_seconds=True,
        is_set_up=True,
        limits=Limits(retry_slowly=_NEVER, release_after=timedelta(minutes=1)),
        acts=lambda people, at: (*people.edits, *(at.go_away,) * 5, *(at.mend,) * 3, at.move_registration),
    ),
    "refusing": Kind(
        seen_within=1200.0,
        pauses=(0.3, 3.0, 30.0, 300.0),
        is_set_up=True,
        limits=Limits(retry_slowly=timedelta(minutes=2), release_after=timedelta(minutes=1)),
        acts=lambda people, at: (*people.acts, *people.edits,
            *(at.break_metadata, at.refuse_the_registrar, at.go_away, at.mend, at.mend),
            *(at.withdraw_access_tokens, at.forget_a_client, at.change_a_secret, at.change_a_token),
        ),
    ),
}
WATCHED: Final[timedelta | None] = None
LOOKED_AT: Final = timedelta(seconds=60)
ROUNDS: Final = 8
Otherwise = tuple[list[str], dict[str, tuple[Any, Any]]]
"""What was done last, and what was said after that and after a restart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A cluster with two namespaces and an authorization server, and who looks after which."""

    cluster: Cluster
    server: ErringServer
    acts: tuple[Act, ...]
    administrators: Administrators
    kind: Kind
    installations: tuple[Installation, ...]
    promises: Promises

    @classmethod
    async def begun(cls, rng: random.Random, kind: Kind, *, looks: timedelta | None) -> "Life":
        """Begin one: in half of them each namespace has an installation of its own."""
        cluster, server = Cluster(rng), ErringServer()
        namespaces = [(tenant,) for tenant in TENANTS] if rng.random() < 0.5 else [()]
        installations = tuple(
            Installation(
                cluster,
                server,
                f"of-{'-'.join(some) or 'all'}",
                some,
                limits=kind.limits,
                concurrency=rng.choice((1, 16)),
                looks=looks,
            )
            for some in namespaces
        )
        people = People(cluster, tuple(installation.system for installation in installations))
        people.begin()
        if kind.is_set_up:
            people.set_up()
        for installation in installations:
            await installation.start()
        administrators = Administrators(server, rng)
        return cls(
            cluster=cluster,
            server=server,
            acts=kind.acts(people, administrators),
            administrators=administrators,
            kind=kind,
            installations=installations,
            promises=Promises(cluster, installations),
        )

    async def round(self) -> list[str]:
        """Do a few things, some at once and some after a while, and tell which."""
        rng, done = self.cluster.rng, []
        for _ in range(rng.randrange(1, 6)):
            act = rng.choice((*self.acts, self.restart))
            if (doing := act()) is not None:
                await doing
            done.append(act.__name__)
            await asyncio.sleep(rng.choice(self.kind.pauses))
        self.administrators.mend()
        return done

    async def restart(self) -> None:
        """Have each installation's process end, and another begin."""
        for installation in self.installations:
            await installation.stop()
            await installation.start()

    async def said_soon(self) -> dict[str, Any]:
        """Return what is so when all that has happened was seen: what is said of resources, and what is published."""
        await asyncio.sleep(self.kind.seen_within)
        found: dict[str, Any] = {"clients": sorted(self.server.clients)}
        records = {installation.records for installation in self.installations}
        for (kind, namespace, name), body in self.cluster.objects.items():
            metadata = body["metadata"]
            if kind in ("oauthclients", "clusteroauthissuers"):
                conditions = body.get("status", {}).get("conditions", [])
                said = sorted((c["type"], c["status"], c["reason"]) for c in conditions)
                found[f"{kind} {namespace}/{name}"] = (
                    said,
                    "deletionTimestamp" in metadata,
                    metadata.get("finalizers", []),
                )
            elif kind == "secrets" and namespace in {*TENANTS, *records}:
                found[f"{kind} {namespace}/{name}"] = body.get("data", {}).get("client_id")
        return found

    async def end(self) -> None:
        """Stop each installation."""
        self.promises.end()
        for installation in self.installations:
            await installation.stop()


def says_otherwise(seed: int, kind: str, looks: timedelta | None) -> Otherwise | None:
    """Live as a seed has it, and return what processes that begin anew say otherwise than those before, if anything.

    With `looks` Secrets are not watched, but looked at so often.
    """
    rng = random.Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        # What is drawn by the operator comes again, too; and what it measures by clocks of its own is that of the loop.
        random.seed(seed)
        patch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=rng.getrandbits(128)))
        patch.setattr(informer, "elapsed", now)
        for timed in (WorkQueue, Issuers):
            patch.setitem(timed.__init__.__kwdefaults__, "clock", now)
        patch.setattr(work, "WOKEN_WITHIN", _NEVER.total_seconds())
        return in_virtual_time(_lived(rng, KINDS[kind], looks))


async def _lived(rng: random.Random, kind: Kind, looks: timedelta | None) -> Otherwise | None:
    life = await Life.begun(rng, kind, looks=looks)
    if kind.holds_to_seconds:
        life.promises.begin()
    for _ in range(ROUNDS):
        done, before = await life.round(), await life.said_soon()
        if life.promises.broken:
            return done, life.promises.broken
        await life.restart()
        after = await life.said_soon()
        if before != after:
            differ = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
            return done, {where: (before.get(where), after.get(where)) for where in differ}
    await life.end()
    return None
