"""Circuit breakers: what trips them and for whom, how long they stay open, and the one call that is tried."""

import pytest

from oauthclient_operator.errors import IssuerUnavailable
from oauthclient_operator.exchange import Answer, Response
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.issuer.circuit_breakers import TRIAL, Closed, HalfOpen, Open, State, begun, failed
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.key import oauth_client
from tests.pure.issuer.breakers import ANSWERS, FAILURES, FIRST, ISSUER, LONGEST, LOST, OURS, UNREACHED, World

TWO = frozenset({"a", "b"})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(Closed(), Closed(frozenset({"c"})), id="the first failure is remembered"),
        pytest.param(Closed(frozenset({"c"})), Closed(frozenset({"c"})), id="one witness alone never opens it"),
        pytest.param(Closed(TWO), Open(100 + FIRST, 1), id="the third witness opens it"),
        pytest.param(Open(105, 1), Open(105, 1), id="what was begun before it opened does not lengthen it"),
        pytest.param(HalfOpen(160, 1), Open(100 + 2 * FIRST, 2), id="a trial that fails opens it for longer"),
        pytest.param(HalfOpen(160, 30), Open(100 + LONGEST, 31), id="but not for ever longer"),
    ],
)
def test_what_a_failure_makes_of_it(before: State, after: State) -> None:
    assert failed(before, "c", 100.0, 1.0) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(Closed(TWO), Closed(TWO), id="closed: it begins"),
        pytest.param(Open(101, 1), None, id="open: it does not"),
        pytest.param(Open(100, 1), HalfOpen(100 + TRIAL, 1), id="open long enough: it is the trial"),
        pytest.param(HalfOpen(101, 1), None, id="a trial is under way"),
        pytest.param(HalfOpen(100, 1), HalfOpen(100 + TRIAL, 1), id="nothing was heard of the trial: another one"),
    ],
)
def test_what_may_begin(before: State, after: State | None) -> None:
    assert begun(before, 100.0) == after


@pytest.mark.parametrize("answer", FAILURES, ids=str)
def test_three_resources_of_a_tenant_hold_back_that_tenant(answer: Answer) -> None:
    world = World()
    for uid in "abc":
        assert not world.holds_back("shop")
        world.sees("shop", uid, answer)
    assert world.holds_back("shop")
    assert world.holds_back("other") == (answer is UNREACHED), "what a tenant sent may be why it failed"
    assert not world.holds_back("shop", IssuerAddress("https://other.example.com"))


@pytest.mark.parametrize("answer", [LOST, Response(status=500)], ids=str)
def test_one_resource_holds_back_nobody_however_often_it_fails(answer: Answer) -> None:
    world = World()
    for _ in range(1000):
        world.sees("hostile", "a", answer)
    assert not world.holds_back("hostile")
    assert not world.holds_back("shop")


@pytest.mark.parametrize("answer", [LOST, Response(status=500)], ids=str)
def test_all_resources_of_one_tenant_hold_back_no_other(answer: Answer) -> None:
    world = World()
    for number in range(1000):
        world.sees("hostile", f"web-{number}", answer)
    assert world.holds_back("hostile")
    assert not world.holds_back("shop")


@pytest.mark.parametrize("answer", [LOST, Response(status=500)], ids=str)
def test_three_tenants_hold_back_all(answer: Answer) -> None:
    world = World()
    for tenant in ("one", "two", "three"):
        world.sees(tenant, f"of {tenant}", answer)
    assert world.holds_back("shop")


@pytest.mark.parametrize("answer", [*ANSWERS, *OURS], ids=str)
def test_a_complete_answer_and_our_own_refusal_never_trip_it(answer: Answer) -> None:
    world = World()
    for number in range(100):
        world.sees(f"tenant-{number % 7}", f"uid-{number}", answer)
    assert not world.holds_back("tenant-0")


@pytest.mark.parametrize("answer", ANSWERS, ids=str)
def test_any_complete_answer_closes_it(answer: Answer) -> None:
    world = World()
    for uid in "abc":
        world.sees("shop", uid, UNREACHED)
        world.sees("shop", uid, LOST)
    world.now = 5
    assert not world.holds_back("shop"), "one is tried"
    assert world.holds_back("other"), "and no other"
    world.sees("shop", "new", answer)
    assert not world.holds_back("shop")
    assert not world.holds_back("other")
    assert not world.breakers._states, "an issuer that works costs no memory"


def test_an_issuer_that_is_gone_for_an_hour_is_tried_some_twenty_times() -> None:
    world, tried = World(), 0
    for second in range(3600):
        world.now = second
        for tenant in ("one", "two", "three", "four"):
            if not world.holds_back(tenant):
                tried += 1
                world.sees(tenant, tenant, UNREACHED)
    assert 15 <= tried <= 25


def test_who_is_held_back_knows_how_long_at_least() -> None:
    world = World()
    for _ in range(3):
        world.sees("shop", "a", UNREACHED)
    world.now = 2
    with pytest.raises(IssuerUnavailable) as held:
        world.breakers.begin(ISSUER, Caller(key=oauth_client("shop", "web"), uid="new"))
    assert held.value.retry_after == FIRST - 2


def test_the_number_of_breakers_is_bounded() -> None:
    world = World()
    for number in range(10_000):
        world.sees(f"tenant-{number}", "a", LOST)
    assert len(world.breakers._states) <= 4096


def test_a_tenant_with_many_issuers_that_fail_makes_no_other_tenants_breaker_forget() -> None:
    world = World()
    for uid in "abc":
        world.sees("shop", uid, LOST)
    for number in range(10_000):
        caller = Caller(key=oauth_client("hostile", "web"), uid="web")
        world.breakers.saw(IssuerAddress(f"https://{number}.example"), caller, LOST)
    assert world.holds_back("shop")


def test_an_issuers_breaker_is_not_forgotten_because_a_tenant_that_saw_it_fail_last_has_many() -> None:
    world = World()
    for tenant in ("shop", "other", "hostile"):
        world.sees(tenant, "a", LOST)
    assert world.holds_back("shop")
    for number in range(10_000):
        caller = Caller(key=oauth_client("hostile", "web"), uid="web")
        world.breakers.saw(IssuerAddress(f"https://{number}.example"), caller, LOST)
    assert world.holds_back("shop")
