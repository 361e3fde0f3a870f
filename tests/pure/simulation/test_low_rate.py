"""Many resources at once where little may be asked of the API server: all wait for their turns, and none in vain.

The real queue, slots and rate limiter on a clock that jumps.
"""

import asyncio
import inspect
import random
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from oauthclient_operator.cluster.rate_limiter import RateLimiter
from oauthclient_operator.errors import ClusterError
from oauthclient_operator.exchange import Answer, Request
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.api_server import APIServer
from tests.pure.simulation.queued import QueuedOperator
from tests.pure.simulation.test_load import LATENCY, Caches, Door
from tests.pure.virtual_time import in_virtual_time, now

QPS, BURST = 50, 100
"""As docs/load.md says to spare a small control plane."""
NAMESPACES, EACH = 50, 20


@dataclass
class Issuers(Door):
    """One for each namespace, so that together they have a slot for each worker."""

    async def exchange(self, request: Request, *, timeout: float, may_begin: Any = None, tenant: Any = None) -> Answer:
        await asyncio.sleep(0.05)
        url = urlsplit(request.url)
        issuer = f"{url.scheme}://{url.netloc}"
        if request.method == "GET" and ".well-known" in url.path:
            return self._document(issuer)
        return await self.server.exchange(request, IssuerAddress(issuer), timeout=timeout, may_begin=may_begin)


class Verbs:
    """An API server's, of which so many a second are used; who would wait too long is told so."""

    def __init__(self, api: APIServer) -> None:
        self.limiter = RateLimiter(QPS, BURST, clock=now)
        self.not_sent = 0
        self._api = api

    def __getattr__(self, name: str) -> Any:
        target = getattr(self._api, name)
        if not inspect.iscoroutinefunction(target):
            return target

        async def call(*arguments: Any, **options: Any) -> Any:
            try:
                async with self.limiter.turn(urgent=False):
                    await asyncio.sleep(LATENCY)
                    return await target(*arguments, **options)
            except ClusterError as error:
                self.not_sent += "not sent" in str(error)
                raise

        return call


def test_passes_that_last_because_they_wait_for_their_turns_have_no_more_begun_that_wait_too() -> None:
    verbs = Verbs(APIServer())

    async def main() -> None:
        api = verbs._api
        operator = QueuedOperator(
            api, verbs, Issuers(hangs_at=""), Caches(api), is_behind=lambda: verbs.limiter.is_behind
        )
        running = asyncio.create_task(operator.work.run())
        for number in range(NAMESPACES * EACH):
            namespace, name = f"ns-{number % NAMESPACES}", f"web-{number}"
            issuer = f"https://issuer-{number % NAMESPACES}.example"
            metadata = {"client_name": name, "redirect_uris": ["https://shop.example/cb"]}
            api.apply(namespace, name, {"issuer": issuer, "clientMetadata": metadata})
            operator.work.add(oauth_client(namespace, name))
        await asyncio.sleep(200)
        operator.work.stop()
        await running

    random.seed(1)
    in_virtual_time(main())
    assert len(
        [1 for kind, namespace, _ in verbs._api.objects if kind == "secrets" and namespace.startswith("ns-")]
    ) == (NAMESPACES * EACH)
    assert verbs.not_sent == 0
