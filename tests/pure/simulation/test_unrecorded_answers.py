"""Answers that no record takes, records that are deleted or change under a call, and failures that go on and on."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from oauthclient_operator import errors, names
from oauthclient_operator.exchange import NotSent
from oauthclient_operator.record.envelope import read
from oauthclient_operator.record.record import Record
from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.api_server import APIServer
from tests.pure.simulation.authorization_server import AuthorizationServer
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, RECORDS, Simulation
from tests.pure.simulation.test_crash_points import EDITED, SPEC

Call = Callable[[], Awaitable[Any]]


class After:
    """Does something right after a call to the authorization server, before its answer is written down."""

    def __init__(self, method: str) -> None:
        self.label = f"exchange:{method}"
        self.done: Callable[[], None] = lambda: None
        self.refuse_records = False
        self.refusals = 1000
        self._answered = False

    async def __call__(self, label: str, call: Call) -> Any:
        if self.refusals and self._answered and label in ("patch_secret", "create_secret"):
            self.refusals -= 1
            raise errors.RequestRefused("secrets: 403 Forbidden", status=403)
        answer = await call()
        if label == self.label:
            self._answered = self.refuse_records
            self.done()
        return answer


def simulated(fault: Any, server: AuthorizationServer | None = None) -> Simulation:
    simulation = Simulation(fault=fault, server=server or AuthorizationServer())
    simulation.api.apply(NAMESPACE, NAME, SPEC)
    return simulation


def one_pass(simulation: Simulation) -> Any:
    return asyncio.run(simulation.start().reconcile(KEY))


def record_of(secret: dict[str, Any]) -> Record:
    return read(secret).record


def test_a_new_client_that_no_record_can_hold_is_deregistered_at_once() -> None:
    fault = After("POST")
    fault.refuse_records = True
    simulation = simulated(fault)
    one_pass(simulation)
    assert simulation.server.calls == ["POST", "DELETE"]
    assert simulation.server.clients == {}
    assert simulation.condition() == ("False", "ClusterUnavailable")


class NoRecordsNamespace:
    """Answers every creation of a record as where their namespace is gone."""

    gone = True

    async def __call__(self, label: str, call: Call) -> Any:
        if self.gone and label == "create_secret":
            raise errors.NamespaceMissing(f"POST secrets {RECORDS}: there is no namespace {RECORDS}", status=404)
        return await call()


def test_that_the_namespace_of_the_records_is_gone_is_said() -> None:
    fault = NoRecordsNamespace()
    simulation = simulated(fault)
    assert one_pass(simulation).backoff
    assert simulation.server.calls == []
    assert simulation.condition() == ("False", "ClusterUnavailable")
    fault.gone = False
    one_pass(simulation)
    assert simulation.condition() == ("True", "Registered")


def test_a_refusal_that_passes_costs_nothing() -> None:
    fault = After("POST")
    fault.refuse_records, fault.refusals = True, 2
    simulation = simulated(fault)
    asyncio.run(simulation.settle())
    assert simulation.server.calls == ["POST"]
    assert simulation.condition() == ("True", "Registered")


class WrittenUnseen:
    """The answer's write is done, and nobody says so; for five minutes no Secret may be read."""

    def __init__(self) -> None:
        self.until: float | None = None
        self.elapsed: Callable[[], float] = lambda: 0.0

    async def __call__(self, label: str, call: Call) -> Any:
        if self.until is not None and label == "read_secret" and self.elapsed() < self.until:
            raise errors.RequestRefused('secrets is forbidden: User "operator" cannot get', status=403)
        answer = await call()
        if label == "patch_secret" and self.until is None:
            self.until = self.elapsed() + 300
            raise errors.Unanswered("PATCH secrets: no complete answer")
        return answer


def test_a_client_whose_answer_may_have_been_recorded_is_not_deregistered_because_that_may_not_be_read() -> None:
    fault = WrittenUnseen()
    simulation = simulated(fault)
    fault.elapsed = simulation.clock.elapsed
    one_pass(simulation)
    assert simulation.clock.elapsed() >= 300
    assert simulation.server.calls == ["POST"]
    assert simulation.condition() == ("True", "Registered")


def test_a_client_in_use_is_not_deregistered_because_its_update_cannot_be_recorded() -> None:
    fault = After("PUT")
    simulation = simulated(fault)
    asyncio.run(simulation.settle())
    fault.refuse_records = True
    simulation.api.apply(NAMESPACE, NAME, EDITED)
    one_pass(simulation)
    assert simulation.server.calls == ["POST", "PUT"]
    assert len(simulation.server.clients) == 1


class Generous(AuthorizationServer):
    """Gives one client to all who ask."""

    def _made(self, metadata: dict[str, Any]) -> dict[str, Any]:
        return next(iter(self.clients.values()), None) or super()._made(metadata)


def test_a_client_that_another_record_holds_is_not_deregistered_because_the_answer_cannot_be_recorded() -> None:
    fault = After("POST")
    simulation = simulated(fault, Generous())
    asyncio.run(simulation.settle())
    simulation.api.apply(NAMESPACE, "other", SPEC)
    fault.refuse_records = True
    asyncio.run(simulation.start().reconcile(oauth_client(NAMESPACE, "other")))
    assert simulation.server.calls == ["POST", "POST"]
    assert len(simulation.server.clients) == 1


@pytest.mark.parametrize("resource_gone", [False, True], ids=["with its resource", "without its resource"])
def test_a_record_deleted_under_the_call_is_made_again_with_the_answer(resource_gone: bool) -> None:
    fault = After("POST")
    simulation = simulated(fault)

    def delete() -> None:
        for key in [k for k in simulation.api.objects if k[1] == RECORDS or (resource_gone and k[0] == "oauthclients")]:
            del simulation.api.objects[key]

    fault.done = delete
    one_pass(simulation)
    record = record_of(simulation.record())
    assert {c.information.client_id for c in record.clients} == set(simulation.server.clients)
    if resource_gone:
        assert simulation.record()["metadata"]["labels"][names.STATE_LABEL] == "LeftBehind"
        return
    fault.done = lambda: None
    asyncio.run(simulation.settle())
    assert simulation.condition() == ("True", "Registered")
    assert simulation.server.calls == ["POST"]


class Moves:
    """Another process writes into the record right before a claim."""

    def __init__(self) -> None:
        self.api: APIServer | None = None

    async def __call__(self, label: str, call: Call) -> Any:
        if label == "patch_secret" and self.api is not None:
            api, self.api = self.api, None
            ((key, secret),) = [(k, b) for k, b in api.objects.items() if k[1] == RECORDS]
            members = json.loads(base64.b64decode(secret["data"]["record"]))
            members["clients"][0]["answer"]["members"]["registration_access_token"] = "another"
            data = {"record": base64.b64encode(json.dumps(members).encode()).decode()}
            await api.patch_secret(RECORDS, key[2], {"data": data})
        return await call()


def test_a_claim_that_meets_a_record_with_another_token_is_planned_anew() -> None:
    fault = Moves()
    simulation = simulated(fault)
    asyncio.run(simulation.settle())
    simulation.api.apply(NAMESPACE, NAME, EDITED)
    fault.api = simulation.api
    assert one_pass(simulation).backoff
    assert simulation.server.calls == ["POST"]
    assert record_of(simulation.record()).open is None


async def unreachable(label: str, call: Call) -> Any:
    return NotSent(cause="no route") if label.startswith("exchange") else await call()


def test_what_cannot_be_sent_is_tried_less_and_less_often() -> None:
    simulation = simulated(unreachable)
    process = simulation.start()
    begun = simulation.clock.now()

    async def passes() -> None:
        for _ in range(12):
            due = await process.reconcile(KEY)
            assert due.at is not None
            simulation.clock.time = due.at

    asyncio.run(passes())
    assert (simulation.clock.now() - begun).total_seconds() > 600
    assert simulation.condition() == ("False", "IssuerUnavailable")


class Touched:
    """Somebody changes the Secret right before it is deleted."""

    def __init__(self) -> None:
        self.api: APIServer | None = None

    async def __call__(self, label: str, call: Call) -> Any:
        if label == "delete_secret" and self.api is not None:
            api, self.api = self.api, None
            await api.patch_secret(NAMESPACE, NAME, {"metadata": {"labels": {"touched": "yes"}}})
        return await call()


def test_a_secret_that_was_changed_while_it_should_go_is_not_forgotten() -> None:
    fault = Touched()
    simulation = simulated(fault)
    asyncio.run(simulation.settle())
    simulation.api.apply(NAMESPACE, NAME, {**SPEC, "secret": {"name": "renamed"}})
    fault.api = simulation.api
    asyncio.run(simulation.settle())
    assert simulation.secret("renamed") is not None
    assert simulation.secret() is None
    assert record_of(simulation.record()).secrets == ("renamed",)


async def test_who_is_told_to_stop_twice_still_records_the_answer() -> None:
    answer = asyncio.Event()
    asked = asyncio.Event()

    async def slow(label: str, call: Call) -> Any:
        if label == "exchange:POST":
            asked.set()
            await answer.wait()
        return await call()

    simulation = simulated(slow)
    work = asyncio.create_task(simulation.start().reconcile(KEY))
    await asked.wait()
    for _ in range(2):
        work.cancel()
        await asyncio.sleep(0)
    answer.set()
    with pytest.raises(asyncio.CancelledError):
        await work
    record = record_of(simulation.record())
    assert len(simulation.server.clients) == 1
    assert {c.information.client_id for c in record.clients} == set(simulation.server.clients)
