"""`--tenant-issuers=Deny` at a whole operator: what names its issuer itself gets nothing new, and keeps what it has."""

from collections.abc import Iterator

import pytest

from oauthclient_operator import names
from tests.cluster.scenarios.issuer_resources import issuer_resource
from tests.cluster.scenarios.operators import AT_WORK, Operators
from tests.cluster.scenarios.room import WEB, Room, condition
from tests.parts.misbehaving_issuer import MisbehavingIssuer

EDITED = {**WEB, "client_name": "Web shop, edited"}


@pytest.fixture
def denying(operators: Operators, monkeypatch: pytest.MonkeyPatch) -> Iterator[Operators]:
    """The operators of this test find that option in their environment, and none of another test does."""
    monkeypatch.setenv("OAUTHCLIENT_OPERATOR_TENANT_ISSUERS", "Deny")
    yield operators
    operators.stop()


def test_a_new_client_is_refused_and_what_is_registered_stays_is_rotated_and_can_be_deleted(
    room: Room, denying: Operators, issuer: MisbehavingIssuer
) -> None:
    denying.running("--tenant-issuers=Allow")
    room.apply("web", issuer.issuer, rotation={"overlap": "1s"})
    first = room.wait_for("web", "Registered")["status"]["clientID"]
    before = room.secret("web")
    # What a flag says goes before the environment.
    process = denying.begin()
    process.wait_until(lambda: AT_WORK in process.log.read_text(), within=40)
    assert "--tenant-issuers=Deny" in condition(room.wait_for("web", "InvalidSpec"))["message"]
    room.apply("web", issuer.issuer, metadata=EDITED, rotation={"overlap": "1s"})
    uid = room.apply("new", issuer.issuer)
    for name in ("web", "new"):
        assert "write spec.issuerRef" in condition(room.wait_for(name, "InvalidSpec"))["message"]
    assert (room.secret("web"), issuer.calls) == (before, ["POST"])
    assert not room.has_record(uid)
    assert names.FINALIZER not in room.read("new")["metadata"].get("finalizers", [])
    with issuer_resource(room, issuer.issuer) as resource:
        resource.apply()
        resource.apply_client("by-resource")
        room.wait_for("by-resource", "Registered")
        room.annotate("web", names.ROTATE_ANNOTATION, "now")
        room.wait_until(lambda: room.secret("web")["client_id"] != first, "another client is published")
        room.wait_until(lambda: first not in issuer.clients, "the one before has left")
        second = room.secret("web")["client_id"]
        assert issuer.clients[second]["client_name"] == WEB["client_name"], "the edit waits"
        room.delete("web")
        room.wait_until(lambda: not room.exists("web"), "it is gone")
        assert second not in issuer.clients
        denying.running("--tenant-issuers=Allow")
        room.wait_for("new", "Registered")
        for name in ("new", "by-resource"):
            room.delete(name)
        room.wait_until(lambda: not any(map(room.exists, ("new", "by-resource"))), "both are gone")
        assert issuer.clients == {}
