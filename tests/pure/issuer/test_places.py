"""Places at issuers: so many at once, kept for who is called, in turns, and none lost; nobody waits inside."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from oauthclient_operator.errors import IssuerBusy
from oauthclient_operator.issuer.places import Caller, Key, Places

ISSUER, OTHER = "https://idp.example.com", "https://other.example.com"


def caller(name: str, tenant: str = "shop") -> Caller:
    return Caller(namespace=tenant, name=name, uid=f"uid of {name}")


class World:
    """Places, and who was called."""

    def __init__(self, per_issuer: int = 2, per_tenant: int = 100, in_all: int = 100) -> None:
        self.called: list[Key] = []
        self.places = Places(self.called.append, per_issuer=per_issuer, per_tenant=per_tenant, in_all=in_all)

    def enters(self, who: Caller, issuer: str = ISSUER) -> bool:
        try:
            self.places.enter(issuer, who)
        except IssuerBusy:
            return False
        return True


def test_one_more_is_sent_away_and_called_when_somebody_leaves() -> None:
    world = World()
    assert [world.enters(caller(n)) for n in "abcd"] == [True, True, False, False]
    assert world.enters(caller("x"), OTHER), "another issuer has places of its own"
    world.places.leave(ISSUER, caller("a"))
    assert world.called == [("shop", "c")], "one place, one call"
    assert not world.enters(caller("e")), "the place is kept for who was called"
    assert world.enters(caller("c"))
    world.places.leave(ISSUER, caller("b"))
    assert world.called == [("shop", "c"), ("shop", "d")]


def test_who_comes_uncalled_keeps_its_place_in_line() -> None:
    world = World(per_issuer=1)
    assert world.enters(caller("a"))
    for name in ("b", "c", "b"):
        assert not world.enters(caller(name))
    world.places.leave(ISSUER, caller("a"))
    assert world.called == [("shop", "b")]


@pytest.mark.parametrize("when", ["in line", "called"])
def test_who_does_not_want_one_any_more_keeps_nobody_waiting(when: str) -> None:
    world = World(per_issuer=1)
    assert [world.enters(caller(n)) for n in "abc"] == [True, False, False]
    if when == "in line":
        world.places.withdraw(("shop", "b"))
        world.places.leave(ISSUER, caller("a"))
    else:
        world.places.leave(ISSUER, caller("a"))
        assert world.called.pop() == ("shop", "b")
        world.places.withdraw(("shop", "b"))
    assert world.called == [("shop", "c")]


def test_who_does_not_wait_is_not_called() -> None:
    world = World(per_issuer=1)
    assert world.enters(caller("a"))
    assert not world.enters(replace(caller("b"), waits=False))
    world.places.leave(ISSUER, caller("a"))
    assert not world.called
    assert world.enters(replace(caller("b"), waits=False))


def test_tenants_have_turns() -> None:
    world = World(per_issuer=1)
    assert world.enters(caller("first"))
    for number in range(50):
        world.enters(caller(f"web-{number}", "big"))
    world.enters(caller("web", "small"))
    at = caller("first")
    for _ in range(3):
        world.places.leave(ISSUER, at)
        at = caller(world.called[-1][1], world.called[-1][0])
        assert world.enters(at)
    assert ("small", "web") in world.called[:2]


def test_a_tenant_of_many_issuers_takes_no_more_than_its_part() -> None:
    world = World(per_tenant=3)
    assert [world.enters(caller(f"web-{n}"), f"https://idp{n}.example.com") for n in range(5)] == [True] * 3 + [
        False
    ] * 2
    assert world.enters(caller("web", "other"), "https://idp9.example.com")
    world.places.leave("https://idp0.example.com", caller("web-0"))
    assert world.called == [("shop", "web-3")]


def test_tenants_have_turns_however_many_issuers_one_declares() -> None:
    world = World(per_tenant=4, in_all=4)
    issuers = [f"https://idp{n}.example.com" for n in range(50)]
    for number, issuer in enumerate(issuers):
        assert world.enters(caller(f"web-{number}", "big"), issuer) == (number < 4)
    assert not world.enters(caller("web", "small"))
    for number in (0, 1):
        world.places.leave(issuers[number], caller(f"web-{number}", "big"))
    assert ("small", "web") in world.called


def test_a_place_is_for_its_issuer() -> None:
    world = World(per_issuer=1)
    assert world.enters(caller("a"))
    assert not world.enters(caller("b"))
    world.places.leave(ISSUER, caller("a"))
    assert world.enters(caller("b"), OTHER), "made anew, for another issuer"
    assert world.enters(caller("c")), "what was kept for it before is free again"


def test_whatever_happens_the_bounds_hold_and_whoever_can_go_on_is_called() -> None:
    chance = random.Random(7)
    world = World(per_issuer=2, per_tenant=3, in_all=5)
    inside: dict[Key, tuple[str, Caller]] = {}
    for _ in range(20_000):
        who = caller(f"web-{chance.randrange(6)}", f"tenant-{chance.randrange(3)}")
        key = (who.namespace, who.name)
        if key in inside:
            world.places.leave(*inside.pop(key))
        elif chance.random() < 0.2:
            world.places.withdraw(key)
        elif world.enters(who, issuer := f"https://idp{int(who.name[-1]) % 3}.example.com"):
            inside[key] = (issuer, who)
        assert len(inside) <= 5
        assert max(Counter(issuer for issuer, _ in inside.values()).values(), default=0) <= 2
        assert max(Counter(tenant for tenant, _ in inside).values(), default=0) <= 3
        assert not any(world.places._has_room(line) for line in world.places._line_of.values())
    for key, (issuer, who) in inside.items():
        world.places.leave(issuer, who)
        world.places.withdraw(key)
    for tenant in range(3):
        for number in range(6):
            world.places.withdraw((f"tenant-{tenant}", f"web-{number}"))
    places = world.places
    assert not any((places._at, places._of, places._lines, places._line_of, places._kept_for))
