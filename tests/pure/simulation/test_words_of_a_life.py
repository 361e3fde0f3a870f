"""What a user reads of a client's life in every phase of it: each sentence once, and what to do in it."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.exchange import NotSent, Response
from oauthclient_operator.names import PAUSED_ANNOTATION, ROTATE_ANNOTATION
from oauthclient_operator.reconcile.reconciler import Reconciler
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, Simulation, no_fault
from tests.pure.simulation.test_crash_points import CrashAt

METADATA = {"client_name": "web", "redirect_uris": ["https://shop.example/cb"]}
MONTH = timedelta(days=30)


class Answers:
    """What the issuer answers in the place of what it would, by method."""

    def __init__(self) -> None:
        self.instead: dict[str, Any] = {}

    async def __call__(self, label: str, call: Any) -> Any:
        kind, _, method = label.partition(":")
        return self.instead[method] if kind == "exchange" and method in self.instead else await call()


def apply(world: Simulation, **spec: Any) -> None:
    world.api.apply(NAMESPACE, NAME, {"issuer": ISSUER, "clientMetadata": METADATA, **spec})


def expiring(world: Simulation, lifetime: timedelta = MONTH) -> None:
    world.server.issued = {"client_secret_expires_at": int((world.clock.time + lifetime).timestamp())}


def said(world: Simulation) -> dict[str, tuple[str, str, str]]:
    body = world.resource() or {}
    return {c["type"]: (c["status"], c["reason"], c["message"]) for c in body["status"]["conditions"]}


async def passes(process: Reconciler, times: int = 2) -> None:
    for _ in range(times):
        await process.reconcile(KEY)


def test_while_the_one_before_is_good_it_says_until_when_and_what_pods_have_to_do() -> None:
    async def main() -> None:
        world = Simulation(fault=no_fault)
        process = world.start()
        apply(world)
        await passes(process)
        assert "Renewing" not in said(world)
        world.api.annotate(NAMESPACE, NAME, {ROTATE_ANNOTATION: "now"})
        await passes(process)
        status, reason, message = said(world)["Renewing"]
        assert (status, reason) == ("True", "Leaving")
        assert re.search(r'client "client-1" until 2026-01-02T00:00:0\dZ', message)
        assert "pods have to have taken up the Secret" in message
        assert said(world)["Ready"][:2] == ("True", "Registered")
        world.clock.time += timedelta(hours=24, seconds=1)
        await passes(process)
        assert "Renewing" not in said(world)

    asyncio.run(main())


def test_a_renewal_that_fails_is_loud_long_before_the_secret_is_dead_and_ready_until_then() -> None:
    async def main() -> None:
        answers = Answers()
        world = Simulation(fault=answers)
        process = world.start()
        expiring(world)
        apply(world)
        await passes(process)
        renew_at = (world.resource() or {})["status"]["rotation"]["renewAt"]
        assert "2026-01-17" < renew_at < "2026-01-22"
        answers.instead["POST"] = Response(status=403, body=b'{"error": "access_denied"}')
        world.clock.time += timedelta(days=21)
        await passes(process)
        assert said(world)["Ready"][:2] == ("True", "Registered")
        status, reason, message = said(world)["Renewing"]
        assert (status, reason) == ("False", "RenewalFailed")
        assert message.startswith(
            'client "client-1" has to be replaced, for its client secret expires at 2026-01-31T00:00:00Z, and that '
            "cannot be done yet: "
        )
        assert "access_denied" in message
        assert [(e["type"], e["reason"]) for e in world.api.events[1:]] == [("Warning", "RenewalFailed")]
        world.clock.time += timedelta(days=10)
        await passes(process)
        status, reason, message = said(world)["Ready"]
        assert (status, reason) == ("False", "SecretExpired")
        assert message.endswith("another client takes its place as soon as that can be: see Renewing")
        del answers.instead["POST"]
        world.server.issued = {}
        world.clock.time += timedelta(days=1)
        await passes(process)
        assert said(world)["Ready"][:2] == ("True", "Registered")

    asyncio.run(main())


@pytest.mark.parametrize(
    ("lifetime", "policy", "cure"),
    [
        pytest.param(MONTH, {"expiry": "Report"}, "spec.policy.expiry is Report", id="the policy says so"),
        pytest.param(timedelta(minutes=9), {}, "less than ten minutes", id="it lives too short"),
    ],
)
def test_a_secret_that_nobody_renews_has_expired_and_it_says_why(
    lifetime: timedelta, policy: dict[str, str], cure: str
) -> None:
    async def main() -> None:
        world = Simulation(fault=no_fault)
        process = world.start()
        expiring(world, lifetime)
        apply(world, policy=policy)
        await passes(process)
        world.clock.time += lifetime
        await passes(process)
        status, reason, message = said(world)["Ready"]
        assert (status, reason) == ("False", "SecretExpired")
        assert cure in message
        assert ROTATE_ANNOTATION in message
        assert "Stalled" in said(world)
        assert world.server.calls == ["POST"]

    asyncio.run(main())


def test_a_paused_resource_says_what_waits_for_that_and_what_time_makes_true() -> None:
    async def main() -> None:
        world = Simulation(fault=no_fault)
        process = world.start()
        expiring(world)
        apply(world)
        await passes(process)
        world.api.annotate(NAMESPACE, NAME, {PAUSED_ANNOTATION: "true"})
        await passes(process)
        assert said(world)["Ready"][:2] == ("True", "Registered")
        assert PAUSED_ANNOTATION in said(world)["Paused"][2]
        assert "renewAt" in (world.resource() or {})["status"]["rotation"]
        world.clock.time += timedelta(days=21)
        await passes(process)
        status, reason, message = said(world)["Renewing"]
        assert (status, reason) == ("False", "RenewalFailed")
        assert message.endswith("cannot be done yet: see Paused; what is published stays meanwhile")
        world.clock.time += timedelta(days=10)
        await passes(process)
        assert said(world)["Ready"][:2] == ("False", "SecretExpired")
        assert "while the annotation oauth-operator.dev/paused is true: remove it" in said(world)["Ready"][2]
        assert world.server.calls == ["POST"]
        world.api.delete(NAMESPACE, NAME)
        await passes(process)
        assert said(world)["Ready"][1] == "Paused"
        assert "the deletion of this resource waits" in said(world)["Ready"][2]
        assert world.server.calls == ["POST"]
        world.api.annotate(NAMESPACE, NAME, {PAUSED_ANNOTATION: "false"})
        await passes(process)
        assert world.resource() is None
        assert world.server.clients == {}

    asyncio.run(main())


def test_where_the_secret_cannot_be_looked_at_what_was_said_of_the_next_renewal_stays() -> None:
    async def main() -> None:
        world = Simulation(fault=no_fault)
        process = world.start()
        expiring(world)
        apply(world)
        await passes(process)
        renew_at = (world.resource() or {})["status"]["rotation"]["renewAt"]
        secret = world.api.objects["secrets", NAMESPACE, NAME]
        secret["metadata"] |= {"ownerReferences": [], "resourceVersion": "changed"}
        await passes(process)
        assert said(world)["Ready"][:2] == ("False", "SecretNotOwned")
        assert (world.resource() or {})["status"]["rotation"]["renewAt"] == renew_at

    asyncio.run(main())


def test_an_issuer_that_cannot_be_reached_is_told_once_where_the_move_to_it_waits() -> None:
    async def main() -> None:
        answers = Answers()
        world = Simulation(fault=answers)
        process = world.start()
        apply(world)
        await passes(process)
        answers.instead["POST"] = NotSent(cause="refused")
        apply(world, issuer="https://other.example")
        await passes(process)
        assert said(world)["Ready"][0] == "False"
        renewing = said(world)["Renewing"]
        assert renewing[:2] == ("False", "RenewalFailed")
        assert "for spec.issuer names another issuer than its own" in renewing[2]
        assert "cannot be done yet: see Ready;" in renewing[2]

    asyncio.run(main())


@pytest.mark.parametrize("after", [False, True])
def test_whatever_call_of_a_rotation_the_process_dies_at_nobody_else_is_said_to_have_changed_the_secret(
    *, after: bool
) -> None:
    async def run(fault: CrashAt) -> Simulation:
        world = Simulation(fault=fault)
        apply(world)
        await world.settle()
        fault.armed = True
        world.api.annotate(NAMESPACE, NAME, {ROTATE_ANNOTATION: "now"})
        await world.settle()
        return world

    reference = CrashAt()
    asyncio.run(run(reference))
    assert len(reference.labels) > 5
    for number in range(len(reference.labels)):
        world = asyncio.run(run(CrashAt(number, after=after)))
        assert "SecretRestored" not in [event["reason"] for event in world.api.events]
        assert world.server.calls.count("POST") <= 3
