"""What a platform team changes of its issuer's metadata is tried on one client before the others are told."""

from tests.cluster.scenarios.conftest import MakeIssuer
from tests.cluster.scenarios.issuer_resources import issuer_resource
from tests.cluster.scenarios.room import Room, condition
from tests.parts.misbehaving import respond
from tests.parts.processes import Process

NAMES = ("web", "api", "job")
REFUSED = {"fixed": {"contacts": ["nobody@example.com"]}}
TAKEN = {"fixed": {"contacts": ["identity@example.com"]}}


def applied(room: Room) -> list[int]:
    return sorted(room.read(name)["status"]["issuer"]["generation"] for name in NAMES)


def test_where_it_is_refused_the_others_stay_as_they_are_until_it_is_mended(
    room: Room, operator: Process, make_issuer: MakeIssuer
) -> None:
    assert operator.running()
    server = make_issuer()
    with issuer_resource(room, server.issuer) as issuer:
        issuer.apply()
        for name in NAMES:
            issuer.apply_client(name)
        before = {name: room.wait_for(name, "Registered")["metadata"]["resourceVersion"] for name in NAMES}
        server.spoil("PUT", lambda _: respond(400, {"error": "invalid_redirect_uri"}), applied=False)
        issuer.apply(clientMetadata=REFUSED)
        said = condition(issuer.wait_for("ClientNotReady", kind="Applied"), "Applied")
        changed = [name for name in NAMES if room.read(name)["metadata"]["resourceVersion"] != before[name]]
        assert len(changed) == 1
        assert f"{room.namespace}/{changed[0]} (UpdateRejected)" in said["message"]
        assert condition(issuer.read(), "Ready")["status"] == "True"
        assert applied(room) == [1, 1, 2]
        assert server.calls == [*["POST"] * 3, "PUT"]
        # Another edit is tried at once, and is good for all.
        issuer.apply(clientMetadata=TAKEN)
        issuer.wait_for("Applied", kind="Applied")
        room.wait_until(lambda: applied(room) == [3, 3, 3], "each has it", within=30)
        for name in NAMES:
            room.wait_for(name, "Registered")
        assert server.calls == [*["POST"] * 3, *["PUT"] * 4]
        assert {tuple(client["contacts"]) for client in server.clients.values()} == {("identity@example.com",)}
