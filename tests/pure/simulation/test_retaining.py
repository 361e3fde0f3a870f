"""A resource goes with `policy.deletion: Retain` in each phase of a rotation: what pods may hold stays, and no more."""

import asyncio
from typing import Any, Final

import pytest

from oauthclient_operator.exchange import Response
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.record.envelope import read
from oauthclient_operator.record.record import Record
from oauthclient_operator.resource.key import record_of
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.lives import NOT_MANAGED, Life
from tests.pure.simulation.operator_process import NAMESPACE
from tests.pure.simulation.phases import DAY, MINUTE, in_phase

RETAIN: Final[dict[str, Any]] = {"policy": {"deletion": "Retain"}}
FIRST, SECOND = (ISSUER, "client-1"), (ISSUER, "client-2")
STAYS: Final = {
    "begun": ({FIRST}, "lost answers to registrations may have left 1 more"),
    "with a candidate": ({FIRST}, "Deregistered"),
    # Not seen in the Secret yet: pods may hold either.
    "promoted": ({FIRST, SECOND}, 'client "client-1", which the Secret may still show'),
    "published": ({FIRST, SECOND}, 'client "client-1", which the Secret may still show'),
    "shown": ({SECOND}, 'client "client-1", which was published before and is deregistered after 2026-01-02T'),
    "retired": ({SECOND}, "Deregistered"),
}


async def let_go(life: Life) -> Record:
    """Delete the resource, and live on for some days with its record alone."""
    uid = (life.world.resource() or {})["metadata"]["uid"]
    life.delete()
    await life.live(MINUTE)
    assert life.world.resource() is None
    life.shown_last = {k: v for k, v in life.shown_last.items() if k != life.shown()}
    for _ in range(4):
        life.world.clock.time += DAY + MINUTE
        for _ in range(3):
            await life.process.reconcile(record_of(NAMESPACE, uid))
    return read(life.world.record()).record


def told(life: Life) -> str:
    return "; ".join(f"{event['reason']}: {event['note']}" for event in life.world.api.events)


@pytest.mark.parametrize("phase", STAYS)
def test_what_pods_may_hold_stays_and_all_else_is_ended(phase: str) -> None:
    async def main() -> None:
        life = await in_phase(phase, spec=RETAIN)
        record = await let_go(life)
        staying, said = STAYS[phase]
        assert life.living() == staying
        assert {(c.issuer, c.information.client_id) for c in record.clients if c.alive} == staying
        assert said in told(life)
        assert "by spec.policy.deletion: Retain, this stays at the authorization server" in told(life)

    asyncio.run(main())


class Falling(AuthorizationServer):
    """Fails at each deregistration, for as long as it is down."""

    down = True

    async def exchange(self, request: Any, issuer: IssuerAddress, **options: Any) -> Any:
        if self.down and request.method == "DELETE":
            return Response(status=503)
        return await super().exchange(request, issuer, **options)


def test_a_server_that_does_not_answer_does_not_keep_the_resource_and_is_tried_again_every_day() -> None:
    async def main() -> None:
        server = Falling()
        life = await in_phase("retired", spec=RETAIN, server=server)
        uid = (life.world.resource() or {})["metadata"]["uid"]
        life.delete()
        await life.live(MINUTE)
        assert life.world.resource() is None
        assert life.living() == {FIRST, SECOND}
        assert 'to be deregistered, and tried every day where that can be: client "client-1"' in told(life)
        server.down = False
        life.world.clock.time += DAY + MINUTE
        await life.process.reconcile(record_of(NAMESPACE, uid))
        assert life.living() == {SECOND}

    asyncio.run(main())


def test_what_cannot_be_ended_is_named() -> None:
    async def main() -> None:
        server = AuthorizationServer()
        server.issued = NOT_MANAGED
        life = await in_phase("retired", spec=RETAIN, server=server)
        await let_go(life)
        assert life.living() == {FIRST, SECOND}
        assert 'to be deregistered, and tried every day where that can be: client "client-1"' in told(life)

    asyncio.run(main())
