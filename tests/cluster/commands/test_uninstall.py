"""Uninstalling, as docs/uninstall.md says: every client deregistered or kept, nothing hanging, no record destroyed."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from oauthclient_operator import names
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.lease import Lease
from tests.cluster.admission.account import secrets_path
from tests.cluster.commands.conftest import Command, Operator
from tests.cluster.scenarios.left_behind import RETAINED, UNCONFIRMED, release
from tests.cluster.scenarios.room import Room
from tests.parts.installation import DEFINITIONS, ROOT, install
from tests.parts.misbehaving import respond
from tests.parts.misbehaving_issuer import MisbehavingIssuer


def owners(room: Room, name: str) -> object:
    body = room.api.get(secrets_path(room.namespace, name)).raise_for_status().json()
    return body["metadata"].get("ownerReferences", [])


@contextmanager
def somebody_at_work(kubeconfig: Path) -> Iterator[None]:
    """Hold the operator's Lease as its account, and renew it, oftener than an operator so that a test is quick."""
    begun, ended = threading.Event(), threading.Event()

    async def hold() -> None:
        connection = await Connection.open(kubeconfig, {})
        lease = Lease(connection, namespace=names.SYSTEM_NAMESPACE, holder="somebody", duration=15, renewal=0.5)
        await lease.acquire()
        keeper = asyncio.create_task(lease.keep())
        begun.set()
        await asyncio.to_thread(ended.wait)
        keeper.cancel()
        await lease.release()
        await connection.close()
        await asyncio.sleep(0.1)

    thread = threading.Thread(target=lambda: asyncio.run(hold()))
    thread.start()
    try:
        assert begun.wait(timeout=30)
        yield
    finally:
        ended.set()
        thread.join()


def test_it_refuses_while_an_operator_is_at_work(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, command: Command, operator_kubeconfig: Path
) -> None:
    uid = operator.register(issuer)
    with somebody_at_work(operator_kubeconfig):
        ran = command("uninstall", "--yes")
    assert ran.status == 1
    assert "an operator is at work (somebody renews the Lease in oauth-operator-system)" in ran.complained
    assert "scale deployment oauthclient-operator --replicas=0" in ran.complained
    assert not room.read("web")["metadata"].get("deletionTimestamp")
    assert issuer.calls == ["POST"]
    # A list is no harm, and what has its resource is not in it.
    assert uid not in command("orphans").said
    assert command("uninstall", "--yes").status == 0
    assert issuer.clients == {}


def test_every_client_is_deregistered_and_then_all_can_be_removed(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, command: Command
) -> None:
    uids = [operator.register(issuer, name) for name in ("web", "shop")]
    ran = command("uninstall")
    assert ran.status == 1
    assert f"    {room.namespace}/web\n" in ran.said
    assert "Nothing was done" in ran.said
    assert room.exists("web")
    ran = command("uninstall", "--yes")
    assert ran.status == 0, ran
    assert f"{room.namespace}/web: gone, its client deregistered\n" in ran.said
    assert not any(uid in ran.said for uid in uids)
    assert issuer.clients == {}
    assert sorted(issuer.calls) == ["DELETE", "DELETE", "POST", "POST"]
    # As the page goes on: the operator and the CRD, without what keeps the records.
    try:
        room.kubectl.delete_definitions(*DEFINITIONS)
        room.kubectl("delete", "-k", ROOT / "deploy" / "fence", "--timeout=20s", within=30)
        assert all(room.has_record(uid) for uid in uids)
    finally:
        install(room.kubectl)


def test_issuers_are_let_go_of_with_the_last_client_and_stay(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, command: Command
) -> None:
    allowed = {"namespaces": {"all": True}, "redirectURIs": ["https://*.example.com/*"]}
    held = {"name": "corporate", "finalizers": ["example.com/held", names.ISSUER_FINALIZER]}
    room.kubectl.apply(
        {
            "apiVersion": names.API_VERSION,
            "kind": names.ISSUER_KIND,
            "metadata": held,
            "spec": {"issuer": issuer.issuer, "allowed": allowed},
        }
    )
    operator.register(issuer)
    ran = command("uninstall", "--yes")
    assert ran.status == 0, ran
    assert "Let go of, for no OAuthClient is left: ClusterOAuthIssuer corporate\n" in ran.said
    about = room.kubectl.json("get", names.ISSUER_PLURAL, "corporate")["metadata"]
    assert (about["finalizers"], "deletionTimestamp" in about) == (["example.com/held"], False)
    # One that hangs, because the operator was removed first.
    room.kubectl("patch", names.ISSUER_PLURAL, "corporate", "--type=merge", "-p", json.dumps({"metadata": held}))
    room.kubectl("delete", names.ISSUER_PLURAL, "corporate", "--wait=false")
    ran = command("uninstall")
    assert (ran.status, "these issuers would be let go of: corporate" in ran.said) == (1, True)
    assert command("uninstall", "--yes").status == 0
    ended = json.dumps({"metadata": {"finalizers": None}})
    room.kubectl("patch", names.ISSUER_PLURAL, "corporate", "--type=merge", "-p", ended)
    assert room.kubectl.json("get", names.ISSUER_PLURAL)["items"] == []
    assert command("uninstall").status == 0


def test_every_client_is_kept_and_its_secret_too(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, command: Command
) -> None:
    uid = operator.register(issuer)
    before = room.secret("web")
    assert owners(room, "web") != []
    ran = command("uninstall", "--yes", "--keep-clients")
    assert ran.status == 0, ran
    assert f"{room.namespace}/web: gone, its client kept\n" in ran.said
    assert f"{uid}  Retained  {room.namespace}/web  {issuer.issuer}" in ran.said
    assert not room.exists("web")
    # Without an owner the garbage collector has no business with it.
    assert owners(room, "web") == []
    assert room.secret("web") == before
    assert issuer.calls == ["POST"]
    assert release(room, uid) == RETAINED
    # What is kept is deregistered only where it is named.
    command("orphans", "--deregister")
    assert issuer.calls == ["POST"]
    assert command("orphans", "--deregister", uid).status == 0
    assert issuer.clients == {}


def test_a_client_that_the_server_does_not_let_go_is_named(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, command: Command
) -> None:
    uid = operator.register(issuer)
    for _ in range(20):
        issuer.spoil("DELETE", lambda _: respond(403), applied=False)
    ran = command("uninstall", "--yes")
    assert ran.status == 0, ran
    assert f"{room.namespace}/web: gone, but a client may live on\n" in ran.said
    assert "not deregistered so far: HTTP 403" in ran.said
    assert release(room, uid) == UNCONFIRMED
    issuer._faults.clear()
    assert command("orphans", "--deregister", uid).status == 0


@pytest.mark.parametrize("keep", [False, True], ids=["deregistered", "kept"])
def test_what_hangs_already_because_the_operator_was_removed_first_is_let_go(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, command: Command, keep: bool
) -> None:
    operator.register(issuer)
    room.delete("web")
    assert room.exists("web")
    options = ["--keep-clients"] if keep else []
    # Where the namespace of the operator is gone, so is its Lease.
    ran = command("uninstall", "--yes", "--lease-namespace=not-there", *options)
    assert ran.status == 0, ran
    assert "There is no namespace not-there" in ran.said
    assert not room.exists("web")
    assert issuer.calls == (["POST"] if keep else ["POST", "DELETE"])
    if keep:
        assert room.has_secret("web")


def test_another_finalizer_is_not_ours_to_take(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, command: Command
) -> None:
    operator.register(issuer)
    path = f"/apis/{names.API_VERSION}/namespaces/{room.namespace}/{names.PLURAL}/web"
    room._patch(path, {"metadata": {"finalizers": [names.FINALIZER, "example.com/other"]}})
    ran = command("uninstall", "--yes")
    assert ran.status == 1
    assert "let go, but held by other finalizers: example.com/other" in ran.said
    assert json.loads(room.kubectl("get", "oauthclient", "web", "-n", room.namespace, "-o", "json"))["metadata"][
        "finalizers"
    ] == ["example.com/other"]
    room._patch(path, {"metadata": {"finalizers": None}})
    assert issuer.clients == {}


def test_a_paused_resource_is_named_and_left_alone(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, command: Command
) -> None:
    operator.register(issuer)
    room.annotate("web", names.PAUSED_ANNOTATION, "true")
    ran = command("uninstall", "--yes", f"--namespace={room.namespace}")
    assert ran.status == 1
    assert f"the annotation {names.PAUSED_ANNOTATION} is true, so that its deletion waits" in ran.said + ran.complained
    assert (issuer.calls, "deletionTimestamp" in room.read("web")["metadata"]) == (["POST"], False)
    room.annotate("web", names.PAUSED_ANNOTATION, None)
    assert command("uninstall", "--yes", f"--namespace={room.namespace}").status == 0
    assert issuer.clients == {}
