"""`kubectl apply` of an OAuthClient, at real servers: registered, published, and said so in words for people."""

import base64
import json
import re

import pytest

from examples.token import fetch_token
from oauthclient_operator import names
from oauthclient_operator.record.attempts import AttemptState
from oauthclient_operator.record.told import told
from tests.cluster.scenarios.room import WEB, Room, conditions
from tests.parts.canaille import Canaille
from tests.parts.node_oidc_provider import NodeOIDCProvider

pytestmark = pytest.mark.usefixtures("operator")

SERVICE = {
    "client_name": "Report service",
    "grant_types": ["client_credentials"],
    "response_types": [],
    "redirect_uris": [],
}


def table(printed: str) -> list[dict[str, str]]:
    """Read what `kubectl get` prints; columns are where their titles are."""
    title, *lines = printed.splitlines()
    starts = [match.start() for match in re.finditer(r"(?:^|(?<=  ))\S", title)]
    cuts = [slice(*cut) for cut in zip(starts, [*starts[1:], None], strict=True)]
    return [{title[cut].strip(): line[cut].strip() for cut in cuts} for line in lines]


def test_a_person_applies_waits_and_reads(room: Room, node_provider: NodeOIDCProvider) -> None:
    kubectl, within = room.kubectl, ("-n", room.namespace)
    token = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "oauth-operator.dev/initial-access-token",
        "metadata": {"name": "idp-token", "namespace": room.namespace},
        "stringData": {"issuer": node_provider.issuer, "token": node_provider.initial_access_token()},
    }
    web = {
        "apiVersion": "oauth-operator.dev/v1alpha1",
        "kind": "OAuthClient",
        "metadata": {"name": "web", "namespace": room.namespace},
        "spec": {
            "issuer": node_provider.issuer,
            "clientMetadata": WEB,
            "secret": {"name": "web-oauth"},
            "registration": {"initialAccessToken": {"secretRef": {"name": "idp-token"}}},
        },
    }
    since = node_provider.log.mark()
    kubectl.apply([token, web])
    assert kubectl("wait", "--for=condition=Ready", "--timeout=20s", "oauthclient/web", *within) == (
        "oauthclient.oauth-operator.dev/web condition met\n"
    )
    (client_id,) = [c for c in node_provider.clients() if c == room.read("web")["status"]["clientID"]]
    assert [str(r) for r in node_provider.log.requests(since=since) if r.method == "POST"] == ["POST /reg 201"]

    (row,) = table(kubectl("get", "oauthclients", "-o", "wide", *within))
    assert re.fullmatch(r"\d+s", row.pop("AGE"))
    assert row == {
        "NAME": "web",
        "READY": "True",
        "REASON": "Registered",
        "CLIENT ID": client_id,
        "RENEW AT": "",
        "SECRET": "web-oauth",
        "ISSUER": node_provider.issuer,
        "MESSAGE": f'registered as client "{client_id}"',
    }
    assert "MESSAGE" not in kubectl("get", "oac", *within)
    assert "oauthclient.oauth-operator.dev/web" in kubectl("get", "oauth", "-o", "name", *within)

    # The Event is written after the status, and kubectl sees it when it is there.
    room.wait_until(lambda: bool(room.events("web")), "the Event")
    described = " ".join(kubectl("describe", "oauthclient", "web", *within).split())
    for message, reason, kind in (
        (f'registered as client "{client_id}"', "Registered", "Ready"),
        (f'client "{client_id}" is registered', "Registered", "Registered"),
        ("Secret web-oauth holds the credentials", "Published", "SecretPublished"),
    ):
        said = f"Message: {message} Observed Generation: 1 Reason: {reason} Status: True Type: {kind}"
        assert said in described
    assert re.search(
        rf'Normal Registered \S+ oauth-operator.dev/oauthclient-operator client "{client_id}" was registered at ',
        described,
    )
    assert "Stalled" not in described


def test_an_app_finds_all_it_needs_in_the_secret(room: Room, node_provider: NodeOIDCProvider) -> None:
    room.put_token("idp-token", node_provider.issuer, node_provider.initial_access_token())
    uid = room.apply("reports", node_provider.issuer, metadata=SERVICE, token="idp-token")
    status = room.wait_for("reports", "Registered")["status"]
    found = room.secret("reports")
    at = node_provider.issuer
    assert found.keys() == {
        "client_id",
        "client_secret",
        "issuer",
        "token_endpoint_auth_method",
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "end_session_endpoint",
        "introspection_endpoint",
        "revocation_endpoint",
        "pushed_authorization_request_endpoint",
    }
    assert (found["client_id"], found["issuer"]) == (status["clientID"], at)
    assert (found["token_endpoint"], found["token_endpoint_auth_method"]) == (f"{at}/token", "client_secret_basic")
    assert fetch_token(found, node_provider.trust)["token_type"] == "Bearer"

    secret = room.kubectl.json("get", "secret", "reports", "-n", room.namespace)
    assert secret["type"] == "Opaque"
    assert secret["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "oauthclient-operator"}
    (owner,) = secret["metadata"]["ownerReferences"]
    assert (owner["uid"], owner["kind"], "blockOwnerDeletion" in owner) == (uid, "OAuthClient", False)
    assert status["secret"] == {
        "name": "reports",
        "uid": secret["metadata"]["uid"],
        "resourceVersion": secret["metadata"]["resourceVersion"],
    }


def test_keys_are_renamed_and_a_public_client_has_no_secret(room: Room, node_provider: NodeOIDCProvider) -> None:
    room.put_token("idp-token", node_provider.issuer, node_provider.initial_access_token())
    public = {**WEB, "token_endpoint_auth_method": "none"}
    names_of_keys = {"client_id": "CLIENT_ID", "client_secret": "CLIENT_SECRET"}
    room.apply("web", node_provider.issuer, token="idp-token", secret={"name": "web-oauth", "keys": names_of_keys})
    room.apply("native", node_provider.issuer, metadata=public, token="idp-token", secret={"keys": names_of_keys})
    room.wait_for("web", "Registered")
    room.wait_for("native", "Registered")
    assert {"CLIENT_ID", "CLIENT_SECRET"} <= room.secret("web-oauth").keys()
    native = room.secret("native")
    assert native["token_endpoint_auth_method"] == "none"
    assert "CLIENT_ID" in native
    assert not {"client_id", "client_secret", "CLIENT_SECRET"} & native.keys()
    assert not room.has_secret("web")


def test_the_record_holds_all_and_the_tenant_sees_none_of_it(room: Room, node_provider: NodeOIDCProvider) -> None:
    token = node_provider.initial_access_token()
    room.put_token("idp-token", node_provider.issuer, token)
    uid = room.apply("web", node_provider.issuer, token="idp-token", policy={"deletion": "Delete"})
    resource = room.wait_for("web", "Registered")
    record = room.record(uid)
    assert (record.subject.namespace, record.subject.name, record.subject.uid) == (room.namespace, "web", uid)
    assert (record.deletion, record.secrets) == ("Delete", ("web",))
    assert (record.open, record.suspects, record.surplus, record.released) == (None, (), (), None)
    assert [(a.number, a.state) for a in record.attempts] == [(1, AttemptState.COMMITTED)]
    assert record.published is not None
    assert record.published.issuer == node_provider.issuer
    information = record.published.information
    assert information.registration_client_uri == f"{node_provider.issuer}/reg/{information.client_id}"
    assert information.registration_access_token is not None
    assert record.published.accepted.members == WEB

    assert resource["status"]["registration"]["manageable"] is True
    management = information.registration_access_token.reveal()
    shown = json.dumps([resource, room.events("web"), room.secret("web")])
    assert management not in shown
    assert token not in shown
    assert token.encode() not in base64.b64decode(room.read_record(uid)["data"]["record"])
    log = room.operators.log()
    for confidential in (management, token, room.secret("web")["client_secret"]):
        assert confidential not in log


def test_the_record_is_labelled_so_that_a_list_tells_all(room: Room, node_provider: NodeOIDCProvider) -> None:
    room.put_token("idp-token", node_provider.issuer, node_provider.initial_access_token())
    uid = room.apply("web", node_provider.issuer, token="idp-token")
    room.wait_for("web", "Registered")
    record = room.kubectl.json("get", "secret", uid, "-n", names.RECORDS_NAMESPACE)
    assert record["type"] == "oauth-operator.dev/registration"
    labels, annotations = record["metadata"]["labels"], record["metadata"]["annotations"]
    assert labels.pop("oauth-operator.dev/state") == "Registered"
    assert sorted(re.sub("[0-9a-f]{40}", "HASH", label) for label in labels) == [
        "client-id.oauth-operator.dev/HASH",
        "client.oauth-operator.dev/HASH",
        f"namespace.oauth-operator.dev/{room.namespace}",
    ]
    record = room.record(uid)
    (client,) = record.clients
    assert client.confirmed is not None
    assert annotations == {
        "oauth-operator.dev/confirmed": client.confirmed.digest,
        "oauth-operator.dev/told": told(record, client),
    }


def test_at_canaille(room: Room, canaille: Canaille) -> None:
    room.put_token("idp-token", canaille.issuer, canaille.initial_access_token())
    uid = room.apply("web", canaille.issuer, metadata={**WEB, "client_name#ja": "店"}, token="idp-token")
    resource = room.wait_for("web", "Registered")
    assert conditions(resource) == {
        "Ready": ("True", "Registered"),
        "Registered": ("True", "Registered"),
        "SecretPublished": ("True", "Published"),
    }
    assert room.secret("web")["client_id"] == resource["status"]["clientID"]
    assert room.secret("web")["token_endpoint"] == f"{canaille.issuer}/oauth/token"
    # It merges and keeps what it knows; a name in another language it does not.
    assert resource["status"]["registration"]["deviations"] == ["client_name#ja"]
    assert room.record(uid).published is not None
