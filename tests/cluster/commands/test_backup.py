"""Backup and restore, as docs/backup.md says."""

import json
from typing import Any

from oauthclient_operator import names
from oauthclient_operator.names import ROTATE_ANNOTATION
from tests.cluster.commands.conftest import Command, Operator
from tests.cluster.commands.test_orphans import vanish
from tests.cluster.scenarios.room import Room, condition
from tests.parts.misbehaving_issuer import MisbehavingIssuer


def backup(room: Room, kind: str, *where: str) -> list[dict[str, Any]]:
    """Return what `kubectl get -o json` saves, without what the API server would not take back."""
    items: list[dict[str, Any]] = json.loads(room.kubectl("get", kind, *where, "-o", "json"))["items"]
    for item in items:
        for member in ("uid", "resourceVersion", "creationTimestamp", "managedFields", "generation"):
            item["metadata"].pop(member, None)
    return items


def test_a_restored_resource_becomes_a_new_client_and_the_old_one_is_listed(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, command: Command
) -> None:
    old = operator.register(issuer)
    before = room.secret("web")
    saved = backup(room, "oauthclients", "-n", room.namespace)
    vanish(room)
    room.kubectl("delete", "secret", "web", "-n", room.namespace, "--ignore-not-found")
    room.kubectl.apply(saved)
    operator.settle()
    room.wait_for("web", "Registered")
    new = room.read("web")["metadata"]["uid"]
    assert new != old
    assert room.secret("web")["client_id"] != before["client_id"]
    # The old client is still there for whoever uses it, until somebody decides.
    assert before["client_id"] in issuer.clients
    assert issuer.calls == ["POST", "POST"]
    ran = command("orphans")
    assert f"{old}  WithoutResource  {room.namespace}/web  {issuer.issuer}" in ran.said
    assert new not in ran.said
    assert command("orphans", "--deregister", old).status == 0
    assert list(issuer.clients) == [room.secret("web")["client_id"]]
    operator.settle()
    room.wait_for("web", "Registered")


def test_a_restored_resource_with_the_status_of_before_becomes_a_new_client_when_that_is_removed(
    room: Room, issuer: MisbehavingIssuer, operator: Operator
) -> None:
    operator.register(issuer)
    room.annotate("web", ROTATE_ANNOTATION, "now")
    operator.settle()
    saved = backup(room, "oauthclients", "-n", room.namespace)
    vanish(room)
    room.kubectl("delete", "secret", "web", "-n", room.namespace, "--ignore-not-found")
    calls = [*issuer.calls]

    def put(status: Any) -> None:
        patch = json.dumps({"status": status})
        where = ("-n", room.namespace, "--subresource=status", "--type=merge")
        room.kubectl("patch", "oauthclients", "web", *where, "-p", patch)

    room.kubectl.apply(saved)
    put(saved[0]["status"])
    operator.settle()
    room.wait_for("web", "RecordMissing")
    assert issuer.calls == calls
    put(None)
    operator.settle()
    room.wait_for("web", "Registered")
    assert issuer.calls == [*calls, "POST"]
    # It comes last: after the operator has registered a client for the new resource.
    put(saved[0]["status"])
    operator.settle()
    assert "remove status.edition" in condition(room.wait_for("web", "RecordOutdated"))["message"]
    put({"edition": None})
    operator.settle()
    room.wait_for("web", "Registered")
    assert room.read("web")["status"]["clientID"] == room.secret("web")["client_id"]
    assert issuer.calls == [*calls, "POST"]


def test_a_record_that_was_lost_and_restored_goes_on(room: Room, issuer: MisbehavingIssuer, operator: Operator) -> None:
    uid = operator.register(issuer)
    saved = [s for s in backup(room, "secrets", "-n", names.RECORDS_NAMESPACE) if s["metadata"]["name"] == uid]
    room.kubectl("delete", "secret", uid, "-n", names.RECORDS_NAMESPACE)
    operator.settle()
    room.wait_for("web", "RecordMissing")
    room.kubectl.apply(saved)
    operator.settle()
    room.wait_for("web", "Registered")
    room.apply("web", issuer.issuer, metadata={"redirect_uris": ["https://shop.example.com/new"]})
    operator.settle()
    room.wait_for("web", "Registered")
    assert issuer.calls == ["POST", "PUT"]
    assert len(issuer.clients) == 1


def test_an_older_record_beside_a_newer_secret_calls_nobody_and_overwrites_nothing(
    room: Room, issuer: MisbehavingIssuer, operator: Operator
) -> None:
    uid = operator.register(issuer)

    def saved() -> list[dict[str, Any]]:
        return [s for s in backup(room, "secrets", "-n", names.RECORDS_NAMESPACE) if s["metadata"]["name"] == uid]

    def restore(records: list[dict[str, Any]]) -> None:
        room.kubectl("delete", "secret", uid, "-n", names.RECORDS_NAMESPACE)
        room.kubectl.apply(records)

    older = saved()
    room.annotate("web", ROTATE_ANNOTATION, "now")
    operator.settle()
    published, newest, calls = room.secret("web"), saved(), [*issuer.calls]
    assert calls == ["POST", "POST"]
    restore(older)
    edited = {"redirect_uris": ["https://shop.example.com/new"]}
    room.apply("web", issuer.issuer, metadata=edited)
    operator.settle()
    room.wait_for("web", "RecordOutdated")
    room.annotate("web", ROTATE_ANNOTATION, "and again")
    operator.settle()
    room.wait_for("web", "RecordOutdated")
    assert (room.secret("web"), issuer.calls) == (published, calls)
    room.annotate("web", ROTATE_ANNOTATION, "now")
    restore(newest)
    operator.settle()
    room.wait_for("web", "Registered")
    assert (room.secret("web"), issuer.calls) == (published, [*calls, "PUT"])
    assert issuer.clients[published["client_id"]]["redirect_uris"] == edited["redirect_uris"]
