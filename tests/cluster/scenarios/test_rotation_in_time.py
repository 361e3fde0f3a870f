"""What expires is renewed in good time, on the real API server, by an operator whose clock the test owns."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.scenarios.in_process import Account, InProcessOperator
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import Room, condition
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import respond
from tests.parts.misbehaving_issuer import Members, MisbehavingIssuer

MONTH = timedelta(days=30)


@pytest.fixture
def operator(
    room: Room, operators: Operators, operator_kubeconfig: Path, certificate_authority: CertificateAuthority
) -> InProcessOperator:
    operators.stop()
    account = Account(kubeconfig=operator_kubeconfig, trust=certificate_authority.bundle, namespace=room.namespace)
    return InProcessOperator(account=account)


def expiring(operator: InProcessOperator, issuer: MisbehavingIssuer) -> None:
    """Let the next client's secret live for a month."""
    at = int((operator.clock.now() + MONTH).timestamp())

    def change(members: Members) -> Members:
        return {**members, "client_secret_expires_at": at}

    issuer.alter("POST", change)


def settled(operator: InProcessOperator, *, later: timedelta = timedelta()) -> None:
    operator.clock.skipped += later
    asyncio.run(operator.settle("web"))


def rotation(room: Room) -> dict[str, Any]:
    found: dict[str, Any] = room.read("web")["status"]["rotation"]
    return found


def test_a_secret_is_renewed_after_two_thirds_of_its_life(
    room: Room, operator: InProcessOperator, issuer: MisbehavingIssuer
) -> None:
    expiring(operator, issuer)
    room.apply("web", issuer.issuer)
    settled(operator)
    before = room.secret("web")
    renew_at = datetime.fromisoformat(rotation(room)["renewAt"]) - datetime.now(UTC)
    assert timedelta(days=16) < renew_at < timedelta(days=20)
    settled(operator, later=renew_at - timedelta(minutes=15))
    assert issuer.calls == ["POST"]
    expiring(operator, issuer)
    settled(operator, later=timedelta(minutes=16))
    assert issuer.calls == ["POST", "POST"]
    assert room.secret("web")["client_id"] != before["client_id"]
    assert [x["clientID"] for x in rotation(room)["leaving"]] == [before["client_id"]]
    assert condition(room.read("web"))["reason"] == "Registered"
    settled(operator, later=timedelta(hours=25))
    assert issuer.calls == ["POST", "POST", "DELETE"]
    assert [*issuer.clients] == [room.secret("web")["client_id"]]
    assert "leaving" not in rotation(room)


def test_a_renewal_that_is_refused_is_told_while_the_secret_is_good_and_ready_is_lost_with_it(
    room: Room, operator: InProcessOperator, issuer: MisbehavingIssuer
) -> None:
    expiring(operator, issuer)
    room.apply("web", issuer.issuer)
    settled(operator)
    for _ in range(100):
        issuer.spoil("POST", lambda _: respond(403, {"error": "access_denied"}), applied=False)
    settled(operator, later=timedelta(days=21))
    resource = room.read("web")
    assert (condition(resource)["status"], condition(resource, "Renewing")["status"]) == ("True", "False")
    settled(operator, later=timedelta(days=10))
    assert condition(room.read("web"))["reason"] == "SecretExpired"
    issuer._faults.clear()
    settled(operator, later=timedelta(days=1))
    assert condition(room.read("web"))["reason"] == "Registered"
