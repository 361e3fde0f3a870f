"""A life of one or two installations: a few things happen, all of it is seen, and each process begins anew; and so on."""

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.cluster import informer
from oauthclient_operator.names import ConditionType, Reason
from oauthclient_operator.oauth import jose
from oauthclient_operator.reconcile import work
from oauthclient_operator.watching import checks
from oauthclient_operator.watching.issuers import Issuers
from oauthclient_operator.workqueue import WorkQueue
from tests.pure.installations import private_keys
from tests.pure.installations.administrators import Administrators
from tests.pure.installations.authorization_server import ErringServer, kids
from tests.pure.installations.clock import Clock
from tests.pure.installations.cluster import Cluster
from tests.pure.installations.installation import Installation
from tests.pure.installations.kinds import NEVER, Act, Kind
from tests.pure.installations.places import TENANTS
from tests.pure.installations.promises import Promises, said
from tests.pure.installations.published import Published
from tests.pure.installations.replaced import Replaced
from tests.pure.installations.rotation import times
from tests.pure.installations.variety import Variety
from tests.pure.virtual_time import in_virtual_time, now

WATCHED: Final[timedelta | None] = None
LOOKED_AT: Final = timedelta(seconds=60)
_RESTARTED: Final = timedelta(minutes=2)
"""So long it takes at most to end processes, and to begin others."""
_WAITS: Final = 5
"""For so many times of clients is waited before it is taken that there are always others."""
NOTHING_BETTER: Final = "answered with nothing better"
Otherwise = tuple[list[str], dict[str, tuple[Any, Any]]]
"""What was done last, and what was said after that and after a restart; or what was promised, and how it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A cluster with two namespaces and an authorization server, and who looks after which."""

    kind: Kind
    cluster: Cluster
    server: ErringServer
    administrators: Administrators
    acts: tuple[Act, ...]
    installations: tuple[Installation, ...]
    promises: Promises
    published: Published
    replaced: Replaced
    by_calendar: bool

    @classmethod
    async def begun(cls, kind: Kind, variety: Variety, rng: random.Random, *, looks: timedelta | None) -> "Life":
        """Begin one: in half of them each namespace has an installation of its own."""
        cluster, server = Cluster(rng), ErringServer()
        server.holds_one_key, server.fails_with_two_keys = variety.holds_one_key, variety.fails_with_two_keys
        server.is_dated, server.secret_life = variety.is_dated, variety.secret_life
        namespaces = [(tenant,) for tenant in TENANTS] if rng.random() < 0.5 else [()]
        installations = tuple(
            Installation(
                cluster,
                server,
                f"of-{'-'.join(some) or 'all'}",
                some,
                limits=replace(kind.limits, proof_interval=interval),
                concurrency=rng.choice((1, 16)),
                looks=looks,
            )
            for some, interval in zip(namespaces, variety.proof_intervals, strict=False)
        )
        people = kind.people(
            cluster,
            tuple(installation.system for installation in installations),
            server,
            keys=variety.keys,
            names_issuer=any(installation.proof_interval is not None for installation in installations),
            intervals=variety.intervals,
        )
        administrators = Administrators(server, rng)
        people.begin()
        if kind.is_set_up:
            people.set_up()
        for installation in installations:
            await installation.start()
        records = frozenset(installation.records for installation in installations)
        replaced = Replaced(cluster, server, records, seen_within=kind.seen_within)
        promises = Promises(cluster, installations, replaced.look)
        promises.begin()
        return cls(
            kind=kind,
            cluster=cluster,
            server=server,
            administrators=administrators,
            acts=(
                *kind.acts(people, administrators),
                *(kind.with_keys(people, administrators) if variety.keys else ()),
                *people.rotation.acts,
            ),
            installations=installations,
            promises=promises,
            published=Published(cluster, server, installations),
            replaced=replaced,
            by_calendar=bool(variety.intervals),
        )

    async def round(self) -> list[str]:
        """Do a few things, some at once and some after a while, and tell which; then the server is as it should be."""
        rng, done = self.cluster.rng, []
        for _ in range(rng.randrange(1, self.kind.acts_at_most + 1)):
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
        self.published.restarted()
        for installation in self.installations:
            await installation.start()

    async def said_in_calm(self) -> tuple[dict[str, Any], bool]:
        """Return what is so when that was seen, too, which comes by time alone; and whether no more of it comes for as long.

        That takes its time where credentials are replaced by the calendar.
        """
        for _ in range(_WAITS if self.by_calendar else 0):
            began, known = Clock().now(), [*times(self.cluster, self.server)]
            said = await self.said_soon()
            until = Clock().now() + timedelta(seconds=self.kind.seen_within) + _RESTARTED
            comes = [at for at in (*known, *times(self.cluster, self.server)) if began <= at <= until]
            if not comes:
                return said, True
            await asyncio.sleep(max(0.0, (max(comes) - Clock().now()).total_seconds()))
        return await self.said_soon(), not self.by_calendar

    async def said_soon(self) -> dict[str, Any]:
        """Return what is so when all that has happened was seen: what is said of resources, and what is published."""
        await asyncio.sleep(self.kind.seen_within)
        clients = self.server.clients
        found: dict[str, Any] = {
            "clients": (sorted(clients), sorted(self.server.disabled)),
            "keys": {client_id: kids(client) for client_id, client in sorted(clients.items()) if kids(client)},
        }
        records = {installation.records for installation in self.installations}
        for (kind, namespace, name), body in self.cluster.objects.items():
            metadata = body["metadata"]
            if kind in ("oauthclients", "clusteroauthissuers"):
                conditions = body.get("status", {}).get("conditions", [])
                said = sorted((str(c["type"]), str(c["status"]), str(c["reason"])) for c in conditions)
                found[f"{kind} {namespace}/{name}"] = (
                    said,
                    [body.get("status", {}).get(member) for member in ("clientID", "edition", "served")],
                    "deletionTimestamp" in metadata,
                    metadata.get("finalizers", []),
                )
            elif kind == "secrets" and namespace in {*TENANTS, *records}:
                found[f"{kind} {namespace}/{name}"] = [body.get("data", {}).get(key) for key in ("client_id", "key_id")]
        return found

    @property
    def waits_by_the_clock(self) -> bool:
        """Whether a client could not be replaced, by the calendar or by anything better.

        Both are tried again from time to time, and the first by a process that begins anew, at once.
        """
        bodies = [body for (kind, _, _), body in self.cluster.objects.items() if kind == "oauthclients"]
        ready = [said(body, ConditionType.READY)[2] for body in bodies]
        renewing = [said(body, ConditionType.RENEWING) for body in bodies]
        return any(NOTHING_BETTER in why for why in (*ready, *(why for _, _, why in renewing))) or (
            self.by_calendar and any(reason == Reason.RENEWAL_FAILED for _, reason, _ in renewing)
        )

    @property
    def is_denied(self) -> bool:
        """Whether the operator is let in nowhere: what was refused for hours is asked for again within one (docs/issuers/access.md)."""
        bodies = [body for (kind, _, _), body in self.cluster.objects.items() if kind == "clusteroauthissuers"]
        return any(said(body, ConditionType.READY)[1] == Reason.ACCESS_DENIED for body in bodies)

    @property
    def seen(self) -> Counter[str]:
        """How often which Event was told, and what was said of credentials."""
        return self.published.seen + self.replaced.seen + Counter(str(event["reason"]) for event in self.cluster.events)

    async def end(self) -> None:
        """Stop each installation."""
        self.promises.end()
        for installation in self.installations:
            await installation.stop()


def says_otherwise(seed: int, kind: Kind, looks: timedelta | None, seen: Counter[str]) -> Otherwise | None:
    """Live as a seed has it, and return what processes that begin anew say otherwise than those before, if anything.

    With `looks` Secrets are not watched, but looked at so often. What happened is added to what was `seen`.
    """
    rng = random.Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        # What is drawn by the operator comes again, too; and what it measures by clocks of its own is that of the loop.
        random.seed(seed)
        patch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=rng.getrandbits(128)))
        patch.setattr(informer, "elapsed", now)
        patch.setattr(jose, "generate", private_keys.by(random.Random(seed)))
        # No time passes while a thread works.
        patch.setattr(asyncio, "to_thread", _at_once)
        for timed in (WorkQueue, Issuers):
            timing = timed.__init__.__kwdefaults__
            assert timing is not None
            patch.setitem(timing, "clock", now)
        # Nobody looks by itself where it should be woken; and where there is much time, not each second.
        patch.setattr(work, "WOKEN_WITHIN", NEVER.total_seconds())
        patch.setattr(checks, "_PAUSE", kind.seen_within / 90)
        return in_virtual_time(_lived(kind, Variety.of(seed, kind), rng, looks, seen))


async def _at_once(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)


async def _lived(
    kind: Kind, variety: Variety, rng: random.Random, looks: timedelta | None, seen: Counter[str]
) -> Otherwise | None:
    life = await Life.begun(kind, variety, rng, looks=looks)
    for _ in range(kind.rounds):
        done, (before, is_calm) = await life.round(), await life.said_in_calm()
        # What has just ended has not been seen by all: a secret that expired a moment ago is not found to be refused yet.
        published = life.published.otherwise()
        if broken := life.promises.broken or (published if is_calm else {}) or life.replaced.otherwise():
            return done, broken
        long_denied = life.is_denied and "let_time_pass" in done
        by_the_clock = life.waits_by_the_clock or long_denied or not is_calm
        await life.restart()
        after = await life.said_soon()
        if before != after and not by_the_clock:
            differ = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
            return done, {where: (before.get(where), after.get(where)) for where in differ}
    await life.end()
    seen.update(life.seen)
    return None
