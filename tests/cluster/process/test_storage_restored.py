"""The API server's storage is put back to a copy of it while the operator runs: what is new then is seen all the same."""

from pathlib import Path

from tests.cluster.admission.account import oauth_clients_path
from tests.cluster.process.own_cluster import administrator, operators, plane, room
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import WEB, Room
from tests.parts import storage
from tests.parts.api_server import ControlPlane
from tests.parts.misbehaving_issuer import MisbehavingIssuer

__all__ = ["administrator", "operators", "plane", "room"]

MANY = 300
"""Versions by which the copy is behind: more than the cluster itself writes when it starts."""
PATIENT = "--lease-duration=120s"
"""Longer than the API server is away, so that the process ends for no other reason."""


def version(room: Room) -> int:
    """Return the resourceVersion that the API server is at."""
    listed = room.api.get(oauth_clients_path(room.namespace), params={"limit": "1"}).raise_for_status().json()
    return int(listed["metadata"]["resourceVersion"])


def test_the_process_ends_and_the_next_one_sees_what_is_new_and_what_was_edited(
    plane: ControlPlane, room: Room, operators: Operators, issuer: MisbehavingIssuer, tmp_path: Path
) -> None:
    process = operators.running(PATIENT)
    for name in ("edited", "untouched"):
        room.apply(name, issuer.issuer)
    before = {name: room.wait_for(name, "Registered")["status"]["clientID"] for name in ("edited", "untouched")}
    storage.copy(plane, tmp_path / "copy")
    copied = version(room)

    for number in range(MANY):
        body = {"metadata": {"name": f"something-{number}"}}
        room.api.post(f"/api/v1/namespaces/{room.namespace}/configmaps", json=body).raise_for_status()
    room.apply("made-since", issuer.issuer)
    # The operator has seen versions of all its kinds that the restored storage will not know: resource, record, Secret.
    since = room.wait_for("made-since", "Registered")["status"]["clientID"]
    assert version(room) >= copied + MANY

    storage.restore(plane, tmp_path / "copy")
    assert version(room) < copied + MANY, "or nobody could tell"
    assert not room.exists("made-since")
    room.apply("new", issuer.issuer)
    room.apply("edited", issuer.issuer, metadata={**WEB, "client_name": "Web shop, edited"})
    assert process.child.wait(60) == 1
    assert "its storage was restored from a backup" in operators.log()

    # As a Deployment does it.
    operators.running(PATIENT)
    new = room.wait_for("new", "Registered")["status"]["clientID"]
    assert room.wait_for("edited", "Registered")["status"]["clientID"] == before["edited"]
    assert issuer.clients[before["edited"]]["client_name"] == "Web shop, edited"
    assert room.wait_for("untouched", "Registered")["status"]["clientID"] == before["untouched"]
    # What was registered since the copy was made is at the server still, and nobody knows of it: docs/backup.md.
    assert set(issuer.clients) == {*before.values(), since, new}
    assert issuer.calls[:3] == ["POST"] * 3
    assert sorted(issuer.calls[3:]) == ["POST", "PUT"]
