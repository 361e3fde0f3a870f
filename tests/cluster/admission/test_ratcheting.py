"""What is already stored can always be let go: no rule may stand between the operator and its finalizer."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.cluster.admission.account import Account, oauth_clients_path
from tests.cluster.admission.manifests import CRDS, oauth_client
from tests.parts.kubectl import Kubectl, KubectlError
from tests.parts.processes import wait_for

FINALIZER = "oauth-operator.dev/registration"
WEB = {"redirect_uris": ["https://shop.example.com/callback"], "x_example": {"a": 1}, "client_name#ja": "\u5e97"}
GROUP = "ratcheting.example"


def without_rules(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: without_rules(value) for key, value in node.items() if key != "x-kubernetes-validations"}
    return [without_rules(item) for item in node] if isinstance(node, list) else node


def _copy_of_the_crd() -> dict[str, Any]:
    """Our CRD under another group, so that it can be loosened and tightened while others use ours."""
    crd: dict[str, Any] = copy.deepcopy(yaml.safe_load((CRDS / "oauthclients.yaml").read_text()))
    crd["metadata"]["name"] = f"oauthclients.{GROUP}"
    crd["spec"]["group"] = GROUP
    crd["spec"]["names"] |= {"shortNames": [], "categories": []}
    return crd


def _old(room: str, name: str, **spec: Any) -> dict[str, Any]:
    manifest = oauth_client(room, name, **spec)
    manifest["apiVersion"] = f"{GROUP}/v1alpha1"
    manifest["metadata"]["finalizers"] = [FINALIZER]
    return manifest


LEAVES: dict[str, dict[str, Any]] = {
    "issuer": {"issuer": "https://user:password@idp.example.com"},
    "fragment": {"members": WEB | {"redirect_uris": ["https://shop.example.com/callback#top"]}},
    "issued": {"members": WEB | {"client_id": "s6BhdRkqt3"}},
    "name": {"secret": {"name": "Web"}},
    "keys": {"secret": {"keys": {"client_id": "ID", "client_secret": "ID"}}},
}
OBJECTS: dict[str, dict[str, Any]] = {
    "both": {"members": WEB | {"jwks_uri": "https://shop.example.com/jwks", "jwks": {"keys": []}}},
    "grants": {"members": WEB | {"grant_types": ["client_credentials"], "response_types": ["code"]}},
}
EXTENDED: dict[str, dict[str, Any]] = {"extended": {"members": WEB}}


@pytest.fixture(scope="module")
def tightened(admin: Kubectl, room: str) -> Iterator[Kubectl]:
    """Resources that were stored before there were rules, and then the rules."""
    crd = _copy_of_the_crd()
    admin.apply(without_rules(crd))
    admin.wait_for_definitions(crd["metadata"]["name"])
    for name, spec in (LEAVES | OBJECTS | EXTENDED).items():
        admin.apply(_old(room, name, **spec))
    admin.apply(crd)

    def refused() -> bool:
        try:
            admin.apply(_old(room, "probe", **LEAVES["issuer"]), "--dry-run=server")
        except KubectlError:
            return True
        return False

    wait_for(refused, "the rules to hold", within=30)
    yield admin
    for name in OBJECTS:
        admin.apply(_old(room, name))
    admin("delete", f"oauthclients.{GROUP}", "-n", room, "--all", "--wait=false")
    for name in LEAVES | OBJECTS:
        _finalizers(admin, room, f"oauthclients.{GROUP}/{name}", [])
    admin.delete_definitions(crd["metadata"]["name"])


def _finalizers(kubectl: Kubectl, room: str, resource: str, names: list[str], *options: str) -> None:
    patch = json.dumps({"metadata": {"finalizers": names}})
    kubectl("patch", resource, "-n", room, "--type=merge", "-p", patch, *options)


@pytest.mark.parametrize("name", LEAVES)
def test_a_rule_on_a_value_does_not_hold_what_was_stored_before_it(tightened: Kubectl, room: str, name: str) -> None:
    _finalizers(tightened, room, f"oauthclients.{GROUP}/{name}", [], "--dry-run=server")


@pytest.mark.newer
@pytest.mark.parametrize("name", LEAVES)
def test_nor_does_it_keep_such_a_resource_from_being_reported_on(tightened: Kubectl, room: str, name: str) -> None:
    resource, status = f"oauthclients.{GROUP}/{name}", json.dumps({"status": {"observedGeneration": 1}})
    tightened("patch", resource, "-n", room, "--subresource=status", "--type=merge", "-p", status, "--dry-run=server")


@pytest.mark.parametrize("name", OBJECTS)
def test_a_rule_on_an_object_with_undeclared_members_would_which_is_why_none_is_ever_added(
    tightened: Kubectl, room: str, name: str
) -> None:
    with pytest.raises(KubectlError, match="is invalid"):
        _finalizers(tightened, room, f"oauthclients.{GROUP}/{name}", [], "--dry-run=server")


def test_after_an_upgrade_a_resource_with_an_extension_member_is_reported_on_and_goes(
    tightened: Kubectl, room: str
) -> None:
    resource = f"oauthclients.{GROUP}/extended"
    status = json.dumps({"status": {"observedGeneration": 1}})
    tightened("patch", resource, "-n", room, "--subresource=status", "--type=merge", "-p", status)
    tightened("delete", resource, "-n", room, "--wait=false")
    _finalizers(tightened, room, resource, [])
    assert (
        tightened(
            "get", f"oauthclients.{GROUP}", "-n", room, "--ignore-not-found", "-o", "name", resource.partition("/")[2]
        )
        == ""
    )


def test_the_operator_puts_and_removes_its_finalizer_beside_members_that_nobody_declared(
    admin: Kubectl, operator: Account, room: str
) -> None:
    admin.apply(oauth_client(room, "extended", members=WEB))
    path = oauth_clients_path(room, "extended")
    assert operator.patch(path, {"metadata": {"finalizers": [FINALIZER]}}).status == 200
    admin("delete", "oauthclient", "extended", "-n", room, "--wait=false")
    going = operator.ask("GET", path).body["metadata"]
    assert going["deletionTimestamp"]
    preconditions = {"uid": going["uid"], "resourceVersion": going["resourceVersion"]}
    assert operator.patch(path, {"metadata": {"finalizers": [], **preconditions}}).status == 200
    assert operator.ask("GET", path).status == 404
