"""What outlives a resource: a record that nobody can need is deleted, a client that was left behind is tried again."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.cluster.scenarios.in_process import Account, InProcessOperator
from tests.cluster.scenarios.left_behind import CONFIRMED, RETAINED, UNCONFIRMED, delete, release
from tests.cluster.scenarios.room import Room
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import respond
from tests.parts.misbehaving_issuer import MisbehavingIssuer

pytestmark = pytest.mark.usefixtures("operator")
DAY = timedelta(hours=25)
KEPT = timedelta(minutes=3)
"""Longer than a record is kept after its resource, for an answer that comes late."""


@pytest.fixture
def afterwards(room: Room, operator_kubeconfig: Path, certificate_authority: CertificateAuthority) -> InProcessOperator:
    """Looks after what is left behind, in this process: for the operator's own look a test would have to wait."""
    account = Account(kubeconfig=operator_kubeconfig, trust=certificate_authority.bundle, namespace=room.namespace)
    return InProcessOperator(account=account)


async def later(afterwards: InProcessOperator, time: timedelta = timedelta()) -> None:
    """Let time pass, and look at what is due."""
    afterwards.clock.skipped += time
    await afterwards.look_after_left_behind()


async def test_the_record_of_a_client_that_is_gone_goes_after_a_while(
    room: Room, issuer: MisbehavingIssuer, afterwards: InProcessOperator
) -> None:
    uid = room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    delete(room)
    await later(afterwards)
    assert release(room, uid) == CONFIRMED
    await later(afterwards, KEPT)
    assert not room.has_record(uid)
    assert issuer.calls == ["POST", "DELETE"]


async def test_a_client_that_was_left_behind_is_tried_again_daily(
    room: Room, issuer: MisbehavingIssuer, afterwards: InProcessOperator
) -> None:
    uid = room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    # So many refusals that the resource is let go before they end.
    for _ in range(20):
        issuer.spoil("DELETE", lambda _: respond(403), applied=False)
    delete(room)
    assert release(room, uid) == UNCONFIRMED
    tries = issuer.calls.count("DELETE")
    await later(afterwards)
    assert issuer.calls.count("DELETE") == tries
    await later(afterwards, DAY)
    assert issuer.calls.count("DELETE") == tries + 1
    assert release(room, uid) == UNCONFIRMED
    await later(afterwards)
    assert issuer.calls.count("DELETE") == tries + 1
    issuer._faults.clear()
    await later(afterwards, DAY)
    assert issuer.clients == {}
    assert release(room, uid) == CONFIRMED
    await later(afterwards, KEPT)
    assert not room.has_record(uid)


async def test_what_is_retained_is_never_called(
    room: Room, issuer: MisbehavingIssuer, afterwards: InProcessOperator
) -> None:
    uid = room.apply("web", issuer.issuer, policy={"deletion": "Retain"})
    room.wait_for("web", "Registered")
    delete(room)
    await later(afterwards, DAY)
    assert issuer.calls == ["POST"]
    assert len(issuer.clients) == 1
    assert release(room, uid) == RETAINED


async def test_the_record_of_a_resource_that_lives_is_left_alone(
    room: Room, issuer: MisbehavingIssuer, afterwards: InProcessOperator
) -> None:
    uid = room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    before = room.record(uid)
    await later(afterwards, DAY)
    assert room.record(uid) == before
    assert issuer.calls == ["POST"]
