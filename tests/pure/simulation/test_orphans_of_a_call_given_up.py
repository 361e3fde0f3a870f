"""`orphans --deregister` of a record whose operator died in the middle of a call: each command is a process that begins."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.commands.orphans import DONE, deregister
from oauthclient_operator.commands.remains import Kind, Remains
from oauthclient_operator.record.envelope import read
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, Crash, Simulation
from tests.pure.simulation.test_crash_points import SPEC


def test_it_is_done_by_the_first_command_once_its_deadline_is_long_past() -> None:
    dies = True

    async def fault(label: str, call: Any) -> Any:
        nonlocal dies
        if label == "exchange:DELETE" and dies:
            dies = False
            raise Crash("in the middle of the call")
        return await call()

    async def main() -> None:
        world = Simulation(fault=fault)
        world.api.apply(NAMESPACE, NAME, SPEC)
        await world.settle()
        world.api.delete(NAMESPACE, NAME)
        process = world.start()
        with pytest.raises(Crash):
            await process.reconcile(KEY)
        del world.api.objects["oauthclients", NAMESPACE, NAME]
        world.clock.time += timedelta(days=30)
        record = read(world.record()).record
        assert record.open is not None
        remains = Remains(uid=record.subject.uid, kind=Kind.WITHOUT_RESOURCE, record=record)
        assert await deregister(world.world(), remains) == DONE
        assert not world.server.clients

    asyncio.run(main())
