"""Writes that an admission webhook holds in some namespaces: those who wait for the same issuer elsewhere do not.

The real queue, slots, breakers and cache of metadata on a clock that jumps.
"""

import asyncio
import inspect
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from oauthclient_operator.errors import Unanswered
from oauthclient_operator.exchange import Answer, NotSent, Request
from oauthclient_operator.issuer.circuit_breakers import TRIAL
from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.api_server import APIServer
from tests.pure.simulation.queued import QueuedOperator
from tests.pure.simulation.test_load import HEALTHY, LATENCY, Caches, Door, Operator, is_ready
from tests.pure.virtual_time import in_virtual_time, now

HELD_FOR = 30.0
"""Seconds: the longest timeout that a webhook may have."""
HELD = "held"
"""How the namespaces begin whose objects it is asked about."""
_WRITES = ("create_secret", "patch_", "delete_")


class Verbs:
    """An API server's, of which some writes of some namespaces are held, and some fail."""

    def __init__(self, api: APIServer, ready: Callable[[dict[str, Any]], None]) -> None:
        self.held: tuple[str, ...] = _WRITES
        self.failing: tuple[str, ...] = ()
        self.dry_runs = 0
        self._api = api
        self._ready = ready

    def __getattr__(self, name: str) -> Any:
        target = getattr(self._api, name)
        if not inspect.iscoroutinefunction(target):
            return target

        async def call(*arguments: Any, **options: Any) -> Any:
            await asyncio.sleep(LATENCY)
            if name.startswith(self.held) and arguments[0].startswith(HELD):
                await asyncio.sleep(HELD_FOR)
            if name.startswith(self.failing) and arguments[0].startswith(HELD):
                raise Unanswered("the admission webhook failed", status=500)
            answer = await target(*arguments, **options)
            self.dry_runs += options.get("dry_run", False)
            if name == "patch_oauth_client_status" and is_ready(answer):
                self._ready(answer["metadata"])
            return answer

        return call


class Beside(Operator):
    """An operator of whose API server some writes are held."""

    def __init__(self, door: Door) -> None:
        api = APIServer()
        self.verbs = Verbs(api, self._note)
        QueuedOperator.__init__(self, api, self.verbs, door, Caches(api))
        self.applied_at, self.ready_at = {}, {}

    def _note(self, metadata: dict[str, Any]) -> None:
        self.ready_at.setdefault(oauth_client(metadata["namespace"], metadata["name"]), now())

    def apply_held(self, namespaces: int, each: int) -> None:
        for number in range(namespaces * each):
            self.apply(f"{HELD}-{number % namespaces}", f"web-{number}", HEALTHY)

    def took(self, *, held: bool) -> list[float]:
        """Return how long each client took that is ready, of those namespaces or of others, in order."""
        ready = ((key, at) for key, at in self.ready_at.items() if key.namespace.startswith(HELD) is held)
        return sorted(at - self.applied_at[key] for key, at in ready)


@pytest.mark.parametrize(
    ("namespaces", "each", "longest"),
    [
        pytest.param(1, 20, 3, id="of one, with some more resources than the issuer has slots"),
        pytest.param(50, 10, 10, id="of fifty, which take turns with it"),
    ],
)
def test_a_client_is_registered_within_seconds_beside_many_whose_writes_are_held(
    namespaces: int, each: int, longest: float
) -> None:
    """And those get theirs, too: what a dry run came to is not asked once more for every slot that is waited for."""

    async def main() -> Beside:
        operator = Beside(Door(hangs_at=""))
        running = asyncio.create_task(operator.work.run())
        operator.apply_held(namespaces, each)
        await asyncio.sleep(1)
        for number in range(30):
            operator.apply("well", f"web-{number}", HEALTHY)
            await asyncio.sleep(10)
        await asyncio.sleep(200)
        operator.work.stop()
        await running
        return operator

    random.seed(1)
    operator = in_virtual_time(main())
    assert len(operator.took(held=False)) == 30
    assert operator.took(held=False)[-1] < longest
    # Four writes of each: the finalizer, the dry run, the Secret, the status.
    assert len(operator.took(held=True)) == namespaces * each
    assert operator.took(held=True)[-1] < 4 * HELD_FOR + 2 * TRIAL


def test_a_client_is_registered_within_seconds_beside_many_that_say_for_long_why_theirs_are_refused() -> None:
    """With a slot in hand for the call that the dry run was to precede."""

    async def main() -> Beside:
        operator = Beside(Door(hangs_at=""))
        running = asyncio.create_task(operator.work.run())
        operator.verbs.held = ("patch_oauth_client_status",)
        operator.verbs.failing = ("create_secret",)
        operator.apply_held(1, 20)
        await asyncio.sleep(1)
        operator.apply("well", "web", HEALTHY)
        await asyncio.sleep(100)
        operator.work.stop()
        await running
        return operator

    random.seed(1)
    (took,) = in_virtual_time(main()).took(held=False)
    assert took < 3


@dataclass
class Slow(Door):
    """An issuer that takes its time, so that all its slots are taken when a write that was held is over."""

    async def exchange(self, request: Request, **options: Any) -> Answer:
        await asyncio.sleep(10)
        return await super().exchange(request, **options)


def test_who_finds_no_slot_after_a_dry_run_that_was_held_does_not_have_it_held_again() -> None:
    async def main() -> Beside:
        operator = Beside(Slow(hangs_at=""))
        running = asyncio.create_task(operator.work.run())
        operator.apply_held(4, 20)
        await asyncio.sleep(1200)
        operator.work.stop()
        await running
        return operator

    random.seed(1)
    operator = in_virtual_time(main())
    assert len(operator.took(held=True)) == 80
    assert operator.verbs.dry_runs == 80


@dataclass
class Out(Door):
    """An issuer whose registrations come to nothing until a moment."""

    until: float = 0.0

    async def exchange(self, request: Request, **options: Any) -> Answer:
        if request.method == "POST" and now() < self.until:
            await asyncio.sleep(0.05)
            return NotSent(cause="no connection")
        return await super().exchange(request, **options)


def test_an_issuer_that_is_back_is_tried_though_the_api_server_does_nothing_for_those_whose_turn_it_is() -> None:
    async def main() -> Beside:
        operator = Beside(Out(hangs_at="", until=60))
        operator.verbs.failing = _WRITES
        running = asyncio.create_task(operator.work.run())
        for number in range(6):
            operator.apply(f"well-{number}", "web", HEALTHY)
        await asyncio.sleep(10)
        operator.apply_held(50, 10)
        await asyncio.sleep(1000)
        operator.work.stop()
        await running
        return operator

    random.seed(1)
    took = in_virtual_time(main()).took(held=False)
    assert len(took) == 6
    assert took[-1] < 60 + TRIAL, took
