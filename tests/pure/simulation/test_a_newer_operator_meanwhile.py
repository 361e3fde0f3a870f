"""A newer operator writes a record while a pass of this one is about to: the pass ends, and the record is left alone."""

import asyncio
import base64
import json
from typing import Any

from oauthclient_operator import names
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, RECORDS, Simulation

WANTED = {"issuer": ISSUER, "clientMetadata": {"client_name": "web", "redirect_uris": ["https://shop.example/cb"]}}


def test_a_record_that_cannot_be_read_any_more_ends_the_pass_and_is_said_by_the_next() -> None:
    async def main() -> None:
        later: list[str] = []

        async def fault(label: str, call: Any) -> Any:
            if label == "patch_secret" and later:
                hand_over(world, later.pop())
            return await call()

        world = Simulation(fault=fault)
        world.api.apply(NAMESPACE, NAME, WANTED)
        process = world.start()
        await process.reconcile(KEY)
        ((_, _, uid),) = [key for key in world.api.objects if key[:2] == ("secrets", RECORDS)]
        later.append(uid)
        world.api.annotate(NAMESPACE, NAME, {names.ROTATE_ANNOTATION: "now"})
        due = await process.reconcile(KEY)
        assert (later, due.backoff) == ([], True)
        written = world.api.get("secrets", RECORDS, uid)
        await process.reconcile(KEY)
        assert world.api.get("secrets", RECORDS, uid) == written
        status, reason = world.condition()
        assert (status, reason) != ("True", "Registered")
        assert world.server.calls == ["POST"]

    asyncio.run(main())


def hand_over(world: Simulation, uid: str) -> None:
    """Let a newer operator have written a record."""
    body = world.api.get("secrets", RECORDS, uid)
    assert body is not None
    members = json.loads(base64.b64decode(body["data"][names.RECORD_KEY]))
    members |= {"schemaVersion": 99, "minReader": 99}
    data = {**body["data"], names.RECORD_KEY: base64.b64encode(json.dumps(members).encode()).decode()}
    world.api.put(("secrets", RECORDS, uid), {**body, "data": data})
