"""How many access tokens are asked for, who waits, who is told what, and who sees them."""

import asyncio
import logging

import pytest

from oauthclient_operator.errors import (
    AccessTokenRefused,
    EgressRefused,
    IssuerBusy,
    IssuerNotAsked,
    IssuerUnavailable,
    OperatorError,
    Unanswered,
)
from oauthclient_operator.exchange import Answer, Incomplete, NotSent, Response
from oauthclient_operator.issuer.access_token_requests import Wanted
from oauthclient_operator.reach import IssuerAddress, Reach
from oauthclient_operator.resource.access import ClientCredentials, ServiceAccountToken, TokenUse
from tests.pure.issuer.access_token_ground import ADDRESS, OWN, SECRET, SINGLE, WANTED, Ground, answer, caller
from tests.pure.oauth.at_the_token_endpoint import SERVER


@pytest.fixture
async def ground() -> Ground:
    return Ground()


async def test_it_is_obtained_once_for_all_who_wait_and_they_are_woken(ground: Ground) -> None:
    ground.gate.clear()
    first = asyncio.ensure_future(ground.obtain())
    await ground.arrived.wait()
    others = [caller(f"other-{number}", f"team-{number % 3}") for number in range(50)]
    for who in others:
        assert isinstance(await ground.fails(who=who), IssuerBusy)
    patient = asyncio.ensure_future(ground.obtain(who=caller("uninstall", queues=False)))
    await asyncio.sleep(0)
    ground.gate.set()
    assert (await first).token.reveal() == (await patient).token.reveal() == "token-1"
    assert ground.woken == [who.key for who in others]
    assert {(await ground.obtain(who=who)).token.reveal() for who in others} == {"token-1"}
    assert (len(ground.sent), len(ground.seen), ground.holding) == (1, 1, 0)


async def test_it_is_used_until_shortly_before_it_expires(ground: Ground) -> None:
    await ground.obtain()
    ground.now += 239.9
    assert ground.known() == "token-1"
    ground.now += 0.2
    assert ground.known() is None
    assert (await ground.obtain()).token.reveal() == "token-2"


OTHERS = {
    "another version of the Secret": Wanted(address=ADDRESS, access=WANTED.access, version="u/2"),
    "another scope": Wanted(address=ADDRESS, access=ClientCredentials(secret="idp-client"), version="u/1"),
    "another reach": Wanted(
        address=IssuerAddress(SERVER.issuer, Reach(owner="uid-2")), access=WANTED.access, version="u/1"
    ),
    "another way": Wanted(address=ADDRESS, access=ServiceAccountToken(use=TokenUse.JWT_BEARER)),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
async def test_it_says_nothing_of_what_is_wanted_otherwise(ground: Ground, other: Wanted) -> None:
    await ground.obtain()
    assert ground.known(other) is None


async def test_a_token_that_is_refused_is_thrown_away_and_obtained_once_more(ground: Ground) -> None:
    first = await ground.obtain()
    ground.answered(first, 403)
    assert ground.known() == "token-1", "it was taken, and what it was shown for is not allowed"
    ground.answered(first, 401)
    assert ground.known() is None
    second = await ground.obtain(who=caller("other"))
    ground.answered(first, 401)
    assert ground.known() == "token-2", "a late word about the one before"
    ground.answered(second, 401)
    assert ground.known() == "none for 60 s"
    why = await ground.fails(who=caller("third", "elsewhere"))
    assert isinstance(why, AccessTokenRefused)
    assert "HTTP 401 to access tokens that were obtained just before" in str(why)
    ground.now += 60
    third = await ground.obtain()
    ground.answered(third, 201)
    ground.answered(third, 401)
    assert ground.known() is None, "after one that was taken it begins anew"
    assert len(ground.sent) == 3


REFUSED = 'the token endpoint answers HTTP 401: invalid_client ("no such secret: …")'
LONG = "x" * 16385
OUTCOMES: dict[str, tuple[Answer, type[OperatorError], str, str]] = {
    "refused": (
        answer(401, error="invalid_client", error_description=f"no such secret: {SECRET}"),
        AccessTokenRefused,
        REFUSED,
        "none for 60 s",
    ),
    "refused scope": (
        answer(400, error="invalid_scope"),
        AccessTokenRefused,
        "HTTP 400: invalid_scope",
        "none for 60 s",
    ),
    "a redirect": (answer(302), AccessTokenRefused, "HTTP 302", "none for 60 s"),
    "no token": (answer(200, token_type="Bearer"), AccessTokenRefused, "no access_token", "none for 60 s"),
    "a DPoP token": (
        answer(200, access_token="canary", token_type="DPoP"),
        AccessTokenRefused,
        "of type DPoP, and no key was shown",
        "none for 60 s",
    ),
    "a MAC token": (answer(200, access_token="canary", token_type="mac"), AccessTokenRefused, '"mac"', "none for 60 s"),
    "a token that is too long": (
        answer(200, access_token=LONG, token_type="Bearer"),
        AccessTokenRefused,
        "longer than 16 KiB",
        "none for 60 s",
    ),
    "not JSON": (Response(status=200, body=b"<html>canary"), AccessTokenRefused, "cannot be read", "none for 60 s"),
    "too much": (Response(status=200, body=b" " * 200_000), AccessTokenRefused, "too large", "none for 60 s"),
    "later": (
        Response(status=429, headers={"retry-after": "77"}),
        IssuerUnavailable,
        "the token endpoint answers HTTP 429",
        "none for 77 s",
    ),
    "out of order": (answer(503), IssuerUnavailable, "HTTP 503", "none for 5 s"),
    "cut short": (
        Incomplete(cause="timeout", status=200, partial=b'{"access_token": "canary'),
        IssuerUnavailable,
        "no complete answer: timeout",
        "none for 5 s",
    ),
    "not connected": (
        NotSent(cause="connection refused"),
        IssuerUnavailable,
        "the access token request was not sent: connection refused",
        "none for 5 s",
    ),
    "not let out": (
        NotSent(cause="a private address", refused=True),
        EgressRefused,
        "a private address",
        "none for 60 s",
    ),
}


@pytest.mark.parametrize(("said", "error", "words", "then"), OUTCOMES.values(), ids=OUTCOMES)
async def test_an_attempt_that_fails_is_remembered_for_all(
    ground: Ground, caplog: pytest.LogCaptureFixture, said: Answer, error: type[OperatorError], words: str, then: str
) -> None:
    caplog.set_level(logging.DEBUG)
    ground.answers = lambda: said
    found = [await ground.fails(), await ground.fails(who=caller("other", "elsewhere"))]
    assert [type(e) for e in found] == [error, error]
    assert found[0] is not found[1]
    for raised in found:
        assert words in str(raised)
        assert "canary" not in f"{raised!r} {vars(raised)}"
        assert SECRET not in f"{raised!r} {vars(raised)}"
    assert ground.known() == then
    assert len(ground.sent) == 1, "who comes second is told, and nothing is sent"
    assert ground.seen == [said], "the issuer's breaker is told"
    assert SECRET not in caplog.text


async def test_each_is_counted_once_however_many_waited_for_it(ground: Ground) -> None:
    token = await ground.obtain()
    await ground.obtain(who=caller("other"))
    ground.answered(token, 201)
    ground.answered(token, 401)
    ground.answered(token, 401)
    ground.answers = lambda: answer(400, error="invalid_client")
    await ground.fails()
    await ground.fails(who=caller("other"))
    ground.now += 3600
    ground.answers = lambda: answer(503)
    await ground.fails()
    assert ground.counted == ["obtained", "refused", "denied", "unavailable"]


async def test_failures_in_a_row_make_longer_pauses_and_a_token_ends_them(ground: Ground) -> None:
    good, ground.answers = ground.answers, lambda: answer(503)
    pauses = []
    for _ in range(3):
        await ground.fails()
        pauses.append(ground.known())
        ground.now += 300
    ground.answers = good
    await ground.obtain()
    ground.now += 300
    ground.answers = lambda: answer(503)
    await ground.fails()
    assert [*pauses, ground.known()] == ["none for 5 s", "none for 10 s", "none for 20 s", "none for 5 s"]


async def test_what_our_own_side_did_not_do_is_held_against_nobody(ground: Ground) -> None:
    ground.answers = lambda: NotSent(cause="no file descriptors", ours=True)
    assert isinstance(await ground.fails(), IssuerNotAsked)
    assert ground.known() is None


async def test_without_a_slot_nothing_is_begun_and_nothing_remembered(ground: Ground) -> None:
    ground.busy = IssuerBusy("all slots at the issuer are taken")
    assert isinstance(await ground.fails(), IssuerBusy)
    assert ground.known() is None
    ground.busy = None
    assert (await ground.obtain()).token.reveal() == "token-1"


async def test_it_is_obtained_also_where_who_began_it_is_cancelled(ground: Ground) -> None:
    ground.gate.clear()
    first = asyncio.ensure_future(ground.obtain())
    await ground.arrived.wait()
    assert isinstance(await ground.fails(who=caller("other")), IssuerBusy)
    first.cancel()
    ground.gate.set()
    await ground.over.wait()
    assert ground.known(who=caller("other")) == "token-1"
    assert ground.holding == 0


async def test_at_the_end_nothing_is_under_way(ground: Ground) -> None:
    ground.gate.clear()
    first = asyncio.ensure_future(ground.obtain())
    await ground.arrived.wait()
    await ground.tokens.close()
    assert ground.holding == 0
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_where_the_api_server_gives_out_none_that_is_remembered_as_well(ground: Ground) -> None:
    ground.registrar_fails = Unanswered("no answer", retry_after=9)
    wanted = Wanted(address=ADDRESS, access=ServiceAccountToken(use=TokenUse.CLIENT_ASSERTION))
    assert isinstance(await ground.fails(wanted, own=None), Unanswered)
    assert ground.known(wanted) == "none for 9 s"
    assert ground.sent == []


async def test_a_tenant_that_fills_the_memory_loses_its_own_tokens(ground: Ground) -> None:
    ground.answers = lambda: answer(access_token="x" * 16384, token_type="Bearer", expires_in=300)
    for number in range(40):
        await ground.obtain(SINGLE, caller(f"noisy-{number}", "noisy"))
        if number == 0:
            await ground.obtain(SINGLE, caller("quiet", "quiet"))
    assert ground.known(SINGLE, caller("noisy-0", "noisy")) is None
    assert ground.known(SINGLE, caller("noisy-39", "noisy")) is not None
    assert ground.known(SINGLE, caller("quiet", "quiet")) is not None


async def test_nothing_that_is_kept_shows_a_token(ground: Ground) -> None:
    token = await ground.obtain()
    shown = f"{token!r} {token} {ground.tokens.known(WANTED, caller())} {ground.tokens._states._entries!r} {OWN!r}"
    assert "token-1" not in shown
    assert SECRET not in shown
