"""What comes in the middle of a rotation, in each of its phases: an edit, another name, a Secret that cannot be written."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.record.envelope import read
from tests.merge_patch import merged
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.lives import EDITED, METADATA, Life
from tests.pure.simulation.operator_process import NAME, NAMESPACE
from tests.pure.simulation.phases import DAY, MINUTE, PHASES, in_phase

FIRST, SECOND = (ISSUER, "client-1"), (ISSUER, "client-2")
in_each_phase = pytest.mark.parametrize("phase", PHASES)


def change_secret(life: Life, change: dict[str, Any]) -> None:
    """Do what somebody else does to the published Secret."""
    before = life.world.api.objects["secrets", NAMESPACE, NAME]
    life.world.api.put(("secrets", NAMESPACE, NAME), merged(before, change))


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(main())


def is_done(life: Life, newest: tuple[str, str]) -> bool:
    """Whether a rotation is over: that client alone is there, published and of no further concern."""
    record = life.record()
    over = not record.leaving and record.replacement is None and not record.surplus
    return over and life.shown() == newest and life.living() == {newest}


@in_each_phase
def test_deletion_in_every_phase_ends_every_client(phase: str) -> None:
    async def main() -> None:
        life = await in_phase(phase)
        life.delete()
        await life.live(DAY)
        assert life.world.resource() is None
        suspects = sum(len(read(body).record.suspects) for body in life.world.records())
        assert len(life.living()) <= suspects
        assert suspects == (1 if phase == "begun" else 0)

    run(main)


@in_each_phase
def test_a_secret_that_is_renamed_in_every_phase_leaves_no_other(phase: str) -> None:
    async def main() -> None:
        life = await in_phase(phase)
        life.apply(secret={"name": "web-oauth"})
        await life.live(2 * DAY)
        life.check()
        assert life.world.secret(NAME) is None
        assert life.record().secrets == ("web-oauth",)
        assert life.world.condition() == ("True", "Registered")
        assert is_done(life, life.shown() or FIRST)

    run(main)


@in_each_phase
def test_an_edit_in_every_phase_is_what_is_published_in_the_end(phase: str) -> None:
    async def main() -> None:
        life = await in_phase(phase)
        life.apply(clientMetadata=EDITED)
        await life.live(2 * DAY)
        life.check()
        (living,) = life.living()
        assert is_done(life, living)
        assert life.server.clients[living[1]]["client_name"] == "shop"
        assert life.world.condition() == ("True", "Registered")

    run(main)


@in_each_phase
def test_an_invalid_edit_in_every_phase_keeps_no_rotation_from_its_end(phase: str) -> None:
    async def main() -> None:
        life = await in_phase(phase)
        life.apply(clientMetadata={**METADATA, "redirect_uris": ["not a URI"]})
        await life.live(2 * DAY)
        life.check()
        assert life.world.condition() == ("False", "InvalidSpec")
        assert life.record().edition == 2
        assert is_done(life, life.shown() or FIRST)

    run(main)


@in_each_phase
def test_another_request_in_every_phase_is_served_by_the_one_under_way_or_after_it(phase: str) -> None:
    async def main() -> None:
        life = await in_phase(phase)
        life.rotate("again")
        await life.live(3 * DAY)
        life.check()
        under_way = phase in ("begun", "with a candidate")
        assert life.record().edition == (2 if under_way else 3)
        assert is_done(life, life.shown() or FIRST)

    run(main)


@pytest.mark.parametrize("overlap", [timedelta(hours=48), timedelta(hours=1)], ids=["longer", "shorter"])
@in_each_phase
def test_an_overlap_that_is_changed_in_every_phase_ends_nothing_earlier_than_was_said(
    phase: str, overlap: timedelta
) -> None:
    async def main() -> None:
        life = await in_phase(phase)
        said = timedelta(hours=24) if phase in ("shown", "retired") else overlap
        life.overlap = timedelta() if phase == "retired" else max(said, overlap)
        life.apply(rotation={"overlap": f"{overlap // timedelta(hours=1)}h"})
        await life.live(3 * DAY)
        life.check()
        assert is_done(life, life.shown() or FIRST)

    run(main)


@in_each_phase
def test_an_interval_that_is_written_in_every_phase_counts_from_the_newest_pair(phase: str) -> None:
    async def main() -> None:
        life = await in_phase(phase)
        life.apply(rotation={"interval": "100h", "overlap": "24h", "strategy": "Reregister"})
        await life.live(timedelta(hours=60))
        assert life.record().edition == 2
        await life.live(timedelta(hours=60))
        life.check()
        assert life.record().edition == 3

    run(main)


@in_each_phase
def test_a_secret_that_becomes_immutable_in_every_phase_loses_nothing_and_goes_on_when_it_is_deleted(
    phase: str,
) -> None:
    async def main() -> None:
        life = await in_phase(phase)
        change_secret(life, {"immutable": True})
        await life.live(2 * DAY)
        life.check()
        assert life.shown() == (FIRST if phase in ("begun", "with a candidate", "promoted") else SECOND)
        del life.world.api.objects["secrets", NAMESPACE, NAME]
        await life.live(2 * DAY)
        life.check()
        assert is_done(life, life.shown() or FIRST)

    run(main)


@in_each_phase
def test_a_secret_without_its_owner_is_left_alone_in_every_phase_and_what_it_shows_lives(phase: str) -> None:
    async def main() -> None:
        life = await in_phase(phase)
        owners = life.world.api.objects["secrets", NAMESPACE, NAME]["metadata"]["ownerReferences"]
        change_secret(life, {"metadata": {"ownerReferences": []}})
        await life.live(2 * DAY)
        assert life.shown() in life.living()
        assert life.world.condition() == ("False", "SecretNotOwned")
        change_secret(life, {"metadata": {"ownerReferences": owners}})
        await life.live(2 * DAY)
        life.check()
        assert is_done(life, life.shown() or FIRST)

    run(main)


@in_each_phase
def test_paused_in_every_phase_nothing_is_called_or_written_and_it_goes_on(phase: str) -> None:
    async def main() -> None:
        life = await in_phase(phase)
        if phase == "begun":
            # A call that died with its process is given up, which calls nobody.
            await life.live()
        life.pause()
        await life.live(MINUTE)
        calls, secret = list(life.server.calls), life.secret()
        await life.live(3 * DAY)
        assert (life.server.calls, life.secret()) == (calls, secret)
        assert life.world.condition("Paused") == ("True", "Paused")
        life.pause("false")
        await life.live(2 * DAY)
        life.check()
        assert is_done(life, life.shown() or FIRST)

    run(main)


@in_each_phase
def test_a_deletion_while_paused_waits_in_every_phase_and_then_ends_every_client(phase: str) -> None:
    async def main() -> None:
        life = await in_phase(phase)
        life.pause()
        life.delete()
        await life.live(DAY)
        assert life.world.resource() is not None
        assert life.ended == ([] if phase != "retired" else life.ended)
        life.pause("false")
        await life.live(DAY)
        assert life.world.resource() is None
        assert not life.living()

    run(main)
