"""The process dies before or after each call of a whole rotation, and another one goes on.

The reference run says which calls there are; each is then a place to die at, so that none is forgotten.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.lives import NOT_MANAGED, Life
from tests.pure.simulation.operator_process import KEY, Crash

MANAGED: dict[str, Any] = {}


class CrashAt:
    """Dies once, at the n-th call since it was armed, before or after it."""

    def __init__(self, number: int | None = None, *, after: bool = False) -> None:
        self.labels: list[str] = []
        self.armed = False
        self._number = number
        self._after = after

    async def __call__(self, label: str, call: Callable[[], Awaitable[Any]]) -> Any:
        here = self.armed and len(self.labels) == self._number
        if self.armed:
            self.labels.append(label)
        if here and not self._after:
            raise Crash(f"before {label}")
        answer = await call()
        if here:
            raise Crash(f"after {label}")
        return answer


def rotated(fault: CrashAt, issued: dict[str, Any]) -> Life:
    """Return a life with one rotation, to its end: the client before has left."""

    async def main() -> Life:
        server = AuthorizationServer()
        server.issued = issued
        life = Life(fault=fault, server=server)
        life.apply()
        await life.live(timedelta(minutes=1))
        fault.armed = True
        life.rotate("once")
        await life.live(timedelta(days=2))
        return life

    return asyncio.run(main())


def reference_calls(issued: dict[str, Any]) -> list[str]:
    fault = CrashAt()
    rotated(fault, issued)
    return fault.labels


POINTS = [
    pytest.param(
        issued,
        number,
        after,
        id=f"{server}: crash {'after' if after else 'before'} call {number} of a rotation, {label}",
    )
    for issued, server in ((MANAGED, "managed"), (NOT_MANAGED, "not managed"))
    for number, label in enumerate(reference_calls(issued))
    for after in (False, True)
]


@pytest.mark.parametrize(("issued", "number", "after"), POINTS)
def test_a_rotation_that_dies_anywhere_ends_with_one_client_or_with_every_other_one_written_down(
    issued: dict[str, Any], number: int, after: bool
) -> None:
    life = rotated(CrashAt(number, after=after), issued)
    life.check()
    record = life.record()
    assert (record.edition, record.leaving, record.replacement, record.surplus) == (2, (), None, ())
    assert life.world.condition() == ("True", "Registered")
    assert life.shown() != (ISSUER, "client-1")
    # An answer that died with its process is a suspect, in the record and in status, and so is a call that was not sent.
    lost = life.server.calls.count("POST") - 2
    assert [suspect.number for suspect in record.suspects] in ([2][:lost], [2])
    assert len(life.status().get("suspectedOrphans", [])) == len(record.suspects)
    kept = 1 if issued is NOT_MANAGED else 0
    assert len(life.living()) == 1 + lost + kept


def test_a_rotation_costs_what_a_registration_does_and_promote_show_retire_and_the_deregistration() -> None:
    registration = [
        "discover",
        "patch_secret:dry-run",
        "patch_secret",  # the claim
        "exchange:POST",
        "patch_secret",  # the answer
    ]
    publication = [
        "patch_secret:dry-run",
        "patch_secret",  # promoted
        "read_secret",  # the record, before a Secret is written over
        "patch_secret",  # published
        "patch_secret",  # shown
        "patch_oauth_client_status",
        "create_event",
        "create_event",
    ]
    leaving = [
        "patch_secret",  # retired
        "patch_secret",  # the claim
        "exchange:DELETE",
        "patch_secret",  # the answer
        "patch_oauth_client_status",
        "create_event",
        "create_event",
    ]
    reads, live_reads = ["read_secret", "read_secret"], ["read_secret", "read_secret", "read_oauth_client"]
    assert reference_calls(MANAGED) == [*reads, *registration, *publication, *live_reads, *leaving]


def test_a_resource_at_rest_with_a_pair_that_is_leaving_costs_nothing() -> None:
    fault = CrashAt()

    async def main() -> None:
        life = Life(fault=fault)
        life.apply()
        await life.live()
        life.rotate("once")
        await life.live(timedelta(hours=1))
        assert life.leaving() == ["client-1"]
        fault.armed = True
        await life.live(timedelta(hours=22))
        life.process = life.world.start()
        await life.live(timedelta(minutes=1))
        assert fault.labels == []

    asyncio.run(main())


def test_a_process_that_begins_at_rest_looks_when_a_pair_that_leaves_expires_before_its_overlap_is_over() -> None:
    async def main() -> None:
        life = Life()
        life.server.expires_at = lambda: int((life.world.clock.now() + timedelta(hours=30)).timestamp())
        life.apply(rotation={"overlap": "24h"})
        await life.live(timedelta(hours=25))
        [leaving] = life.status()["rotation"]["leaving"]
        assert (leaving["clientID"], leaving["until"]) == ("client-1", "2026-01-02T06:00:00Z")
        life.process = life.world.start()
        due = await life.process.reconcile(KEY)
        assert due.at == datetime(2026, 1, 2, 6, tzinfo=UTC)

    asyncio.run(main())
