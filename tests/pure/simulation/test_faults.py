"""Every fault at every call of every life, and pairs of them: what may never come of it.

The reference run says which calls there are; a pair takes its second fault from the run with the first. Some rest in a
condition that says what is amiss, all come to rest, and no client is ever one that nobody knows of.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.names import Reason
from oauthclient_operator.plan.observed import Limits
from tests.pure.simulation.authorization_server import AuthorizationServer
from tests.pure.simulation.faults import Faults, Kind, TwoProcesses, kinds
from tests.pure.simulation.left_behind import LeftBehind
from tests.pure.simulation.operator_process import NAME, NAMESPACE
from tests.pure.simulation.test_crash_points import EDITED, SPEC, accounted

RENAMED = {**SPEC, "secret": {"name": "renamed"}}
SAID = {
    Reason.MANAGEMENT_LOST,
    Reason.UPDATE_AMBIGUOUS,
    Reason.UPDATE_REJECTED,
    Reason.REGISTRATION_REJECTED,
    Reason.SECRET_NOT_PUBLISHABLE,
}
"""Reasons for which a resource may rest without being ready after these faults."""
LOST = {Reason.MANAGEMENT_LOST, Reason.UPDATE_AMBIGUOUS, Reason.SECRET_NOT_PUBLISHABLE}
"""Reasons that say of what is published that it may be dead."""

IMPATIENT = Limits(release_after=timedelta(minutes=1))
"""An hour of deregistrations that are refused shows no more than a minute of them."""

User = Callable[[TwoProcesses], None]


def applies(spec: dict[str, Any]) -> User:
    return lambda world: void(world.api.apply(NAMESPACE, NAME, spec))


def void(_: object) -> None:
    return


def deletes(world: TwoProcesses) -> None:
    world.api.delete(NAMESPACE, NAME)


LIVES: dict[str, tuple[tuple[User, ...], User | None]] = {
    "create": ((applies(SPEC),), None),
    "change": ((applies(SPEC), applies(EDITED)), None),
    "delete": ((applies(SPEC), deletes), None),
    "another Secret": ((applies(SPEC), applies(RENAMED)), None),
    "create, edited meanwhile": ((applies(SPEC),), applies(EDITED)),
    "create, deleted meanwhile": ((applies(SPEC),), deletes),
    "change, deleted meanwhile": ((applies(SPEC), applies(EDITED)), deletes),
}
"""What the user does one after the other, faults being for the last of it, and what while a request is answered."""


def live(life: str, faults: dict[int, Kind]) -> TwoProcesses:
    """Live a life to its end, with faults at the calls of those numbers."""
    acts, meanwhile = LIVES[life]
    fault = Faults(at=faults)

    async def with_user(label: str, call: Callable[[], Awaitable[Any]]) -> Any:
        nonlocal meanwhile
        answer = await fault(label, call)
        if fault.armed and meanwhile is not None and label.startswith("exchange"):
            act, meanwhile = meanwhile, None
            act(world)
        return answer

    world = TwoProcesses(fault=with_user, faults=fault, server=AuthorizationServer(), limits=IMPATIENT)

    async def lives() -> None:
        nonlocal meanwhile
        for act in acts:
            fault.armed = act is acts[-1]
            act(world)
            await world.settle()
        if meanwhile is not None and world.resource() is not None:
            # The process died in that call; the user did not.
            act, meanwhile = meanwhile, None
            act(world)
            await world.settle()
        fault.armed = False

    asyncio.run(lives())
    return world


def check(world: TwoProcesses, life: str) -> None:
    named, suspects = accounted(world)
    assert len(set(world.server.clients) - named) <= suspects, "a client that nobody knows of"
    if "delete" in life:
        assert world.resource() is None, "the resource does not go"
        check_later(world)
        return
    status, reason = world.condition()
    assert status == "True" or reason in SAID, f"rests in {reason}"
    secret = world.secret("renamed" if life == "another Secret" else NAME)
    if secret is not None and reason not in LOST:
        client = world.server.clients[base64.b64decode(secret["data"]["client_id"]).decode()]
        assert client["client_secret"] == base64.b64decode(secret["data"]["client_secret"]).decode(), "dead"
    if status == "True":
        assert secret is not None
        secrets = [key for key in world.api.objects if key[:2] == ("secrets", NAMESPACE)]
        assert len(secrets) == 1, "the Secret of before is still there"


def check_later(world: TwoProcesses) -> None:
    """Look again when days have passed: what can be deregistered is, and what cannot be is written down."""
    left = LeftBehind(world)
    for _ in range(4):
        world.clock.time += timedelta(days=2)
        asyncio.run(left.once())
    named, suspects = accounted(world)
    assert len(set(world.server.clients) - named) <= suspects, "a client that was forgotten"


QUICK_SINGLES = ("create", "change", "delete")
QUICK_PAIRS = ("create", "change")


def marks(life: str, quick: tuple[str, ...]) -> tuple[pytest.MarkDecorator, ...]:
    """The other lives are those with more in them, and take most of the time."""
    return () if life in quick else (pytest.mark.exhaustive,)


def singles() -> Iterator[Any]:
    for life in LIVES:
        for number, label in enumerate(live(life, {}).faults.labels):
            for kind in kinds(label):
                what = f"{life}: call {number}, {label}, {kind}"
                yield pytest.param(life, number, kind, id=what, marks=marks(life, QUICK_SINGLES))


@pytest.mark.parametrize(("life", "number", "kind"), list(singles()))
def test_no_fault_loses_a_client_or_a_credential(life: str, number: int, kind: Kind) -> None:
    check(live(life, {number: kind}), life)


FIRST = (Kind.ANSWER_LOST, Kind.SLEEPS_AFTER)
SECOND = (Kind.DIES_BEFORE, Kind.ANSWER_LOST)
REACH = 6
"""Calls after the first fault at which a second one happens; later ones are repetitions."""


@pytest.mark.parametrize("life", [pytest.param(life, marks=marks(life, QUICK_PAIRS)) for life in LIVES])
@pytest.mark.parametrize("first", FIRST, ids=lambda kind: f"a call {kind}, then another fault")
def test_nor_do_two_of_them(life: str, first: Kind) -> None:
    for number, label in enumerate(live(life, {}).faults.labels):
        if first not in kinds(label) or not label.startswith(("exchange", "patch_secret")):
            continue
        calls = live(life, {number: first}).faults.labels
        for later, again in enumerate(calls[number + 1 : number + 1 + REACH], start=number + 1):
            for second in SECOND:
                if second in kinds(again):
                    check(live(life, {number: first, later: second}), life)
