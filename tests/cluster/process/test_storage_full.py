"""etcd's quota is used up, so that nothing can be written: the cause is said, nothing is lost, and it goes on by itself."""

import os
import re
import signal
from pathlib import Path

import httpx
import pytest

from oauthclient_operator.names import ROTATE_ANNOTATION
from tests.cluster.process.conftest import StartReplica, start_replica
from tests.cluster.process.held import Held
from tests.cluster.process.own_cluster import administrator, operators, plane, room
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import Room
from tests.parts import storage
from tests.parts.api_server import ControlPlane
from tests.parts.installation import operator_kubeconfig as kubeconfig_of_operator
from tests.parts.misbehaving_issuer import MisbehavingIssuer

__all__ = ["administrator", "operators", "plane", "room", "start_replica"]


@pytest.fixture
def operator_kubeconfig(plane: ControlPlane) -> Path:
    """Of this test's own cluster, for its replicas."""
    return kubeconfig_of_operator(plane.server.kubectl, plane.directory)


FULL = "database space exceeded; the cluster's storage is full"
HERE_ALONE = "do not end this process"


def leads(operators: Operators) -> bool:
    """Tell what the process says to Prometheus of whether it acts."""
    found = re.search(r'"message": "listening", "port": ([0-9]+)', operators.log())
    assert found is not None
    text = httpx.get(f"http://127.0.0.1:{found[1]}/metrics", trust_env=False).text
    return "\noauthclient_leader 1.0\n" in text


def lease_is_over(operators: Operators) -> bool:
    """Tell whether the log says so, and why."""
    return any(FULL in line and '"remaining": 0}' in line for line in operators.log().splitlines())


def test_whoever_takes_over_when_it_can_be_written_again_registers_nothing_twice(
    plane: ControlPlane,
    room: Room,
    issuer: MisbehavingIssuer,
    start_replica: StartReplica,
) -> None:
    first = start_replica()
    first.until_leader()
    second = start_replica()
    second.until_standby()
    held = Held()
    issuer.spoil("POST", held, applied=True)
    uid = room.apply("made", issuer.issuer)
    assert held.asked.wait(10)
    with storage.full(plane):
        held.let_go()
        first.until_logged(HERE_ALONE)
        # While it sleeps the other one is sure to be the one that gets the Lease.
        os.kill(first.process.child.pid, signal.SIGSTOP)
        # Every two seconds; by then another attempt would be due at once.
        second.process.wait_until(lambda: second.log.count("lease not acquired") > 8, within=80)
    try:
        second.until_leader()
        # It has looked at all that there is, and would have begun what it wants to.
        room.wait_until(lambda: second.metric("oauthclient_queue_depth") == 0, "it rests")
    finally:
        os.kill(first.process.child.pid, signal.SIGCONT)
    room.wait_for("made", "Registered")
    assert first.ended() == 1
    assert "what came of the call is recorded" in first.log
    assert issuer.calls == ["POST"]
    assert [attempt.state for attempt in room.record(uid).attempts] == ["committed"]
    assert room.secret("made")["client_id"] in issuer.clients
    assert "suspectedOrphans" not in room.read("made")["status"]


def test_answers_that_come_meanwhile_wait_in_the_process_which_says_so(
    plane: ControlPlane, room: Room, operators: Operators, issuer: MisbehavingIssuer
) -> None:
    process = operators.running()
    room.apply("rotated", issuer.issuer)
    room.apply("deleted", issuer.issuer)
    for name in ("rotated", "deleted"):
        room.wait_for(name, "Registered")
    assert leads(operators)
    held = []
    for method, act in (
        ("POST", lambda: room.apply("made", issuer.issuer)),
        ("POST", lambda: room.annotate("rotated", ROTATE_ANNOTATION, "now")),
        ("DELETE", lambda: room.delete("deleted")),
    ):
        held.append(Held())
        issuer.spoil(method, held[-1], applied=True)
        act()
        assert held[-1].asked.wait(10)
    clients = set(issuer.clients)
    with storage.full(plane):
        for answer in held:
            answer.let_go()
        process.wait_until(lambda: operators.log().count(HERE_ALONE) == 2, within=20)
        process.wait_until(lambda: lease_is_over(operators), within=60)
        assert not leads(operators), "an alarm is due: nothing is done"
    room.wait_for("made", "Registered")
    room.wait_for("rotated", "Leaving", kind="Renewing")
    room.wait_until(lambda: not room.exists("deleted"), "deleted is gone")
    assert issuer.calls == ["POST", "POST", "POST", "POST", "DELETE"]
    assert set(issuer.clients) == clients
    assert {room.secret(name)["client_id"] for name in ("made", "rotated")} <= clients
    assert leads(operators)
