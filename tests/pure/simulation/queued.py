"""An operator whose queue, places, breakers and cache of metadata are the real ones, on a clock that jumps."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reconcile.reconciler import Reconciler
from oauthclient_operator.reconcile.settings import Next, Settings
from oauthclient_operator.reconcile.work import Work
from oauthclient_operator.reconcile.world import Ports, World
from oauthclient_operator.resource.key import Key
from tests.pure.computing import stepwise
from tests.pure.simulation.operator_process import Chance, Watched, ports_of
from tests.pure.virtual_time import now

EXCHANGE_TIMEOUT = 20.0


class LoopClock:
    """The running loop's time, as a date."""

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=now())

    def elapsed(self) -> float:
        return now()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Counted(Reconciler):
    """One that counts its passes by key."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.passes: Counter[Key] = Counter()

    async def reconcile(self, key: Key, **options: Any) -> Next:
        self.passes[key] += 1
        return await super().reconcile(key, **options)


class QueuedOperator:
    """What `process` puts together, in memory, over the verbs of an API server and a door to issuers."""

    def __init__(
        self,
        api: Any,
        verbs: Any,
        door: Any,
        watched: Watched | None = None,
        *,
        is_behind: Callable[[], bool] = lambda: False,
    ) -> None:
        self.api = api
        self.watched = watched or Watched(api)
        self.work = Work(
            issuer_of=self._issuer_of, clock=LoopClock(), chance=Chance(), computing=stepwise(), is_behind=is_behind
        )
        issuers = AuthorizationServers(
            lambda _issuer: door,
            exchange_timeout=EXCHANGE_TIMEOUT,
            concurrency=16,
            wake=self.work.add,
            wake_after=self.work.add_after,
            clock=now,
        )
        settings = Settings(cluster_uid="cluster", holder="holder", limits=Limits())
        self.reconciler = Counted(World.of(self.ports(verbs, issuers), settings))
        self.work.begin(self.reconciler)

    def ports(self, verbs: Any, issuers: Any) -> Ports:
        return ports_of(verbs, issuers, self.watched, LoopClock())

    def _issuer_of(self, namespace: str, name: str) -> str:
        resource = self.watched.resource(namespace, name)
        return "" if resource is None else str(resource.spec.get("issuer"))
