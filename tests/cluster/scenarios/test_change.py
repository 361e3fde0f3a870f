"""An edit of clientMetadata becomes one PUT, and its answer is recorded before it is used: at real servers."""

from collections.abc import Iterator

import pytest

from examples.token import fetch_token
from oauthclient_operator import names
from oauthclient_operator.resource.desired import DeletionPolicy
from tests.cluster.scenarios.conftest import MakeIssuer
from tests.cluster.scenarios.room import WEB, Body, Room, condition, conditions
from tests.parts.audit import AuditLog
from tests.parts.canaille import Canaille
from tests.parts.certificates import CertificateAuthority
from tests.parts.installation import OPERATOR_USER
from tests.parts.node_oidc_provider import NodeOIDCProvider, node_oidc_provider
from tests.parts.processes import Process

pytestmark = pytest.mark.usefixtures("operator")
SERVICE: Body = {
    "client_name": "Report service",
    "grant_types": ["client_credentials"],
    "response_types": [],
    "redirect_uris": [],
}
RENAMED: Body = {**WEB, "client_name": "Web shop, renamed"}
REJECTED: Body = {**WEB, "scope": "openid nobody-knows-this-scope"}


@pytest.fixture(scope="module")
def unmanaged_provider(
    tmp_path_factory: pytest.TempPathFactory, certificate_authority: CertificateAuthority
) -> Iterator[NodeOIDCProvider]:
    directory = tmp_path_factory.mktemp("without-management")
    with node_oidc_provider(directory, certificate_authority, initial_access_token=False, management=False) as server:
        yield server


@pytest.fixture
def token(room: Room, node_provider: NodeOIDCProvider) -> str:
    room.put_token("idp-token", node_provider.issuer, node_provider.initial_access_token())
    return "idp-token"


def registration_access_token(room: Room, uid: str) -> str:
    client = room.record(uid).published
    assert client is not None
    assert client.information.registration_access_token is not None
    return client.information.registration_access_token.reveal()


def calls(server: NodeOIDCProvider | Canaille, client_id: str) -> list[str]:
    """Return method and status of the calls about one client, in their order."""
    return [f"{r.method} {r.status}" for r in server.log.requests() if r.path.endswith(f"/{client_id}")]


def test_each_edit_is_one_put_and_the_rotated_token_serves_the_next(
    room: Room, node_provider: NodeOIDCProvider, token: str
) -> None:
    uid = room.apply("web", node_provider.issuer, metadata=SERVICE, token=token)
    client_id = room.wait_for("web", "Registered")["status"]["clientID"]
    tokens, published = [registration_access_token(room, uid)], room.secret("web")
    for number in (1, 2):
        room.apply("web", node_provider.issuer, metadata={**SERVICE, "client_name": f"Edit {number}"}, token=token)
        room.wait_for("web", "Registered")
        assert node_provider.clients()[client_id]["client_name"] == f"Edit {number}"
        tokens.append(registration_access_token(room, uid))
    assert calls(node_provider, client_id) == ["PUT 200", "PUT 200"]
    assert len(set(tokens)) == 3
    assert room.secret("web") == published
    assert fetch_token(published, node_provider.trust)["token_type"] == "Bearer"


def test_a_server_that_never_rotates_takes_the_same_token_again(room: Room, canaille: Canaille) -> None:
    room.put_token("canaille-token", canaille.issuer, canaille.initial_access_token())
    uid = room.apply("web", canaille.issuer, token="canaille-token")
    client_id = room.wait_for("web", "Registered")["status"]["clientID"]
    tokens = [registration_access_token(room, uid)]
    for number in (1, 2):
        room.apply("web", canaille.issuer, metadata={**WEB, "client_name": f"Edit {number}"}, token="canaille-token")
        room.wait_for("web", "Registered")
        tokens.append(registration_access_token(room, uid))
    assert calls(canaille, client_id) == ["PUT 200", "PUT 200"]
    assert len(set(tokens)) == 1


def test_a_removed_member_that_a_merging_server_keeps_is_named(room: Room, canaille: Canaille) -> None:
    room.put_token("canaille-token", canaille.issuer, canaille.initial_access_token())
    room.apply(
        "web", canaille.issuer, metadata={**WEB, "client_uri": "https://shop.example.com"}, token="canaille-token"
    )
    before = room.wait_for("web", "Registered")["status"]
    assert "client_uri" not in before["registration"].get("deviations", [])
    room.apply("web", canaille.issuer, token="canaille-token")
    after = room.wait_for("web", "Registered")["status"]
    assert "client_uri" in after["registration"]["deviations"]
    assert calls(canaille, after["clientID"]) == ["PUT 200"]


def test_a_new_secret_is_recorded_and_then_published(room: Room, make_issuer: MakeIssuer, audit: AuditLog) -> None:
    issuer = make_issuer(renews_secret=True)
    uid = room.apply("web", issuer.issuer)
    client_id = room.wait_for("web", "Registered")["status"]["clientID"]
    before, mark = room.secret("web"), audit.mark()
    room.apply("web", issuer.issuer, metadata=RENAMED)
    room.wait_for("web", "Registered")
    after = room.secret("web")
    assert after["client_secret"] == issuer.clients[client_id]["client_secret"] != before["client_secret"]
    assert {**after, "client_secret": ""} == {**before, "client_secret": ""}
    assert audit.secret_patches(OPERATOR_USER, since=mark, about={room.namespace, uid}) == [
        (room.namespace, "web", True),
        (names.RECORDS_NAMESPACE, uid, False),  # the claim
        (names.RECORDS_NAMESPACE, uid, False),  # the answer
        (room.namespace, "web", False),
    ]


def test_a_change_of_policy_alone_sends_nothing(room: Room, node_provider: NodeOIDCProvider, token: str) -> None:
    uid = room.apply("web", node_provider.issuer, token=token)
    client_id = room.wait_for("web", "Registered")["status"]["clientID"]
    assert room.record(uid).deletion == DeletionPolicy.DELETE
    room.apply("web", node_provider.issuer, token=token, policy={"deletion": "Retain"})
    room.wait_for("web", "Registered")
    assert room.record(uid).deletion == DeletionPolicy.RETAIN
    assert calls(node_provider, client_id) == []


def test_a_rejected_update_keeps_what_works_and_an_edit_back_sends_nothing(
    room: Room, node_provider: NodeOIDCProvider, token: str
) -> None:
    room.apply("web", node_provider.issuer, token=token)
    client_id = room.wait_for("web", "Registered")["status"]["clientID"]
    published, known = room.secret("web"), node_provider.clients()[client_id]
    room.apply("web", node_provider.issuer, metadata=REJECTED, token=token)
    rejected = room.wait_for("web", "UpdateRejected")
    assert conditions(rejected) == {
        "Ready": ("False", "UpdateRejected"),
        "Registered": ("True", "UpdateRejected"),
        "SecretPublished": ("True", "Published"),
        "Stalled": ("True", "UpdateRejected"),
    }
    # The server's own words, quoted.
    assert "HTTP 400 invalid_client_metadata" in condition(rejected)["message"]
    assert rejected["status"]["clientID"] == client_id
    assert room.secret("web") == published
    assert node_provider.clients()[client_id] == known
    room.apply("web", node_provider.issuer, token=token)
    assert conditions(room.wait_for("web", "Registered"))["Ready"] == ("True", "Registered")
    # Once as the server answered last, and once with what the spec asks alone.
    assert calls(node_provider, client_id) == ["PUT 400", "PUT 400"]


def test_another_edit_after_a_rejected_one_is_sent_at_once(
    room: Room, node_provider: NodeOIDCProvider, token: str
) -> None:
    room.apply("web", node_provider.issuer, token=token)
    client_id = room.wait_for("web", "Registered")["status"]["clientID"]
    room.apply("web", node_provider.issuer, metadata=REJECTED, token=token)
    room.wait_for("web", "UpdateRejected")
    room.apply("web", node_provider.issuer, metadata=RENAMED, token=token)
    room.wait_for("web", "Registered")
    assert calls(node_provider, client_id) == ["PUT 400", "PUT 400", "PUT 200"]
    assert node_provider.clients()[client_id]["client_name"] == RENAMED["client_name"]


def test_a_server_without_management_keeps_the_old_registration(
    room: Room, unmanaged_provider: NodeOIDCProvider
) -> None:
    room.apply("web", unmanaged_provider.issuer, metadata=SERVICE)
    status = room.wait_for("web", "Registered")["status"]
    assert status["registration"]["manageable"] is False
    published, mark = room.secret("web"), unmanaged_provider.log.mark()
    room.apply("web", unmanaged_provider.issuer, metadata={**SERVICE, "client_name": "Renamed"})
    said = conditions(room.wait_for("web", "UpdateUnsupported"))
    assert said["Ready"] == ("False", "UpdateUnsupported")
    assert said["Registered"] == ("True", "UpdateUnsupported")
    assert said["SecretPublished"] == ("True", "Published")
    assert room.secret("web") == published
    assert fetch_token(published, unmanaged_provider.trust)["token_type"] == "Bearer"
    room.apply("web", unmanaged_provider.issuer, metadata=SERVICE)
    assert conditions(room.wait_for("web", "Registered"))["Ready"] == ("True", "Registered")
    # The token above was ours; the operator called nothing.
    assert unmanaged_provider.log.counts(since=mark) == {"POST": 1}


def test_a_client_that_the_server_forgot_is_not_registered_again_by_itself(
    room: Room, node_provider: NodeOIDCProvider, token: str
) -> None:
    room.apply("web", node_provider.issuer, token=token)
    client_id = room.wait_for("web", "Registered")["status"]["clientID"]
    published = room.secret("web")
    node_provider.forget(client_id)
    room.apply("web", node_provider.issuer, metadata=RENAMED, token=token)
    lost = room.wait_for("web", "ManagementLost")
    assert conditions(lost)["Ready"] == ("False", "ManagementLost")
    assert conditions(lost)["SecretPublished"] == ("True", "Published")
    assert lost["status"]["registration"]["manageable"] is False
    assert "may or may not still exist" in condition(lost)["message"]
    assert room.secret("web") == published
    assert calls(node_provider, client_id) == ["PUT 401"]


def test_the_operators_log_names_no_credential(
    room: Room, node_provider: NodeOIDCProvider, token: str, operator: Process
) -> None:
    uid = room.apply("web", node_provider.issuer, token=token)
    room.wait_for("web", "Registered")
    room.apply("web", node_provider.issuer, metadata=REJECTED, token=token)
    room.wait_for("web", "UpdateRejected")
    log = operator.log.read_text()
    assert uid in log
    for confidential in (registration_access_token(room, uid), room.secret("web")["client_secret"]):
        assert confidential not in log
