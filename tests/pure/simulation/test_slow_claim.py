"""An API server that takes a call's time for its claim: what then comes of the call is not held against the issuer."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.exchange import Answer, Incomplete, NotSent
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.names import ROTATE_ANNOTATION
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.record import envelope
from oauthclient_operator.record.calls import CallKind
from tests.pure.simulation.authorization_server import AuthorizationServer
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, Simulation
from tests.pure.simulation.test_crash_points import SPEC


class Told(AuthorizationServer):
    """Keeps what the circuit breaker would be told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Answer] = []

    @contextmanager
    def slot(self, issuer: IssuerAddress, caller: Caller, *, anyway: bool = False) -> Iterator[Any]:
        yield self.told.append


@pytest.mark.parametrize(
    ("claim", "connecting", "ours"),
    [
        pytest.param(18, 0, True, id="the claim left two seconds, in which nobody is asked"),
        pytest.param(13, 7, True, id="the claim left seven seconds to connect, which was not enough"),
        pytest.param(13, 0.1, False, id="the claim left seven seconds, and the issuer refused the connection at once"),
        pytest.param(1, 19, False, id="the issuer had its time"),
    ],
)
def test_whose_fault_it_is_that_nothing_was_sent(claim: float, connecting: float, ours: bool) -> None:
    async def fault(label: str, call: Any) -> Any:
        if label == "create_secret":
            simulation.clock.time += timedelta(seconds=claim)
        if label == "exchange:POST":
            simulation.clock.time += timedelta(seconds=connecting)
            return NotSent(cause="no connection")
        return await call()

    server = Told()
    simulation = Simulation(fault=fault, server=server)
    simulation.api.apply(NAMESPACE, NAME, SPEC)
    asyncio.run(simulation.start().reconcile(KEY))
    told = server.told[0]
    assert isinstance(told, NotSent)
    assert told.ours == ours
    assert ("the API server took most of the 20 s" in told.cause) == ours


def test_a_claim_that_leaves_the_issuer_too_little_time_to_answer_sends_nothing() -> None:
    """By a webhook that holds each write for 18 s, of the 20 that a call has, and is then ignored."""

    async def fault(label: str, call: Any) -> Any:
        if label == "create_secret":
            simulation.clock.time += timedelta(seconds=18)
        answer = await call()
        if label == "exchange:POST" and not isinstance(answer, NotSent):
            simulation.clock.time += timedelta(seconds=2)
            return Incomplete(cause="no answer in time")
        return answer

    server = Told()
    simulation = Simulation(fault=fault, server=server)
    simulation.api.apply(NAMESPACE, NAME, SPEC)
    asyncio.run(simulation.start().reconcile(KEY))
    assert server.clients == {}, "nobody would know of it"
    assert [(type(told), told.ours) for told in server.told if isinstance(told, NotSent)] == [(NotSent, True)]
    assert not envelope.read(simulation.record()).record.suspects


@pytest.mark.parametrize("rotated", [True, False], ids=["of a client that was replaced", "of a resource that goes"])
def test_a_deregistration_that_the_claim_left_no_time_for_is_made_however_soon_it_would_be_given_up(
    rotated: bool,
) -> None:
    slow = False

    async def fault(label: str, call: Any) -> Any:
        nonlocal slow
        answer = await call()
        opened = [envelope.read(secret).record.open for secret in simulation.records()]
        if slow and label == "patch_secret" and any(c is not None and c.kind is CallKind.DEREGISTER for c in opened):
            simulation.clock.time += timedelta(seconds=25)
            slow = False
        return answer

    simulation = Simulation(fault=fault, limits=Limits(release_after=timedelta(seconds=2)))
    simulation.api.apply(NAMESPACE, NAME, {**SPEC, "rotation": {"overlap": "1s"}})
    asyncio.run(simulation.settle())
    slow = True
    if rotated:
        simulation.api.annotate(NAMESPACE, NAME, {ROTATE_ANNOTATION: "now"})
    else:
        simulation.api.delete(NAMESPACE, NAME)
    asyncio.run(simulation.settle())
    assert not slow
    assert len(simulation.server.clients) == int(rotated)
