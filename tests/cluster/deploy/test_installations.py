"""Each kustomization is applied to a real API server, and the operator then works with what it gives."""

import json
from pathlib import Path

import pytest

from oauthclient_operator.names import GROUP
from tests.cluster.admission.manifests import oauth_client
from tests.cluster.deploy.installations import Installation, changed, documents
from tests.parts.kubectl import Kubectl
from tests.parts.misbehaving_issuer import MisbehavingIssuer

INSTALLATIONS = ["whole", "example", "renamed"]
VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")


@pytest.fixture(params=INSTALLATIONS)
def installation(request: pytest.FixtureRequest) -> Installation:
    found: Installation = request.getfixturevalue(request.param)
    return found


def ready(kubectl: Kubectl, namespace: str, name: str) -> None:
    kubectl("wait", "--for=condition=Ready", "--timeout=20s", f"oauthclient/{name}", "-n", namespace)


def may(kubectl: Kubectl, user: str, resource: str, namespace: str | None, group: str = "") -> set[str]:
    """Return the verbs that are allowed to a user in a namespace, or in all of them."""
    where = {"resource": resource, "group": group} | ({} if namespace is None else {"namespace": namespace})
    reviews = [
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "metadata": {},
            "spec": {"user": user, "resourceAttributes": where | {"verb": verb}},
        }
        for verb in VERBS
    ]
    document = json.dumps({"apiVersion": "v1", "kind": "List", "items": reviews})
    answers = documents(kubectl("create", "-f", "-", "-o", "json", stdin=document))
    return {found["spec"]["resourceAttributes"]["verb"] for found in answers if found["status"]["allowed"]}


def test_the_operator_works_with_it_from_apply_to_delete(
    installation: Installation, issuer: MisbehavingIssuer, trust: Path
) -> None:
    kubectl, audit = installation.server.kubectl, installation.server.audit
    installation.apply()
    assert changed(installation.server.apply(installation.directory)) == []
    since = audit.mark()
    with installation.operator(trust):
        kubectl.apply(oauth_client("shop", issuer=issuer.issuer))
        ready(kubectl, "shop", "web")
        assert set(kubectl.json("get", "secret", "web", "-n", "shop")["data"]) >= {"client_id", "client_secret"}
        kubectl("delete", "oauthclient", "web", "-n", "shop", "--timeout=20s")
    assert issuer.clients == {}
    # What it has is what it needs: nothing was forbidden, but what the fence has to forbid.
    refused = [request for request in audit.requests(installation.user, since=since) if request.status == 403]
    assert [request for request in refused if request.name != "fence-probe"] == []
    assert refused != []


@pytest.mark.parametrize("name", ["example", "renamed"])
def test_named_namespaces_only_it_sees_no_other_secret(name: str, request: pytest.FixtureRequest) -> None:
    installation: Installation = request.getfixturevalue(name)
    installation.apply()
    kubectl, user = installation.server.kubectl, installation.user
    records = installation.environment()["OAUTHCLIENT_OPERATOR_RECORDS_NAMESPACE"]
    for namespace in ("shop", "billing", records):
        assert may(kubectl, user, "secrets", namespace) == set(VERBS) - {"update", "deletecollection"}
    for elsewhere in (None, "elsewhere", "kube-system", installation.named()[0]):
        assert may(kubectl, user, "secrets", elsewhere) == set()
    # A RoleBinding goes with its namespace, before our finalizer does.
    assert may(kubectl, user, "oauthclients", None, GROUP) == {"get", "list", "watch", "patch"}
