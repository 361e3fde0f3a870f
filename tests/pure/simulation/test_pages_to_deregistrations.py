"""A deregistration that is answered by what stands before a server, while that is away: its client lives on, and is ended.

A page with 200 says as little of the client as a 404 for a path that a gateway does not know.
"""

import asyncio
from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.exchange import Answer, Response
from tests.pure.simulation.left_behind import LeftBehind
from tests.pure.simulation.operator_process import NAME, NAMESPACE, Simulation
from tests.pure.simulation.test_crash_points import SPEC
from tests.pure.simulation.test_odd_answers import live

HTML: Final = {"content-type": "text/html; charset=utf-8"}
BUSY: Final = Response(status=503)
GATEWAYS: Final[dict[str, tuple[Answer, ...]]] = {
    "a page that says 200": (Response(status=200, headers=HTML, body=b"<html>We are back soon</html>"),),
    "a page without a type": (Response(status=200, body=b"\n<!DOCTYPE html><p>Sign in</p>"),),
    "an error that says 200": (Response(status=200, body=b'{"error": "maintenance"}'),),
    "503, and then a page": (BUSY, Response(status=404, headers=HTML, body=b"<html>Not here</html>")),
    "503, and then nothing": (BUSY, Response(status=404)),
    "503, and then a route": (BUSY, Response(status=404, body=b'{"message": "no Route matched with those values"}')),
}


class Gateway:
    """It answers what is sent to a server that is away, and its last answer for ever."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.stands_before = False

    async def fault(self, label: str, call: Any) -> Any:
        if not self.stands_before or label != "exchange:DELETE":
            return await call()
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@pytest.mark.parametrize("answers", GATEWAYS)
def test_a_client_is_not_taken_to_be_gone_for_what_a_gateway_says(answers: str) -> None:
    gateway = Gateway(*GATEWAYS[answers])
    simulation = Simulation(fault=gateway.fault)
    simulation.api.apply(NAMESPACE, NAME, SPEC)
    asyncio.run(live(simulation))
    gateway.stands_before = True
    simulation.api.delete(NAMESPACE, NAME)
    asyncio.run(live(simulation))
    assert simulation.resource() is None, "it is let go after a while"
    assert len(simulation.server.clients) == 1
    assert 'client "client-1" may live on' in simulation.api.events[-1]["note"]
    gateway.stands_before = False
    simulation.clock.time += timedelta(days=1)
    asyncio.run(LeftBehind(simulation).once())
    assert simulation.server.clients == {}, "and it is ended when the server is there again"
