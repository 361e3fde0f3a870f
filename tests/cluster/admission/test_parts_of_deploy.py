"""deploy/ is made of parts that come and go apart, and that can be renamed: on the real API server."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.admission.account import Account, Answer, secrets_path
from tests.cluster.admission.manifests import CRDS, DEPLOY, RECORD_TYPE, RECORDS, ROOT, SYSTEM, secret
from tests.cluster.deploy.installations import built, changed
from tests.parts.api_server import APIServer
from tests.parts.kubectl import Kubectl
from tests.parts.processes import wait_for

PARTS = [
    CRDS,
    DEPLOY / "records",
    DEPLOY / "fence",
    DEPLOY / "tenants",
    DEPLOY / "operator" / "account",
    DEPLOY / "system",
    DEPLOY / "operator",
]
ROLES = ("view", "edit", "issuers-view")
FENCE = ("validatingadmissionpolicies", "validatingadmissionpolicybindings")


def _names(objects: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(found["kind"], found["metadata"]["name"]) for found in objects}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: str(part.relative_to(ROOT)))
def test_each_part_can_be_applied_by_itself_and_again_without_a_change(admin: Kubectl, part: Path) -> None:
    admin.apply(part)
    assert changed(admin.apply(part)) == []


def test_the_whole_is_its_parts_and_without_deployment_is_all_but_its_pods(admin: Kubectl) -> None:
    admin.apply(DEPLOY)
    whole = _names(built(admin, DEPLOY))
    assert whole == set().union(*(_names(built(admin, part)) for part in PARTS))
    kinds = ("Deployment", "NetworkPolicy", "PodDisruptionBudget", "PriorityClass")
    pods = {(kind, "oauthclient-operator") for kind in kinds}
    assert whole - _names(built(admin, DEPLOY / "without-deployment")) == pods


def test_removing_the_operator_takes_no_namespace_nor_fence_nor_definition_with_it(admin: Kubectl) -> None:
    gone = {kind for kind, _ in _names(built(admin, DEPLOY / "operator"))}
    assert gone.isdisjoint(
        {"Namespace", "CustomResourceDefinition", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"}
    )


def test_the_pod_is_admitted_where_pod_security_is_restricted(admin: Kubectl) -> None:
    for namespace in (SYSTEM, RECORDS):
        labels = admin.json("get", "namespace", namespace)["metadata"]["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    (deployment,) = (found for found in built(admin, DEPLOY / "operator") if found["kind"] == "Deployment")
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": deployment["spec"]["template"]["spec"]}
    pod["metadata"] = {"name": "operator", "namespace": SYSTEM}
    admin.apply(pod, "--dry-run=server")


@pytest.fixture(scope="module")
def renamed(installed: APIServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Everything once more, with a prefix and in namespaces of other names, as an overlay does it."""
    directory = tmp_path_factory.mktemp("renamed").resolve()
    up = "../" * len(directory.parts[1:]) + str(ROOT.relative_to("/"))
    overlays = {
        "": {
            "namePrefix": "acme-",
            "resources": [f"{up}/crds", "records", f"{up}/deploy/fence", f"{up}/deploy/tenants", "operator"],
            "transformers": [f"{up}/deploy/names"],
        },
        "records": {"namespace": "acme-records", "resources": [f"../{up}/deploy/records"]},
        "operator": {
            "namespace": "acme-system",
            "resources": [f"../{up}/deploy/system", f"../{up}/deploy/operator"],
        },
    }
    for name, overlay in overlays.items():
        (directory / name).mkdir(exist_ok=True)
        (directory / name / "kustomization.yaml").write_text(json.dumps(overlay))
    installed.apply(directory)
    yield directory
    # By name: the whole would take the definition with it, which is everybody's, and the parts have no prefix.
    for kind in ("clusterrolebindings", "clusterroles", "priorityclasses", *FENCE):
        installed.kubectl("delete", kind, "acme-oauthclient-operator")
    installed.kubectl("delete", "clusterroles", *(f"acme-oauthclient-operator-{role}" for role in ROLES))
    installed.kubectl("delete", "namespace", "acme-system", "acme-records", "--wait=false")


def test_renamed_the_fence_knows_the_renamed_account_and_namespace(
    installed: APIServer, renamed: Path, room: str
) -> None:
    kubeconfig = installed.service_account_kubeconfig("acme-system", "acme-oauthclient-operator")
    account = Account.of(kubeconfig, authority=installed.authority)

    def probe() -> Answer:
        return account.ask("POST", secrets_path("acme-records"), secret("acme-records", "probe"), dryRun="All")

    wait_for(lambda: "ValidatingAdmissionPolicy 'acme-oauthclient-operator'" in probe().message, "fence", within=30)
    record = secret("acme-records", "record", of_type=RECORD_TYPE)
    assert account.ask("POST", secrets_path("acme-records"), record).status == 201
    assert account.ask("POST", secrets_path(room), secret(room, "probe")).status == 403
    (deployment,) = (found for found in built(installed.kubectl, renamed) if found["kind"] == "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["env"] == [{"name": "OAUTHCLIENT_OPERATOR_RECORDS_NAMESPACE", "value": "acme-records"}]


def test_renamed_the_operator_goes_and_its_records_stay(installed: APIServer, renamed: Path) -> None:
    admin = installed.kubectl
    admin.apply(secret("acme-records", "kept", of_type=RECORD_TYPE))
    admin("delete", "namespace", "acme-system", "--timeout=60s")
    assert admin.json("get", "secret", "kept", "-n", "acme-records")["type"] == RECORD_TYPE
    # An overlay that is applied again puts back what is missing, and nothing else.
    assert all(line.endswith(" created") for line in changed(admin.apply(renamed)))
