"""The annotation by which a person asks that whatever waits be tried now: each new value asks once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.errors import DiscoveryFailed, IssuerNotAsked, IssuerUnavailable
from oauthclient_operator.exchange import Answer, Incomplete, Response
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reconcile.reconciler import Reconciler
from oauthclient_operator.resource.served import fingerprint
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, Simulation

METADATA = {"client_name": "web", "redirect_uris": ["https://shop.example/cb"]}
REFUSED = Response(status=400, body=b'{"error": "invalid_client_metadata"}')
LOST = Incomplete(cause="timeout")


class World(Simulation):
    """A simulation whose server answers as it is told, and whose calls are counted."""

    answers: dict[str, Answer | Exception]
    called: list[str]

    @classmethod
    def new(cls, **options: Any) -> "World":
        async def fault(label: str, call: Callable[[], Awaitable[Any]]) -> Any:
            kind, _, method = label.partition(":")
            if method == "PROVE":
                # No call, and nothing of ours waits for it.
                return await call()
            if kind == "exchange":
                world.called.append(method)
            said = world.answers.get(method or kind)
            if isinstance(said, Exception):
                raise said
            return said if said is not None else await call()

        world = cls(fault=fault, **options)
        world.answers, world.called = {}, []
        return world

    def apply(self, **spec: Any) -> None:
        self.api.apply(NAMESPACE, NAME, {"issuer": ISSUER, "clientMetadata": METADATA, **spec})

    def ask(self, value: str) -> None:
        self.api.annotate(NAMESPACE, NAME, {names.RETRY_ANNOTATION: value})

    def served(self) -> dict[str, str]:
        body = self.resource()
        assert body is not None
        return dict(body["status"].get("served", {}))

    async def passes(self, process: Reconciler, count: int = 4) -> list[str]:
        """Take some passes, a second apart, and return which calls were made."""
        before = len(self.called)
        for _ in range(count):
            await process.reconcile(KEY)
            self.clock.time += timedelta(seconds=1)
        return self.called[before:]


async def rejected_registration(world: World, process: Reconciler) -> str:
    world.answers["POST"] = REFUSED
    world.apply()
    await world.passes(process)
    return "POST"


async def rejected_update(world: World, process: Reconciler) -> str:
    world.apply()
    await world.passes(process)
    world.answers["PUT"] = REFUSED
    world.apply(clientMetadata={**METADATA, "client_name": "shop"})
    await world.passes(process)
    return "PUT"


async def unsupported_update(world: World, process: Reconciler) -> str:
    world.apply()
    await world.passes(process)
    world.answers["PUT"] = Response(status=405)
    world.apply(clientMetadata={**METADATA, "client_name": "shop"})
    await world.passes(process)
    return "PUT"


async def lost_management(world: World, process: Reconciler) -> str:
    world.apply()
    await world.passes(process)
    world.answers["PUT"] = Response(status=401)
    world.apply(clientMetadata={**METADATA, "client_name": "shop"})
    await world.passes(process)
    return "PUT"


async def ambiguous_update(world: World, process: Reconciler) -> str:
    world.apply()
    await world.passes(process)
    world.answers["PUT"] = LOST
    world.apply(clientMetadata={**METADATA, "client_name": "shop"})
    await world.passes(process, 90)
    return "PUT"


async def no_such_endpoint(world: World, process: Reconciler) -> str:
    world.answers["POST"] = Response(status=404)
    world.apply()
    await world.passes(process, 90)
    return "POST"


async def told_to_wait(world: World, process: Reconciler) -> str:
    world.answers["POST"] = Response(status=429, headers={"retry-after": "3000"})
    world.apply()
    await world.passes(process)
    return "POST"


async def unconfirmed_deletion(world: World, process: Reconciler) -> str:
    world.apply()
    await world.passes(process)
    world.answers["DELETE"] = Response(status=429, headers={"retry-after": "3000"})
    world.api.delete(NAMESPACE, NAME)
    await world.passes(process)
    return "DELETE"


WAITING = (
    rejected_registration,
    rejected_update,
    unsupported_update,
    lost_management,
    ambiguous_update,
    no_such_endpoint,
    told_to_wait,
    unconfirmed_deletion,
)


@pytest.mark.parametrize("waiting", WAITING, ids=lambda waiting: waiting.__name__)
def test_a_new_value_asks_once_also_of_a_process_that_has_just_begun(
    waiting: Callable[[World, Reconciler], Awaitable[str]],
) -> None:
    async def main() -> None:
        world = World.new(limits=Limits(release_after=timedelta(hours=9)))
        process = world.start()
        method = await waiting(world, process)
        assert await world.passes(process) == [], "it waits"
        for value in ("now", "and now"):
            world.ask(value)
            assert await world.passes(process) == [method]
            world.clock.time += timedelta(seconds=60)
        if method != "DELETE":
            # What a deletion waits for is remembered by the process alone.
            assert await world.passes(world.start()) == [], "the last value is in the record"

    asyncio.run(main())


def test_a_discovery_that_failed_is_tried_at_once() -> None:
    async def main() -> None:
        world = World.new()
        process = world.start()
        world.answers["discover"] = IssuerUnavailable("no answer")
        world.apply()
        await world.passes(process, 8)
        world.answers.clear()
        world.ask("now")
        assert await world.passes(process, 1) == ["POST"]
        assert world.condition() == ("True", "Registered")

    asyncio.run(main())


def test_what_was_tried_before_there_is_a_record_is_told_by_the_status_whatever_came_of_it() -> None:
    async def main() -> None:
        world = World.new()
        process = world.start()
        world.answers["discover"] = DiscoveryFailed("no metadata")
        world.apply()
        await world.passes(process)
        assert world.served() == {}
        world.ask("now")
        assert await world.passes(process) == []
        assert world.condition() == ("False", "DiscoveryFailed")
        assert world.served() == {"retry": fingerprint("now")}
        world.answers.clear()
        world.ask("and now")
        assert await world.passes(process) == ["POST"]
        assert world.served() == {"retry": fingerprint("and now")}

    asyncio.run(main())


def test_what_our_own_side_did_not_get_done_or_a_person_paused_was_not_tried() -> None:
    async def main() -> None:
        world = World.new()
        process = world.start()
        world.answers["discover"] = IssuerNotAsked("no file left")
        world.apply()
        world.ask("now")
        await world.passes(process)
        assert (world.condition(), world.served()) == (("Unknown", "Pending"), {})
        world.api.annotate(NAMESPACE, NAME, {names.PAUSED_ANNOTATION: "true"})
        await world.passes(process)
        assert (world.condition(), world.served()) == (("False", "Paused"), {})

    asyncio.run(main())


def test_a_lost_answer_is_followed_by_another_attempt_as_soon_as_the_request_cannot_arrive_any_more() -> None:
    async def main() -> None:
        world = World.new()
        process = world.start()
        world.answers["POST"] = LOST
        world.apply()
        assert await world.passes(process, 2) == ["POST"]
        world.ask("now")
        assert await world.passes(process, 20) == [], "it may still arrive"
        assert await world.passes(process, 8) == ["POST"]

    asyncio.run(main())


def test_nobody_is_asked_to_decide_by_it_what_a_person_has_to_look_at() -> None:
    async def main() -> None:
        world = World.new()
        process = world.start()
        world.answers["POST"] = LOST
        world.apply(policy={"ambiguous": "Hold"})
        await world.passes(process)
        world.ask("now")
        assert await world.passes(process, 90) == []

    asyncio.run(main())


def test_what_is_there_at_the_first_registration_asks_for_nothing() -> None:
    async def main() -> None:
        world = World.new()
        process = world.start()
        world.apply()
        world.ask("from the manifest")
        assert await world.passes(process) == ["POST"]
        world.answers["PUT"] = REFUSED
        world.apply(clientMetadata={**METADATA, "client_name": "shop"})
        assert await world.passes(process) == ["PUT"]
        assert await world.passes(world.start()) == []

    asyncio.run(main())


def test_where_nothing_waits_it_is_written_down_and_nothing_is_called() -> None:
    async def main() -> None:
        world = World.new()
        process = world.start()
        world.apply()
        await world.passes(process)
        world.ask("now")
        assert await world.passes(process) == []
        before = world.record()["metadata"]["resourceVersion"]
        assert await world.passes(process) == []
        assert world.record()["metadata"]["resourceVersion"] == before, "once"
        world.answers["PUT"] = REFUSED
        world.apply(clientMetadata={**METADATA, "client_name": "shop"})
        assert await world.passes(process, 8) == ["PUT"], "it was served before"

    asyncio.run(main())


def test_a_value_as_long_as_an_annotation_can_be_is_kept_short() -> None:
    async def main() -> None:
        world = World.new()
        process = world.start()
        world.apply()
        await world.passes(process)
        world.ask("x\n\u202e" * 60_000)
        await world.passes(process)
        assert len(world.record()["metadata"]["annotations"][names.RETRY_ANNOTATION]) == 16

    asyncio.run(main())
