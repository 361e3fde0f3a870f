"""Slots at issuers: so many at once, reserved for who is woken, in turns, and none lost; nobody waits inside."""

import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.errors import IssuerBusy
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.issuer.concurrency_limits import ConcurrencyLimits
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.key import Key, oauth_client

ISSUER, OTHER = IssuerAddress("https://idp.example.com"), IssuerAddress("https://other.example.com")


def caller(name: str, tenant: str = "shop") -> Caller:
    return Caller(key=oauth_client(tenant, name), uid=f"uid of {name}")


class World:
    """The limits, and who was woken."""

    def __init__(self, per_issuer: int = 2, per_tenant: int = 100, in_all: int = 100) -> None:
        self.woken: list[Key] = []
        self.limits = ConcurrencyLimits(self.woken.append, per_issuer=per_issuer, per_tenant=per_tenant, in_all=in_all)

    def acquires(self, who: Caller, issuer: IssuerAddress = ISSUER) -> bool:
        try:
            self.limits.acquire(issuer, who)
        except IssuerBusy:
            return False
        return True


def test_one_more_is_sent_away_and_woken_when_a_slot_is_released() -> None:
    world = World()
    assert [world.acquires(caller(n)) for n in "abcd"] == [True, True, False, False]
    assert world.acquires(caller("x"), OTHER), "another issuer has slots of its own"
    world.limits.release(ISSUER, caller("a"))
    assert world.woken == [oauth_client("shop", "c")], "one slot, one is woken"
    assert not world.acquires(caller("e")), "the slot is reserved for who was woken"
    assert world.acquires(caller("c"))
    world.limits.release(ISSUER, caller("b"))
    assert world.woken == [oauth_client("shop", "c"), oauth_client("shop", "d")]


def test_who_comes_again_unwoken_keeps_its_position_in_the_queue() -> None:
    world = World(per_issuer=1)
    assert world.acquires(caller("a"))
    for name in ("b", "c", "b"):
        assert not world.acquires(caller(name))
    world.limits.release(ISSUER, caller("a"))
    assert world.woken == [oauth_client("shop", "b")]


@pytest.mark.parametrize("when", ["in the queue", "woken"])
def test_who_does_not_want_one_any_more_keeps_nobody_waiting(when: str) -> None:
    world = World(per_issuer=1)
    assert [world.acquires(caller(n)) for n in "abc"] == [True, False, False]
    if when == "in the queue":
        world.limits.withdraw(oauth_client("shop", "b"))
        world.limits.release(ISSUER, caller("a"))
    else:
        world.limits.release(ISSUER, caller("a"))
        assert world.woken.pop() == oauth_client("shop", "b")
        world.limits.withdraw(oauth_client("shop", "b"))
    assert world.woken == [oauth_client("shop", "c")]


def test_who_does_not_queue_is_not_woken() -> None:
    world = World(per_issuer=1)
    assert world.acquires(caller("a"))
    assert not world.acquires(replace(caller("b"), queues=False))
    world.limits.release(ISSUER, caller("a"))
    assert not world.woken
    assert world.acquires(replace(caller("b"), queues=False))


def test_tenants_have_turns() -> None:
    world = World(per_issuer=1)
    assert world.acquires(caller("first"))
    for number in range(50):
        world.acquires(caller(f"web-{number}", "big"))
    world.acquires(caller("web", "small"))
    at = caller("first")
    for _ in range(3):
        world.limits.release(ISSUER, at)
        at = caller(world.woken[-1].name, world.woken[-1].namespace)
        assert world.acquires(at)
    assert oauth_client("small", "web") in world.woken[:2]


def test_a_tenant_of_many_issuers_takes_no_more_than_its_part() -> None:
    world = World(per_tenant=3)
    assert [world.acquires(caller(f"web-{n}"), IssuerAddress(f"https://idp{n}.example.com")) for n in range(5)] == [
        True
    ] * 3 + [False] * 2
    assert world.acquires(caller("web", "other"), IssuerAddress("https://idp9.example.com"))
    world.limits.release(IssuerAddress("https://idp0.example.com"), caller("web-0"))
    assert world.woken == [oauth_client("shop", "web-3")]


def test_tenants_have_turns_however_many_issuers_one_declares() -> None:
    world = World(per_tenant=4, in_all=4)
    issuers = [IssuerAddress(f"https://idp{n}.example.com") for n in range(50)]
    for number, issuer in enumerate(issuers):
        assert world.acquires(caller(f"web-{number}", "big"), issuer) == (number < 4)
    assert not world.acquires(caller("web", "small"))
    for number in (0, 1):
        world.limits.release(issuers[number], caller(f"web-{number}", "big"))
    assert oauth_client("small", "web") in world.woken


def test_a_release_looks_at_those_alone_whom_that_slot_kept_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(per_issuer=1, in_all=5000)
    for tenant in range(1000):
        for name in "ab":
            world.acquires(caller(name, f"tenant-{tenant}"), IssuerAddress(f"https://{tenant}.example"))
    assert world.acquires(caller("a"), ISSUER)
    assert not world.acquires(caller("b"), ISSUER)
    looks: list[object] = []
    has_slot = world.limits._has_slot

    def counting(flow: Any) -> bool:
        looks.append(flow)
        return has_slot(flow)

    monkeypatch.setattr(world.limits, "_has_slot", counting)
    world.limits.release(ISSUER, caller("a"))
    assert world.woken == [oauth_client("shop", "b")]
    assert len(looks) <= 2


def test_a_slot_is_for_its_issuer() -> None:
    world = World(per_issuer=1)
    assert world.acquires(caller("a"))
    assert not world.acquires(caller("b"))
    world.limits.release(ISSUER, caller("a"))
    assert world.acquires(caller("b"), OTHER), "made anew, for another issuer"
    assert world.acquires(caller("c")), "what was reserved for it before is free again"


def test_whatever_happens_the_bounds_hold_and_whoever_can_go_on_is_woken() -> None:
    chance = random.Random(7)
    world = World(per_issuer=2, per_tenant=3, in_all=5)
    inside: dict[Key, tuple[IssuerAddress, Caller]] = {}
    for _ in range(20_000):
        who = caller(f"web-{chance.randrange(6)}", f"tenant-{chance.randrange(3)}")
        key = who.key
        if key in inside:
            world.limits.release(*inside.pop(key))
        elif chance.random() < 0.2:
            world.limits.withdraw(key)
        elif world.acquires(who, issuer := IssuerAddress(f"https://idp{int(key.name[-1]) % 3}.example.com")):
            inside[key] = (issuer, who)
        assert len(inside) <= 5
        assert max(Counter(issuer for issuer, _ in inside.values()).values(), default=0) <= 2
        assert max(Counter(key.namespace for key in inside).values(), default=0) <= 3
        assert not any(world.limits._has_slot(flow) for flow in world.limits._queued.values())
    for key, (issuer, who) in inside.items():
        world.limits.release(issuer, who)
        world.limits.withdraw(key)
    for tenant in range(3):
        for number in range(6):
            world.limits.withdraw(oauth_client(f"tenant-{tenant}", f"web-{number}"))
    limits = world.limits
    assert not any((limits._at, limits._of, limits._queues, limits._queued, limits._reserved))


def test_who_keeps_its_slot_for_another_one_has_it_before_all_who_wait() -> None:
    world = World(per_issuer=1)
    assert [world.acquires(caller(n)) for n in "ab"] == [True, False]
    world.limits.keep(ISSUER, caller("a"))
    world.limits.release(ISSUER, caller("a"))
    assert world.woken == []
    assert world.acquires(caller("a"))
    world.limits.release(ISSUER, caller("a"))
    assert world.woken == [oauth_client("shop", "b")], "it is kept once"


def test_what_was_kept_goes_to_who_waits_where_it_is_not_wanted_any_more() -> None:
    world = World(per_issuer=1)
    assert [world.acquires(caller(n)) for n in "ab"] == [True, False]
    world.limits.keep(ISSUER, caller("a"))
    world.limits.release(ISSUER, caller("a"))
    world.limits.withdraw(caller("a").key)
    assert world.woken == [oauth_client("shop", "b")]


def test_who_does_not_queue_keeps_nothing() -> None:
    world = World(per_issuer=1)
    passing = replace(caller("a"), queues=False)
    assert world.acquires(passing)
    assert not world.acquires(caller("b"))
    world.limits.keep(ISSUER, passing)
    world.limits.release(ISSUER, passing)
    assert world.woken == [oauth_client("shop", "b")]
