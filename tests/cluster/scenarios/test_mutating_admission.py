"""Real admission policies that rewrite or deny our Secrets, and a Secret of somebody else's in the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from oauthclient_operator import names
from tests.cluster.admission.account import MERGE_PATCH, secrets_path
from tests.cluster.scenarios.room import WEB, Body, Room, condition
from tests.parts.audit import AuditLog
from tests.parts.installation import OPERATOR_USER
from tests.parts.misbehaving_issuer import MisbehavingIssuer

pytestmark = pytest.mark.usefixtures("operator")
POLICIES = "/apis/admissionregistration.k8s.io/v1"
SECRETS = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["secrets"]}


def policy(kind: str, name: str, namespace: str, **spec: Any) -> list[tuple[str, Body]]:
    """Return a policy for the Secrets of a namespace, and its binding."""
    match = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "resourceRules": [SECRETS],
    }
    plural = f"{kind.lower().removesuffix('y')}ies"
    bound = {"policyName": name, **({"validationActions": ["Deny"]} if kind.startswith("Validating") else {})}
    return [
        (plural, {"metadata": {"name": name}, "spec": {"matchConstraints": match, "failurePolicy": "Fail", **spec}}),
        (f"{kind.lower()}bindings", {"metadata": {"name": name}, "spec": bound}),
    ]


def mutation(patch: dict[str, Any]) -> dict[str, Any]:
    return {"reinvocationPolicy": "Never", "mutations": [patch]}


LABELLED = {
    "patchType": "ApplyConfiguration",
    "applyConfiguration": {"expression": "Object{metadata: Object.metadata{labels: {'example.com/team': 'platform'}}}"},
}
REWRITTEN = {
    "patchType": "JSONPatch",
    "jsonPatch": {"expression": "[JSONPatch{op: 'add', path: '/data/client_id', value: 'cGxhdGZvcm0='}]"},
}


@contextmanager
def applied(room: Room, manifests: list[tuple[str, Body]]) -> Iterator[None]:
    """Apply a policy, and take it away again."""
    made = []
    try:
        for plural, body in manifests:
            room.api.post(f"{POLICIES}/{plural}", json=body).raise_for_status()
            made.append(f"{POLICIES}/{plural}/{body['metadata']['name']}")
        yield
    finally:
        for path in reversed(made):
            room.api.delete(path).raise_for_status()


def in_force(room: Room, shows: Any) -> None:
    """Wait until a dry run shows it: a policy applies about a second after its binding was made."""

    def so() -> bool:
        body = {"metadata": {"name": "probe", "labels": {"example.com/team": "shop"}}, "data": {"client_id": "YQ=="}}
        return bool(shows(room.api.post(secrets_path(room.namespace), json=body, params={"dryRun": "All"})))

    room.wait_until(so, "the policy is in force", within=30)


@pytest.mark.newer
def test_a_label_that_is_rewritten_is_named_and_everything_else_goes_on(
    room: Room, issuer: MisbehavingIssuer, audit: AuditLog
) -> None:
    spec = {"secret": {"labels": {"example.com/team": "shop"}}}
    with applied(room, policy("MutatingAdmissionPolicy", "teams.example.com", room.namespace, **mutation(LABELLED))):
        in_force(room, lambda answer: "platform" in answer.text)
        since = audit.mark()
        uid = room.apply("web", issuer.issuer, **spec)
        resource = room.wait_for("web", "Registered")
        assert "example.com/team" in condition(resource)["message"]
        room.apply("web", issuer.issuer, metadata={**WEB, "client_name": "Renamed"}, **spec)
        room.wait_for("web", "Registered")
        assert issuer.clients["client-1"]["client_name"] == "Renamed"
        # The last pass of all is over when it has written down what it was asked.
        room.annotate("web", names.RETRY_ANNOTATION, "1")
        room.wait_until(lambda: room.record(uid).retry is not None, "the retry was served")
    asked = [str(r) for r in audit.requests(OPERATOR_USER, since=since) if r.namespace == room.namespace]
    # One for what the edit's answer brought, one because a person asked.
    assert asked.count("create secrets") == 1
    assert asked.count("patch secrets") <= 2


@pytest.mark.newer
def test_data_that_would_be_rewritten_are_known_before_there_is_a_client(room: Room, issuer: MisbehavingIssuer) -> None:
    with applied(room, policy("MutatingAdmissionPolicy", "data.example.com", room.namespace, **mutation(REWRITTEN))):
        in_force(room, lambda answer: "cGxhdGZvcm0=" in answer.text)
        room.apply("web", issuer.issuer)
        resource = room.wait_for("web", "SecretNotPublishable")
        assert "client_id" in condition(resource)["message"]
        assert (issuer.calls, room.has_secret("web")) == ([], False)


@pytest.mark.parametrize("reason", ["Invalid", "Forbidden", "RequestEntityTooLarge"])
def test_a_denial_says_why_whatever_status_code_its_policy_chose(
    room: Room, issuer: MisbehavingIssuer, reason: str
) -> None:
    rule = {"expression": "false", "message": "ask the platform team for Secrets", "reason": reason}
    named = policy("ValidatingAdmissionPolicy", f"{reason.lower()}.example.com", room.namespace, validations=[rule])
    with applied(room, named):
        in_force(room, lambda answer: not answer.is_success)
        room.apply("web", issuer.issuer)
        resource = room.wait_for("web", "SecretNotPublishable")
        assert "denied request: ask the platform team for Secrets" in condition(resource)["message"]
        assert issuer.calls == []


def test_a_secret_in_the_way_is_said_to_be_whose_and_its_removal_is_noticed_within_seconds(
    room: Room, issuer: MisbehavingIssuer
) -> None:
    # An owner that is there, or the garbage collector would be faster.
    maps = room.api.post(f"/api/v1/namespaces/{room.namespace}/configmaps", json={"metadata": {"name": "theirs"}})
    uid = maps.raise_for_status().json()["metadata"]["uid"]
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "theirs", "uid": uid}
    path = secrets_path(room.namespace)
    room.api.post(path, json={"metadata": {"name": "web"}}).raise_for_status()
    room.apply("web", issuer.issuer)
    resource = room.wait_for("web", "SecretNotOwned")
    assert "it has no owner reference at all" in condition(resource)["message"]
    room.api.patch(
        f"{path}/web", json={"metadata": {"ownerReferences": [owner]}}, headers={"Content-Type": MERGE_PATCH}
    ).raise_for_status()
    room.wait_until(lambda: "it belongs to ConfigMap theirs" in condition(room.read("web"))["message"], "it says whose")
    room.api.delete(f"{path}/web").raise_for_status()
    room.wait_for("web", "Registered", within=15)
