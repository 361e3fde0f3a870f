"""Whatever a tenant does to a resource, and however often it fails: what is called for it is bounded."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.errors import CallsSpent
from oauthclient_operator.exchange import Answer, Incomplete, NotSent, Response
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reconcile.issuer_slot import CALLS_AT_ONCE, SECONDS_PER_CALL, Budgets
from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.lives import EDITED, Life
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, RECORDS, Clock, Simulation, no_fault

SECONDS = 240
MOST = CALLS_AT_ONCE + SECONDS / SECONDS_PER_CALL + 1
CALLER = Caller(key=KEY, uid="u1")


def spec(number: int, **more: Any) -> dict[str, Any]:
    return {
        "issuer": ISSUER,
        "clientMetadata": {"client_name": f"web {number}", "redirect_uris": ["https://shop.example/cb"]},
        **more,
    }


def edits(world: Simulation, second: int) -> None:
    world.api.apply(NAMESPACE, NAME, spec(second))


def replaces_the_token(world: Simulation, second: int) -> None:
    token = {"initialAccessToken": {"secretRef": {"name": "idp-token"}}}
    world.api.apply(NAMESPACE, NAME, spec(0, registration=token))
    world.api._store(
        ("secrets", NAMESPACE, "idp-token"),
        {
            "type": names.INITIAL_ACCESS_TOKEN_TYPE,
            "metadata": {"name": "idp-token", "namespace": NAMESPACE, "uid": "token"},
            "data": {"token": "aWF0", "issuer": "aHR0cHM6Ly9pc3N1ZXIuZXhhbXBsZQ==", "number": str(second)},
        },
    )


def asks_again(world: Simulation, second: int) -> None:
    if second == 0:
        world.api.apply(NAMESPACE, NAME, spec(0))
    world.api.annotate(NAMESPACE, NAME, {names.RETRY_ANNOTATION: str(second)})


def nothing(world: Simulation, second: int) -> None:
    if second == 0:
        world.api.apply(NAMESPACE, NAME, spec(0))


ANSWERS: dict[str, Answer | None] = {
    "registers": None,
    "rejects": Response(status=400, body=b'{"error": "invalid_client_metadata"}'),
    "has no such endpoint": Response(status=404),
    "asks to wait": Response(status=429),
    "fails": Response(status=500),
    "gives no answer": Incomplete(cause="timeout"),
    "is not there": NotSent(cause="connection refused"),
}


@pytest.mark.parametrize(
    "does",
    [edits, *(pytest.param(act, marks=pytest.mark.exhaustive) for act in (replaces_the_token, asks_again, nothing))],
    ids=lambda act: act.__name__,
)
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_tenant_who_never_rests_costs_a_bounded_rate_of_calls(
    answer: str, does: Callable[[Simulation, int], None]
) -> None:
    calls = [0]

    async def fault(label: str, call: Any) -> Any:
        if not label.startswith("exchange"):
            return await call()
        calls[0] += 1
        return await call() if ANSWERS[answer] is None else ANSWERS[answer]

    async def main() -> None:
        world = Simulation(fault=fault, limits=Limits(suspects=10_000))
        process = world.start()
        for second in range(SECONDS):
            does(world, second)
            await process.reconcile(KEY)
            world.clock.time += timedelta(seconds=1)
        assert world.condition()[1] != "", "something is said"

    asyncio.run(main())
    assert 1 <= calls[0] <= MOST


@pytest.mark.parametrize("call", ["POST", "PUT"])
def test_a_server_that_asks_to_wait_for_good_is_asked_as_slowly_as_one_that_refuses(call: str) -> None:
    waits: list[str] = []

    async def fault(label: str, request: Any) -> Any:
        if label != f"exchange:{call}" or not waits:
            return await request()
        waits.append(label)
        return Response(status=429)

    async def main() -> None:
        life = Life(fault=fault)
        if call == "PUT":
            life.apply()
            await life.live(timedelta(minutes=1))
        waits.append("from now on")
        life.apply(clientMetadata=EDITED)
        await life.live(timedelta(hours=1))
        before = len(waits)
        await life.live(timedelta(days=1))
        # Every fifteen minutes, and with jitter twice as often at most.
        assert 90 <= len(waits) - before <= 2 * 96
        assert life.world.condition()[1] == "IssuerUnavailable"
        waits.clear()
        await life.live(2 * Limits().retry_slowly)
        assert life.world.condition() == ("True", "Registered")

    asyncio.run(main())


def test_it_says_so_and_goes_on_by_itself() -> None:
    async def main() -> None:
        world = Simulation(fault=no_fault)
        process = world.start()
        for number in range(CALLS_AT_ONCE + 1):
            world.api.apply(NAMESPACE, NAME, spec(number))
            due = await process.reconcile(KEY)
        assert world.condition() == ("Unknown", "Pending")
        assert due.at is not None
        written = len(world.api.events)
        assert (await process.reconcile(KEY)).at == due.at
        assert len(world.api.events) == written
        world.clock.time = due.at
        await process.reconcile(KEY)
        assert world.condition() == ("True", "Registered")

    asyncio.run(main())


def test_a_namespace_that_is_full_gets_no_call_and_no_write_but_the_status() -> None:
    async def main() -> None:
        world = Simulation(fault=no_fault, limits=Limits(records_per_namespace=3))
        process = world.start()
        for number in range(4):
            world.api.apply(NAMESPACE, f"web-{number}", spec(number))
            await process.reconcile(oauth_client(NAMESPACE, f"web-{number}"))
        assert len(world.records()) == 3
        assert world.server.calls == ["POST"] * 3
        body = world.api.get("oauthclients", NAMESPACE, "web-3")
        assert body is not None
        assert "finalizers" not in body["metadata"]
        said = {c["type"]: (c["status"], c["reason"]) for c in body["status"]["conditions"]}
        assert (said["Ready"], said["Stalled"][0]) == (("Unknown", "Pending"), "True")
        # Who has a record keeps what it has, another namespace has room, and so has this one when one goes.
        world.api.apply(NAMESPACE, "web-0", spec(99))
        await process.reconcile(oauth_client(NAMESPACE, "web-0"))
        world.api.apply("other", "web", spec(1))
        await process.reconcile(oauth_client("other", "web"))
        assert world.server.calls == ["POST"] * 3 + ["PUT", "POST"]
        del world.api.objects[
            "secrets", RECORDS, world.api.objects["oauthclients", NAMESPACE, "web-1"]["metadata"]["uid"]
        ]
        await process.reconcile(oauth_client(NAMESPACE, "web-3"))
        assert world.server.calls[-1] == "POST"
        assert len(world.server.calls) == 6

    asyncio.run(main())


def test_budgets_remember_only_who_called_lately() -> None:
    clock = Clock()
    budgets = Budgets(clock)
    for number in range(10_000):
        budgets.spend(f"uid-{number}")
        clock.time += timedelta(seconds=1)
    assert len(budgets._buckets) < 200
    for _ in range(CALLS_AT_ONCE):
        budgets.check("u1")
        budgets.spend("u1")
    with pytest.raises(CallsSpent) as spent:
        budgets.check("u1")
    assert 0 < spent.value.retry_after <= SECONDS_PER_CALL
    budgets.check("another")
    clock.time += timedelta(seconds=SECONDS_PER_CALL)
    budgets.check("u1")
