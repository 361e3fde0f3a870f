"""What docs/upgrade.md says of an older definition: it hides fields, and the next write of a resource takes them away."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.cluster.admission.manifests import CRDS, oauth_client
from tests.cluster.admission.test_ratcheting import without_rules
from tests.parts.kubectl import Kubectl
from tests.parts.processes import wait_for

GROUP = "older.example"
PRIVATE_KEY = {"algorithm": "ES256"}


def definition(*, knows: bool) -> dict[str, Any]:
    """Return a copy of ours under another group, for others use ours; one that does not know `spec.privateKey` is older."""
    crd: dict[str, Any] = without_rules(copy.deepcopy(yaml.safe_load((CRDS / "oauthclients.yaml").read_text())))
    crd["metadata"]["name"] = f"oauthclients.{GROUP}"
    crd["spec"]["group"] = GROUP
    crd["spec"]["names"] |= {"shortNames": [], "categories": []}
    if not knows:
        (version,) = crd["spec"]["versions"]
        del version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["privateKey"]
    return crd


@pytest.fixture
def newer(admin: Kubectl) -> Iterator[Kubectl]:
    admin.apply(definition(knows=True))
    admin.wait_for_definitions(f"oauthclients.{GROUP}")
    wait_for(lambda: GROUP in admin("api-resources", "--api-group", GROUP), "it is served", within=30)
    yield admin
    admin.delete_definitions(f"oauthclients.{GROUP}")


def written(admin: Kubectl, room: str, name: str) -> Any:
    """Return what the API server shows of a field."""
    return admin.json("get", f"oauthclients.{GROUP}", name, "-n", room)["spec"].get("privateKey")


def test_an_older_definition_takes_the_fields_that_it_does_not_know_with_the_next_write(
    newer: Kubectl, room: str
) -> None:
    for name in ("left-alone", "written"):
        newer.apply({**oauth_client(room, name, privateKey=PRIVATE_KEY), "apiVersion": f"{GROUP}/v1alpha1"})
    newer.apply(definition(knows=False))
    wait_for(lambda: written(newer, room, "left-alone") is None, "it is hidden", within=30)
    status = '{"status": {"observedGeneration": 1}}'
    newer("patch", f"oauthclients.{GROUP}", "written", "-n", room, "--subresource=status", "--type=merge", "-p", status)
    newer.apply(definition(knows=True))
    wait_for(lambda: written(newer, room, "left-alone") == PRIVATE_KEY, "it is shown again", within=30)
    assert written(newer, room, "written") is None, "the operator's own write of a status is enough"


def test_a_cluster_says_of_which_edition_its_definitions_are(admin: Kubectl) -> None:
    where = '{range .items[*]}{.metadata.name}: {.spec.versions[0].schema.openAPIV3Schema.description}{"\\n"}{end}'
    kinds = [f"{kind}.oauth-operator.dev" for kind in ("oauthclients", "clusteroauthissuers")]
    said = admin("get", "crd", *kinds, "-o", f"jsonpath={where}").splitlines()
    assert [(line.partition(":")[0], "(definition edition " in line[-25:]) for line in said] == [
        (k, True) for k in kinds
    ]
