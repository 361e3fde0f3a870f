"""Keys by templates: what an app reads of them lets it in, they follow the spec and the pair, and take nobody's key."""

import base64
import json

import pytest

from oauthclient_operator import names
from oauthclient_operator.published_secret import KEYS_ANNOTATION
from tests.cluster.admission.account import secrets_path
from tests.cluster.scenarios.apps import BY_SECRET, gets_token
from tests.cluster.scenarios.room import Body, Room, condition
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.node_oidc_provider import NodeOIDCProvider

pytestmark = pytest.mark.usefixtures("operator")
AS_JSON = {
    "template": {
        "client.json": '{"issuer": {{ .issuer | toJson }}, "token_endpoint": {{ .token_endpoint | toJson }}, '
        '"client_id": {{ .client_id | toJson }}, "client_secret": {{ .client_secret | toJson }}, '
        '"token_endpoint_auth_method": {{ .token_endpoint_auth_method | toJson }}}',
    }
}
ENV: Body = {"template": {".env": "ID={{ .client_id }}\n"}}


def listed(room: Room) -> list[str]:
    body = room.api.get(secrets_path(room.namespace, "web")).raise_for_status().json()
    return sorted(body["metadata"]["annotations"][KEYS_ANNOTATION].split(","))


def patch(room: Room, data: dict[str, str | None]) -> None:
    encoded = {k: None if v is None else base64.b64encode(v.encode()).decode() for k, v in data.items()}
    room._patch(secrets_path(room.namespace, "web"), {"data": encoded})


async def test_an_app_that_reads_its_file_alone_gets_token_before_and_after_a_rotation(
    room: Room, node_provider: NodeOIDCProvider
) -> None:
    room.put_token("idp-token", node_provider.issuer, node_provider.initial_access_token())
    room.apply("web", node_provider.issuer, metadata=BY_SECRET, token="idp-token", secret=AS_JSON)
    room.wait_for("web", "Registered")
    first = json.loads(room.secret("web")["client.json"])
    assert await gets_token(first, node_provider.trust)
    room.put_token("idp-token", node_provider.issuer, node_provider.initial_access_token())
    room.annotate("web", names.ROTATE_ANNOTATION, "now")
    room.wait_until(lambda: room.read("web")["status"].get("edition") == 2, "another pair is published")
    second = json.loads(room.secret("web")["client.json"])
    assert second["client_id"] == room.secret("web")["client_id"] != first["client_id"]
    assert await gets_token(second, node_provider.trust)


def test_they_follow_the_spec_without_a_call_and_go_with_it(room: Room, issuer: MisbehavingIssuer) -> None:
    room.apply("web", issuer.issuer, secret=ENV)
    room.wait_for("web", "Registered")
    found = room.secret("web")
    assert found[".env"] == f"ID={found['client_id']}\n"
    assert listed(room) == sorted(found)
    room.apply("web", issuer.issuer, secret={"template": {"url": "{{ .discovery_url }}"}})
    room.wait_for("web", "Registered")
    found = room.secret("web")
    assert (found["url"], ".env" in found) == (f"{issuer.issuer}/.well-known/openid-configuration", False)
    room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    assert "url" not in room.secret("web")
    assert listed(room) == sorted(room.secret("web"))
    assert issuer.calls == ["POST"]


def test_a_users_own_key_of_that_name_stays_until_its_user_takes_it_away(room: Room, issuer: MisbehavingIssuer) -> None:
    room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    patch(room, {".env": "mine"})
    room.apply("web", issuer.issuer, secret=ENV)
    said = condition(room.wait_for("web", "SecretNotPublishable"))["message"]
    assert ".env: the Secret holds such a key that the operator did not write" in said
    assert room.secret("web")[".env"] == "mine"
    assert ".env" not in listed(room)
    patch(room, {".env": None})
    room.wait_for("web", "Registered")
    assert room.secret("web")[".env"] == f"ID={room.secret('web')['client_id']}\n"


def test_what_a_server_has_not_is_said_and_all_else_is_published(room: Room, issuer: MisbehavingIssuer) -> None:
    template = {**ENV["template"], "out": "{{ .device_authorization_endpoint }}"}
    room.apply("web", issuer.issuer, secret={"template": template})
    resource = room.wait_for("web", "SecretNotPublishable")
    assert "out: this client has no device_authorization_endpoint; take it out" in condition(resource)["message"]
    assert (".env" in room.secret("web"), "out" in room.secret("web")) == (True, False)
    assert condition(resource, "Registered")["status"] == "True"
    room.apply("web", issuer.issuer, secret=ENV)
    room.wait_for("web", "Registered")
    assert issuer.calls == ["POST"]
