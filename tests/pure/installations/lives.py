"""A life of one or two installations: a few things happen, all of it is seen, and each process begins anew; and so on."""

import asyncio
import random
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.cluster import informer
from oauthclient_operator.workqueue import WorkQueue
from tests.pure.installations.cluster import Cluster
from tests.pure.installations.installation import Installation
from tests.pure.installations.people import GOOD, TENANTS, People
from tests.pure.simulation.platform import Server
from tests.pure.virtual_time import in_virtual_time, now

WATCHED: Final[timedelta | None] = None
LOOKED_AT: Final = timedelta(seconds=60)
ROUNDS: Final = 8
SOON: Final = 90.0
"""Seconds within which what happened is seen, also what is looked at once a minute, and a record goes that is done."""
Otherwise = tuple[list[str], dict[str, tuple[Any, Any]]]
"""What was done last, and what was said after that and after a restart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A cluster with two namespaces and an authorization server, and who looks after which."""

    cluster: Cluster
    server: Server
    people: People
    installations: tuple[Installation, ...]

    @classmethod
    async def begun(cls, rng: random.Random, *, looks: timedelta | None) -> "Life":
        """Begin one: in half of them each namespace has an installation of its own."""
        cluster, server = Cluster(rng), Server()
        server.takes = lambda token: token == GOOD
        namespaces = [(tenant,) for tenant in TENANTS] if rng.random() < 0.5 else [()]
        installations = tuple(
            Installation(cluster, server, f"of-{'-'.join(some) or 'all'}", some, looks=looks) for some in namespaces
        )
        people = People(cluster, tuple(installation.system for installation in installations))
        people.begin()
        for installation in installations:
            await installation.start()
        return cls(cluster=cluster, server=server, people=people, installations=installations)

    async def round(self) -> list[str]:
        """Do a few things, some at once and some after a while, and tell which."""
        rng, done = self.cluster.rng, []
        for _ in range(rng.randrange(1, 6)):
            act = rng.choice(self.people.acts)
            act()
            done.append(act.__name__)
            await asyncio.sleep(rng.choice((0.0, 0.05, 0.3, 3.0)))
        return done

    async def restart(self) -> None:
        """Have each installation's process end, and another begin."""
        for installation in self.installations:
            await installation.stop()
            await installation.start()

    async def said_soon(self) -> dict[str, Any]:
        """Return what is so when all that has happened was seen: what is said of resources, and what is published."""
        await asyncio.sleep(SOON)
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
        for installation in self.installations:
            await installation.stop()


def says_otherwise(seed: int, looks: timedelta | None) -> Otherwise | None:
    """Live as a seed has it, and return what processes that begin anew say otherwise than those before, if anything.

    With `looks` Secrets are not watched, but looked at so often.
    """
    rng, timing = random.Random(seed), WorkQueue.__init__.__kwdefaults__
    assert timing is not None
    with pytest.MonkeyPatch.context() as patch:
        # What is drawn by the operator comes again, too; and what it measures by clocks of its own is that of the loop.
        random.seed(seed)
        patch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=rng.getrandbits(128)))
        patch.setattr(informer, "elapsed", now)
        patch.setitem(timing, "clock", now)
        return in_virtual_time(_lived(rng, looks))


async def _lived(rng: random.Random, looks: timedelta | None) -> Otherwise | None:
    life = await Life.begun(rng, looks=looks)
    for _ in range(ROUNDS):
        done, before = await life.round(), await life.said_soon()
        await life.restart()
        after = await life.said_soon()
        if before != after:
            differ = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
            return done, {where: (before.get(where), after.get(where)) for where in differ}
    await life.end()
    return None
