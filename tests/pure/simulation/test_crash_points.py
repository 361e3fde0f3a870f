"""The process dies before or after each of its calls, in every life of a resource, and another one goes on.

The reference run says which calls there are; each is then a place to die at, so that none is forgotten.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.oauth.outcome import Ambiguous, Outcome
from oauthclient_operator.reconcile.observer import Observer, Unobserved
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.envelope import read
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.operator_process import NAME, NAMESPACE, Crash, Simulation

SPEC = {"issuer": ISSUER, "clientMetadata": {"client_name": "web", "redirect_uris": ["https://shop.example/cb"]}}
EDITED = {"issuer": ISSUER, "clientMetadata": {"client_name": "Web shop", "redirect_uris": ["https://shop.example/cb"]}}


class CrashAt:
    """Dies once, at the n-th call, before or after it."""

    def __init__(self, number: int | None = None, *, after: bool = False) -> None:
        self.labels: list[str] = []
        self._number = number
        self._after = after
        self.armed = False

    async def __call__(self, label: str, call: Callable[[], Awaitable[Any]]) -> Any:
        if not self.armed:
            return await call()
        self.labels.append(label)
        here = len(self.labels) - 1 == self._number
        if here and not self._after:
            raise Crash(f"before {label}")
        answer = await call()
        if here:
            raise Crash(f"after {label}")
        return answer


async def create(simulation: Simulation, fault: CrashAt) -> None:
    fault.armed = True
    simulation.api.apply(NAMESPACE, NAME, SPEC)
    await simulation.settle()


async def change(simulation: Simulation, fault: CrashAt) -> None:
    simulation.api.apply(NAMESPACE, NAME, SPEC)
    await simulation.settle()
    fault.armed = True
    simulation.api.apply(NAMESPACE, NAME, EDITED)
    await simulation.settle()


async def delete(simulation: Simulation, fault: CrashAt) -> None:
    simulation.api.apply(NAMESPACE, NAME, SPEC)
    await simulation.settle()
    fault.armed = True
    simulation.api.delete(NAMESPACE, NAME)
    await simulation.settle()


async def refresh(simulation: Simulation, fault: CrashAt) -> None:
    """What is read was changed by another: an update follows."""
    simulation.api.apply(NAMESPACE, NAME, SPEC)
    await simulation.settle()
    for client in simulation.server.clients.values():
        client["client_name"] = "changed by another"
    fault.armed = True
    simulation.api.annotate(NAMESPACE, NAME, {names.REFRESH_ANNOTATION: "now"})
    await simulation.settle()


LIVES = {"create": create, "change": change, "delete": delete, "refresh": refresh}


class Counted(Unobserved):
    """How many registrations are said to have been lost, by all processes together."""

    def __init__(self) -> None:
        self.lost = 0

    def called(self, kind: CallKind, outcome: Outcome) -> None:
        self.lost += kind is CallKind.REGISTER and isinstance(outcome, Ambiguous)


def run(life: str, fault: CrashAt, *, rotates: bool = True, observer: Observer | None = None) -> Simulation:
    server = AuthorizationServer(rotates=rotates, rotates_on_read=rotates)
    simulation = Simulation(fault=fault, server=server, observer=observer or Unobserved())
    asyncio.run(LIVES[life](simulation, fault))
    return simulation


def reference_calls(life: str) -> list[str]:
    fault = CrashAt()
    run(life, fault)
    return fault.labels


POINTS = [
    pytest.param(
        life,
        number,
        after,
        rotates,
        id=f"{life}, {token}: crash {'after' if after else 'before'} call {number} {label}",
    )
    for life in LIVES
    for number, label in enumerate(reference_calls(life))
    for after in (False, True)
    for rotates, token in ((True, "token rotates"), (False, "token stays"))
]


def accounted(simulation: Simulation) -> tuple[set[str], int]:
    """Return the clients that records name, and how many lost answers they report."""
    named: set[str] = set()
    suspects = 0
    for secret in simulation.records():
        record = read(secret).record
        named |= {c.information.client_id for c in record.clients if c.alive}
        suspects += len(record.suspects)
    return named, suspects


@pytest.mark.parametrize(("life", "number", "after", "rotates"), POINTS)
def test_a_crash_at_any_call_is_continued(life: str, number: int, after: bool, rotates: bool) -> None:
    fault = CrashAt(number, after=after)
    counted = Counted()
    simulation = run(life, fault, rotates=rotates, observer=counted)
    named, suspects = accounted(simulation)
    unknown = set(simulation.server.clients) - named
    # Every client at the server is in a record, or stands behind a reported lost answer, of which a metric tells.
    assert len(unknown) <= suspects <= counted.lost
    if life == "delete":
        assert simulation.resource() is None
        assert simulation.secret() is None
        return
    secret = simulation.secret()
    assert secret is not None
    published = base64.b64decode(secret["data"]["client_id"]).decode()
    client = simulation.server.clients[published]
    if rotates and simulation.server.calls.count("GET") > 1:
        # The answer that died with the process held the only live credentials.
        assert simulation.condition() == ("False", "ManagementLost")
        return
    assert client["client_secret"] == base64.b64decode(secret["data"]["client_secret"]).decode()
    assert client["client_name"] == ("Web shop" if life == "change" else "web")
    if rotates and "exchange:PUT" in fault.labels and simulation.server.calls.count("PUT") > 1:
        # The answer that died with the process held the only live token: what works stays, and the condition says so.
        assert simulation.condition() == ("False", "ManagementLost")
        assert simulation.condition("SecretPublished") == ("True", "Published")
        return
    assert simulation.condition() == ("True", "Registered")


def test_the_reference_runs_make_the_calls_that_the_design_allows() -> None:
    assert reference_calls("create") == [
        "discover",
        "patch_oauth_client",
        "create_secret:dry-run",
        "create_secret",
        "exchange:POST",
        "patch_secret",
        "create_secret",
        "patch_oauth_client_status",
        "create_event",
    ]


def test_a_resource_at_rest_costs_nothing() -> None:
    fault = CrashAt()
    simulation = run("create", fault)
    before = len(fault.labels)
    asyncio.run(simulation.settle())
    assert fault.labels[before:] == []
