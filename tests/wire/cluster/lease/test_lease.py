"""The Lease, with time in the test's hand: never two that act, whatever the clocks, the network and the others do."""

import asyncio
import logging

import pytest
from aiohttp import web

from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.lease import new_holder
from tests.wire.cluster.conftest import status
from tests.wire.cluster.lease.conftest import World, lease


async def test_the_holder_counts_from_before_the_request(world: World, connection: Connection) -> None:
    world.slow = 4
    held = lease(connection)
    assert held.remaining() == 0
    await held.acquire()
    assert world.requests == ["GET", "POST"]
    assert held.remaining() == 45 - 4
    world.now += 41
    assert held.remaining() == 0


async def test_what_is_written_says_who_since_when_and_for_how_long(world: World, connection: Connection) -> None:
    await lease(connection, duration=45.5).acquire()
    assert world.spec is not None
    assert world.spec["holderIdentity"] == "a"
    assert world.spec["leaseDurationSeconds"] == 46
    assert world.spec["acquireTime"] == world.spec["renewTime"]
    assert world.spec["renewTime"].endswith("Z")
    assert world.spec["leaseTransitions"] == 0


async def test_a_renewal_is_one_request(world: World, connection: Connection) -> None:
    held = lease(connection)
    await held.acquire()
    keeper = asyncio.create_task(held.keep())
    world.now += 30
    await world.asked(3)
    keeper.cancel()
    assert world.requests[2:5] == ["PUT", "PUT", "PUT"]
    assert held.remaining() == 45


async def test_another_ones_lease_is_waited_out_by_our_clock_and_its_own_duration(
    world: World, connection: Connection
) -> None:
    world.write(
        holderIdentity="b", leaseDurationSeconds=60, renewTime="1970-01-01T00:00:00.000000Z", leaseTransitions=4
    )
    waiting = lease(connection)
    task = asyncio.create_task(waiting.acquire())
    await world.asked(2)
    world.now += 59
    await world.asked(2)
    assert waiting.remaining() == 0
    world.write(renewTime="1970-01-01T00:00:01.000000Z")
    await world.asked(2)
    world.now += 59
    await world.asked(2)
    assert set(world.requests) == {"GET"}
    world.now += 2
    await task
    assert world.spec is not None
    assert world.spec["holderIdentity"] == "a"
    assert world.spec["leaseTransitions"] == 5
    assert waiting.remaining() == 45


async def test_a_lease_that_was_given_up_is_taken_at_once(world: World, connection: Connection) -> None:
    first, second = lease(connection, "a"), lease(connection, "b")
    await first.acquire()
    await first.release()
    assert first.remaining() == 0
    assert world.spec is not None
    assert world.spec["holderIdentity"] is None
    await second.acquire()
    assert second.remaining() == 45


async def test_while_it_is_given_up_nothing_is_sure_any_more(world: World, connection: Connection) -> None:
    held = lease(connection)
    await held.acquire()
    sure: list[float] = []

    def look() -> None:
        sure.append(held.remaining())

    world.trouble = look
    await held.release()
    assert sure == [0]


async def test_of_two_that_see_it_free_one_gets_it(world: World, connection: Connection) -> None:
    both = [lease(connection, "a"), lease(connection, "b")]
    tasks = [asyncio.create_task(one.acquire()) for one in both]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    await world.asked(4)
    assert sorted(one.remaining() for one in both) == [0, 45]
    for task in tasks:
        task.cancel()


async def test_while_renewals_fail_the_time_runs_and_then_it_goes_on(world: World, connection: Connection) -> None:
    held = lease(connection)
    await held.acquire()
    world.trouble = lambda: web.json_response(status(500, "InternalError"), status=500)
    keeper = asyncio.create_task(held.keep())
    await world.asked(3)
    world.now += 40
    assert held.remaining() == 5
    world.now += 10
    assert held.remaining() == 0
    world.trouble = lambda: None
    await world.until(lambda: held.remaining() > 0)
    assert held.remaining() == 45
    assert not keeper.done()
    keeper.cancel()


async def test_the_end_of_what_kept_it_from_being_renewed_is_logged_once(
    world: World, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="oauthclient_operator.cluster.lease")
    held = lease(connection)
    await held.acquire()
    world.trouble = lambda: web.json_response(status(500, "InternalError"), status=500)
    keeper = asyncio.create_task(held.keep())
    await world.asked(3)
    world.trouble = lambda: None
    await world.asked(5)
    keeper.cancel()
    said = [record.message for record in caplog.records]
    assert said[0] == "lease acquired"
    assert [message for message in said[1:] if message != "lease not renewed"] == ["lease renewed again"]
    assert said[-1] == "lease renewed again"


async def test_a_renewal_that_happened_though_its_answer_was_lost_is_recognised(
    world: World, connection: Connection
) -> None:
    held = lease(connection)
    await held.acquire()
    lost = [web.Response(status=502)]
    world.trouble = lambda: lost.pop() if lost else None
    keeper = asyncio.create_task(held.keep())
    await world.asked(5)
    keeper.cancel()
    assert world.requests[2:6] == ["PUT", "PUT", "GET", "PUT"]
    assert held.remaining() == 45


async def test_when_another_holds_it_the_keeper_ends(world: World, connection: Connection) -> None:
    held = lease(connection)
    await held.acquire()
    keeper = asyncio.create_task(held.keep())
    world.write(holderIdentity="b", renewTime="x")
    await asyncio.wait_for(keeper, 10)
    assert held.remaining() == 0
    assert world.spec is not None
    assert world.spec["holderIdentity"] == "b"


async def test_a_change_by_somebody_who_does_not_want_it_is_no_loss(world: World, connection: Connection) -> None:
    held = lease(connection)
    await held.acquire()
    keeper = asyncio.create_task(held.keep())
    world.write()
    world.now += 30
    await world.until(lambda: held.remaining() == 45)
    assert not keeper.done()
    keeper.cancel()


async def test_a_lease_that_was_deleted_is_made_again(world: World, connection: Connection) -> None:
    held = lease(connection)
    await held.acquire()
    keeper = asyncio.create_task(held.keep())
    world.spec, world.version = None, 100
    await world.until(lambda: world.spec is not None and world.spec["holderIdentity"] == "a")
    assert not keeper.done()
    keeper.cancel()


async def test_after_a_suspend_nothing_is_sure_at_once(world: World, connection: Connection) -> None:
    held = lease(connection)
    await held.acquire()
    world.now += 3600
    assert held.remaining() == 0


async def test_what_is_not_held_is_not_released(world: World, connection: Connection) -> None:
    await lease(connection).release()
    assert world.requests == []


async def test_a_release_after_a_lost_renewal_still_gives_it_up(world: World, connection: Connection) -> None:
    held = lease(connection)
    await held.acquire()
    world.write(renewTime="the renewal that was cancelled on its way")
    await held.release()
    assert world.spec is not None
    assert world.spec["holderIdentity"] is None


async def test_a_release_leaves_another_ones_lease_alone(world: World, connection: Connection) -> None:
    held = lease(connection)
    await held.acquire()
    world.write(holderIdentity="b")
    await held.release()
    assert world.spec is not None
    assert world.spec["holderIdentity"] == "b"


def test_no_two_processes_have_one_identity() -> None:
    assert len({new_holder() for _ in range(100)}) == 100


async def test_that_the_namespace_of_the_lease_is_missing_is_said(
    world: World, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    def missing() -> web.Response | None:
        if world.requests[-1] != "POST":
            return None
        world.spec = None
        return web.json_response(status(404, "NotFound", name="system", kind="namespaces"), status=404)

    world.trouble = missing
    acquiring = asyncio.create_task(lease(connection).acquire())
    await world.asked(3)
    acquiring.cancel()
    said = [record.__dict__.get("error") for record in caplog.records if record.message == "lease not acquired"]
    assert said
    assert "there is no namespace system" in str(said[0])
