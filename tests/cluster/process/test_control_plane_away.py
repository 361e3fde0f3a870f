"""The control plane is away for longer than the Lease lasts, as in an upgrade of it: the operator is back when that is."""

from tests.cluster.process.own_cluster import administrator, operators, plane, room
from tests.cluster.scenarios.operators import AT_WORK, Operators
from tests.cluster.scenarios.room import Room
from tests.parts.api_server import ControlPlane
from tests.parts.misbehaving_issuer import MisbehavingIssuer

__all__ = ["administrator", "operators", "plane", "room"]

AWAY = "the API server does not answer; it is asked again"
NOT_SURE = '"remaining": 0}'
"""The Lease may be another's by now."""


def test_who_led_goes_on_when_it_is_back(
    plane: ControlPlane, room: Room, operators: Operators, issuer: MisbehavingIssuer
) -> None:
    process = operators.running()
    room.apply("before", issuer.issuer)
    room.wait_for("before", "Registered")
    plane.stop()
    process.wait_until(lambda: operators.log().count(NOT_SURE) > 2, within=60)
    plane.start()
    room.apply("after", issuer.issuer)
    room.wait_for("after", "Registered")
    assert process.running(), "and nobody has started another one"
    assert issuer.calls == ["POST", "POST"]


def test_what_is_started_meanwhile_waits_for_it(
    plane: ControlPlane, room: Room, operators: Operators, issuer: MisbehavingIssuer
) -> None:
    plane.stop()
    process = operators.begin()
    process.wait_until(lambda: operators.log().count(AWAY) > 2, within=30)
    plane.start()
    process.wait_until(lambda: AT_WORK in operators.log(), within=40)
    room.apply("after", issuer.issuer)
    room.wait_for("after", "Registered")
    assert issuer.calls == ["POST"]
