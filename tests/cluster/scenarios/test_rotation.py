"""One client takes the place of another while apps run: what users see in each phase, and what the issuers are asked."""

from typing import Any

from oauthclient_operator.names import PAUSED_ANNOTATION, RETRY_ANNOTATION, ROTATE_ANNOTATION
from tests.cluster.scenarios.conftest import MakeIssuer
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import Room, condition
from tests.parts.misbehaving import respond
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.node_oidc_provider import NodeOIDCProvider
from tests.parts.processes import Process

AT_ONCE: dict[str, Any] = {"rotation": {"overlap": "1s"}}
"""Long enough to be seen by the API server's clock, which tells seconds."""


def described(room: Room, name: str = "web") -> str:
    return " ".join(room.kubectl("describe", "oauthclients.oauth-operator.dev", name, "-n", room.namespace).split())


def told(room: Room, name: str = "web") -> list[tuple[str, str]]:
    return [(kind, reason) for kind, reason, _ in room.events(name)]


def test_rotated_on_request_and_the_one_before_is_good_for_a_day(
    room: Room, operator: Process, node_provider: NodeOIDCProvider
) -> None:
    assert operator.running()
    room.put_token("idp-token", node_provider.issuer, node_provider.initial_access_token())
    room.apply("web", node_provider.issuer, token="idp-token")
    room.wait_for("web", "Registered")
    before, log = room.secret("web"), node_provider.log.mark()
    room.annotate("web", ROTATE_ANNOTATION, "now")
    resource = room.wait_for("web", "Leaving", kind="Renewing")
    after = room.secret("web")
    assert after["client_id"] != before["client_id"]
    assert after["client_secret"] != before["client_secret"]
    assert after.keys() == before.keys()
    assert condition(resource)["status"] == "True"
    assert (resource["status"]["clientID"], resource["status"]["edition"]) == (after["client_id"], 2)
    (leaving,) = resource["status"]["rotation"]["leaving"]
    assert leaving["clientID"] == before["client_id"]
    # Clients of tests before go when their namespaces do.
    own = [r for r in node_provider.log.requests(since=log) if r.method != "DELETE" or before["client_id"] in r.path]
    assert [str(r) for r in own] == ["POST /reg 201"]
    text = described(room)
    assert f'client "{before["client_id"]}" until {leaving["until"]}' in text
    assert "pods have to have taken up the Secret" in text
    room.wait_until(lambda: len(told(room)) == 3, "the Events")
    assert told(room) == [("Normal", "Registered"), ("Normal", "Registered"), ("Normal", "Promoted")]
    # Deleted meanwhile, both are ended.
    log = node_provider.log.mark()
    room.delete("web")
    room.wait_until(lambda: not room.exists("web"), "web is gone")
    both = (before["client_id"], after["client_id"])
    ends = [str(r) for r in node_provider.log.requests(since=log) if r.path.rpartition("/")[2] in both]
    assert sorted(ends) == sorted(f"DELETE /reg/{client_id} 204" for client_id in both)


def test_the_one_before_is_ended_when_its_time_is_over(
    room: Room, operator: Process, issuer: MisbehavingIssuer
) -> None:
    assert operator.running()
    room.apply("web", issuer.issuer, **AT_ONCE)
    room.wait_for("web", "Registered")
    room.annotate("web", ROTATE_ANNOTATION, "now")
    room.wait_until(lambda: issuer.calls == ["POST", "POST", "DELETE"], "the one before is deregistered")
    room.wait_until(lambda: not condition(room.read("web"), "Renewing"), "nothing is said of a rotation")
    assert [*issuer.clients] == [room.secret("web")["client_id"]]
    assert "leaving" not in room.read("web")["status"]["rotation"]
    room.wait_until(lambda: ("Normal", "Deregistered") in told(room), "the Events")
    assert told(room)[1:] == [
        ("Normal", "Registered"),
        ("Normal", "Promoted"),
        ("Normal", "Left"),
        ("Normal", "Deregistered"),
    ]


def test_a_rotation_that_the_issuer_refuses_says_so_and_what_is_published_stays(
    room: Room, operator: Process, issuer: MisbehavingIssuer
) -> None:
    assert operator.running()
    room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    before = room.secret("web")
    issuer.spoil("POST", lambda _: respond(403, {"error": "access_denied"}), applied=False)
    room.annotate("web", ROTATE_ANNOTATION, "now")
    resource = room.wait_for("web", "RenewalFailed", kind="Renewing")
    assert condition(resource)["status"] == "True"
    assert room.secret("web") == before
    text = described(room)
    assert (
        f'client "{before["client_id"]}" has to be replaced, for the annotation {ROTATE_ANNOTATION} asks for it' in text
    )
    assert "access_denied" in text
    # The administrator let it in.
    room.annotate("web", RETRY_ANNOTATION, "now")
    room.wait_for("web", "Leaving", kind="Renewing")
    assert room.secret("web")["client_id"] != before["client_id"]


def test_a_server_without_management_keeps_the_one_before(
    room: Room, operator: Process, make_issuer: MakeIssuer
) -> None:
    assert operator.running()
    issuer = make_issuer(manages=False)
    room.apply("web", issuer.issuer, **AT_ONCE)
    room.wait_for("web", "Registered")
    before = room.secret("web")["client_id"]
    room.annotate("web", ROTATE_ANNOTATION, "now")
    room.wait_until(lambda: ("Warning", "LeftBehind") in told(room), "it is told")
    assert issuer.calls == ["POST", "POST"]
    (note,) = (note for _, reason, note in room.events("web") if reason == "LeftBehind")
    assert f'client "{before}"' in note
    assert condition(room.read("web"))["status"] == "True"


def test_moved_to_another_issuer(room: Room, operator: Process, make_issuer: MakeIssuer) -> None:
    assert operator.running()
    old, new = make_issuer(), make_issuer()
    room.apply("web", old.issuer, **AT_ONCE)
    room.wait_for("web", "Registered")
    room.apply("web", new.issuer, **AT_ONCE)
    room.wait_for("web", "Registered")
    secret = room.secret("web")
    assert secret["issuer"] == new.issuer
    assert [*new.clients] == [secret["client_id"]]
    room.wait_until(lambda: old.calls == ["POST", "DELETE"], "the old one is deregistered at its own issuer")
    assert (old.clients, new.calls) == ({}, ["POST"])


def test_paused_and_resumed(room: Room, operators: Operators, issuer: MisbehavingIssuer) -> None:
    assert operators.running().running()
    room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    before = room.secret("web")
    room.annotate("web", PAUSED_ANNOTATION, "true")
    room.wait_for("web", "Paused", kind="Paused")
    room.annotate("web", ROTATE_ANNOTATION, "now")
    edited = {"client_name": "Shop", "redirect_uris": ["https://shop.example.com/callback"]}
    room.apply("web", issuer.issuer, metadata=edited)
    room.wait_for("web", "Paused")
    room.wait_for("web", "RenewalFailed", kind="Renewing")
    assert (issuer.calls, room.secret("web")) == (["POST"], before)
    text = described(room)
    assert f"the annotation {PAUSED_ANNOTATION} of this resource is true, so nothing is called" in text
    assert "cannot be done yet: see Paused; what is published stays meanwhile" in text
    room.annotate("web", PAUSED_ANNOTATION, None)
    room.wait_for("web", "Leaving", kind="Renewing")
    room.wait_for("web", "Registered")
    assert room.secret("web")["client_id"] != before["client_id"]
    assert issuer.clients[room.secret("web")["client_id"]]["client_name"] == "Shop"
    # A deletion waits as well.
    room.annotate("web", PAUSED_ANNOTATION, "true")
    room.wait_for("web", "Paused", kind="Paused")
    calls = [*issuer.calls]
    room.delete("web")
    room.wait_for("web", "Paused")
    assert issuer.calls == calls
    room.annotate("web", PAUSED_ANNOTATION, None)
    room.wait_until(lambda: not room.exists("web"), "web is gone")
    assert issuer.clients == {}
