"""Access tokens that are good for so many registrations: to whom each goes, and when another is asked for."""

import asyncio
from dataclasses import replace

import pytest

from oauthclient_operator.exchange import Incomplete, NotSent
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.resource.key import cluster_issuer
from tests.pure.issuer.access_token_ground import SINGLE, WANTED, Ground, answer, caller


@pytest.fixture
async def ground() -> Ground:
    return Ground()


async def test_one_for_a_single_use_is_nobody_elses_and_is_gone_when_it_may_have_been_used(ground: Ground) -> None:
    mine = await ground.obtain(SINGLE)
    assert ground.known(SINGLE) == "token-1"
    assert ground.known(SINGLE, caller("other")) is None
    theirs = await ground.obtain(SINGLE, caller("other"))
    assert mine != theirs
    ground.tokens.answered(SINGLE, caller(), mine, NotSent(cause="no slot"))
    assert ground.known(SINGLE) == "token-1", "it was not shown"
    ground.tokens.answered(SINGLE, caller(), mine, Incomplete(cause="timeout"))
    assert ground.known(SINGLE) is None
    ground.answered(theirs, 201, SINGLE, caller("other"))
    assert ground.known(SINGLE, caller("other")) is None


async def test_two_who_want_one_for_a_single_use_do_not_wait_for_each_other(ground: Ground) -> None:
    found = await asyncio.gather(*(ground.obtain(SINGLE, caller(name)) for name in ("a", "b", "c")))
    assert {token.token.reveal() for token in found} == {"token-1", "token-2", "token-3"}
    assert ground.woken == []


FOR_TWO = replace(WANTED, uses=2)


async def test_one_for_two_uses_goes_to_two_and_who_comes_after_them_has_another(ground: Ground) -> None:
    first = await ground.obtain(FOR_TWO)
    assert (await ground.obtain(FOR_TWO, caller("second"))) == first
    assert ground.known(FOR_TWO) == ground.known(FOR_TWO, caller("second")) == "token-1"
    assert ground.known(FOR_TWO, caller("third")) is None
    third = await ground.obtain(FOR_TWO, caller("third"))
    assert third != first
    ground.answered(first, 201, FOR_TWO)
    assert ground.known(FOR_TWO) == "token-2", "what became of the one before says nothing of this one"
    ground.tokens.answered(FOR_TWO, caller("third"), third, Incomplete(cause="timeout"))
    assert ground.known(FOR_TWO) == "token-2"
    assert ground.known(FOR_TWO, caller("third")) is None, "one used, and one promised"
    ground.answered(third, 400, FOR_TWO)
    assert ground.known(FOR_TWO) is None, "it may have been used twice"
    assert len(ground.sent) == 2


async def test_who_comes_while_one_for_two_uses_is_obtained_shares_it_as_far_as_it_goes(ground: Ground) -> None:
    ground.gate.clear()
    first = asyncio.ensure_future(ground.obtain(FOR_TWO))
    await ground.arrived.wait()
    others = [asyncio.ensure_future(ground.obtain(FOR_TWO, caller(n, queues=False))) for n in ("a", "b", "c")]
    await asyncio.sleep(0)
    ground.gate.set()
    found = [token.token.reveal() for token in await asyncio.gather(first, *others)]
    assert sorted(found) == ["token-1", "token-1", "token-2", "token-2"]
    assert len(ground.sent) == 2


async def test_who_only_looks_whether_there_is_one_takes_no_use_of_it(ground: Ground) -> None:
    looks = Caller(key=cluster_issuer("corporate"), uid="issuer")
    token = await ground.obtain(FOR_TWO, looks)
    assert await ground.obtain(FOR_TWO, caller("a")) == await ground.obtain(FOR_TWO, caller("b")) == token
    assert ground.known(FOR_TWO, looks) == "token-1"
    assert ground.known(FOR_TWO, caller("c")) is None


async def test_one_that_was_not_shown_stays_promised(ground: Ground) -> None:
    token = await ground.obtain(FOR_TWO)
    ground.tokens.answered(FOR_TWO, caller(), token, NotSent(cause="no slot"))
    assert ground.known(FOR_TWO, caller("second")) == "token-1"
    assert ground.known(FOR_TWO, caller("third")) is None


async def test_why_there_is_none_for_a_single_use_is_known_to_all(ground: Ground) -> None:
    ground.answers = lambda: answer(400, error="invalid_scope")
    await ground.fails(SINGLE)
    await ground.fails(SINGLE, caller("other"))
    assert ground.known(SINGLE, caller("third")) == "none for 60 s"
    assert len(ground.sent) == 1
