"""What the operator's service account may ask for at all: its role, verb by verb."""

import itertools
from typing import Any

import pytest

from tests.cluster.admission.account import Account
from tests.cluster.admission.manifests import RECORDS, SYSTEM
from tests.parts.api_server import APIServer

VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
GROUP, LEASES, EVENTS = "oauth-operator.dev", "coordination.k8s.io", "events.k8s.io"
LEASE = {"namespace": SYSTEM, "name": "oauthclient-operator"}
REGISTRAR = {"namespace": SYSTEM, "name": "oauth-registrar"}

RIGHTS: list[tuple[str, dict[str, str], set[str]]] = [
    ("OAuthClients", {"group": GROUP, "resource": "oauthclients", "namespace": "default"}, {"get", "list", "watch", "patch"}),
    ("all OAuthClients", {"group": GROUP, "resource": "oauthclients"}, {"get", "list", "watch", "patch"}),
    ("their status", {"group": GROUP, "resource": "oauthclients", "subresource": "status", "namespace": "default"}, {"patch"}),
    ("issuers", {"group": GROUP, "resource": "clusteroauthissuers"}, {"list", "watch", "patch"}),
    ("issuers' status", {"group": GROUP, "resource": "clusteroauthissuers", "subresource": "status"}, {"patch"}),
    ("Secrets", {"resource": "secrets", "namespace": "default"}, {"get", "list", "watch", "create", "patch", "delete"}),
    ("records", {"resource": "secrets", "namespace": RECORDS}, {"get", "list", "watch", "create", "patch", "delete"}),
    ("Events", {"group": EVENTS, "resource": "events", "namespace": "default"}, {"create"}),
    ("core Events", {"resource": "events", "namespace": "default"}, set()),
    ("kube-system, for its UID", {"resource": "namespaces", "name": "kube-system"}, {"get", "list", "watch"}),
    ("namespaces, for their labels", {"resource": "namespaces"}, {"list", "watch"}),
    ("its Lease", {"group": LEASES, "resource": "leases", **LEASE}, {"get", "create", "update"}),
    ("other Leases beside it", {"group": LEASES, "resource": "leases", "namespace": SYSTEM, "name": "a"}, {"create"}),
    ("Leases elsewhere", {"group": LEASES, "resource": "leases", "namespace": "default"}, set()),
    ("service accounts", {"resource": "serviceaccounts", "namespace": "default"}, set()),
    ("the registrar's tokens", {"resource": "serviceaccounts", "subresource": "token", **REGISTRAR}, {"create"}),
    ("other tokens", {"resource": "serviceaccounts", "subresource": "token", "namespace": SYSTEM}, set()),
    ("ConfigMaps beside it", {"resource": "configmaps", "namespace": SYSTEM}, {"get"}),
    ("other ConfigMaps", {"resource": "configmaps", "namespace": "default"}, set()),
    ("Pods", {"resource": "pods", "namespace": SYSTEM}, set()),
    ("CRDs", {"group": "apiextensions.k8s.io", "resource": "customresourcedefinitions"}, set()),
    ("the fence", {"group": "admissionregistration.k8s.io", "resource": "validatingadmissionpolicies"}, set()),
    ("its binding", {"group": "admissionregistration.k8s.io", "resource": "validatingadmissionpolicybindings"}, set()),
    ("roles", {"group": "rbac.authorization.k8s.io", "resource": "clusterroles"}, set()),
]  # fmt: skip


@pytest.mark.parametrize(("where", "verbs"), [pytest.param(where, verbs, id=what) for what, where, verbs in RIGHTS])
def test_it_may_do_this_and_nothing_else(operator: Account, where: dict[str, str], verbs: set[str]) -> None:
    assert {verb for verb in VERBS if _may(operator, {"verb": verb, **where})} == verbs


def test_nothing_is_granted_that_is_not_listed_here(installed: APIServer, operator: Account, room: str) -> None:
    """Every rule that the API server knows of, but those that any service account has, is one of the rows above."""
    installed.kubectl("create", "serviceaccount", "anybody", "-n", room)
    anybody = Account.of(installed.service_account_kubeconfig(room, "anybody"), authority=installed.authority)
    listed = {
        (where.get("group", ""), "/".join(filter(None, (where["resource"], where.get("subresource")))), verb)
        for _, where, verbs in RIGHTS
        for verb in verbs
    }
    assert _granted(operator) - _granted(anybody) == listed


def _granted(account: Account) -> set[tuple[str, str, str]]:
    review: dict[str, Any] = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview"}
    granted: set[tuple[str, str, str]] = set()
    for namespace in ("default", SYSTEM, RECORDS):
        review["spec"] = {"namespace": namespace}
        answer = account.ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", review)
        for rule in answer.body["status"]["resourceRules"]:
            granted |= set(itertools.product(rule["apiGroups"], rule["resources"], rule["verbs"]))
    return granted


def _may(account: Account, attributes: dict[str, str]) -> bool:
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    answer = account.ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
    assert answer.status == 201, answer.message
    return bool(answer.body["status"]["allowed"])
