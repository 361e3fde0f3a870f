"""What an example gives to others' controllers is a resource that their own definitions take."""

from collections.abc import Iterator

import pytest
import yaml

from tests.cluster.admission.manifests import EXAMPLES
from tests.parts.definitions import definitions
from tests.parts.kubectl import Kubectl, KubectlError
from tests.parts.processes import wait_for

RESOURCES = {
    "envoy-gateway": ("securitypolicies", "gateway.envoyproxy.io", "clientIDRef"),
    "external-secrets": ("pushsecrets", "external-secrets.io", "selector"),
}
"""By file: whose definition it is, and a field that the controller reads."""


def is_served(admin: Kubectl, resource: str) -> bool:
    try:
        admin("get", resource)
    except KubectlError:
        return False
    return True


@pytest.fixture
def served(request: pytest.FixtureRequest, admin: Kubectl) -> Iterator[str]:
    """A definition is there, for this test alone."""
    plural, group, _ = RESOURCES[request.param]
    # As a client applies it, it does not fit into an annotation.
    admin("apply", "--server-side", "-f", definitions() / f"{plural}.yaml")
    # Not by `kubectl wait`: it fails where a definition has no status yet.
    wait_for(lambda: is_served(admin, f"{plural}.{group}"), f"{plural} are served", within=30)
    yield request.param
    admin.delete_definitions(f"{plural}.{group}")


@pytest.mark.parametrize("served", RESOURCES, indirect=True)
def test_their_own_definition_takes_it_and_no_field_that_is_misspelt(served: str, admin: Kubectl, room: str) -> None:
    _, group, field = RESOURCES[served]
    (document,) = (
        found
        for found in yaml.safe_load_all((EXAMPLES / "consumers" / f"{served}.yaml").read_text())
        if found["apiVersion"].startswith(group)
    )
    document["metadata"]["namespace"] = room
    said = admin.apply(document, "--dry-run=server")
    assert said.strip().endswith(f"{document['metadata']['name']} created (server dry run)")
    misspelt = yaml.safe_load(yaml.safe_dump(document).replace(f"{field}:", f"{field}s:"))
    assert misspelt != document
    with pytest.raises(KubectlError, match=f"{field}s"):
        admin.apply(misspelt, "--dry-run=server")
