"""Writes that the API server fails or refuses, again and again: that is said, and nobody else is blamed for it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import errors, names
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, RECORDS, Simulation
from tests.pure.simulation.test_crash_points import SPEC

Call = Callable[[], Awaitable[Any]]
FULL = "POST secrets: 500: etcdserver: mvcc: database space exceeded"
TRIES = 6
"""As many passes that a watch may wake; each fails."""


class Failing:
    """Fails the calls of some names while it is armed."""

    def __init__(self, *labels: str, error: errors.ClusterError | None = None) -> None:
        self.labels = labels
        self.error = error or errors.Unanswered(FULL, status=500)
        self.armed = False

    async def __call__(self, label: str, call: Call) -> Any:
        if self.armed and label in self.labels:
            raise self.error
        return await call()


async def ready(fault: Failing) -> Simulation:
    world = Simulation(fault=fault)
    world.api.apply(NAMESPACE, NAME, SPEC)
    await world.settle()
    assert world.condition() == ("True", "Registered")
    return world


def message(world: Simulation) -> str:
    resource = world.resource()
    assert resource is not None
    return str(next(c["message"] for c in resource["status"]["conditions"] if c["type"] == "Ready"))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(errors.Unanswered(FULL, status=500), "ClusterUnavailable", id="its storage is full"),
        pytest.param(errors.RequestRefused("exceeded quota: q", status=403), "SecretNotPublishable", id="a quota is"),
    ],
)
def test_a_secret_that_was_removed_once_and_cannot_be_written_is_not_said_to_be_changed_by_others(
    error: errors.ClusterError, reason: str
) -> None:
    async def main() -> None:
        fault = Failing("create_secret", error=error)
        world = await ready(fault)
        process = world.start()
        del world.api.objects["secrets", NAMESPACE, NAME]
        fault.armed = True
        for _ in range(TRIES):
            await process.reconcile(KEY)
            assert world.condition() == ("False", reason)
            assert str(error) in message(world)
            world.clock.time += timedelta(seconds=2)
        fault.armed = False
        world.clock.time += timedelta(minutes=5)
        await process.reconcile(KEY)
        assert world.condition() == ("True", "Registered")

    asyncio.run(main())


@pytest.mark.parametrize("label", ["read_secret", "patch_secret"])
def test_what_keeps_a_rotation_from_being_begun_until_a_person_mends_it_is_said(label: str) -> None:
    async def main() -> None:
        fault = Failing(label, error=errors.NotDecrypted("500: it cannot be decrypted", status=500))
        world = await ready(fault)
        process = world.start()
        world.api.annotate(NAMESPACE, NAME, {names.ROTATE_ANNOTATION: "now"})
        fault.armed = True
        for _ in range(TRIES):
            assert (await process.reconcile(KEY)).backoff
            assert world.condition() == ("False", "ClusterUnavailable")
            assert message(world) == "500: it cannot be decrypted; it is tried again by itself, within five minutes"
        assert world.server.calls == ["POST"]
        fault.armed = False
        await process.reconcile(KEY)
        assert world.condition() == ("True", "Registered")
        assert world.server.calls == ["POST", "POST"]

    asyncio.run(main())


def test_a_finalizer_that_was_taken_off_once_and_cannot_be_written_is_put_on_as_soon_as_it_can() -> None:
    async def main() -> None:
        fault = Failing("patch_oauth_client")
        world = await ready(fault)
        process = world.start()
        resource = world.resource()
        assert resource is not None
        resource["metadata"]["finalizers"] = []
        world.api.put(("oauthclients", NAMESPACE, NAME), resource)
        fault.armed = True
        for _ in range(TRIES):
            assert (await process.reconcile(KEY)).backoff
            assert world.condition() == ("True", "Registered"), "and not that somebody takes it off again and again"
        fault.armed = False
        await process.reconcile(KEY)
        assert world.condition() == ("True", "Registered")
        healed = world.resource()
        assert healed is not None
        assert healed["metadata"]["finalizers"] == [names.FINALIZER]

    asyncio.run(main())


@pytest.mark.parametrize("status", [500, None])
def test_an_error_of_the_api_server_that_lasts_is_said_and_one_that_passes_is_not(status: int | None) -> None:
    """As of an admission webhook that is gone; while nobody answers at all, nobody takes a status either."""

    async def main() -> None:
        fails = "PATCH oauthclients: 500 InternalError: the admission webhook theirs.example.com failed"
        fault = Failing("patch_oauth_client", error=errors.Unanswered(fails, status=status))
        world = Simulation(fault=fault)
        world.api.apply(NAMESPACE, NAME, SPEC)
        process = world.start()
        fault.armed = True
        before = ("Unknown", "Pending")
        lasting = ("False", "ClusterUnavailable") if status else before
        for seconds, said in ((0, before), (60, before), (59, before), (2, lasting), (300, lasting)):
            world.clock.time += timedelta(seconds=seconds)
            assert (await process.reconcile(KEY)).backoff
            assert world.condition() == said
        assert not status or message(world) == f"{fails}; it is tried again by itself, within five minutes"
        fault.armed = False
        await process.reconcile(KEY)
        assert world.condition() == ("True", "Registered")
        world.api.annotate(NAMESPACE, NAME, {names.ROTATE_ANNOTATION: "now"})
        fault.labels, fault.armed = ("read_secret",), True
        assert (await process.reconcile(KEY)).backoff
        assert world.condition() == ("True", "Registered"), "another one begins anew"

    asyncio.run(main())


def test_an_answer_that_only_this_process_has_is_said_and_that_it_is_recorded_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Full:
        """From the answer on nothing can be written, for five minutes."""

        until: float | None = None

        async def __call__(self, label: str, call: Call) -> Any:
            if label == "patch_secret" and self.until is not None and world.clock.elapsed() < self.until:
                raise errors.Unanswered(FULL, status=500)
            answer = await call()
            if label == "exchange:POST":
                self.until = world.clock.elapsed() + 300
            return answer

    world = Simulation(fault=Full())
    resource = world.api.apply(NAMESPACE, NAME, SPEC)
    with caplog.at_level(logging.INFO):
        asyncio.run(world.settle())
    said = [record for record in caplog.records if "came of" in record.message]
    told = [r for r in said if r.levelno == logging.WARNING]
    assert 3 <= len(told) <= 6, "each minute, not each try"
    for line in told:
        assert "do not end this process" in line.message
        assert (line.why, line.uid) == (FULL, resource["metadata"]["uid"])  # type: ignore[attr-defined]
    assert said[-1].message == "what came of the call is recorded"
    assert world.server.calls == ["POST"]
    assert len([key for key in world.api.objects if key[1] == RECORDS]) == 1
