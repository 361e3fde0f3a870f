"""A new client's passes where every watch tells of a write before the API server has answered it, as busy ones do.

The real watches and queue on a clock that jumps.
"""

import asyncio
from collections import Counter
from typing import Any

from oauthclient_operator.reconcile.world import Ports
from oauthclient_operator.resource.key import Key, oauth_client
from oauthclient_operator.watching.watches import Watches
from tests.pure.simulation.api_server import APIServer
from tests.pure.simulation.operator_process import RECORDS, Faulty, ports_of
from tests.pure.simulation.queued import LoopClock, QueuedOperator
from tests.pure.simulation.test_load import HEALTHY, LATENCY, Door
from tests.pure.virtual_time import in_virtual_time

BURST = 100
WRITES = frozenset({"patch_oauth_client", "patch_oauth_client_status", "create_secret", "patch_secret"})


class Echoing(QueuedOperator):
    """One that hears of each write from its watches first; and then, if told so, of another's write to the status."""

    def __init__(self, *, others_write: bool = False) -> None:
        api, unused = APIServer(), None
        self._others_write = others_write
        caches: Any = Watches
        self.watches: Watches = caches(
            unused,
            namespaces=(),
            records_namespace=RECORDS,
            wake=self._wake,
            disregard=self._disregard,
        )
        watched: Any = self.watches
        super().__init__(api, Faulty(api, self._told_first), Door(hangs_at=""), watched)

    def _wake(self, key: Key, because: str | None) -> None:
        self.work.add(key, because)

    def _disregard(self, key: Key, because: str) -> None:
        self.work.disregard(key, because)

    def ports(self, verbs: Any, issuers: Any) -> Ports:
        return ports_of(verbs, issuers, self.watched, LoopClock(), self.watches)

    async def _told_first(self, label: str, call: Any) -> Any:
        await asyncio.sleep(LATENCY)
        body = await call()
        if label in WRITES:
            self._tell(body)
            if self._others_write and label == "patch_oauth_client_status":
                self._others_write = False
                metadata = body["metadata"]
                status = {**body["status"], "observedGeneration": 0}
                self.api.put(("oauthclients", metadata["namespace"], metadata["name"]), {**body, "status": status})
                self._tell(self.api.get("oauthclients", metadata["namespace"], metadata["name"]))
            await asyncio.sleep(LATENCY)
        return body

    def _tell(self, body: Any) -> None:
        published, *_, records = self.watches.informers
        if "spec" in body:
            self.watches.take("MODIFIED", body)
        else:
            (records if body["metadata"]["namespace"] == RECORDS else published).offer(body)

    def apply(self, name: str) -> None:
        metadata = {"client_name": name, "redirect_uris": ["https://shop.example/cb"]}
        self.watches.take("ADDED", self.api.apply("shop", name, {"issuer": HEALTHY, "clientMetadata": metadata}))


def passes(burst: int, **options: Any) -> Counter[int]:
    """Return how many clients took how many passes, once each is Ready."""

    async def main() -> Echoing:
        operator = Echoing(**options)
        running = asyncio.create_task(operator.work.run())
        for number in range(burst):
            operator.apply(f"web-{number}")
        await asyncio.sleep(60)
        operator.work.stop()
        await running
        return operator

    operator = in_virtual_time(main())
    known = [operator.watches.resource("shop", f"web-{number}") for number in range(burst)]
    said = {(r.status.ready_reason, r.status.observed_generation) for r in known if r is not None}
    assert said == {("Registered", 1)}
    return Counter(operator.reconciler.passes[oauth_client("shop", f"web-{number}")] for number in range(burst))


def test_a_new_client_takes_two_passes_however_soon_the_watches_tell_of_its_own_writes() -> None:
    assert max(passes(BURST)) == 2


def test_a_client_by_itself_takes_one() -> None:
    assert passes(1) == {1: 1}


def test_a_status_that_another_wrote_before_our_answer_came_is_put_right() -> None:
    assert passes(1, others_write=True) == {2: 1}
