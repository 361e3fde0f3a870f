"""A record that is lost in each phase of a rotation: all that its status knows is named, and written down at the end."""

import asyncio
import base64
import copy
from typing import Any, Final

import pytest

from oauthclient_operator.record.clients import LeftBehind
from oauthclient_operator.record.envelope import read
from tests.pure.simulation.authorization_server import AuthorizationServer
from tests.pure.simulation.lives import Life
from tests.pure.simulation.operator_process import RECORDS
from tests.pure.simulation.phases import DAY, MINUTE, in_phase

SECRET: Final = "handed-over"


async def lost(life: Life) -> None:
    """Lose the record, once the status says what there was."""
    await life.live(MINUTE)
    uid = (life.world.resource() or {})["metadata"]["uid"]
    del life.world.api.objects["secrets", RECORDS, uid]
    await life.live(MINUTE)


def ready(life: Life) -> str:
    return next(str(c["message"]) for c in life.status()["conditions"] if c["type"] == "Ready")


def test_what_leaves_is_named_and_written_down_when_the_resource_goes() -> None:
    async def main() -> None:
        life = await in_phase("shown")
        await lost(life)
        assert life.world.condition() == ("False", "RecordMissing")
        assert 'client "client-2" is missing' in ready(life)
        assert "ended by nobody now, are those published before: client-1" in ready(life)
        life.delete()
        await life.live(DAY)
        assert life.world.resource() is None
        record = read(life.world.record()).record
        assert {c.information.client_id for c in record.clients} == {"client-1", "client-2"}
        told = [event["note"] for event in life.world.api.events if event["reason"] == "LeftBehind"]
        assert any('"client-1" may live on' in note and '"client-2" may live on' in note for note in told)

    asyncio.run(main())


def test_a_replacement_under_way_and_answers_that_were_lost_are_named() -> None:
    async def main() -> None:
        life = await in_phase("begun", spec={"policy": {"ambiguous": "Hold"}})
        await lost(life)
        assert "another client may have been registered to take its place, and is named nowhere" in ready(life)
        assert "1 registrations whose answers were lost, between 2026-01-01T00:01:00Z and" in ready(life)
        life.delete()
        await life.live(DAY)
        record = read(life.world.record()).record
        assert len(record.suspects) == 1
        assert {c.information.client_id for c in record.clients} == {"client-1"}

    asyncio.run(main())


@pytest.mark.parametrize("phase", ["shown", "retired"])
def test_whoever_adopts_the_published_client_leaves_none_behind_unnamed(phase: str) -> None:
    async def main() -> None:
        life = await in_phase(phase)
        await life.live(MINUTE)
        leaving = life.leaving()
        handed = {k: v for k, v in life.server.clients["client-2"].items() if isinstance(v, str)}
        await lost(life)
        life.world.api.put(("secrets", "shop", SECRET), information(handed))
        life.apply(adopt={"secretRef": {"name": SECRET}})
        await life.live(MINUTE)
        assert life.world.condition() == ("True", "Registered")
        left = {c.information.client_id for c in life.record().clients if isinstance(c.end, LeftBehind)}
        assert left == {*leaving}

    asyncio.run(main())


@pytest.mark.parametrize("missed", [1, 2, 3])
def test_an_older_record_that_an_adoption_cures_names_what_its_status_knew_and_asks_for_no_other_client(
    missed: int,
) -> None:
    async def main() -> None:
        life = Life()
        life.apply()
        await life.live(MINUTE)
        records = [copy.deepcopy(life.world.record())]
        for number in range(3):
            life.rotate(str(number))
            await life.live(MINUTE)
            records.append(copy.deepcopy(life.world.record()))
        shown, leaving = life.shown(), life.leaving()
        assert len(leaving) == 3
        older = records[-1 - missed]
        life.world.api.put(("secrets", RECORDS, older["metadata"]["name"]), older)
        life.process = life.world.start()
        await life.live(MINUTE)
        assert life.world.condition() == ("False", "RecordOutdated")
        assert shown is not None
        handed = {k: v for k, v in life.server.clients[shown[1]].items() if isinstance(v, str)}
        life.world.api.put(("secrets", "shop", SECRET), information(handed))
        life.apply(adopt={"secretRef": {"name": SECRET}})
        await life.live(MINUTE)
        assert life.world.condition() == ("True", "Registered")
        named = {c.information.client_id for c in life.record().clients if c.alive}
        assert named == {shown[1], *leaving}
        await life.live(3 * DAY)
        assert life.shown() == shown
        assert life.record().replacement is None
        life.check()

    asyncio.run(main())


def information(client: dict[str, str]) -> dict[str, Any]:
    members = {**client, "issuer": AuthorizationServer().issuer}
    data = {k: base64.b64encode(v.encode()).decode() for k, v in members.items()}
    kind = {"apiVersion": "v1", "kind": "Secret", "type": "oauth-operator.dev/client-information"}
    return {**kind, "metadata": {"name": SECRET, "namespace": "shop"}, "data": data}
