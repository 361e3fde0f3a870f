"""A page may take as long as it comes: what is bounded is silence, and what no list can be gone on with after."""

import asyncio

import pytest

from oauthclient_operator import handlers
from oauthclient_operator.cluster.page_timeout import IN_ALL, SILENCE, page_timeout
from tests.pure.virtual_time import in_virtual_time


async def _receive(parts: int, pause: float) -> float:
    clock = asyncio.get_running_loop().time
    began = clock()
    try:
        async with page_timeout() as came:
            for _ in range(parts):
                await asyncio.sleep(pause)
                came()
    except TimeoutError:
        return began - clock()
    return clock() - began


@pytest.mark.parametrize(
    ("parts", "pause", "took"),
    [(8, SILENCE - 1, 8 * (SILENCE - 1)), (1, SILENCE + 1, -SILENCE), (1000, 1.5, -IN_ALL)],
    ids=["it comes slowly", "nothing comes", "it never ends"],
)
def test_a_page_is_waited_for_as_long_as_it_comes(parts: int, pause: float, took: float) -> None:
    assert in_virtual_time(_receive(parts, pause)) == pytest.approx(took)


def test_kopf_waits_no_shorter_for_a_page() -> None:
    assert handlers._settings().networking.request_timeout == IN_ALL
