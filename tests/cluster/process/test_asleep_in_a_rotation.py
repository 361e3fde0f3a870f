"""A leader that sleeps in the middle of a rotation, is succeeded, and wakes with the answer in its hands."""

import os
import signal

from oauthclient_operator.names import ROTATE_ANNOTATION
from tests.cluster.process.conftest import StartReplica
from tests.cluster.process.held import Held
from tests.cluster.process.test_two_replicas import LEASE, LEASE_DURATION
from tests.cluster.scenarios.room import Room
from tests.parts.misbehaving_issuer import MisbehavingIssuer


def test_who_sleeps_in_a_rotation_republishes_nothing_and_loses_nothing_when_it_wakes(
    room: Room, start_replica: StartReplica, issuer: MisbehavingIssuer
) -> None:
    room.kubectl("delete", *LEASE[1:], "--ignore-not-found")
    sleeper = start_replica()
    sleeper.until_leader()
    other = start_replica()
    other.until_standby()
    uid = room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    before = room.secret("web")["client_id"]
    held = Held()
    issuer.spoil("POST", held, applied=True)
    room.annotate("web", ROTATE_ANNOTATION, "now")
    assert held.asked.wait(10)
    (late,) = issuer.clients.keys() - {before}
    os.kill(sleeper.process.child.pid, signal.SIGSTOP)
    try:
        other.until_leader(within=LEASE_DURATION + 20)
        room.wait_for("web", "Leaving", kind="Renewing", within=40)
        published = room.secret("web")
        assert published["client_id"] not in (before, late), "its answer had not come"
        held.let_go()
        assert held.answered.wait(10)
    finally:
        os.kill(sleeper.process.child.pid, signal.SIGCONT)
    assert sleeper.ended() == 1
    assert "passed to another process" in sleeper.log

    living = {before, published["client_id"]}
    room.wait_until(lambda: issuer.clients.keys() == living, "the late client is deregistered")
    room.wait_until(lambda: not room.record(uid).surplus, "and that is recorded")
    assert room.secret("web") == published
    status = room.wait_for("web", "Registered")["status"]
    assert (status["clientID"], status["edition"]) == (published["client_id"], 2)
    assert [leaving["clientID"] for leaving in status["rotation"]["leaving"]] == [before]
    assert issuer.calls == ["POST", "POST", "POST", "DELETE"]
    # Nothing is lost: the resource ends all of them.
    room.delete("web")
    room.wait_until(lambda: not room.exists("web"), "web is gone")
    assert issuer.clients == {}
