"""A user makes the published Secret immutable: nothing is sent whose answer could not be published, and nothing loops."""

import pytest

from tests.cluster.admission.account import secrets_path
from tests.cluster.scenarios.room import WEB, Body, Room, condition, conditions
from tests.cluster.scenarios.test_secret_names import patch, read, requests_in, writes
from tests.parts.audit import AuditLog
from tests.parts.misbehaving_issuer import MisbehavingIssuer

pytestmark = pytest.mark.usefixtures("operator")
RENAMED: Body = {**WEB, "client_name": "Web shop, renamed"}


@pytest.fixture
def published(room: Room, issuer: MisbehavingIssuer) -> dict[str, str]:
    room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    patch(room, {"immutable": True})
    version = read(room)["metadata"]["resourceVersion"]
    # It holds what it should: all is well, and status has seen it.
    room.wait_until(lambda: room.read("web")["status"]["secret"]["resourceVersion"] == version, "it was seen")
    assert conditions(room.read("web"))["Ready"] == ("True", "Registered")
    return room.secret("web")


def test_what_it_should_hold_from_now_on_is_a_condition_and_no_loop(
    room: Room, issuer: MisbehavingIssuer, published: dict[str, str], audit: AuditLog
) -> None:
    room.apply("web", issuer.issuer, secret={"keys": {"client_id": "CLIENT_ID"}})
    refused = room.wait_for("web", "SecretNotPublishable")
    said = conditions(refused)
    assert said["Ready"] == ("False", "SecretNotPublishable")
    assert said["Registered"] == ("True", "Registered")
    assert "is immutable" in condition(refused)["message"]
    seen = requests_in(room, audit, seconds=3)
    assert writes(seen) == []
    assert seen["get secrets"] <= 2
    assert room.secret("web") == published
    # It does what the condition says.
    room.api.delete(secrets_path(room.namespace, "web")).raise_for_status()
    room.wait_for("web", "Registered", within=5)
    assert room.secret("web")["CLIENT_ID"] == published["client_id"]


def test_an_edit_is_not_sent_while_its_answer_could_not_be_published(
    room: Room, issuer: MisbehavingIssuer, published: dict[str, str], audit: AuditLog
) -> None:
    room.apply("web", issuer.issuer, metadata=RENAMED)
    refused = room.wait_for("web", "SecretNotPublishable")
    said = conditions(refused)
    assert said["Ready"] == ("False", "SecretNotPublishable")
    assert said["Registered"] == ("True", "Registered")
    seen = requests_in(room, audit, seconds=3)
    assert writes(seen) == []
    assert issuer.calls == ["POST"]
    assert room.secret("web") == published
    # It does what the condition says.
    room.api.delete(secrets_path(room.namespace, "web")).raise_for_status()
    room.wait_for("web", "Registered", within=10)
    assert issuer.calls == ["POST", "PUT"]
    assert [c["client_name"] for c in issuer.clients.values()] == [RENAMED["client_name"]]
