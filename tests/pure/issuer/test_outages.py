"""An issuer whose calls are held back for all: when that begins and ends, and for how long it is known."""

import pytest

from oauthclient_operator.exchange import Answer, Response
from oauthclient_operator.issuer.circuit_breakers import TRIAL
from tests.pure.issuer.breakers import FAILURES, FIRST, ISSUER, LOST, OURS, UNREACHED, World, closed_to_all


def test_it_is_told_once_that_a_breaker_opens_and_once_that_it_closes() -> None:
    world = World()
    for number in range(9):
        world.sees("shop", f"web-{number}", UNREACHED)
    assert world.changed == [ISSUER]
    world.now = FIRST
    assert not world.holds_back("shop")
    for _ in range(3):
        world.sees("shop", "new", Response(status=201))
    assert world.changed == [ISSUER, ISSUER]
    assert world.breakers.outage(ISSUER) is None


def test_a_trial_that_fails_is_told_for_it_may_have_another_cause() -> None:
    world = closed_to_all()
    assert not world.holds_back("shop")
    world.sees("shop", "new", UNREACHED)
    assert world.changed == [ISSUER, ISSUER]


@pytest.mark.parametrize("answer", [LOST, FAILURES[2]])
def test_what_the_calls_of_one_tenant_come_to_says_nothing_of_the_issuer(answer: Answer) -> None:
    world = World()
    for uid in "abcdef":
        world.sees("hostile", uid, answer)
    assert world.holds_back("hostile")
    assert (world.changed, world.breakers.outage(ISSUER)) == ([], None)
    world.now = FIRST
    world.sees("hostile", "a", Response(status=201))
    assert world.changed == []


@pytest.mark.parametrize("answer", [*OURS, Response(status=404), Response(status=429)])
def test_what_is_no_failure_is_no_outage(answer: Answer) -> None:
    world = World()
    for uid in "abcdef":
        world.sees(uid, uid, answer)
    assert (world.changed, world.breakers.outage(ISSUER)) == ([], None)


def test_an_outage_has_its_last_cause_and_is_known_until_a_trial_is_long_due() -> None:
    world = closed_to_all()
    for now, known in ((0.0, FIRST + TRIAL), (FIRST, TRIAL), (FIRST + TRIAL, 0.0), (10_000.0, 0.0)):
        world.now = now
        outage = world.breakers.outage(ISSUER)
        assert outage is not None
        assert outage.retry_after == known
        assert "(the last one: connection refused)" in str(outage)


def test_while_a_trial_is_made_it_is_known_and_one_that_is_never_heard_of_ends_that() -> None:
    world = closed_to_all()
    assert not world.holds_back("shop")
    outage = world.breakers.outage(ISSUER)
    assert outage is not None
    assert outage.retry_after == TRIAL
    world.now += TRIAL
    outage = world.breakers.outage(ISSUER)
    assert outage is not None
    assert outage.retry_after == 0
