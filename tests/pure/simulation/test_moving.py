"""A resource that names another issuer: a client there, published, and the one before leaves at its own issuer."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.exchange import Answer, Incomplete, Request, Response
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.rfc8414 import ServerMetadata
from oauthclient_operator.reach import IssuerAddress
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.lives import EDITED, NOT_MANAGED, Life
from tests.pure.simulation.phases import DAY, MINUTE, PHASES, in_phase
from tests.pure.simulation.two_issuers import OTHER, TwoIssuers

THIRD = "https://third.example"
HERE, THERE = (ISSUER, "client-1"), (OTHER, "client-1")
"""Both servers count from one: one identifier of two issuers is two clients."""


async def registered(server: TwoIssuers, **options: Any) -> Life:
    life = Life(server=server, **options)
    life.apply()
    await life.live(MINUTE)
    assert life.shown() == HERE
    return life


def test_the_client_at_the_issuer_before_leaves_there_after_the_overlap() -> None:
    async def main() -> None:
        server = TwoIssuers()
        life = await registered(server)
        life.apply(issuer=OTHER)
        await life.live(timedelta(hours=23))
        assert (life.shown(), life.living()) == (THERE, {HERE, THERE})
        assert life.world.condition() == ("True", "Registered")
        await life.live(timedelta(hours=2))
        assert (life.ended, life.living()) == ([HERE], {THERE})
        assert (server.calls, server.other.calls) == (["POST", "DELETE"], ["POST"])

    asyncio.run(main())


def test_who_moves_back_within_the_overlap_returns_to_the_client_that_was_there() -> None:
    async def main() -> None:
        server = TwoIssuers()
        life = await registered(server)
        life.apply(issuer=OTHER)
        await life.live(timedelta(hours=3))
        assert life.shown() == THERE
        life.apply(issuer=ISSUER)
        await life.live(timedelta(hours=23))
        life.check()
        assert (life.shown(), life.record().edition) == (HERE, 3)
        await life.live(timedelta(hours=2))
        assert (life.ended, life.living()) == ([THERE], {HERE})
        assert (server.calls, server.other.calls) == (["POST"], ["POST", "DELETE"])

    asyncio.run(main())


def test_an_edit_in_one_commit_with_the_move_goes_to_the_new_client_alone() -> None:
    async def main() -> None:
        server = TwoIssuers()
        life = await registered(server)
        life.apply(issuer=OTHER, clientMetadata=EDITED)
        await life.live(timedelta(hours=1))
        assert server.clients["client-1"]["client_name"] == "web"
        assert server.other.clients["client-1"]["client_name"] == "shop"
        life.apply(issuer=ISSUER)
        await life.live(timedelta(hours=1))
        assert life.shown() == HERE
        assert server.clients["client-1"]["client_name"] == "shop"
        assert "PUT" not in server.other.calls

    asyncio.run(main())


def test_who_moves_back_with_an_edit_that_the_client_there_cannot_take_gets_another_one() -> None:
    async def main() -> None:
        server = TwoIssuers()
        server.issued = NOT_MANAGED
        life = await registered(server)
        life.apply(issuer=OTHER, clientMetadata=EDITED)
        await life.live(timedelta(hours=1))
        life.apply(issuer=ISSUER)
        await life.live(timedelta(hours=1))
        assert life.shown() == (ISSUER, "client-2")
        assert server.clients["client-2"]["client_name"] == "shop"
        assert life.world.condition() == ("True", "Registered")

    asyncio.run(main())


@pytest.mark.parametrize("phase", PHASES)
def test_a_move_in_every_phase_of_a_rotation_ends_with_one_client(phase: str) -> None:
    async def main() -> None:
        life = await in_phase(phase, server=TwoIssuers())
        life.apply(issuer=OTHER)
        await life.live(3 * DAY)
        life.check()
        assert (life.shown(), life.living()) == (THERE, {THERE})
        assert life.world.condition() == ("True", "Registered")

    asyncio.run(main())


@pytest.mark.parametrize("phase", PHASES)
def test_a_move_there_and_back_in_every_phase_of_a_rotation_ends_with_one_client(phase: str) -> None:
    async def main() -> None:
        life = await in_phase(phase, server=TwoIssuers())
        life.apply(issuer=OTHER)
        await life.live(timedelta(hours=1))
        life.apply(issuer=ISSUER)
        await life.live(3 * DAY)
        life.check()
        (living,) = life.living()
        assert (life.shown(), living[0]) == (living, ISSUER)

    asyncio.run(main())


def test_a_client_at_an_issuer_that_is_gone_for_good_is_left_behind_and_keeps_nothing_waiting() -> None:
    is_gone = False

    async def gone(label: str, call: Any) -> Answer | Any:
        if is_gone and label == "exchange:DELETE":
            return Incomplete(cause="no answer")
        return await call()

    async def main() -> None:
        nonlocal is_gone
        server = TwoIssuers()
        life = await registered(server, fault=gone)
        is_gone = True
        life.apply(issuer=OTHER)
        await life.live(2 * DAY)
        life.check()
        record = life.record()
        assert (record.leaving, record.surplus, life.world.condition()) == ((), (), ("True", "Registered"))
        (left,) = [event for event in life.world.api.events if event["reason"] == "LeftBehind"]
        assert '"client-1" at https://issuer.example' in left["note"]
        # An edit goes to the client that is published.
        life.apply(clientMetadata=EDITED)
        await life.live(MINUTE)
        assert server.other.clients["client-1"]["client_name"] == "shop"
        is_gone = False
        life.delete()
        await life.live(DAY)
        assert (life.world.resource(), life.living()) == (None, set())

    asyncio.run(main())


def test_a_move_is_not_ready_before_the_other_issuer_has_the_client() -> None:
    is_down = True

    async def down(label: str, call: Any) -> Answer | Any:
        if is_down and label == "exchange:POST":
            return Incomplete(cause="no answer")
        return await call()

    async def main() -> None:
        nonlocal is_down
        is_down = False
        life = await registered(TwoIssuers(), fault=down)
        is_down = True
        life.apply(issuer=OTHER)
        await life.live(timedelta(seconds=30))
        assert life.shown() == HERE
        status, _ = life.world.condition()
        assert status != "True"
        assert life.world.condition("SecretPublished") == ("True", "Published")
        is_down = False
        await life.live(timedelta(hours=1))
        assert (life.shown(), life.world.condition()) == (THERE, ("True", "Registered"))

    asyncio.run(main())


class ThreeIssuers(TwoIssuers):
    """The third one takes nobody."""

    async def discover(self, source: MetadataSource, caller: Caller, **options: Any) -> ServerMetadata:
        if source.issuer == THIRD:
            return await AuthorizationServer(issuer=THIRD).discover(source, caller, **options)
        return await super().discover(source, caller, **options)

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if issuer.issuer == THIRD:
            return Response(status=400, body=b'{"error": "invalid_client_metadata"}')
        return await super().exchange(request, issuer, **options)


def test_who_comes_back_from_a_move_that_was_refused_returns_to_what_still_leaves() -> None:
    async def main() -> None:
        life = await registered(ThreeIssuers())
        for issuer in (OTHER, THIRD, ISSUER):
            life.apply(issuer=issuer)
            await life.live(timedelta(hours=1))
        life.check()
        assert (life.shown(), life.record().replacement) == (HERE, None)
        assert life.server.calls == ["POST"]
        assert life.world.condition() == ("True", "Registered")

    asyncio.run(main())
