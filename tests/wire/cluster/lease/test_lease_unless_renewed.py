"""The Lease as commands take it, that wait for no other process: free, run out or released; never while it is renewed."""

import asyncio

from oauthclient_operator.cluster.connection import Connection
from tests.wire.cluster.lease.conftest import World, lease


async def test_a_lease_that_nobody_holds_is_taken_at_once(world: World, connection: Connection) -> None:
    held = lease(connection)
    assert await held.acquire_unless_renewed() is None
    assert world.requests == ["GET", "POST"]


async def test_a_lease_that_another_renews_is_left_to_it(world: World, connection: Connection) -> None:
    world.write(holderIdentity="b", leaseDurationSeconds=45, renewTime="1")
    held = lease(connection)
    waiting = asyncio.create_task(held.acquire_unless_renewed())
    await world.asked(2)
    assert not waiting.done()
    world.write(renewTime="2")
    assert await waiting == "b"
    assert held.remaining() == 0
    assert "PUT" not in world.requests


async def test_a_lease_that_a_killed_process_left_is_taken_when_it_has_run_out(
    world: World, connection: Connection
) -> None:
    world.write(holderIdentity="b", leaseDurationSeconds=45, renewTime="1")
    held = lease(connection)
    waiting = asyncio.create_task(held.acquire_unless_renewed())
    await world.asked(2)
    world.now += 46
    assert await waiting is None
    assert held.remaining() == 45


async def test_a_lease_that_is_released_while_one_waits_is_taken(world: World, connection: Connection) -> None:
    world.write(holderIdentity="b", leaseDurationSeconds=45, renewTime="1")
    held = lease(connection)
    waiting = asyncio.create_task(held.acquire_unless_renewed())
    await world.asked(2)
    world.write(holderIdentity=None, renewTime="2")
    assert await waiting is None
