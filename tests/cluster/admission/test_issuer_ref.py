"""What `kubectl apply` says of a client that names an issuer resource, and that its Issuer column always says one."""

import copy
import json
from typing import Any

import pytest
import yaml

from tests.cluster.admission.account import Account, oauth_clients_path
from tests.cluster.admission.manifests import CRDS, ISSUER, complaints, oauth_client
from tests.parts.kubectl import Kubectl, KubectlError
from tests.parts.processes import wait_for

CORPORATE = {"kind": "ClusterOAuthIssuer", "name": "corporate"}
NEITHER = (
    "spec.issuer: Required value: write the authorization server's issuer identifier, or in issuerRef the "
    "ClusterOAuthIssuer that your platform team has for it"
)
NO_DISCOVERY = "spec.discovery: Forbidden: leave discovery out beside issuerRef, for the ClusterOAuthIssuer says it"
NO_REGISTRATION = (
    "spec.registration: Forbidden: leave registration out beside issuerRef, for the ClusterOAuthIssuer says how "
    "clients are let in"
)
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an issuer beside it": ({"issuer": ISSUER}, "spec.issuerRef: Forbidden: write issuer or issuerRef, not both"),
    "another form of discovery": ({"discovery": {"form": "OAuth"}}, NO_DISCOVERY),
    "the address of the metadata": ({"discovery": {"url": f"{ISSUER}/metadata"}}, NO_DISCOVERY),
    "a registration endpoint": ({"discovery": {"registrationEndpoint": f"{ISSUER}/register"}}, NO_DISCOVERY),
    "an initial access token": (
        {"registration": {"initialAccessToken": {"secretRef": {"name": "token"}}}},
        NO_REGISTRATION,
    ),
    "an empty registration": ({"registration": {}}, NO_REGISTRATION),
    "no kind": ({"issuerRef": {"name": "corporate"}}, "spec.issuerRef.kind: Required value"),
    "no name": ({"issuerRef": {"kind": "ClusterOAuthIssuer"}}, "spec.issuerRef.name: Required value"),
    "a kind that is reserved": (
        {"issuerRef": {"kind": "OAuthIssuer", "name": "corporate"}},
        'spec.issuerRef.kind: Unsupported value: "OAuthIssuer": supported values: "ClusterOAuthIssuer"',
    ),
    "a name that is none": (
        {"issuerRef": {"kind": "ClusterOAuthIssuer", "name": "Corporate"}},
        "write the name of a ClusterOAuthIssuer, lower-case letters, digits, '-' and '.', e.g. corporate",
    ),
}


def referring(room: str, name: str = "web", **spec: Any) -> dict[str, Any]:
    """Return an OAuthClient that names an issuer resource, and no issuer unless that is written."""
    manifest = oauth_client(room, name, **{"issuerRef": CORPORATE, **spec})
    if "issuer" not in spec:
        del manifest["spec"]["issuer"]
    return manifest


@pytest.mark.parametrize(("spec", "said"), REFUSED.values(), ids=REFUSED)
def test_a_reference_is_refused_with(admin: Kubectl, room: str, spec: dict[str, Any], said: str) -> None:
    # kubectl itself says of what is required in other words.
    with pytest.raises(KubectlError) as refused:
        admin.apply(referring(room, **spec), "--dry-run=server", "--validate=false")
    assert said in str(refused.value)


def test_neither_an_issuer_nor_a_reference_is_refused_with_both_ways_out(admin: Kubectl, room: str) -> None:
    manifest = oauth_client(room)
    del manifest["spec"]["issuer"]
    assert complaints(admin, manifest) == [NEITHER]


@pytest.mark.parametrize("discovery", [None, {}, {"form": "Auto"}], ids=["none", "empty", "the stored default"])
def test_a_reference_is_admitted_with_the_discovery_that_every_stored_client_has(
    admin: Kubectl, room: str, discovery: dict[str, Any] | None
) -> None:
    spec: dict[str, Any] = {} if discovery is None else {"discovery": discovery}
    admin.apply(referring(room, **spec), "--dry-run=server")


def test_a_living_client_goes_from_an_issuer_to_a_reference_and_back(admin: Kubectl, room: str) -> None:
    admin.apply(oauth_client(room, "moving"))
    admin.apply(referring(room, "moving"))
    spec = admin.json("get", "oauthclient", "moving", "-n", room)["spec"]
    assert (spec["issuerRef"], spec["discovery"], "issuer" in spec) == (CORPORATE, {"form": "Auto"}, False)
    admin.apply(oauth_client(room, "moving"))
    spec = admin.json("get", "oauthclient", "moving", "-n", room)["spec"]
    assert (spec["issuer"], "issuerRef" in spec) == (ISSUER, False)


def test_the_issuer_column_has_what_was_applied_else_what_is_written(
    admin: Kubectl, operator: Account, room: str
) -> None:
    admin.apply(oauth_client(room, "by-issuer"))
    admin.apply(referring(room, "by-reference"))
    admin.apply(referring(room, "applied"))
    admin.apply(oauth_client(room, "moved"))
    for name in ("applied", "moved"):
        issuer = {"url": "https://applied.example.com", "name": "corporate", "uid": "1", "generation": 2}
        path = oauth_clients_path(room, name) + "/status"
        assert operator.patch(path, {"status": {"issuer": issuer}}).status == 200
    shown = {
        name: admin("get", "oauthclient", name, "-n", room).splitlines()[1].split()[-2]
        for name in ("by-issuer", "by-reference", "applied", "moved")
    }
    assert shown == {
        "by-issuer": ISSUER,
        "by-reference": "corporate",
        "applied": "https://applied.example.com",
        "moved": "https://applied.example.com",
    }


def test_a_client_whose_reference_an_older_definition_dropped_is_let_go_and_mended(admin: Kubectl, room: str) -> None:
    crd: dict[str, Any] = copy.deepcopy(yaml.safe_load((CRDS / "oauthclients.yaml").read_text()))
    crd["metadata"]["name"], crd["spec"]["group"] = "oauthclients.rolledback.example", "rolledback.example"
    crd["spec"]["names"] |= {"shortNames": [], "categories": []}
    lax = copy.deepcopy(crd)
    del lax["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["x-kubernetes-validations"]
    admin.apply(lax)
    admin.wait_for_definitions(crd["metadata"]["name"])
    stripped = oauth_client(room, "stripped", members={"grant_types": ["client_credentials"], "x_example": 1})
    stripped["apiVersion"] = "rolledback.example/v1alpha1"
    stripped["metadata"]["finalizers"] = ["oauth-operator.dev/registration"]
    del stripped["spec"]["issuer"]
    admin.apply(stripped)
    admin.apply(crd)
    other = {**stripped, "metadata": {**stripped["metadata"], "name": "other"}}

    def refused() -> bool:
        try:
            admin.apply(other, "--dry-run=server")
        except KubectlError:
            return True
        return False

    wait_for(refused, "the rules to hold", within=30)
    resource = "oauthclients.rolledback.example/stripped"
    mended = {**stripped, "spec": {**stripped["spec"], "issuerRef": CORPORATE}}
    admin.apply(mended, "--dry-run=server")
    admin("patch", resource, "-n", room, "--subresource=status", "--type=merge", "-p", '{"status": {"edition": 1}}')
    admin("delete", resource, "-n", room, "--wait=false")
    admin("patch", resource, "-n", room, "--type=merge", "-p", json.dumps({"metadata": {"finalizers": []}}))
    assert admin("get", "oauthclients.rolledback.example", "-n", room, "--ignore-not-found", "-o", "name") == ""
    admin.delete_definitions(crd["metadata"]["name"])
