"""Assertions are dated by the server's clock; where that is not known, a refusal may be one of the time."""

from dataclasses import replace

import pytest

from oauthclient_operator.exchange import Answer, Incomplete, NotSent, Response
from oauthclient_operator.oauth.proof.judgement import judge_untimely
from oauthclient_operator.oauth.proof.results import Answered, Calibrated, Refused, Untimely, Valid
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


PAGE = Response(status=403, headers={"content-type": "text/html"}, body=b"<html>Request blocked</html>")
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
        asked.append(asked_of_client(server))
    # Who is answered as nobody on one day does not have to be asked about the other.
    assert asked[1] == asked[0] + (2 if tells(without_dates(kind)) else 1)


def asked_of_client(server: FakeServer) -> int:
    return [client for _, client in server.asked].count(CLIENT)


async def not_asked(kind: Kind) -> Calibrated:
    """Return what a server is known for whose calibration did not come to those questions."""
    return replace(await calibrated(FakeServer(kind)), untimely=Untimely.UNKNOWN)


@pytest.mark.parametrize("kind", SILENT, ids=str)
async def test_what_was_not_found_out_then_is_asked_with_the_next_proof_that_the_credentials_are_good(
    kind: Kind,
) -> None:
    server, found = FakeServer(kind), await not_asked(kind)
    verdict = await check(server, found)
    assert isinstance(verdict, Valid)
    assert verdict.learned == await calibrated(FakeServer(kind))
    assert verdict.learned.untimely is (Untimely.OTHERWISE if tells(kind) else Untimely.AS_NOBODY)
    # The control, the client, and the client on other days.
    assert len(server.asked) == 2 + (2 if tells(kind) else 1)
    server.asked.clear()
    assert await check(server, verdict.learned) == Valid()
    assert len(server.asked) == 2
    server.clients.clear()
    assert await check(server, verdict.learned) == Refused(known=False, alone=tells(kind))


@pytest.mark.parametrize("kind", SILENT, ids=str)
async def test_of_a_client_that_is_refused_it_is_not_asked_for_it_is_nobodys_whatever_the_day(kind: Kind) -> None:
    server, found = FakeServer(kind), await not_asked(kind)
    assert await check(server, found, right=False) in [Refused(known=known, alone=False) for known in (True, False)]
    server.clients.clear()
    assert await check(server, found) == Refused(known=False, alone=False)
    assert len(server.asked) == 4


@pytest.mark.parametrize("kind", [kind for kind in DATED if kind.dated], ids=str)
async def test_nor_is_it_where_the_server_tells_the_time(kind: Kind) -> None:
    server, found = FakeServer(kind), await not_asked(kind)
    assert await check(server, found) == Valid()
    assert len(server.asked) == 2


@pytest.mark.parametrize("ahead", AHEAD)
@pytest.mark.parametrize("kind", [kind for kind in SILENT if not tells(kind)], ids=str)
async def test_a_gateways_page_in_the_place_of_both_answers_makes_no_wrong_clock_a_client_that_is_gone(
    kind: Kind, ahead: int
) -> None:
    server, found = FakeServer(kind), await not_asked(kind)
    server.intercept = lambda _control: PAGE if len(server.asked) > 2 else None
    verdict = await check(server, found)
    assert isinstance(verdict, Valid)
    later = await check(FakeServer(kind, ahead=ahead), verdict.learned or found)
    assert isinstance(later, Valid) or (isinstance(later, Refused) and not later.alone)


@pytest.mark.parametrize("answered", [0, 1])
@pytest.mark.parametrize(
    "failure", [said("503"), said("429"), Incomplete(cause="it hung")], ids=["5xx", "429", "hangs"]
)
async def test_a_question_without_an_answer_is_left_for_later_and_makes_no_doubt_of_good_credentials(
    answered: int, failure: Answer
) -> None:
    kind = next(kind for kind in SILENT if tells(kind))
    server, found = FakeServer(kind), await not_asked(kind)
    server.intercept = lambda _control: failure if len(server.asked) > 2 + answered else None
    assert await check(server, found) == Valid()
    assert len(server.asked) == 3 + answered, "after a failure nothing more is asked"
    server.asked.clear()
    server.intercept = lambda control: failure if not control and asked_of_client(server) > 1 + answered else None
    unanswered = await calibrate(server)
    assert unanswered == found
    server.intercept = lambda _control: None
    assert await check(server, found) == Valid(learned=replace(found, untimely=Untimely.OTHERWISE))


@pytest.mark.parametrize(
    ("answer", "untimely"),
    [
        (said(IC400), Untimely.OTHERWISE),
        (said("200"), Untimely.OTHERWISE),
        (said(CODE), Untimely.OTHERWISE),
        (said(IC401), Untimely.AS_NOBODY),
        (PAGE, Untimely.UNKNOWN),
        (said("503"), Untimely.UNKNOWN),
        (Incomplete(cause="the connection ended"), Untimely.UNKNOWN),
        (NotSent(cause="the server answers too slowly for a proof", ours=True), Untimely.UNKNOWN),
    ],
    ids=[
        "otherwise refused",
        "accepted",
        "accepted, and a code is not",
        "as nobody",
        "a page of whoever stands in front of it",
        "it fails",
        "nobody knows",
        "it was not sent",
    ],
)
def test_an_answer_on_another_day_is_judged_by_the_controls(answer: Answer, untimely: Untimely) -> None:
    assert judge_untimely(answer, Answered(status=401, error="invalid_client")) is untimely
