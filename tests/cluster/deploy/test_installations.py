"""Each kustomization is applied to a real API server, and the operator then works with what it gives."""

from pathlib import Path

import pytest

from oauthclient_operator.names import GROUP
from tests.cluster.admission.manifests import oauth_client
from tests.cluster.deploy.installations import Installation, changed
from tests.cluster.deploy.rights import VERBS, may
from tests.parts.kubectl import Kubectl
from tests.parts.misbehaving_issuer import MisbehavingIssuer


@pytest.fixture(params=["whole", "renamed"])
def installation(request: pytest.FixtureRequest) -> Installation:
    found: Installation = request.getfixturevalue(request.param)
    return found


def ready(kubectl: Kubectl, namespace: str, name: str) -> None:
    kubectl("wait", "--for=condition=Ready", "--timeout=20s", f"oauthclient/{name}", "-n", namespace)


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
        assert may(kubectl, user, "secrets", namespace) == VERBS - {"update", "deletecollection"}
    for elsewhere in (None, "elsewhere", "kube-system", installation.named()[0]):
        assert may(kubectl, user, "secrets", elsewhere) == set()
    # A RoleBinding goes with its namespace, before our finalizer does.
    assert may(kubectl, user, "oauthclients", None, GROUP) == {"get", "list", "watch", "patch"}


def test_a_namespace_goes_though_the_rights_in_it_go_first(
    example: Installation, issuer: MisbehavingIssuer, trust: Path
) -> None:
    example.apply()
    kubectl = example.server.kubectl
    with example.operator(trust):
        kubectl.apply(oauth_client("billing", issuer=issuer.issuer))
        ready(kubectl, "billing", "web")
        kubectl("delete", "namespace", "billing", "--timeout=30s")
        assert issuer.clients == {}
    # It is still named to the operator, which is not kept from the others by that.
    with example.operator(trust):
        kubectl.apply(oauth_client("shop", issuer=issuer.issuer))
        ready(kubectl, "shop", "web")
        kubectl("delete", "oauthclient", "web", "-n", "shop", "--timeout=20s")
