"""Assertions are dated by the server's clock; where that is not known, a refusal may be one of the time."""

from dataclasses import replace

import pytest

from oauthclient_operator.exchange import Answer, Incomplete, NotSent
from oauthclient_operator.oauth.proof.judgement import tells_untimely
from oauthclient_operator.oauth.proof.results import Answered, Calibrated, Refused, Valid
from tests.pure.oauth.proof.fake import CLIENT, FakeServer, calibrate, calibrated, check, said, without_dates
from tests.pure.oauth.proof.servers import CODE, IC400, IC401, KEY, KINDS, MAC, Kind

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


SILENT = [without_dates(kind) for kind in DATED]


def tells(kind: Kind) -> bool:
    """Whether a server answers an assertion of another time otherwise than nobody's."""
    row = kind.revocation if kind.revocation is not None and kind.revocation.tells else kind.token
    assert row is not None
    return row.wrong != row.unknown


def test_some_servers_do_and_some_do_not() -> None:
    assert {tells(kind) for kind in SILENT} == {True, False}


@pytest.mark.parametrize("kind", SILENT, ids=str)
async def test_who_is_refused_as_nobody_is_not_refused_for_the_time_where_that_is_answered_otherwise(
    kind: Kind,
) -> None:
    server = FakeServer(kind)
    found = await calibrated(server)
    server.clients.clear()
    assert await check(server, found) == Refused(known=False, alone=tells(kind))


@pytest.mark.parametrize("ahead", [*AHEAD, *range(-90, 90, 5)])
@pytest.mark.parametrize("kind", [kind for kind in SILENT if tells(kind)], ids=str)
async def test_a_clock_that_is_wrong_is_never_taken_for_it(kind: Kind, ahead: int) -> None:
    found = await calibrated(FakeServer(kind))
    verdict = await check(FakeServer(kind, ahead=ahead), found)
    assert verdict in (Valid(), Refused(known=True, alone=False))


@pytest.mark.parametrize("kind", DATED, ids=str)
async def test_the_client_is_asked_for_it_on_two_days_where_the_server_tells_no_time_and_nowhere_else(
    kind: Kind,
) -> None:
    asked = []
    for server in (FakeServer(replace(kind, dated=True)), FakeServer(without_dates(kind))):
        assert isinstance(await calibrate(server), Calibrated)
        asked.append([client for _, client in server.asked].count(CLIENT))
    assert asked[1] == asked[0] + 2


@pytest.mark.parametrize(
    ("answers", "tells"),
    [
        ([said(IC400), said(IC400)], True),
        ([said(IC400), said("200")], True),
        ([said(IC400), said(CODE)], True),
        ([said("200"), said("200")], True),
        ([said(IC400), said(IC401)], False),
        ([said(IC401), said(IC400)], False),
        ([said(IC400), said("503")], False),
        ([said(IC400), Incomplete(cause="the connection ended")], False),
        ([NotSent(cause="the server answers too slowly for a proof", ours=True), said(IC400)], False),
    ],
    ids=[
        "both otherwise refused",
        "one is accepted",
        "one is accepted, and a code is not",
        "neither matters",
        "the later one as nobody",
        "the earlier one as nobody",
        "the later one fails",
        "of one nobody knows",
        "one was not sent",
    ],
)
def test_both_have_to_be_answered_otherwise_than_nobody(answers: list[Answer], tells: bool) -> None:
    assert tells_untimely(answers, Answered(status=401, error="invalid_client")) is tells
