"""Circuit breakers once they opened: the one call that is tried, by whom, and who is woken after it."""

from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.errors import IssuerUnavailable
from oauthclient_operator.exchange import Answer, Response
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.issuer.circuit_breakers import TRIAL
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.key import oauth_client
from tests.pure.issuer.breakers import FAILURES, FIRST, ISSUER, LOST, UNREACHED, World, closed_to_all, held_back


def test_who_was_to_try_and_did_not_call_keeps_nobody_waiting() -> None:
    world = closed_to_all()
    never_ready = Caller(key=oauth_client("hostile", "web"), uid="never ready")
    world.breakers.begin(ISSUER, never_ready)
    assert world.holds_back("shop"), "a trial is under way"
    world.breakers.end(ISSUER, never_ready)
    assert not world.holds_back("shop"), "another one tries"
    world.breakers.end(ISSUER, never_ready)
    assert world.holds_back("other"), "that trial is not the first one's to give back"


def test_the_trial_is_left_to_who_does_not_give_way() -> None:
    """A hundred that would ask a hanging endpoint, and tell nothing, must not stand before the one that registers."""
    world = closed_to_all()
    slow = [Caller(key=oauth_client("shop", f"{n}"), uid=f"{n}", gives_way=True) for n in range(100)]
    for caller in slow:
        with pytest.raises(IssuerUnavailable) as held:
            world.breakers.begin(ISSUER, caller)
        assert held.value.retry_after == TRIAL
    assert not world.breakers._held_back, "nor does it wait for its turn"
    assert not world.holds_back("other")
    world.sees("other", "new", Response(status=201))
    world.breakers.begin(ISSUER, slow[0])


def test_who_waits_for_a_call_and_gives_way_for_another_thing_is_woken_all_the_same() -> None:
    world = closed_to_all()
    assert not world.holds_back("other"), "a trial is under way"
    caller = Caller(key=oauth_client("shop", "web"), uid="web")
    for asks in (caller, replace(caller, gives_way=True)):
        with pytest.raises(IssuerUnavailable):
            world.breakers.begin(ISSUER, asks)
    world.sees("other", "new", Response(status=201))
    assert world.woken == [caller.key]


def test_who_is_held_back_for_its_own_tenant_is_woken_by_an_answer_to_that_one_and_to_no_other() -> None:
    world = World()
    for tenant, name in [("shop", "abc"), ("billing", "abc")]:
        for uid in name:
            world.sees(tenant, uid, LOST)
    world.sees("other", "web", Response(status=201))
    world.now = FIRST
    trials = [Caller(key=oauth_client(tenant, "trial"), uid=tenant) for tenant in ("shop", "billing")]
    for trial in trials:
        world.breakers.begin(ISSUER, trial)
    held_back(world, "shop", "web")
    world.woken.clear()
    world.breakers.saw(ISSUER, trials[1], Response(status=201))
    assert world.woken == []
    world.breakers.saw(ISSUER, trials[0], Response(status=201))
    assert world.woken == [oauth_client("shop", "web")]


def test_where_nobody_else_tries_for_long_who_gives_way_does_and_holds_back_nobody() -> None:
    world = closed_to_all()
    patient, next_one = (Caller(key=oauth_client("shop", n), uid=n, gives_way=True) for n in ("web", "api"))
    world.now += TRIAL
    world.breakers.begin(ISSUER, patient)
    with pytest.raises(IssuerUnavailable):
        world.breakers.begin(ISSUER, next_one)
    assert not world.holds_back("other"), "who wants to call does not wait for that"


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


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (UNREACHED, "issuer https://idp.example.com failed several times in a row (the last one: connection refused)"),
        (LOST, "(the last one: timeout)"),
        (FAILURES[2], "the answer was HTTP 500"),
    ],
)
def test_who_is_held_back_is_told_the_last_cause(answer: Answer, cause: str) -> None:
    world = World()
    for uid in "abc":
        world.sees("shop", uid, answer)
    assert cause in held_back(world, "shop", "web")
    world.now = FIRST
    assert not world.holds_back("shop")
    assert cause in held_back(world, "shop", "web"), "also while one is tried"


def test_all_who_were_held_back_are_woken_by_an_answer_and_have_a_turn() -> None:
    world = closed_to_all()
    waiting = [oauth_client(tenant, "web") for tenant in ("one", "two", "three")]
    world.now = 0
    for key in waiting:
        held_back(world, key.namespace, key.name)
    before = world.breakers.turns(ISSUER, "one")
    world.now = FIRST
    assert not world.holds_back("four")
    assert (world.woken, world.breakers.turns(ISSUER, "one")) == ([], before)
    world.sees("four", "new", Response(status=400))
    assert world.woken == waiting
    assert world.breakers.turns(ISSUER, "one") != before
    assert not world.breakers._held_back


def test_where_the_next_tenant_may_try_one_of_it_is_woken() -> None:
    world = closed_to_all()
    assert not world.holds_back("hostile")
    for tenant, name in (("hostile", "a"), ("shop", "a"), ("shop", "b")):
        held_back(world, tenant, name)
    world.sees("hostile", "new", LOST)
    assert world.woken == [oauth_client("shop", "a")]


def test_a_trial_that_is_given_back_is_offered_to_its_own_tenant() -> None:
    """Another tenant's, called for nothing, would be called no more when one of that tenant is answered."""
    world = World()
    for tenant in ("billing", "shop"):
        for uid in "abc":
            world.sees(tenant, uid, LOST)
    world.sees("other", "web", Response(status=201))
    for tenant in ("billing", "shop"):
        held_back(world, tenant, "web")
    world.now = FIRST
    trials = [Caller(key=oauth_client(tenant, "trial"), uid=tenant) for tenant in ("billing", "shop")]
    for trial in trials:
        world.breakers.begin(ISSUER, trial)
    world.woken.clear()
    world.breakers.end(ISSUER, trials[1])
    assert world.woken == [oauth_client("shop", "web")]


def test_the_next_trial_is_offered_to_a_tenant_whose_own_has_not_failed() -> None:
    world = closed_to_all()
    assert not world.holds_back("one")
    for tenant in ("one", "two", "three"):
        held_back(world, tenant, "waits")
    world.sees("one", "new", LOST)
    assert not world.holds_back("two")
    world.sees("two", "new", LOST)
    assert world.woken == [oauth_client("two", "waits"), oauth_client("three", "waits")]


def test_who_is_gone_is_not_woken_and_costs_no_memory() -> None:
    world = closed_to_all()
    world.now = 0
    held_back(world, "shop", "web")
    world.breakers.forget(oauth_client("shop", "web"))
    assert not world.breakers._held_back


def test_who_is_held_back_at_two_issuers_waits_for_each() -> None:
    world = closed_to_all()
    world.now = 0
    other, caller = IssuerAddress("https://other.example.com"), Caller(key=oauth_client("shop", "web"), uid="web")
    for _ in range(3):
        world.breakers.saw(other, caller, UNREACHED)
    held_back(world, "shop", "web")
    assert world.holds_back("shop", other)
    world.sees("shop", "new", Response(status=201))
    assert world.woken == [caller.key], "the first one answers"
    world.breakers.saw(other, caller, Response(status=201))
    assert world.woken == [caller.key] * 2, "and then the other"
    assert not world.breakers._held_back
