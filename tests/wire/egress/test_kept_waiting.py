"""An exchange whose steps waited for their turns on the event loop: the server is not blamed for that, nor forgotten."""

import pytest

from oauthclient_operator.egress.door import Door
from oauthclient_operator.exchange import Incomplete, Request, Response
from oauthclient_operator.loop_time import METER, Meter
from tests.parts.misbehaving import MisbehavingServer, hang, respond, send

pytestmark = pytest.mark.slow


class Waiting(Meter):
    """Of a tenant whose steps wait for their turns, each time for so many seconds as it is asked."""

    def __init__(self, waited: float) -> None:
        super().__init__()
        self._each = waited

    @property
    def waits(self) -> bool:
        """Say that one waits, when the deadline comes."""
        self.waited += self._each
        return True


@pytest.mark.parametrize(
    ("waited", "ours"),
    [pytest.param(0.4, True, id="for most of its time"), pytest.param(0.1, False, id="for little of its time")],
)
async def test_what_our_own_side_kept_waiting_says_nothing_of_the_server(door: Door, waited: float, ours: bool) -> None:
    METER.set(Waiting(waited))
    with MisbehavingServer(hang).in_thread() as server:
        answer = await door.exchange(Request(method="POST", url=server.url(), body=b"{}"), timeout=0.5)
    assert isinstance(answer, Incomplete)
    assert answer.ours is ours


async def test_an_answer_that_came_before_there_was_a_turn_to_read_it_is_taken(door: Door) -> None:
    METER.set(Waiting(0.0))
    late = send(b"", pause=0.8, then=respond(201, {"client_id": "late"}))
    with MisbehavingServer(late).in_thread() as server:
        answer = await door.exchange(Request(method="POST", url=server.url(), body=b"{}"), timeout=0.5)
    assert isinstance(answer, Response)
    assert b"late" in answer.body
