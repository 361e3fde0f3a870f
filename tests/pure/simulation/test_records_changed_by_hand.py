"""Records that an administrator, or a backup tool, changed, copied or mixed up: none is taken for what it is not."""

import asyncio
import base64
import copy
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.resource.key import Key, Kind, oauth_client
from tests.pure.simulation.authorization_server import AuthorizationServer
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, RECORDS, Simulation, no_fault
from tests.pure.simulation.test_crash_points import EDITED, SPEC

OTHER = "other"
COPY = "11111111-1111-1111-1111-111111111111"
Body = dict[str, Any]


async def two() -> tuple[Simulation, Any, str, str]:
    """Return a world with two registered clients, the process at work in it, and the UIDs of their resources."""
    world = Simulation(fault=no_fault, server=AuthorizationServer())
    uids = [str(world.api.apply(NAMESPACE, name, SPEC)["metadata"]["uid"]) for name in (NAME, OTHER)]
    process = world.start()
    await passes(world, process, KEY, oauth_client(NAMESPACE, OTHER))
    assert world.condition() == ("True", "Registered")
    return world, process, uids[0], uids[1]


async def passes(world: Simulation, process: Any, *keys: Key) -> None:
    for _ in range(4):
        for key in keys:
            await process.reconcile(key)
        world.clock.time += timedelta(minutes=20)


def said(world: Simulation) -> str:
    resource = world.resource()
    assert resource is not None
    return str(next(c["message"] for c in resource["status"]["conditions"] if c["type"] == "Ready"))


def stored(world: Simulation, uid: str) -> Body:
    found = world.api.get("secrets", RECORDS, uid)
    assert found is not None
    return found


def overwrite(world: Simulation, uid: str, data: Body) -> None:
    world.api.put(("secrets", RECORDS, uid), {**stored(world, uid), "data": data})


def test_a_record_that_was_written_over_another_s_publishes_nobody_else_s_credentials() -> None:
    async def main() -> None:
        world, process, uid, other = await two()
        shown, of_other, right = world.secret(), world.secret(OTHER), stored(world, uid)["data"]
        record_of_other = stored(world, other)
        overwrite(world, uid, record_of_other["data"])
        world.api.apply(NAMESPACE, NAME, EDITED)
        await passes(world, process, KEY, oauth_client(NAMESPACE, OTHER))
        assert world.server.calls == ["POST", "POST"]
        assert (world.secret(), world.secret(OTHER)) == (shown, of_other)
        assert stored(world, other) == record_of_other
        assert "the Secret holds the record of another resource" in said(world)
        overwrite(world, uid, right)
        await passes(world, process, KEY)
        assert world.condition() == ("True", "Registered")
        assert world.server.calls == ["POST", "POST", "PUT"]

    asyncio.run(main())


def test_a_copy_of_a_record_under_another_name_ends_no_client() -> None:
    async def main() -> None:
        world, process, uid, _ = await two()
        body = copy.deepcopy(stored(world, uid))
        body["metadata"]["name"] = COPY
        world.api.put(("secrets", RECORDS, COPY), body)
        del world.api.objects["oauthclients", NAMESPACE, NAME]
        await passes(world, process, Key(Kind.RECORD, RECORDS, COPY))
        assert world.server.calls == ["POST", "POST"]
        assert stored(world, COPY)["data"] == body["data"]

    asyncio.run(main())


@pytest.mark.parametrize(
    "data", [pytest.param({}, id="nothing"), pytest.param({"record": base64.b64encode(b"{}").decode()}, id="no record")]
)
def test_a_record_that_is_none_any_more_is_not_said_to_be_a_newer_operator_s(data: Body) -> None:
    async def main() -> None:
        world, process, uid, _ = await two()
        right = stored(world, uid)["data"]
        overwrite(world, uid, data)
        world.api.apply(NAMESPACE, NAME, EDITED)
        await passes(world, process, KEY)
        assert world.server.calls == ["POST", "POST"]
        assert world.condition() == ("False", "ClusterUnavailable")
        assert world.condition("Stalled") == ("True", "ClusterUnavailable")
        assert "was changed by somebody else" in said(world)
        assert "restore the record" in said(world)
        assert "run the operator version" not in said(world)
        overwrite(world, uid, right)
        await passes(world, process, KEY)
        assert world.condition() == ("True", "Registered")

    asyncio.run(main())
