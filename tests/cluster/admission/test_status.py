"""What people and tools see of an OAuthClient: its first status, `kubectl wait`, columns, `kubectl explain`."""

import json
import subprocess
from typing import Any

import pytest

from tests.cluster.admission.account import Account, Answer, oauth_clients_path
from tests.cluster.admission.manifests import oauth_client
from tests.parts.kubectl import Kubectl, KubectlError

NEW = {
    "observedGeneration": -1,
    "conditions": [
        {
            "type": "Ready",
            "status": "Unknown",
            "reason": "Pending",
            "message": "waiting for the operator",
            "lastTransitionTime": "1970-01-01T00:00:00Z",
        }
    ],
}


def _report(operator: Account, room: str, name: str, generation: int, **more: Any) -> Answer:
    ready = {
        "type": "Ready",
        "status": "True",
        "reason": "Registered",
        "message": "registered and published",
        "lastTransitionTime": "2026-11-24T10:00:00Z",
        "observedGeneration": generation,
    }
    status = {"observedGeneration": generation, "conditions": [ready], **more}
    return operator.patch(oauth_clients_path(room, name) + "/status", {"status": status})


def test_a_new_resource_is_pending_in_the_answer_in_get_and_in_the_watch(admin: Kubectl, room: str) -> None:
    # A version of this very list: kubectl's own has none, and the namespace's may be older than the definition.
    listed = json.loads(admin("get", "--raw", oauth_clients_path(room)))
    before = listed["metadata"]["resourceVersion"]
    manifest = json.dumps(oauth_client(room, "new"))
    answer = json.loads(admin("create", "--raw", oauth_clients_path(room), "-f", "-", stdin=manifest))
    assert answer["status"] == NEW
    assert admin.json("get", "oauthclient", "new", "-n", room)["status"] == NEW
    watched = admin("get", "--raw", f"{oauth_clients_path(room)}?watch=1&resourceVersion={before}&timeoutSeconds=1")
    event = json.loads(watched.splitlines()[0])
    assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "new")
    assert event["object"]["status"] == NEW


def test_a_status_that_a_user_writes_is_dropped(admin: Kubectl, room: str) -> None:
    admin.apply({**oauth_client(room, "vain"), "status": {"clientID": "mine", "observedGeneration": 7}})
    assert admin.json("get", "oauthclient", "vain", "-n", room)["status"] == NEW


def test_what_is_left_out_of_the_spec_is_filled_in(admin: Kubectl, room: str) -> None:
    manifest = oauth_client(room, "plain")
    admin.apply(manifest)
    defaults = {
        "discovery": {"form": "Auto"},
        "policy": {"deletion": "Delete", "ambiguous": "Retry", "expiry": "Renew"},
    }
    assert admin.json("get", "oauthclient", "plain", "-n", room)["spec"] == manifest["spec"] | defaults


def test_kubectl_wait_is_about_this_generation(admin: Kubectl, operator: Account, room: str) -> None:
    def wait() -> str:
        return admin("wait", "--for=condition=Ready", "oauthclient/waited", "-n", room, "--timeout=1s")

    admin.apply(oauth_client(room, "waited"))
    with pytest.raises(KubectlError, match="timed out waiting"):
        wait()
    _report(operator, room, "waited", 1)
    assert "condition met" in wait()
    admin.apply(oauth_client(room, "waited", members={"grant_types": ["client_credentials"], "client_name": "Other"}))
    assert admin.json("get", "oauthclient", "waited", "-n", room)["metadata"]["generation"] == 2
    with pytest.raises(KubectlError, match="timed out waiting"):
        wait()
    _report(operator, room, "waited", 2)
    assert "condition met" in wait()


def test_kubectl_wait_returns_when_the_status_comes(admin: Kubectl, operator: Account, room: str) -> None:
    admin.apply(oauth_client(room, "awaited"))
    command = [*admin.command(), "wait", "--for=condition=Ready", "oauthclient/awaited", "-n", room, "--timeout=30s"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as waiting:
        _report(operator, room, "awaited", 1)
        said, _ = waiting.communicate(timeout=40)
    assert (waiting.returncode, "condition met" in said) == (0, True)


def test_the_columns_answer_the_first_questions(admin: Kubectl, operator: Account, room: str) -> None:
    admin.apply(oauth_client(room, "shown"))
    rotation = {"publishedAt": "2026-11-24T10:00:00Z", "renewAt": "2026-12-14T10:00:00Z"}
    _report(operator, room, "shown", 1, clientID="s6BhdRkqt3", secret={"name": "shown-oauth"}, rotation=rotation)
    header, row = admin("get", "oac", "shown", "-n", room).splitlines()
    assert header.split() == ["NAME", "READY", "REASON", "SECRET", "ISSUER", "AGE"]
    assert row.split()[:5] == ["shown", "True", "Registered", "shown-oauth", "https://idp.example.com/realms/shop"]
    header, row = admin("get", "oauth", "-n", room, "-o", "wide", "--field-selector=metadata.name=shown").splitlines()
    assert header.split()[6:] == ["CLIENT", "ID", "RENEW", "AT", "MESSAGE"]
    assert row.split()[6:] == ["s6BhdRkqt3", "2026-12-14T10:00:00Z", "registered", "and", "published"]


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("oauthclient", "An OAuth 2.0 client at one authorization server."),
        ("oauthclient.spec.issuer", "RFC 8414 section 3.3"),
        ("oauthclient.spec.clientMetadata.redirect_uris", "RFC 6749 section 3.1.2"),
        ("oauthclient.spec.clientMetadata.client_secret", "issued by the authorization server"),
        ("oauthclient.spec.secret.keys", "CLIENT_ID"),
        ("oauthclient.spec.policy.ambiguous", "Hold waits for a person"),
        ("oauthclient.spec.rotation.overlap", "pods have so long to take it up"),
        ("oauthclient.status.conditions", "only a person can help"),
    ],
)
def test_kubectl_explain_explains(admin: Kubectl, field: str, words: str) -> None:
    assert words in " ".join(admin("explain", field).split())


def test_suspects_are_a_map_by_attempt(admin: Kubectl, operator: Account, room: str) -> None:
    admin.apply(oauth_client(room, "suspects"))
    suspect = {"attempt": 1, "issuer": "https://idp.example.com", "sentAt": "2026-11-24T10:00:00Z"}
    both = _report(operator, room, "suspects", 1, suspectedOrphans=[suspect, suspect | {"attempt": 2}])
    assert both.status == 200
    twice = _report(operator, room, "suspects", 1, suspectedOrphans=[suspect, suspect])
    assert (twice.status, "suspectedOrphans[1]: Duplicate value" in twice.message) == (422, True)


def test_what_is_said_of_a_rotation_is_stored(admin: Kubectl, operator: Account, room: str) -> None:
    admin.apply(oauth_client(room, "rotated"))
    rotation = {
        "publishedAt": "2026-11-24T10:00:00Z",
        "reasons": ["Expiry", "Moved"],
        "strategy": "Reregister",
        "leaving": [{"clientID": "s6BhdRkqt3", "until": "2026-11-25T10:00:00Z"}, {"clientID": "s6BhdRkqt3"}],
    }
    _report(operator, room, "rotated", 1, edition=3, rotation=rotation)
    stored = admin.json("get", "oauthclient", "rotated", "-n", room)["status"]
    assert (stored["edition"], stored["rotation"]) == (3, rotation)
