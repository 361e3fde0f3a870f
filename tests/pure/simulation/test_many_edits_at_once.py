"""More clients are edited at once than there are slots at their issuer, whose metadata have to be read anew first.

The real queue, limits and cache of metadata on a clock that jumps.
"""

import asyncio
import random

import pytest

from oauthclient_operator.issuer.discovery_cache import TIME_TO_LIVE
from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.test_load import HEALTHY, Door, Operator
from tests.pure.virtual_time import in_virtual_time

SLOTS = 16


async def edited(clients: int) -> tuple[Operator, Door, int]:
    """Return what comes of it within three seconds, and how many passes over clients that takes."""
    door = Door(hangs_at="")
    operator = Operator(door)
    running = asyncio.create_task(operator.work.run())
    for number in range(clients):
        operator.apply("shop", f"web-{number}", HEALTHY)
    await asyncio.sleep(2 * TIME_TO_LIVE)
    before = operator.reconciler.passes.total()
    for number in range(clients):
        name = f"web-{number}"
        metadata = {"client_name": "edited", "redirect_uris": ["https://shop.example/cb"]}
        operator.api.apply("shop", name, {"issuer": HEALTHY, "clientMetadata": metadata})
        operator.work.add(oauth_client("shop", name))
    await asyncio.sleep(3)
    operator.work.stop()
    await running
    return operator, door, operator.reconciler.passes.total() - before


@pytest.mark.parametrize("clients", [SLOTS + 1, 3 * SLOTS])
def test_who_reads_the_metadata_does_not_go_behind_all_who_have_to_do_the_same(clients: int) -> None:
    random.seed(1)
    _, door, passes = in_virtual_time(edited(clients))
    names = [client["client_name"] for client in door.server.clients.values()]
    assert names == ["edited"] * clients
    assert passes <= 6 * clients, "nobody goes round and round"
