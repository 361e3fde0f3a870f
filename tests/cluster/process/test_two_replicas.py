"""Two replicas, one leader: the other is ready, acts on nothing, and goes on where the first one stopped."""

import json
import os
import signal
import time

from oauthclient_operator.record.calls import RegisterCall
from tests.cluster.process.conftest import StartReplica
from tests.cluster.process.held import Held
from tests.cluster.scenarios.room import Room
from tests.parts.installation import OPERATOR, SYSTEM_NAMESPACE
from tests.parts.misbehaving_issuer import MisbehavingIssuer

LEASE_DURATION = 22
"""Seconds, of the options that the replicas have."""
LEASE = ("get", "lease", OPERATOR, "-n", SYSTEM_NAMESPACE)


def test_who_is_told_to_stop_in_the_middle_of_a_post_records_its_answer_and_the_standby_goes_on(
    room: Room, start_replica: StartReplica, issuer: MisbehavingIssuer
) -> None:
    room.kubectl("delete", *LEASE[1:], "--ignore-not-found")  # As in a cluster that never had an operator.
    first = start_replica()
    first.until_leader()
    second = start_replica()
    second.until_standby()
    assert [replica.get("/readyz").text for replica in (first, second)] == ["ok\n", "ok\n"]
    assert [replica.metric("oauthclient_leader") for replica in (first, second)] == [1, 0]

    room.apply("before", issuer.issuer)
    room.wait_for("before", "Registered")
    first.until_logged('"reason": "Registered"')  # After the Event, which comes after the status.
    lines = [json.loads(line) for line in first.log.splitlines() if '"pass"' in line]
    about = [line for line in lines if line.get("name") == "before" and line.get("reason") == "Registered"]
    assert (about[0]["namespace"], about[0]["uid"], about[0]["attempt"]) == (
        room.namespace,
        room.read("before")["metadata"]["uid"],
        1,
    )
    assert first.metric('oauthclient_registrations_total{outcome="committed"}') == 1
    assert first.metric('oauthclient_exchanges_total{call="discover",outcome="2xx"}') == 1
    assert (first.metric('oauthclient_resources{ready="True",reason="Registered"}') or 0) >= 1
    assert room.namespace not in first.get("/metrics").text
    assert issuer.server.url("") not in first.get("/metrics").text

    held = Held()
    issuer.spoil("POST", held, applied=True)
    uid = room.apply("during", issuer.issuer)
    assert held.asked.wait(10)
    first.tell_to_stop()
    first.until_logged("told to stop")
    # Made while the first one takes in nothing any more.
    room.apply("after", issuer.issuer)
    held.let_go()
    assert first.ended() == 0
    assert first.log.count("unexpected failure") == 0

    began = time.monotonic()
    room.wait_for("after", "Registered", within=10)
    assert time.monotonic() - began < 10, "the Lease was given back, so it need not run out first"
    room.wait_for("during", "Registered")
    assert issuer.calls == ["POST", "POST", "POST"]
    assert [attempt.state for attempt in room.record(uid).attempts] == ["committed"]
    assert second.metric("oauthclient_leader") == 1
    second.tell_to_stop()
    assert second.ended() == 0
    assert not room.kubectl.json(*LEASE)["spec"].get("holderIdentity")


def test_a_leader_that_slept_through_its_lease_in_the_middle_of_a_post_changes_nothing_that_it_should_not(
    room: Room, start_replica: StartReplica, issuer: MisbehavingIssuer
) -> None:
    sleeper = start_replica()
    sleeper.until_leader()
    other = start_replica()
    other.until_standby()
    held = Held()
    issuer.spoil("POST", held, applied=True)
    uid = room.apply("web", issuer.issuer)
    assert held.asked.wait(10)
    (late_client,) = issuer.clients
    os.kill(sleeper.process.child.pid, signal.SIGSTOP)
    try:
        stopped = time.monotonic()
        # To those who look at the Lease, a process that sleeps and one that crashed are the same.
        other.until_leader(within=LEASE_DURATION + 5)
        assert time.monotonic() - stopped < LEASE_DURATION + 5
        room.wait_for("web", "Registered")
        published = room.secret("web")
        assert published["client_id"] != late_client, "its answer had not come"
        held.let_go()
        assert held.answered.wait(10)
    finally:
        os.kill(sleeper.process.child.pid, signal.SIGCONT)
    assert sleeper.ended() == 1
    assert "passed to another process" in sleeper.log

    room.wait_until(lambda: list(issuer.clients) == [published["client_id"]], "the late client is deregistered")
    room.wait_until(lambda: all(not c.alive for c in room.record(uid).surplus), "and that is recorded")
    record = room.record(uid)
    assert record.published is not None
    late = next(call for call in record.closed if call.number == 1)
    assert isinstance(late.what, RegisterCall)
    assert (late.outcome, late.what.attempt) == ("committed", 1), "absorbed under the number of its call"
    assert [(client.key, client.alive) for client in record.clients] == [(1, False), (record.published.key, True)]
    assert room.secret("web") == published
    room.wait_until(lambda: "suspectedOrphans" not in room.read("web")["status"], "and the status says so")
    assert issuer.calls == ["POST", "POST", "DELETE"]
