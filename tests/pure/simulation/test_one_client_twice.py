"""One client given out twice: after its DELETE's answer was lost, or to two resources; what is published lives on."""

import asyncio
import base64
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.exchange import Answer, Incomplete, Request
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.record.envelope import read
from oauthclient_operator.resource.key import Key, oauth_client
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.left_behind import LeftBehind
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, Crash, Simulation
from tests.pure.simulation.test_crash_points import SPEC

DAY = timedelta(days=1, minutes=1)
OTHER = oauth_client(NAMESPACE, "other")


class NamedByToken(AuthorizationServer):
    """Canaille: the initial access token names the client, and whatever token names it manages it."""

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if request.method == "POST" and "named" in self.clients:
            self.calls.append("POST")
            return self._answer(400, {"error": "access_denied"})
        if request.method != "POST" and "named" in self.clients and request.credentials is not None:
            self.clients["named"]["registration_access_token"] = request.credentials.reveal()
        return await super().exchange(request, issuer, **options)

    def _made(self, metadata: dict[str, Any]) -> dict[str, Any]:
        made = self.clients.pop(super()._made(metadata)["client_id"])
        self.clients["named"] = {**made, "client_id": "named", "registration_client_uri": f"{ISSUER}/register/named"}
        return self.clients["named"]


class RepeatsItself(AuthorizationServer):
    """Whoever registers is answered with the first client, while it lives."""

    def _made(self, metadata: dict[str, Any]) -> dict[str, Any]:
        return next(iter(self.clients.values())) if self.clients else super()._made(metadata)


class Faults:
    """Answers to `lost` calls do not come; the process dies once, at the `number`-th call since it was armed."""

    def __init__(self, number: int | None = None, *, after: bool = False) -> None:
        self.lost: str | None = None
        self.late = False
        self.under_way = 0
        self.armed = False
        self.labels: list[str] = []
        self._number, self._after = number, after

    async def __call__(self, label: str, call: Callable[[], Awaitable[Any]]) -> Any:
        here = self.armed and len(self.labels) == self._number
        if self.armed:
            self.labels.append(label)
        if here and not self._after:
            raise Crash
        if label == self.lost and self.late:
            self.under_way += 1
            return Incomplete(cause="lost")
        answer = await call()
        if here:
            raise Crash
        return Incomplete(cause="lost") if label == self.lost else answer


def world(server: AuthorizationServer, faults: Faults) -> Simulation:
    return Simulation(fault=faults, server=server, limits=Limits(release_after=timedelta(seconds=90)))


async def until(simulation: Simulation, key: Key, reached: Callable[[], bool]) -> None:
    """Run the operator for one resource, started again after a crash, until something is so."""
    process = simulation.start()
    for _ in range(100):
        if reached():
            return
        try:
            due = await process.reconcile(key)
        except Crash:
            process = simulation.start()
            continue
        simulation.clock.time = max(due.at or simulation.clock.time, simulation.clock.time + timedelta(seconds=1))
    raise AssertionError("it does not come to that")


def is_gone(simulation: Simulation, key: Key = KEY) -> Callable[[], bool]:
    return lambda: simulation.api.get("oauthclients", key.namespace, key.name) is None


def is_ready(simulation: Simulation, key: Key = KEY) -> Callable[[], bool]:
    def reached() -> bool:
        body = simulation.api.get("oauthclients", key.namespace, key.name) or {}
        found = {c["type"]: c["status"] for c in body.get("status", {}).get("conditions", ())}
        return found.get("Ready") == "True"

    return reached


def credentials(simulation: Simulation, name: str = NAME) -> tuple[str, str]:
    secret = simulation.secret(name)
    assert secret is not None
    found = (base64.b64decode(secret["data"][key]).decode() for key in ("client_id", "client_secret"))
    return next(found), next(found)


def at_the_server(simulation: Simulation) -> list[tuple[str, str]]:
    return [(c["client_id"], c["client_secret"]) for c in simulation.server.clients.values()]


async def days(simulation: Simulation, number: int) -> None:
    for _ in range(number):
        simulation.clock.time += DAY
        try:
            await LeftBehind(simulation).once()
        except Crash:
            await LeftBehind(simulation).once()


async def deregistered_without_an_answer(simulation: Simulation, faults: Faults) -> None:
    simulation.api.apply(NAMESPACE, NAME, SPEC)
    await until(simulation, KEY, is_ready(simulation))
    faults.lost = "exchange:DELETE"
    simulation.api.delete(NAMESPACE, NAME)
    await until(simulation, KEY, is_gone(simulation))


async def life(
    simulation: Simulation, faults: Faults, *, after: timedelta = timedelta(minutes=1), left: int = 0
) -> None:
    """Deregister with every answer lost, create again, live for some days, and go; `left` records stay."""
    await deregistered_without_an_answer(simulation, faults)
    simulation.clock.time += after
    faults.lost, faults.armed = None, True
    simulation.api.apply(NAMESPACE, NAME, SPEC)
    await until(simulation, KEY, is_ready(simulation))
    assert at_the_server(simulation) == [credentials(simulation)]
    await days(simulation, 3)
    assert at_the_server(simulation) == [credentials(simulation)]
    (record,) = simulation.records()
    assert read(record).record.released is None
    simulation.api.delete(NAMESPACE, NAME)
    await until(simulation, KEY, is_gone(simulation))
    assert simulation.server.clients == {}
    await days(simulation, 3)
    assert len(simulation.records()) == left


def calls_of_a_life() -> list[str]:
    faults = Faults()
    asyncio.run(life(world(NamedByToken(), faults), faults))
    return faults.labels


def test_what_is_registered_again_after_a_lost_deregistration_lives_and_ends_like_any_other() -> None:
    labels = calls_of_a_life()
    assert [label for label in labels if label.startswith("exchange")] == ["exchange:POST", "exchange:DELETE"]


@pytest.mark.parametrize("seed", [1, 4])
def test_what_is_registered_while_the_deregistration_may_still_arrive_is_registered_once_more(seed: int) -> None:
    random.seed(seed)
    faults = Faults()
    asyncio.run(life(world(NamedByToken(), faults), faults, after=timedelta()))


LABELS = calls_of_a_life()
SENT = LABELS.index("exchange:POST")
POINTS = [(number, after) for number in range(len(LABELS)) for after in (False, True)]
CLAIMED = [(SENT - 1, True), (SENT, False)]
"""The registration is written down, and nobody will know whether it was sent."""
UNKNOWN = [(SENT, True), (SENT + 1, False)]
"""The server did it, and nobody knows what it answered."""


def points(chosen: list[tuple[int, bool]]) -> pytest.MarkDecorator:
    ids = [f"{number} {LABELS[number]}, {'after' if after else 'before'} it" for number, after in chosen]
    return pytest.mark.parametrize(("number", "after"), chosen, ids=ids)


@points([point for point in POINTS if point not in (*CLAIMED, *UNKNOWN)])
def test_so_it_does_whatever_call_the_process_dies_at(number: int, after: bool) -> None:
    faults = Faults(number, after=after)
    asyncio.run(life(world(NamedByToken(), faults), faults))


@points(CLAIMED)
def test_where_nobody_knows_whether_it_was_sent_it_lives_too_and_the_suspect_is_what_stays(
    number: int, after: bool
) -> None:
    faults = Faults(number, after=after)
    simulation = world(NamedByToken(), faults)
    asyncio.run(life(simulation, faults, left=1))
    (record,) = (read(body).record for body in simulation.records())
    assert [a.number for a in record.suspects] == [1]
    assert not any(client.alive for client in record.clients)


@points(UNKNOWN)
def test_where_the_answer_is_lost_the_next_deregistration_of_the_old_one_clears_the_way(
    number: int, after: bool
) -> None:
    async def main() -> None:
        faults = Faults(number, after=after)
        simulation = world(NamedByToken(), faults)
        await deregistered_without_an_answer(simulation, faults)
        simulation.clock.time += timedelta(minutes=1)
        faults.lost, faults.armed = None, True
        simulation.api.apply(NAMESPACE, NAME, SPEC)
        await until(simulation, KEY, lambda: simulation.server.calls.count("POST") == 3)
        assert not is_ready(simulation)()
        assert "named" in simulation.server.clients
        await days(simulation, 1)
        assert simulation.server.clients == {}
        await until(simulation, KEY, is_ready(simulation))
        assert at_the_server(simulation) == [credentials(simulation)]
        await days(simulation, 3)
        assert at_the_server(simulation) == [credentials(simulation)]

    asyncio.run(main())


def test_a_deregistration_that_arrives_after_a_registration_was_answered_kills_nothing_that_is_published() -> None:
    async def main() -> None:
        faults = Faults()
        simulation = world(RepeatsItself(), faults)
        simulation.api.apply(NAMESPACE, NAME, SPEC)
        await until(simulation, KEY, is_ready(simulation))
        faults.lost, faults.late = "exchange:DELETE", True
        simulation.api.delete(NAMESPACE, NAME)
        await until(simulation, KEY, lambda: faults.under_way > 0)
        simulation.api.apply(NAMESPACE, "other", SPEC)
        process = simulation.start()
        await process.reconcile(OTHER)
        assert simulation.server.calls.count("POST") == 2
        assert simulation.secret("other") is None
        # Its first byte went out before anybody could object; now the server does it.
        simulation.server.clients.clear()
        faults.lost = None
        await until(simulation, OTHER, is_ready(simulation, OTHER))
        await until(simulation, KEY, is_gone(simulation))
        assert at_the_server(simulation) == [credentials(simulation, "other")]
        await days(simulation, 4)
        assert at_the_server(simulation) == [credentials(simulation, "other")]
        assert [read(r).record.subject.name for r in simulation.records()] == ["other"]

    asyncio.run(main())


def test_of_two_resources_with_one_client_the_older_one_goes_without_a_word_and_the_newer_one_ends_it() -> None:
    async def main() -> None:
        simulation = world(RepeatsItself(), Faults())
        simulation.api.apply(NAMESPACE, NAME, SPEC)
        await until(simulation, KEY, is_ready(simulation))
        simulation.clock.time += timedelta(minutes=1)
        simulation.api.apply(NAMESPACE, "other", SPEC)
        await until(simulation, OTHER, is_ready(simulation, OTHER))
        simulation.api.delete(NAMESPACE, NAME)
        await until(simulation, KEY, is_gone(simulation))
        assert at_the_server(simulation) == [credentials(simulation, "other")]

        assert any(event["reason"] == "PassedOn" for event in simulation.api.events)
        await days(simulation, 2)
        simulation.api.delete(NAMESPACE, "other")
        await until(simulation, OTHER, is_gone(simulation, OTHER))
        assert (simulation.server.calls, simulation.server.clients) == (["POST", "POST", "DELETE"], {})
        await days(simulation, 2)
        assert simulation.records() == []

    asyncio.run(main())
