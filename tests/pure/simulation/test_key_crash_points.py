"""The process dies before or after each call of a key's life, and another one goes on: what is published is accepted.

As in `test_crash_points` the reference run says which calls there are.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.names import ROTATE_ANNOTATION
from oauthclient_operator.record.envelope import read
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.operator_process import NAME, NAMESPACE, Crash, Simulation

METADATA: dict[str, Any] = {
    "client_name": "web",
    "grant_types": ["client_credentials"],
    "token_endpoint_auth_method": "private_key_jwt",
}
BY_KEY: dict[str, Any] = {"issuer": ISSUER, "clientMetadata": METADATA, "privateKey": {}}
BY_SECRET = {"issuer": ISSUER, "clientMetadata": METADATA | {"token_endpoint_auth_method": "client_secret_basic"}}
OTHER_ALGORITHM = BY_KEY | {"privateKey": {"algorithm": "EdDSA"}}
IN_PLACE: dict[str, Any] = {"rotation": {"strategy": "Server"}}
OVERLAP = timedelta(hours=24, minutes=1)


class CrashAt:
    """Dies once, at the n-th call, before or after it; after each call what is published has to be what is accepted."""

    def __init__(self, number: int | None = None, *, after: bool = False) -> None:
        self.labels: list[str] = []
        self.number = number
        self.after = after
        self.armed = False
        self.simulation: Simulation | None = None

    async def __call__(self, label: str, call: Callable[[], Awaitable[Any]]) -> Any:
        if not self.armed:
            return await call()
        self.labels.append(label)
        here = len(self.labels) - 1 == self.number
        if here and not self.after:
            raise Crash(f"before {label}")
        answer = await call()
        assert self.simulation is not None
        assert_accepted(self.simulation)
        if here:
            raise Crash(f"after {label}")
        return answer


def published(simulation: Simulation) -> dict[str, str]:
    secret = simulation.secret()
    return {k: base64.b64decode(v).decode() for k, v in secret["data"].items()} if secret is not None else {}


def kids(simulation: Simulation, client_id: str) -> list[str]:
    keys = simulation.server.clients[client_id].get("jwks", {}).get("keys", [])
    return [key["kid"] for key in keys]


def assert_accepted(simulation: Simulation) -> None:
    found = published(simulation)
    if found:
        assert found["client_id"] in simulation.server.clients
    if "key_id" in found:
        assert found["key_id"] in kids(simulation, found["client_id"])


async def create(simulation: Simulation, fault: CrashAt) -> None:
    fault.armed = True
    simulation.api.apply(NAMESPACE, NAME, BY_KEY)
    await simulation.settle()


async def rotate(simulation: Simulation, fault: CrashAt) -> None:
    simulation.api.apply(NAMESPACE, NAME, BY_KEY)
    await simulation.settle()
    fault.armed = True
    simulation.api.annotate(NAMESPACE, NAME, {ROTATE_ANNOTATION: "now"})
    await simulation.settle()
    simulation.clock.time += OVERLAP
    await simulation.settle()


async def other_algorithm(simulation: Simulation, fault: CrashAt) -> None:
    simulation.api.apply(NAMESPACE, NAME, BY_KEY)
    await simulation.settle()
    fault.armed = True
    simulation.api.apply(NAMESPACE, NAME, OTHER_ALGORITHM)
    await simulation.settle()
    simulation.clock.time += OVERLAP
    await simulation.settle()


async def one_key_only(simulation: Simulation, fault: CrashAt) -> None:
    simulation.server.holds_one_key = True
    await rotate(simulation, fault)


async def from_a_secret(simulation: Simulation, fault: CrashAt) -> None:
    simulation.api.apply(NAMESPACE, NAME, BY_SECRET)
    await simulation.settle()
    fault.armed = True
    simulation.api.apply(NAMESPACE, NAME, BY_KEY)
    await simulation.settle()
    simulation.clock.time += OVERLAP
    await simulation.settle()


async def in_place(simulation: Simulation, fault: CrashAt) -> None:
    simulation.api.apply(NAMESPACE, NAME, BY_SECRET | IN_PLACE)
    await simulation.settle()
    fault.armed = True
    simulation.api.apply(NAMESPACE, NAME, BY_KEY | IN_PLACE)
    await simulation.settle()


LIVES = {
    "create": create,
    "rotate": rotate,
    "other algorithm": other_algorithm,
    "one key only": one_key_only,
    "from a secret": from_a_secret,
    "in place": in_place,
}


def run(life: str, fault: CrashAt, *, rotates: bool = False) -> Simulation:
    simulation = Simulation(fault=fault, server=AuthorizationServer(rotates=rotates))
    fault.simulation = simulation
    asyncio.run(LIVES[life](simulation, fault))
    return simulation


def reference_calls(life: str) -> list[str]:
    fault = CrashAt()
    run(life, fault)
    return fault.labels


CALLS = [(life, number, label) for life in LIVES for number, label in enumerate(reference_calls(life))]
POINTS = [
    pytest.param(life, number, after, id=f"{life}: crash {'after' if after else 'before'} call {number} {label}")
    for life, number, label in CALLS
    for after in (False, True)
]
UPDATES = [
    pytest.param(life, number, id=f"{life}: call {number}") for life, number, label in CALLS if label == "exchange:PUT"
]


@pytest.mark.parametrize(("life", "number", "after"), POINTS)
def test_a_crash_at_any_call_is_continued_and_no_third_key_is_left(life: str, number: int, after: bool) -> None:
    simulation = run(life, CrashAt(number, after=after))
    assert simulation.condition() == ("True", "Registered")
    found = published(simulation)
    assert "private_key" in found
    assert kids(simulation, found["client_id"]) == [found["key_id"]]
    (record,) = (read(secret).record for secret in simulation.records())
    assert (record.open, record.replacement, record.leaving) == (None, None, ())
    # Whatever else lives at the server is a client whose only name was lost with an answer, and it is reported.
    strangers = simulation.server.clients.keys() - {c.information.client_id for c in record.clients if c.alive}
    assert len(strangers) <= len(record.suspects)
    (client,) = (c for c in record.clients if c.information.client_id == found["client_id"])
    assert [key.kid for key in client.keys] == [found["key_id"]]


@pytest.mark.parametrize(("life", "number"), UPDATES)
def test_a_lost_update_that_took_the_only_token_with_it_loses_no_key_that_is_published(life: str, number: int) -> None:
    """After each call what is published was looked at; what cannot be managed any more is said, or replaced."""
    simulation = run(life, CrashAt(number, after=True), rotates=True)
    said = [("True", "Registered"), ("False", "ManagementLost")]
    # By the user's own word no other client takes the place of one that cannot be updated.
    assert simulation.condition() in (said if life != "in place" else [*said, ("False", "RenewalFailed")])
    assert_accepted(simulation)
