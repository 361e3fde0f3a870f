"""Assertions are dated by the server's clock; where that is not known, a refusal may be one of the time."""

import pytest

from oauthclient_operator.oauth.proof.results import Refused, Valid
from tests.pure.oauth.proof.fake import FakeServer, calibrated, check, without_dates
from tests.pure.oauth.proof.servers import KEY, KINDS, MAC, Kind

DATED = [kind for kind in KINDS if kind.method in (KEY, MAC) and kind.clock is not None]
AHEAD = [-700, -100, -40, 40, 100, 700]
"""Seconds that the server's clock is ahead of ours."""


@pytest.mark.parametrize("ahead", AHEAD)
@pytest.mark.parametrize("kind", [kind for kind in DATED if kind.dated], ids=str)
async def test_a_server_that_says_its_time_accepts_right_keys_whatever_ours_is(kind: Kind, ahead: int) -> None:
    server = FakeServer(kind, ahead=ahead)
    assert await check(server, await calibrated(server)) == Valid()


@pytest.mark.parametrize("ahead", AHEAD)
@pytest.mark.parametrize("kind", [without_dates(kind) for kind in DATED], ids=str)
async def test_where_it_does_not_a_refusal_does_not_count_alone(kind: Kind, ahead: int) -> None:
    found = await calibrated(FakeServer(kind))
    verdict = await check(FakeServer(kind, ahead=ahead), found)
    assert verdict == Valid() or (isinstance(verdict, Refused) and not verdict.alone)


@pytest.mark.parametrize("ahead", AHEAD)
@pytest.mark.parametrize("kind", [kind for kind in DATED if kind.dated], ids=str)
async def test_a_date_that_is_not_ours_may_be_a_gateways_and_a_refusal_does_not_count_alone(
    kind: Kind, ahead: int
) -> None:
    server = FakeServer(kind, ahead=ahead)
    found = await calibrated(server)
    verdict = await check(server, found, right=False)
    assert isinstance(verdict, Refused)
    assert not verdict.alone


@pytest.mark.parametrize("kind", [kind for kind in DATED if kind.dated], ids=str)
async def test_where_both_clocks_agree_it_counts_alone(kind: Kind) -> None:
    server = FakeServer(kind, ahead=3)
    verdict = await check(server, await calibrated(server), right=False)
    assert isinstance(verdict, Refused)
    assert verdict.alone
