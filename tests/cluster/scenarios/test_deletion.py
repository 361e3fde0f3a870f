"""A resource that is deleted takes its client with it: at real servers."""

from collections.abc import Iterator

import pytest

from oauthclient_operator import names
from tests.cluster.admission.account import oauth_clients_path, secrets_path
from tests.cluster.scenarios.left_behind import (
    CONFIRMED,
    RETAINED,
    UNCONFIRMED,
    delete,
    release,
    wait_for_garbage_collector,
    wait_for_words,
)
from tests.cluster.scenarios.room import WEB, Body, Room, condition, conditions
from tests.parts.canaille import Canaille
from tests.parts.issuer_log import IssuerMark
from tests.parts.node_oidc_provider import NodeOIDCProvider

pytestmark = pytest.mark.usefixtures("operator")
RENAMED: Body = {**WEB, "client_name": "Web shop, renamed"}


@pytest.fixture
def token(room: Room, node_provider: NodeOIDCProvider) -> str:
    room.put_token("idp-token", node_provider.issuer, node_provider.initial_access_token())
    return "idp-token"


def asked_about(client_id: str, provider: NodeOIDCProvider, mark: IssuerMark) -> list[str]:
    """Return what the server was asked about a client: those of tests before go when their namespaces do."""
    return [str(request) for request in provider.log.requests(since=mark) if client_id in request.path]


def test_the_client_and_the_secret_go_and_the_record_says_so(
    room: Room, node_provider: NodeOIDCProvider, token: str
) -> None:
    wait_for_garbage_collector(room)
    uid = room.apply("web", node_provider.issuer, token=token)
    client_id = room.wait_for("web", "Registered")["status"]["clientID"]
    mark = node_provider.log.mark()
    delete(room)
    assert client_id not in node_provider.clients()
    assert asked_about(client_id, node_provider, mark) == [f"DELETE /reg/{client_id} 204"]
    assert release(room, uid) == CONFIRMED
    room.wait_until(lambda: not room.has_secret("web"), "the Secret is collected")


def test_while_another_finalizer_holds_it_nobody_is_told_that_its_client_is_registered(
    room: Room, node_provider: NodeOIDCProvider, token: str
) -> None:
    room.apply("web", node_provider.issuer, token=token)
    client_id = room.wait_for("web", "Registered")["status"]["clientID"]
    path = oauth_clients_path(room.namespace, "web")
    room._patch(path, {"metadata": {"finalizers": [names.FINALIZER, "example.com/other"]}})
    room.delete("web")
    held = room.wait_for("web", "Deregistering")
    assert client_id not in node_provider.clients()
    assert held["metadata"]["finalizers"] == ["example.com/other"]
    assert (
        "held only by finalizers of others, who have to take them off: example.com/other" in condition(held)["message"]
    )
    assert conditions(held) == {
        "Ready": ("Unknown", "Deregistering"),
        "Registered": ("Unknown", "Deregistering"),
        "SecretPublished": ("Unknown", "Deregistering"),
    }
    room._patch(path, {"metadata": {"finalizers": None}})
    room.wait_until(lambda: not room.exists("web"), "it is gone")


def test_at_a_server_of_another_kind(room: Room, canaille: Canaille) -> None:
    room.put_token("canaille-token", canaille.issuer, canaille.initial_access_token())
    uid = room.apply("web", canaille.issuer, token="canaille-token")
    client_id = room.wait_for("web", "Registered")["status"]["clientID"]
    mark = canaille.log.mark()
    delete(room)
    # A request is logged after it was answered: the POST may be among them.
    asked = [f"{r.method} {r.path} {r.status}" for r in canaille.log.requests(since=mark) if r.method != "POST"]
    assert asked == [f"DELETE /oauth/register/{client_id} 204"]
    assert release(room, uid) == CONFIRMED


def test_what_was_edited_is_deregistered_with_the_rotated_token(
    room: Room, node_provider: NodeOIDCProvider, token: str
) -> None:
    uid = room.apply("web", node_provider.issuer, token=token)
    client_id = room.wait_for("web", "Registered")["status"]["clientID"]
    room.apply("web", node_provider.issuer, metadata=RENAMED, token=token)
    room.wait_for("web", "Registered")
    delete(room)
    assert client_id not in node_provider.clients()
    assert release(room, uid) == CONFIRMED


def test_retain_calls_nothing_and_keeps_the_record(room: Room, node_provider: NodeOIDCProvider, token: str) -> None:
    uid = room.apply("web", node_provider.issuer, token=token, policy={"deletion": "Retain"})
    client_id = room.wait_for("web", "Registered")["status"]["clientID"]
    mark = node_provider.log.mark()
    delete(room)
    assert client_id in node_provider.clients()
    assert asked_about(client_id, node_provider, mark) == []
    assert release(room, uid) == RETAINED
    client = room.record(uid).published
    assert client is not None
    assert client.manageable


def test_retain_may_be_decided_in_the_last_moment(room: Room, node_provider: NodeOIDCProvider, token: str) -> None:
    uid = room.apply("web", node_provider.issuer, token=token)
    client_id = room.wait_for("web", "Registered")["status"]["clientID"]
    room.apply("web", node_provider.issuer, token=token, policy={"deletion": "Retain"})
    delete(room)
    assert client_id in node_provider.clients()
    assert release(room, uid) == RETAINED


def test_a_401_alone_never_means_gone(room: Room, node_provider: NodeOIDCProvider, token: str) -> None:
    uid = room.apply("web", node_provider.issuer, token=token)
    client_id = room.wait_for("web", "Registered")["status"]["clientID"]
    node_provider.forget(client_id)
    room.delete("web")
    waiting = room.wait_for("web", "DeletionUnconfirmed")
    assert conditions(waiting)["Ready"] == ("False", "DeletionUnconfirmed")
    assert "HTTP 401" in condition(waiting)["message"]
    room.wait_until(lambda: not room.exists("web"), "the resource is gone")
    assert release(room, uid) == UNCONFIRMED
    assert any(f'client "{client_id}" may live on' in note for note in wait_for_words(room, "LeftBehind"))


@pytest.fixture
def doomed(room: Room) -> Iterator[str]:
    """A namespace of its own, to be deleted by the test."""
    name = f"{room.namespace}-doomed"
    room.kubectl("create", "namespace", name)
    yield name
    room.kubectl("delete", "namespace", name, "--ignore-not-found", "--wait=false")


def test_a_namespace_that_is_deleted_goes_and_its_clients_are_deregistered(
    room: Room, doomed: str, node_provider: NodeOIDCProvider
) -> None:
    inside = Room(namespace=doomed, kubectl=room.kubectl, api=room.api, operators=room.operators)
    inside.put_token("idp-token", node_provider.issuer, node_provider.initial_access_token())
    applied = [inside.apply(name, node_provider.issuer, token="idp-token") for name in ("one", "two")]
    clients = [inside.wait_for(name, "Registered")["status"]["clientID"] for name in ("one", "two")]
    room.kubectl("delete", "namespace", doomed, "--wait=false")
    path = f"/api/v1/namespaces/{doomed}"
    room.wait_until(
        lambda: room.api.get(path).status_code == 404,
        "the namespace is gone",
        within=60,
        seen=lambda: room.api.get(path).json(),
    )
    assert not set(clients) & node_provider.clients().keys()
    assert [release(room, uid) for uid in applied] == [CONFIRMED, CONFIRMED]


def test_a_resource_without_its_record_is_reported_and_left_alone(
    room: Room, node_provider: NodeOIDCProvider, token: str
) -> None:
    uid = room.apply("web", node_provider.issuer, token=token)
    client_id = room.wait_for("web", "Registered")["status"]["clientID"]
    mark = node_provider.log.mark()
    room.api.delete(secrets_path(names.RECORDS_NAMESPACE, uid)).raise_for_status()
    missing = room.wait_for("web", "RecordMissing", within=5)
    assert conditions(missing)["Ready"] == ("False", "RecordMissing")
    assert client_id in condition(missing)["message"]
    # An edit is not sent either, nor is the Secret touched.
    room.apply("web", node_provider.issuer, metadata=RENAMED, token=token)
    room.api.delete(secrets_path(room.namespace, "web")).raise_for_status()
    room.wait_for("web", "RecordMissing", within=5)
    assert not room.has_record(uid)
    delete(room)
    assert release(room, uid) == UNCONFIRMED
    assert [c.information.client_id for c in room.record(uid).clients] == [client_id]
    assert asked_about(client_id, node_provider, mark) == []
    assert not room.has_secret("web")
