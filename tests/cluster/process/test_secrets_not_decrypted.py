"""The API server cannot decrypt Secrets, or encrypt them: why is said, nothing is called blindly, and it goes on by itself."""

import re

import httpx
import pytest

from oauthclient_operator.names import ROTATE_ANNOTATION
from tests.cluster.process.held import Held
from tests.cluster.process.own_cluster import administrator, operators, plane, room
from tests.cluster.scenarios.operators import AT_WORK, Operators
from tests.cluster.scenarios.room import WEB, Room, condition, conditions
from tests.parts.api_server import ControlPlane
from tests.parts.encryption import Encryption, damaged, remove
from tests.parts.misbehaving_issuer import MisbehavingIssuer

__all__ = ["administrator", "operators", "plane", "room"]

LOST = "the API server cannot decrypt what it stores"
AWAY = "the API server cannot encrypt what it is to store"
CURE = "the cluster's administrator has to bring back its encryption key or its KMS"
SLOW = 60
"""Seconds within which all goes on: the pauses between tries have grown, as long as this lasts in a test."""


@pytest.fixture
def encryption(plane: ControlPlane) -> Encryption:
    """Secrets are encrypted by the key `first`."""
    encryption = Encryption(plane)
    encryption.by("first")
    return encryption


def ready_to_say(room: Room, name: str, words: str) -> None:
    """Wait until a resource says that it waits for that, and for whom."""
    message = condition(room.wait_for(name, "ClusterUnavailable"))["message"]
    assert words in message
    assert CURE in message
    assert message.endswith("it is tried again by itself, within five minutes")


def asked(operators: Operators, path: str) -> httpx.Response:
    """Ask the process that was started last."""
    found = re.search(r'"message": "listening", "port": ([0-9]+)', operators.log())
    assert found is not None
    return httpx.get(f"http://127.0.0.1:{found[1]}{path}", trust_env=False)


def test_a_process_that_runs_says_what_it_cannot_do_and_does_it_when_the_key_is_back(
    encryption: Encryption, room: Room, operators: Operators, issuer: MisbehavingIssuer
) -> None:
    process = operators.running()
    for name in ("quiet", "rotated", "edited", "deleted"):
        room.apply(name, issuer.issuer)
    before = {
        n: room.wait_for(n, "Registered")["status"]["clientID"] for n in ("quiet", "rotated", "edited", "deleted")
    }
    encryption.by("second")
    room.annotate("rotated", ROTATE_ANNOTATION, "now")
    room.apply("edited", issuer.issuer, metadata={**WEB, "client_name": "Web shop, edited"})
    room.delete("deleted")
    room.apply("new", issuer.issuer)
    for name in ("rotated", "edited", "deleted"):
        ready_to_say(room, name, LOST)
    # What is written now is encrypted by the other key, and so can be read.
    new = room.wait_for("new", "Registered")["status"]["clientID"]
    process.wait_until(lambda: f"{LOST}, secrets/" in operators.log(), within=40)
    assert conditions(room.read("quiet"))["Ready"] == ("True", "Registered"), "its Secret is what it was"
    assert asked(operators, "/readyz").is_success
    assert "\noauthclient_leader 1.0\n" in asked(operators, "/metrics").text
    assert issuer.calls == ["POST"] * 5

    encryption.by("second", "first")
    room.wait_for("rotated", "Leaving", kind="Renewing", within=SLOW)
    room.wait_for("edited", "Registered", within=SLOW)
    room.wait_until(lambda: not room.exists("deleted"), "deleted is gone", within=SLOW)
    assert sorted(issuer.calls[5:]) == ["DELETE", "POST", "PUT"]
    rotated = room.secret("rotated")["client_id"]
    assert set(issuer.clients) == {before["quiet"], before["rotated"], before["edited"], new, rotated}
    assert process.running()


def test_a_process_that_is_started_meanwhile_says_why_it_is_not_ready_and_goes_on_when_the_key_is_back(
    encryption: Encryption, room: Room, operators: Operators, issuer: MisbehavingIssuer
) -> None:
    operators.running()
    room.apply("deleted", issuer.issuer)
    room.wait_for("deleted", "Registered")
    operators.stop()
    encryption.by("second")
    room.apply("new", issuer.issuer)
    room.delete("deleted")
    process = operators.begin()
    process.wait_until(lambda: operators.log().count(LOST) > 8, within=40)
    assert CURE in operators.log()
    answer = asked(operators, "/readyz")
    assert (answer.status_code, answer.text) == (503, "the caches are not synced\n")

    encryption.by("second", "first")
    process.wait_until(lambda: AT_WORK in operators.log(), within=SLOW)
    new = room.wait_for("new", "Registered")["status"]["clientID"]
    room.wait_until(lambda: not room.exists("deleted"), "deleted is gone")
    assert sorted(issuer.calls) == ["DELETE", "POST", "POST"]
    assert set(issuer.clients) == {new}


def test_while_the_kms_is_away_nothing_is_registered_that_could_not_be_written_down(
    encryption: Encryption, room: Room, operators: Operators, issuer: MisbehavingIssuer
) -> None:
    process = operators.running()
    held = Held()
    issuer.spoil("POST", held, applied=True)
    room.apply("asked", issuer.issuer)
    assert held.asked.wait(10)
    encryption.by_silent_kms("first")
    held.let_go()
    process.wait_until(lambda: "do not end this process" in operators.log(), within=20)
    assert AWAY in operators.log()
    room.apply("new", issuer.issuer)
    ready_to_say(room, "new", AWAY)
    assert issuer.calls == ["POST"]

    encryption.by("first")
    room.wait_for("asked", "Registered", within=SLOW)
    room.wait_for("new", "Registered", within=SLOW)
    assert issuer.calls == ["POST", "POST"]
    assert {room.secret(name)["client_id"] for name in ("asked", "new")} == set(issuer.clients)


def test_one_that_is_damaged_stops_its_own_resource_alone(
    plane: ControlPlane, room: Room, operators: Operators, issuer: MisbehavingIssuer
) -> None:
    process = operators.running()
    room.put_secret("somebody-s", key="value")
    uid = room.apply("hit", issuer.issuer)
    room.apply("other", issuer.issuer)
    client_id = room.wait_for("hit", "Registered")["status"]["clientID"]
    room.wait_for("other", "Registered")
    with damaged(plane, room.namespace, "somebody-s"), damaged(plane, room.records, uid):
        # The one that runs knows them from before, until it has a reason to read all of them anew.
        plane.restart_server()
        process.wait_until(lambda: f"{LOST}, secrets/{room.records}/{uid} for one" in operators.log(), within=20)
        room.annotate("hit", ROTATE_ANNOTATION, "now")
        ready_to_say(room, "hit", LOST)
        room.apply("other", issuer.issuer, metadata={**WEB, "client_name": "Web shop, edited"})
        room.apply("new", issuer.issuer)
        room.wait_for("other", "Registered")
        room.wait_for("new", "Registered")
        assert sorted(issuer.calls) == ["POST", "POST", "POST", "PUT"]
    room.wait_for("hit", "Leaving", kind="Renewing", within=SLOW)
    assert len(issuer.calls) == 5
    assert room.secret("hit")["client_id"] != client_id


def test_a_published_one_that_is_damaged_is_written_anew_when_it_is_removed(
    plane: ControlPlane, room: Room, operators: Operators, issuer: MisbehavingIssuer
) -> None:
    operators.running()
    room.apply("hit", issuer.issuer)
    room.wait_for("hit", "Registered")
    before = room.secret("hit")
    with damaged(plane, room.namespace, "hit"):
        room.apply("hit", issuer.issuer, secret={"labels": {"example.com/team": "shop"}})
        ready_to_say(room, "hit", LOST)
        remove(plane, room.namespace, "hit")
    room.wait_for("hit", "Registered", within=SLOW)
    assert room.secret("hit") == before
    assert issuer.calls == ["POST"]
