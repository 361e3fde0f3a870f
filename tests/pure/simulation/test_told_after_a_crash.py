"""A process dies at any call of what a person asks for without an edit; the next one publishes and says what came of it.

Nothing else would wake it: the spec is as it was, and what was asked for counts as served.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from oauthclient_operator.exchange import Response
from oauthclient_operator.names import PROVE_ANNOTATION, REFRESH_ANNOTATION
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, Simulation
from tests.pure.simulation.test_crash_points import SPEC, CrashAt

FORBIDDEN = Response(status=403, body=b'{"error": "insufficient_scope"}')


class Calls(CrashAt):
    """Dies at one of them; reads are refused as long as it says so."""

    refuses_reads = False

    async def __call__(self, label: str, call: Callable[[], Awaitable[Any]]) -> Any:
        async def refused() -> Any:
            await call()
            return FORBIDDEN

        return await super().__call__(label, refused if self.refuses_reads and label == "exchange:GET" else call)


async def asked(world: Simulation, what: str, value: str) -> None:
    world.api.annotate(NAMESPACE, NAME, {what: value})
    await world.settle()


async def proof(world: Simulation, calls: Calls) -> None:
    """What proves the client is not known before."""
    calls.armed = True
    await asked(world, PROVE_ANNOTATION, "now")


async def proof_that_ends_a_doubt(world: Simulation, calls: Calls) -> None:
    await asked(world, PROVE_ANNOTATION, "once")
    lost, world.server.clients = world.server.clients, {}
    world.api.annotate(NAMESPACE, NAME, {PROVE_ANNOTATION: "again"})
    await world.start().reconcile(KEY)
    assert world.condition("CredentialsValid") == ("Unknown", "CredentialsRefused")
    world.server.clients = lost
    calls.armed = True
    await asked(world, PROVE_ANNOTATION, "now")


async def read(world: Simulation, calls: Calls) -> None:
    """It brings another client secret where the server renews it, and another date."""
    for client in world.server.clients.values():
        client["client_secret_expires_at"] = 4_000_000_000
    calls.armed = True
    await asked(world, REFRESH_ANNOTATION, "now")


async def read_that_is_refused(world: Simulation, calls: Calls) -> None:
    calls.refuses_reads = calls.armed = True
    await asked(world, REFRESH_ANNOTATION, "now")


async def read_after_one_that_was_refused(world: Simulation, calls: Calls) -> None:
    calls.refuses_reads = True
    await asked(world, REFRESH_ANNOTATION, "once")
    calls.refuses_reads, calls.armed = False, True
    await asked(world, REFRESH_ANNOTATION, "now")


STAYS: dict[str, Any] = {"rotates": False}
RENEWS: dict[str, Any] = {"rotates_on_read": True}
LIVES = {
    "a proof": (proof, STAYS),
    "a proof that ends a doubt": (proof_that_ends_a_doubt, STAYS),
    "a read": (read, STAYS),
    "a read that renews": (read, RENEWS),
    "a read that is refused": (read_that_is_refused, STAYS),
    "a read after one that was refused": (read_after_one_that_was_refused, STAYS),
}


def lived(name: str, calls: Calls) -> Simulation:
    life, server = LIVES[name]

    async def main() -> Simulation:
        world = Simulation(fault=calls, server=AuthorizationServer(**server))
        world.server.metadata = {"revocation_endpoint": f"{ISSUER}/revoke"}
        world.api.apply(NAMESPACE, NAME, SPEC)
        await world.settle()
        await life(world, calls)
        return world

    return asyncio.run(main())


def calls_of(name: str) -> list[str]:
    calls = Calls()
    lived(name, calls)
    return calls.labels


def said(world: Simulation) -> dict[str, Any]:
    """Return what the status says, but for times of our own clock and versions."""
    status = (world.resource() or {})["status"]
    told = {c["type"]: (c["status"], c["reason"], c["message"]) for c in status["conditions"]}
    return {"conditions": told, **{name: status.get(name) for name in ("clientID", "edition", "registration")}}


@pytest.mark.parametrize(
    ("name", "number", "after"),
    [
        pytest.param(name, number, after, id=f"{name}, {'after' if after else 'before'} call {number} {label}")
        for name in LIVES
        for number, label in enumerate(calls_of(name))
        for after in (False, True)
    ],
)
def test_what_was_asked_for_is_published_and_told_whenever_the_process_dies(
    name: str, number: int, after: bool
) -> None:
    world, right = lived(name, Calls(number, after=after)), lived(name, Calls())
    secret = world.secret()
    assert secret is not None
    (client,) = world.server.clients.values()
    if name == "a read that renews" and world.server.calls.count("GET") > 1:
        # The only credentials that the server still takes died with the process.
        assert world.condition() == ("False", "ManagementLost")
        return
    assert base64.b64decode(secret["data"]["client_secret"]).decode() == client["client_secret"]
    assert said(world) == said(right)
