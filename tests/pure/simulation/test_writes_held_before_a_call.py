"""An admission webhook holds what some tenants write before a call: others get to the same issuer all the same.

The real queue, limits and breakers on a clock that jumps: seconds are counted, not measured.
"""

import asyncio
import random
from typing import Any

import pytest

from oauthclient_operator.exchange import Answer, Request
from oauthclient_operator.resource.key import Key, oauth_client
from tests.pure.simulation.api_server import APIServer
from tests.pure.simulation.operator_process import Faulty
from tests.pure.simulation.queued import QueuedOperator
from tests.pure.simulation.test_load import HEALTHY, Caches, Door, is_ready
from tests.pure.virtual_time import in_virtual_time, now

HELD = 30.0


class HoldingAPIServer(APIServer):
    """Holds each write of some namespaces' resources and Secrets, as a webhook that does not answer makes it."""

    def __init__(self) -> None:
        super().__init__()
        self.dry_runs: list[tuple[str, str]] = []
        self.ready_at: dict[Key, float] = {}

    async def patch_oauth_client(self, namespace: str, name: str, patch: dict[str, Any]) -> dict[str, Any]:
        await self._hold(namespace)
        return await super().patch_oauth_client(namespace, name, patch)

    async def patch_oauth_client_status(self, namespace: str, name: str, patch: dict[str, Any]) -> dict[str, Any]:
        await self._hold(namespace)
        answer = await super().patch_oauth_client_status(namespace, name, patch)
        if is_ready(answer):
            self.ready_at.setdefault(oauth_client(namespace, name), now())
        return answer

    async def create_secret(self, namespace: str, manifest: dict[str, Any], *, dry_run: bool = False) -> dict[str, Any]:
        await self._hold(namespace)
        if dry_run:
            self.dry_runs.append((namespace, manifest["metadata"]["name"]))
        return await super().create_secret(namespace, manifest, dry_run=dry_run)

    @staticmethod
    async def _hold(namespace: str) -> None:
        await asyncio.sleep(HELD if namespace.startswith("held") else 0.01)


class SlowDoor(Door):
    """The issuer answers, after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(hangs_at="")
        self._seconds = seconds

    async def exchange(self, request: Request, **options: Any) -> Answer:
        await asyncio.sleep(self._seconds)
        return await super().exchange(request, **options)


async def _at_once(_label: str, call: Any) -> Any:
    return await call()


def life(namespaces: int, clients: int, seconds: float, exchange: float = 0.0) -> tuple[HoldingAPIServer, float]:
    """Have clients of namespaces whose writes are held come, then one of another; return when that one came."""

    async def main() -> tuple[HoldingAPIServer, float]:
        api = HoldingAPIServer()
        operator = QueuedOperator(api, Faulty(api, _at_once), SlowDoor(exchange), Caches(api))
        running = asyncio.create_task(operator.work.run())

        def apply(namespace: str, name: str) -> None:
            metadata = {"client_name": name, "redirect_uris": ["https://shop.example/cb"]}
            api.apply(namespace, name, {"issuer": HEALTHY, "clientMetadata": metadata})
            operator.work.add(oauth_client(namespace, name))

        for number in range(namespaces * clients):
            apply(f"held-{number % namespaces}", f"web-{number}")
        await asyncio.sleep(1)
        came = now()
        apply("shop", "web")
        await asyncio.sleep(seconds)
        operator.work.stop()
        await running
        return api, came

    random.seed(1)
    return in_virtual_time(main())


@pytest.mark.parametrize("namespaces", [1, 20])
def test_who_is_not_held_is_ready_within_seconds(namespaces: int) -> None:
    api, came = life(namespaces, clients=40, seconds=120)
    assert api.ready_at[oauth_client("shop", "web")] - came < 15


def test_who_is_held_becomes_ready_and_does_each_write_once() -> None:
    """Also where all slots are taken when its first write is over, and when its second one is."""
    api, _ = life(namespaces=4, clients=20, seconds=1200, exchange=10)
    assert len(api.ready_at) == 81
    assert len(api.dry_runs) == len(set(api.dry_runs)) == 81
