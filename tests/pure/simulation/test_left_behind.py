"""What outlives a resource: its record, and the clients that only the record knows."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.exchange import Incomplete
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.envelope import Stored, patch, read
from oauthclient_operator.record.transitions import absorb
from oauthclient_operator.resource.key import record_of
from tests.pure.records import call, information
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.left_behind import LeftBehind
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, RECORDS, Simulation
from tests.pure.simulation.test_crash_points import SPEC

DAY = timedelta(days=1)
KEPT = timedelta(seconds=70)


class Lost:
    """Loses the answers to all calls of a method, done or not."""

    def __init__(self) -> None:
        self.method: str | None = None
        self.labels: list[str] = []
        self.before: dict[str, Callable[[], Awaitable[Any]]] = {}
        """What happens, once, right before a call of that name."""

    async def __call__(self, label: str, call: Callable[[], Awaitable[Any]]) -> Any:
        self.labels.append(label)
        if (happens := self.before.pop(label, None)) is not None:
            await happens()
        return Incomplete(cause="lost") if label == f"exchange:{self.method}" else await call()


@pytest.fixture
def fault() -> Lost:
    return Lost()


@pytest.fixture
def simulation(fault: Lost) -> Simulation:
    return Simulation(fault=fault, server=AuthorizationServer())


def deleted(simulation: Simulation, **policy: str) -> None:
    simulation.api.apply(NAMESPACE, NAME, {**SPEC, "policy": policy})
    asyncio.run(simulation.settle())
    simulation.api.delete(NAMESPACE, NAME)


def let_go(simulation: Simulation) -> None:
    """Run the operator until the resource is gone, however long that takes."""
    process = simulation.start()

    async def passes() -> None:
        for _ in range(100):
            due = await process.reconcile(KEY)
            if simulation.resource() is None:
                return
            simulation.clock.time = due.at or simulation.clock.time + timedelta(seconds=1)

    asyncio.run(passes())
    assert simulation.resource() is None


def looked_after(simulation: Simulation, keeper: LeftBehind, *, after: timedelta) -> None:
    simulation.clock.time += after
    asyncio.run(keeper.once())


def new_keeper(simulation: Simulation) -> LeftBehind:
    return LeftBehind(simulation)


def label(simulation: Simulation) -> str:
    return str(simulation.record()["metadata"]["labels"][names.STATE_LABEL])


def test_the_record_of_a_client_that_is_gone_goes_when_nobody_can_write_into_it(simulation: Simulation) -> None:
    deleted(simulation)
    let_go(simulation)
    keeper = new_keeper(simulation)
    looked_after(simulation, keeper, after=KEPT - timedelta(seconds=5))
    assert label(simulation) == "Released"
    looked_after(simulation, keeper, after=timedelta(seconds=10))
    assert simulation.records() == []
    assert keeper.process._memories == {}


def test_a_client_that_was_left_behind_is_deregistered_on_another_day(simulation: Simulation, fault: Lost) -> None:
    deleted(simulation)
    fault.method = "DELETE"
    let_go(simulation)
    assert (label(simulation), len(simulation.server.clients)) == ("LeftBehind", 1)
    keeper = new_keeper(simulation)
    fault.method = None
    looked_after(simulation, keeper, after=timedelta(hours=2))
    assert len(simulation.server.clients) == 1
    looked_after(simulation, keeper, after=DAY)
    assert simulation.server.clients == {}
    looked_after(simulation, keeper, after=DAY)
    assert simulation.records() == []


def test_what_nobody_can_call_for_is_looked_at_once_a_day(simulation: Simulation, fault: Lost) -> None:
    fault.method = "POST"
    simulation.api.apply(NAMESPACE, NAME, {**SPEC, "policy": {"ambiguous": "Hold"}})
    asyncio.run(simulation.settle())
    simulation.api.delete(NAMESPACE, NAME)
    let_go(simulation)
    keeper = new_keeper(simulation)
    looked_after(simulation, keeper, after=2 * DAY)
    before = len(fault.labels)
    for _ in range(10):
        looked_after(simulation, keeper, after=timedelta(minutes=1))
    assert fault.labels[before:] == []
    assert label(simulation) == "LeftBehind"


async def late_answer(simulation: Simulation) -> None:
    """Write the answer that came late into the record, as the process that slept would."""
    stored = read(simulation.record())
    slept = call(stored.record, CallKind.REGISTER)
    other = information(client_id="late", registration_client_uri=f"{ISSUER}/register/late")
    changed = absorb(stored.record, slept, other, {}, simulation.clock.now())
    await simulation.api.patch_secret(RECORDS, stored.record.subject.uid, patch(stored, changed))


def test_a_retained_client_is_not_deregistered_and_what_came_late_is(simulation: Simulation) -> None:
    deleted(simulation, deletion="Retain")
    let_go(simulation)
    asyncio.run(late_answer(simulation))
    keeper = new_keeper(simulation)
    for _ in range(3):
        looked_after(simulation, keeper, after=2 * DAY)
    # This server does not know the late one.
    assert simulation.server.calls == ["POST", "DELETE", "DELETE", "DELETE"]
    assert [*simulation.server.clients] == ["client-1"]
    assert label(simulation) == "LeftBehind"


@pytest.mark.parametrize("label", ["read_secret", "read_oauth_client", "delete_secret"])
def test_a_late_answer_between_look_and_deletion_keeps_the_record(
    simulation: Simulation, fault: Lost, label: str
) -> None:
    deleted(simulation)
    let_go(simulation)
    keeper = new_keeper(simulation)
    fault.before[label] = lambda: late_answer(simulation)
    looked_after(simulation, keeper, after=KEPT + timedelta(seconds=5))
    assert not fault.before
    stored: Stored = read(simulation.record())
    assert [c.information.client_id for c in stored.record.surplus] == ["late"]


def test_the_record_of_a_resource_that_still_has_its_finalizer_is_what_lets_it_go(simulation: Simulation) -> None:
    deleted(simulation)
    let_go(simulation)
    gone = simulation.record()["metadata"]["name"]
    # The process died before it took the finalizer off, and its successor came late.
    simulation.api.apply(NAMESPACE, NAME, SPEC)
    body = simulation.api.objects["oauthclients", NAMESPACE, NAME]
    body["metadata"] |= {"uid": gone, "finalizers": [names.FINALIZER], "deletionTimestamp": "2026-01-01T00:00:00Z"}
    body["status"]["clientID"] = "client-1"
    keeper = new_keeper(simulation)
    looked_after(simulation, keeper, after=DAY)
    assert label(simulation) == "Released"
    asyncio.run(simulation.settle())
    assert simulation.resource() is None
    looked_after(simulation, keeper, after=2 * DAY)
    assert simulation.records() == []


def test_a_record_whose_resource_vanished_is_reported_once(
    simulation: Simulation, caplog: pytest.LogCaptureFixture
) -> None:
    simulation.api.apply(NAMESPACE, NAME, SPEC)
    asyncio.run(simulation.settle())
    del simulation.api.objects["oauthclients", NAMESPACE, NAME]
    keeper = new_keeper(simulation)
    for _ in range(3):
        looked_after(simulation, keeper, after=DAY)
    assert sum("belongs to no resource" in record.message for record in caplog.records) == 1
    assert len(simulation.server.clients) == 1


def test_a_resource_that_goes_the_right_way_between_two_reads_is_not_reported(
    simulation: Simulation, fault: Lost, caplog: pytest.LogCaptureFixture
) -> None:
    deleted(simulation)
    uid = simulation.record()["metadata"]["name"]

    async def lets_go() -> None:
        await simulation.settle()
        assert simulation.resource() is None

    fault.before["read_oauth_client"] = lets_go
    asyncio.run(new_keeper(simulation).process.reconcile(record_of(NAMESPACE, uid)))
    assert not fault.before
    assert not any("belongs to no resource" in record.message for record in caplog.records)


def test_what_is_remembered_of_a_left_behind_record_goes_with_it(simulation: Simulation) -> None:
    keeper = new_keeper(simulation)
    for _ in range(150):
        deleted(simulation, deletion="Retain")
        let_go(simulation)
        looked_after(simulation, keeper, after=2 * DAY)
        # Somebody else deletes the record, and nobody hears of it.
        del simulation.api.objects["secrets", RECORDS, simulation.record()["metadata"]["name"]]
    assert len(keeper.process._memories) <= 64
