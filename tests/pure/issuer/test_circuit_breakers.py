"""Circuit breakers: what trips them and for whom, how long they stay open, and the one call that is tried."""

from typing import Any

import pytest

from oauthclient_operator.errors import IssuerUnavailable
from oauthclient_operator.exchange import Answer, Incomplete, NotSent, Response
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.issuer.circuit_breakers import (
    BACKOFF,
    TRIAL,
    CircuitBreakers,
    Closed,
    HalfOpen,
    Open,
    State,
    begun,
    failed,
)
from oauthclient_operator.resource.key import oauth_client

FIRST, LONGEST = BACKOFF.first, BACKOFF.longest
ISSUER = "https://idp.example.com"
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


class World:
    def __init__(self) -> None:
        self.now = 0.0
        self.breakers = CircuitBreakers(lambda: self.now, lambda: 1.0)

    def sees(self, tenant: str, uid: str, answer: Answer) -> None:
        self.breakers.saw(ISSUER, Caller(key=oauth_client(tenant, uid), uid=uid), answer)

    def holds_back(self, tenant: str, issuer: str = ISSUER) -> bool:
        try:
            self.breakers.begin(issuer, Caller(key=oauth_client(tenant, "web"), uid="new"))
        except IssuerUnavailable:
            return True
        return False


UNREACHED, LOST = NotSent(cause="connection refused"), Incomplete(cause="timeout")
FAILURES = [UNREACHED, LOST, Response(status=500), Response(status=503)]
ANSWERS = [Response(status=s) for s in (201, 400, 401, 404, 408, 429, 501)]
OURS = [NotSent(cause="not allowed", refused=True), NotSent(cause="the lease ran short", ours=True)]


@pytest.mark.parametrize("answer", FAILURES, ids=str)
def test_three_resources_of_a_tenant_hold_back_that_tenant(answer: Answer) -> None:
    world = World()
    for uid in "abc":
        assert not world.holds_back("shop")
        world.sees("shop", uid, answer)
    assert world.holds_back("shop")
    assert world.holds_back("other") == (answer is UNREACHED), "what a tenant sent may be why it failed"
    assert not world.holds_back("shop", "https://other.example.com")


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


def closed_to_all() -> World:
    """Return an issuer that could not be connected to three times, and that may be tried again."""
    world = World()
    for _ in range(3):
        world.sees("shop", "a", UNREACHED)
    world.now = FIRST
    return world


def test_who_was_to_try_and_did_not_call_keeps_nobody_waiting() -> None:
    world = closed_to_all()
    never_ready = Caller(key=oauth_client("hostile", "web"), uid="never ready")
    world.breakers.begin(ISSUER, never_ready)
    assert world.holds_back("shop"), "a trial is under way"
    world.breakers.end(ISSUER, never_ready)
    assert not world.holds_back("shop"), "another one tries"
    world.breakers.end(ISSUER, never_ready)
    assert world.holds_back("other"), "that trial is not the first one's to give back"


@pytest.mark.parametrize("answer", [LOST, Response(status=500)], ids=str)
def test_a_trial_that_a_tenant_makes_fail_holds_back_that_tenant(answer: Answer) -> None:
    world = closed_to_all()
    assert not world.holds_back("hostile")
    world.sees("hostile", "a", answer)
    assert world.holds_back("hostile"), "one resource was enough: it had its trial"
    assert not world.holds_back("shop"), "and the next tenant has its own"
    world.sees("shop", "new", Response(status=201))
    assert not world.holds_back("other")


def test_trials_of_three_tenants_that_fail_open_it_for_longer() -> None:
    world = closed_to_all()
    for tenant in ("one", "two", "three"):
        assert not world.holds_back(tenant)
        world.sees(tenant, "new", LOST)
    world.now += 2 * FIRST - 1
    assert world.holds_back("four")
    world.now += 1
    assert not world.holds_back("four")


def test_an_only_tenant_whose_trials_fail_tries_less_and_less_often() -> None:
    world, tried = closed_to_all(), 0
    for second in range(3600):
        world.now = FIRST + second
        if not world.holds_back("only"):
            tried += 1
            world.sees("only", "new", LOST)
    assert 15 <= tried <= 25


def test_a_slot_that_is_left_without_a_call_gives_the_trial_back() -> None:
    time = [0.0]
    unused: Any = None
    issuer = AuthorizationServers(lambda _issuer: unused, exchange_timeout=20, concurrency=4, clock=lambda: time[0])
    shop, hostile = (Caller(key=oauth_client(n, "web"), uid=n) for n in ("shop", "hostile"))
    for _ in range(3):
        with issuer.slot(ISSUER, shop) as tell:
            tell(UNREACHED)
    time[0] = FIRST
    with issuer.slot(ISSUER, hostile):
        pass
    with issuer.slot(ISSUER, shop) as tell:
        tell(Response(status=201))
    assert not issuer._breakers._states
