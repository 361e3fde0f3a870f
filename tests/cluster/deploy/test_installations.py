"""Each kustomization is applied to a real API server, and the operator then works with what it gives."""

import json
import re
from pathlib import Path

import pytest

from oauthclient_operator.names import GROUP
from tests.cluster.admission.manifests import DEPLOY, RECORD_TYPE, RECORDS, SYSTEM, oauth_client, secret
from tests.cluster.deploy.installations import Installation, built, changed
from tests.cluster.deploy.rights import VERBS, may
from tests.parts.audit import Mark
from tests.parts.kubectl import Kubectl
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.processes import wait_for


def ready(kubectl: Kubectl, namespace: str, name: str) -> None:
    kubectl("wait", "--for=condition=Ready", "--timeout=20s", f"oauthclient/{name}", "-n", namespace)


def said(kubectl: Kubectl, namespace: str, name: str) -> str:
    """Return the message of the condition Ready."""
    conditions = kubectl.json("get", "oauthclient", name, "-n", namespace)["status"]["conditions"]
    return next(str(condition["message"]) for condition in conditions if condition["type"] == "Ready")


def refused(installation: Installation, since: Mark) -> list[str]:
    """Return what was forbidden to the operator, but for what the fence has to forbid it at each start."""
    requests = installation.server.audit.requests(installation.user, since=since)
    forbidden = [request for request in requests if request.status == 403]
    assert "create secrets (dry run)" in map(str, forbidden)
    return [f"{request} {request.namespace}/{request.name}" for request in forbidden if request.name != "fence-probe"]


def test_the_operator_goes_and_comes_again_and_knows_its_clients(
    whole: Installation, issuer: MisbehavingIssuer, trust: Path
) -> None:
    whole.apply()
    assert changed(whole.server.apply(whole.directory)) == []
    kubectl, since = whole.server.kubectl, whole.server.audit.mark()
    with whole.operator(trust):
        kubectl.apply(oauth_client("elsewhere", issuer=issuer.issuer))
        ready(kubectl, "elsewhere", "web")
    # What an issuer's resource refers to, which its server may give out once.
    kubectl.apply(secret(SYSTEM, "corporate-token"))
    kubectl("delete", "-k", DEPLOY / "operator", "--timeout=60s")
    assert kubectl.json("get", "secret", "corporate-token", "-n", SYSTEM)["type"] == "Opaque"
    assert len(kubectl.json("get", "secrets", "-n", RECORDS)["items"]) == 1
    assert set(kubectl.json("get", "secret", "web", "-n", "elsewhere")["data"]) >= {"client_id", "client_secret"}
    whole.apply()
    with whole.operator(trust):
        kubectl("delete", "oauthclient", "web", "-n", "elsewhere", "--timeout=20s")
    assert (issuer.clients, issuer.calls) == ({}, ["POST", "DELETE"])
    # What it has is what it needs.
    assert refused(whole, since) == []


def test_a_stranger_in_the_records_namespace_is_named_at_start(whole: Installation, trust: Path) -> None:
    whole.apply()
    kubectl = whole.server.kubectl
    kubectl.apply(secret(RECORDS, "stranger"))
    kubectl.apply(secret(RECORDS, "6f1c0ba5-5f0b-4a3c-9f0e-5d8c2f6f1f00", of_type=RECORD_TYPE))
    with whole.operator(trust):
        warned = [line for line in whole.log.read_text().splitlines() if "the records namespace holds other" in line]
    kubectl("delete", "secret", "stranger", "-n", RECORDS)
    assert len(warned) == 1
    assert "stranger" in warned[0]
    assert "6f1c0ba5" not in warned[0]
    with whole.operator(trust):
        assert "the records namespace holds other" not in whole.log.read_text()
    kubectl("delete", "secret", "6f1c0ba5-5f0b-4a3c-9f0e-5d8c2f6f1f00", "-n", RECORDS)


def test_in_a_namespace_of_the_system_a_resource_says_that_it_has_to_be_elsewhere(
    whole: Installation, issuer: MisbehavingIssuer, trust: Path
) -> None:
    whole.apply()
    kubectl = whole.server.kubectl
    with whole.operator(trust):
        kubectl.apply(oauth_client("kube-public", issuer=issuer.issuer))
        elsewhere = "write the OAuthClient in another namespace"
        wait_for(lambda: elsewhere in said(kubectl, "kube-public", "web"), "what to do", within=20)
        kubectl("delete", "oauthclient", "web", "-n", "kube-public", "--timeout=20s")
    # Before a client is registered.
    assert issuer.calls == []


def test_renamed_and_with_named_namespaces_it_works_from_apply_to_delete(
    renamed: Installation, issuer: MisbehavingIssuer, trust: Path
) -> None:
    renamed.apply()
    assert changed(renamed.server.apply(renamed.directory)) == []
    kubectl, since = renamed.server.kubectl, renamed.server.audit.mark()
    with renamed.operator(trust):
        kubectl.apply([oauth_client(namespace, issuer=issuer.issuer) for namespace in ("elsewhere", "shop")])
        ready(kubectl, "shop", "web")
        kubectl("delete", "oauthclient", "web", "-n", "shop", "--timeout=20s")
        others = kubectl.json("get", "oauthclient", "web", "-n", "elsewhere")
        assert "finalizers" not in others["metadata"]
    kubectl("delete", "oauthclient", "web", "-n", "elsewhere")
    assert issuer.clients == {}
    assert refused(renamed, since) == []


def test_renamed_nothing_is_in_the_old_namespaces_or_points_there(renamed: Installation) -> None:
    objects = built(renamed.server.kubectl, renamed.directory)
    ours = [found for found in objects if found["kind"] != "CustomResourceDefinition"]
    assert [found["metadata"] for found in ours if re.search(f"{SYSTEM}|{RECORDS}", json.dumps(found))] == []
    names = {found["metadata"]["name"] for found in ours}
    # The account that the operator asks tokens of, and authorization servers know, has one name everywhere.
    assert {name for name in names if not name.startswith("acme-")} == {"oauth-registrar"}


@pytest.mark.parametrize("name", ["example", "renamed"])
def test_named_namespaces_only_it_sees_no_other_secret(name: str, request: pytest.FixtureRequest) -> None:
    installation: Installation = request.getfixturevalue(name)
    installation.apply()
    kubectl, user = installation.server.kubectl, installation.user
    records = installation.environment()["OAUTHCLIENT_OPERATOR_RECORDS_NAMESPACE"]
    for namespace in ("shop", "billing", records):
        assert may(kubectl, user, "secrets", namespace) == VERBS - {"update", "deletecollection"}
    for elsewhere in (None, "elsewhere", "kube-system"):
        assert may(kubectl, user, "secrets", elsewhere) == set()
    # By name, in its own: what issuers refer to.
    assert may(kubectl, user, "secrets", installation.named()[0]) == {"get"}
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
    # It is still named to the operator, which is not kept from the others by that; and made again, without rights.
    kubectl("create", "namespace", "billing")
    with example.operator(trust):
        kubectl.apply([oauth_client(namespace, issuer=issuer.issuer) for namespace in ("billing", "shop")])
        ready(kubectl, "shop", "web")
        wait_for(lambda: "Forbidden" in said(kubectl, "billing", "web"), "it says why it waits", within=20)
        kubectl("delete", "oauthclient", "web", "-n", "shop", "--timeout=20s")
        assert (issuer.clients, issuer.calls) == ({}, ["POST", "DELETE"] * 2)
        kubectl("delete", "oauthclient", "web", "-n", "billing", "--timeout=20s")


def test_an_issuer_with_a_private_authority_is_trusted_by_a_config_map(
    private_authority: Installation, issuer: MisbehavingIssuer
) -> None:
    private_authority.apply()
    kubectl = private_authority.server.kubectl
    with private_authority.operator(None):
        kubectl.apply(oauth_client("elsewhere", "private", issuer=issuer.issuer))
        ready(kubectl, "elsewhere", "private")
        kubectl("delete", "oauthclient", "private", "-n", "elsewhere", "--timeout=20s")
    assert issuer.clients == {}


def test_the_examples_authority_is_one_and_not_the_issuers(example: Installation, issuer: MisbehavingIssuer) -> None:
    example.apply()
    kubectl = example.server.kubectl
    with example.operator(None):
        kubectl.apply(oauth_client("shop", "private", issuer=issuer.issuer))
        wait_for(lambda: "certificate" in said(kubectl, "shop", "private"), "it is not trusted", within=20)
        kubectl("delete", "oauthclient", "private", "-n", "shop", "--timeout=20s")
    assert issuer.calls == []


def test_the_pages_patch_for_an_authority_is_the_components(whole: Installation) -> None:
    whole.apply()
    namespace, _ = whole.named()
    file = DEPLOY / "components" / "ca-bundle" / "with-ca-bundle.yaml"
    said = whole.server.kubectl(
        "patch", "deployment", "oauthclient-operator", "-n", namespace, f"--patch-file={file}", "--dry-run=server",
        "-o", "json",
    )  # fmt: skip
    (container,) = json.loads(said)["spec"]["template"]["spec"]["containers"]
    assert {variable["name"] for variable in container["env"]} >= {
        "OAUTHCLIENT_OPERATOR_CA_BUNDLE",
        "OAUTHCLIENT_OPERATOR_RECORDS_NAMESPACE",
    }
