"""An issuer that was down and comes back: all who waited go on then, and until then they say why and until when.

The real queue, limits and breakers on a clock that jumps.
"""

import asyncio
import random
from typing import Any

from oauthclient_operator.exchange import Answer, NotSent, Request
from oauthclient_operator.resource.key import Key
from tests.pure.simulation.test_load import HEALTHY, Door, Operator
from tests.pure.virtual_time import in_virtual_time, now

TENANTS, EACH = 4, 30
DOWN_FOR = 200.0
CAUSE = "the connection was refused"


class DownAtFirst(Door):
    """Its metadata can be read, for they are elsewhere; nothing else, until it is up again."""

    def __init__(self) -> None:
        super().__init__(hangs_at="")
        self.tried: list[float] = []

    async def exchange(self, request: Request, **options: Any) -> Answer:
        if request.method != "GET" and now() < DOWN_FOR:
            self.tried.append(now())
            return NotSent(cause=CAUSE)
        return await super().exchange(request, **options)


def ready_message(operator: Operator, key: Key) -> str:
    body = operator.api.get("oauthclients", key.namespace, key.name)
    return str(next(c["message"] for c in body["status"]["conditions"] if c["type"] == "Ready"))


async def life(door: DownAtFirst) -> tuple[Operator, dict[Key, str]]:
    operator = Operator(door)
    running = asyncio.create_task(operator.work.run())
    for number in range(TENANTS * EACH):
        operator.apply(f"tenant-{number % TENANTS}", f"web-{number}", HEALTHY)
    await asyncio.sleep(DOWN_FOR - 1)
    said = {key: ready_message(operator, key) for key in operator.applied_at}
    await asyncio.sleep(600)
    operator.work.stop()
    await running
    return operator, said


def test_all_go_on_when_an_issuer_answers_again_and_said_until_then_why_they_waited() -> None:
    random.seed(1)
    door = DownAtFirst()
    operator, said = in_virtual_time(life(door))
    times = sorted(operator.ready_at.values())
    assert len(times) == TENANTS * EACH
    assert times[-1] - times[0] <= 10, "soon after the first, not each at its own next try"
    # While nobody answered it was left in peace, and each resource said why and until when.
    assert len(door.tried) <= TENANTS * EACH / 4
    held_back = [message for message in said.values() if "failed several times" in message]
    assert len(held_back) >= len(said) - 5
    assert all(CAUSE in message and "the next one is tried by 2026-01-01T00:" in message for message in held_back)
