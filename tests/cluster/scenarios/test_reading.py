"""A client is read at its server when a person asks for it (RFC 7592 section 2.1): at real servers, and at ours."""

import json

import pytest

from oauthclient_operator import names
from tests.cluster.scenarios.conftest import MakeIssuer
from tests.cluster.scenarios.room import Room, condition
from tests.parts.audit import AuditLog
from tests.parts.canaille import Canaille
from tests.parts.installation import OPERATOR_USER
from tests.parts.misbehaving import reset, respond
from tests.parts.misbehaving_issuer import Members, MisbehavingIssuer
from tests.parts.node_oidc_provider import NodeOIDCProvider
from tests.parts.processes import wait_for

pytestmark = pytest.mark.usefixtures("operator")


def ask(room: Room, value: str) -> None:
    room.annotate("web", names.REFRESH_ANNOTATION, value)


def read_count(room: Room) -> int:
    return sum(reason == "Read" for _, reason, _ in room.events("web"))


def wait_for_read(room: Room, number: int = 1) -> None:
    room.wait_until(lambda: read_count(room) == number, f"the client was read {number} times")


def registered(room: Room, issuer: MisbehavingIssuer) -> tuple[str, Members]:
    """Return the UID, and the client as the server has it."""
    uid = room.apply("web", issuer.issuer)
    client_id = room.wait_for("web", "Registered")["status"]["clientID"]
    return uid, issuer.clients[client_id]


def test_node_oidc_provider_is_read_and_nothing_changes(
    room: Room, node_provider: NodeOIDCProvider, audit: AuditLog
) -> None:
    room.put_token("idp-token", node_provider.issuer, node_provider.initial_access_token())
    uid = room.apply("web", node_provider.issuer, token="idp-token")
    client_id = room.wait_for("web", "Registered")["status"]["clientID"]
    before, known, mark = room.secret("web"), room.record(uid).published, audit.mark()
    ask(room, "one")
    wait_for_read(room)
    about = [r for r in node_provider.log.requests() if r.path.endswith(f"/{client_id}")]
    assert [f"{r.method} {r.status}" for r in about] == ["GET 200"]
    now = room.record(uid).published
    assert known is not None
    assert now is not None
    assert (room.secret("web"), now.information) == (before, known.information)
    assert audit.secret_patches(OPERATOR_USER, since=mark, about={room.namespace, uid}) == [
        (room.namespace, "web", True),
        (names.RECORDS_NAMESPACE, uid, False),  # the claim
        (names.RECORDS_NAMESPACE, uid, False),  # the answer
    ]
    assert condition(room.read("web"))["status"] == "True"


def test_canaille_is_read_and_the_same_token_serves_an_edit(room: Room, canaille: Canaille) -> None:
    room.put_token("canaille-token", canaille.issuer, canaille.initial_access_token())
    room.apply("web", canaille.issuer, token="canaille-token")
    client_id = room.wait_for("web", "Registered")["status"]["clientID"]
    before = room.secret("web")
    ask(room, "one")
    wait_for_read(room)
    assert room.secret("web") == before

    def calls() -> list[str]:
        return [f"{r.method} {r.status}" for r in canaille.log.requests() if r.path.endswith(f"/{client_id}")]

    wait_for(lambda: calls() == ["GET 200"], "its log", within=10)


def test_what_an_administrator_changed_at_the_server_is_put_right_by_one_update(
    room: Room, issuer: MisbehavingIssuer
) -> None:
    _, client = registered(room, issuer)
    client["redirect_uris"] = ["https://elsewhere.example.com/callback"]
    ask(room, "one")
    room.wait_until(lambda: issuer.calls == ["POST", "GET", "PUT"], "it is put right")
    room.wait_for("web", "Registered")
    assert issuer.clients[client["client_id"]]["redirect_uris"] == ["https://shop.example.com/callback"]
    ask(room, "two")
    wait_for_read(room, 2)
    assert issuer.calls == ["POST", "GET", "PUT", "GET"]


def test_token_and_secret_that_a_read_renews_are_recorded_and_published(room: Room, make_issuer: MakeIssuer) -> None:
    issuer = make_issuer(renews_on_read=True)
    _, client = registered(room, issuer)
    before = room.secret("web")["client_secret"]
    ask(room, "one")
    wait_for_read(room)
    room.wait_until(lambda: room.secret("web")["client_secret"] == client["client_secret"], "it is published")
    assert client["client_secret"] != before
    room.delete("web")
    room.wait_until(lambda: not room.exists("web"), "it is gone")
    assert (issuer.clients, issuer.calls) == ({}, ["POST", "GET", "DELETE"])


def test_a_lost_answer_is_asked_for_once_more(room: Room, issuer: MisbehavingIssuer) -> None:
    _, client = registered(room, issuer)
    issuer.spoil("GET", lambda _: reset, applied=True)
    ask(room, "one")
    wait_for_read(room)
    assert issuer.calls == ["POST", "GET", "GET"]
    assert room.secret("web")["client_secret"] == client["client_secret"]


def test_a_lost_answer_with_the_only_token_in_it_is_said_and_ends_no_client(
    room: Room, make_issuer: MakeIssuer
) -> None:
    issuer = make_issuer(renews_on_read=True)
    uid, client = registered(room, issuer)
    issuer.spoil("GET", lambda _: reset, applied=True)
    ask(room, "one")
    ready = condition(room.wait_for("web", "ManagementLost"))
    assert "no longer accepts the registration access token" in ready["message"]
    assert issuer.calls == ["POST", "GET", "GET"]
    known = room.record(uid).published
    assert known is not None
    assert (known.alive, client["client_id"] in issuer.clients) == (True, True)


@pytest.mark.parametrize("shown", ["{bcrypt}$2a$10$7EqJtq98hPqEX7fNZaFWoO", None], ids=["a hash", "nothing"])
def test_what_stands_in_the_secrets_place_is_not_published(
    room: Room, issuer: MisbehavingIssuer, shown: str | None
) -> None:
    _, client = registered(room, issuer)
    left_out = {"client_secret", "registration_access_token", "registration_client_uri"}
    answer = {name: value for name, value in client.items() if name not in left_out}
    answer |= {} if shown is None else {"client_secret": shown}
    issuer.spoil("GET", lambda _: respond(200, answer), applied=False)
    ask(room, "one")
    wait_for_read(room)
    ready = condition(room.read("web"))
    assert (ready["status"], "looks like a hash" in ready["message"]) == ("True", shown is not None)
    assert room.secret("web")["client_secret"] == client["client_secret"]
    assert shown is None or shown not in json.dumps([room.read("web"), room.events("web")])
    room.delete("web")
    room.wait_until(lambda: not room.exists("web"), "token and address hold")
    assert issuer.clients == {}
