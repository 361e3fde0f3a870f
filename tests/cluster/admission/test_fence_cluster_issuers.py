"""The fence around issuers: what a platform team says, the operator's account neither writes nor takes away."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.admission.account import APPLY_PATCH, JSON_PATCH, MERGE_PATCH, Account, Answer, issuers_path
from tests.cluster.admission.manifests import API_VERSION
from tests.parts.kubectl import Kubectl

POLICY = "ValidatingAdmissionPolicy 'oauthclient-operator' with binding 'oauthclient-operator' denied request: "
SPEC = f"{POLICY}the operator neither creates nor deletes an OAuthClient or an issuer, and never changes a spec"
METADATA = f"{POLICY}of an OAuthClient's metadata the operator changes its own finalizer, "
FINALIZER = "oauth-operator.dev/issuer"
OWNER = {"apiVersion": "v1", "kind": "Namespace", "name": "gone", "uid": "6f1c0ba5-5f0b-4a3c-9f0e-5d8c2f6f1f00"}


def _denied(answer: Answer, message: str) -> bool:
    return answer.status == 403 and message in answer.message


def issuer(name: str, **metadata: Any) -> dict[str, Any]:
    allowed = {"namespaces": {"names": ["shop"]}, "redirectURIs": ["https://*.example.com/*"]}
    spec = {"issuer": "https://idp.example.com", "allowed": allowed}
    return {
        "apiVersion": API_VERSION,
        "kind": "ClusterOAuthIssuer",
        "metadata": {"name": name, **metadata},
        "spec": spec,
    }


@pytest.fixture(scope="module")
def path(admin: Kubectl) -> Iterator[str]:
    """An issuer in whose metadata others have written."""
    admin.apply(issuer("fenced", labels={"team": "platform"}, annotations={"a": "b"}, finalizers=["example.com/first"]))
    yield issuers_path("fenced")
    admin("patch", "clusteroauthissuer", "fenced", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    admin("delete", "clusteroauthissuer", "fenced")


@pytest.mark.parametrize(
    ("of_type", "patch"),
    [
        pytest.param(MERGE_PATCH, {"spec": {"allowed": {"namespaces": {"names": ["evil"]}}}}, id="another namespace"),
        pytest.param(MERGE_PATCH, {"spec": {"reach": {"http": True}}}, id="another reach"),
        pytest.param(JSON_PATCH, [{"op": "add", "path": "/spec/clientMetadata", "value": {"fixed": {"a": 1}}}], id="by JSON patch"),
        pytest.param(MERGE_PATCH, {"metadata": {"finalizers": [FINALIZER]}, "spec": {"trust": {"systemAuthorities": True}}}, id="beside its finalizer"),
    ],
)  # fmt: skip
def test_a_patch_of_the_spec_is_denied(fenced: Account, path: str, of_type: str, patch: Any) -> None:
    assert _denied(fenced.patch(path, patch, of_type=of_type), SPEC)


def test_so_it_is_by_server_side_apply(fenced: Account, path: str) -> None:
    manifest = issuer("fenced")
    manifest["spec"]["allowed"]["redirectURIs"] = ["https://evil.example/*"]
    answer = fenced.patch(path, manifest, of_type=APPLY_PATCH, fieldManager="oauthclient-operator", force="true")
    assert _denied(answer, SPEC)


def test_its_own_finalizer_comes_and_goes_and_the_status_is_written(fenced: Account, path: str) -> None:
    both = ["example.com/first", FINALIZER]
    assert fenced.patch(path, {"metadata": {"finalizers": both}}).body["metadata"]["finalizers"] == both
    assert fenced.patch(f"{path}/status", {"status": {"observedGeneration": 1}}).status == 200
    assert fenced.patch(path, {"metadata": {"finalizers": both[:1]}}).status == 200


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param({"ownerReferences": [OWNER]}, id="an owner that is gone, so that it is collected"),
        pytest.param({"labels": {"team": "evil"}}, id="another label"),
        pytest.param({"annotations": {"a": None}}, id="an annotation less"),
        pytest.param({"finalizers": None}, id="no finalizers"),
        pytest.param({"finalizers": ["example.com/first", "example.com/never"]}, id="another's finalizer more"),
        pytest.param(
            {"finalizers": ["example.com/first", "oauth-operator.dev/registration"]}, id="that of OAuthClients"
        ),
    ],
)
def test_nothing_else_of_the_metadata_is_its_own(fenced: Account, path: str, metadata: dict[str, Any]) -> None:
    assert _denied(fenced.patch(path, {"metadata": metadata}), METADATA)


def test_the_status_patch_reaches_neither_spec_nor_metadata(fenced: Account, path: str, admin: Kubectl) -> None:
    before = json.loads(admin("get", "clusteroauthissuer", "fenced", "-o", "json"))
    change = {
        "metadata": {"labels": None, "finalizers": None},
        "spec": {"reach": {"http": True}},
        "status": {"observedGeneration": 7},
    }
    answer = fenced.patch(f"{path}/status", change)
    assert (answer.status, answer.body["status"]["observedGeneration"]) == (200, 7)
    assert answer.body["spec"] == before["spec"]
    assert [answer.body["metadata"][part] for part in ("labels", "finalizers")] == [
        before["metadata"][part] for part in ("labels", "finalizers")
    ]


def test_creating_and_deleting_are_denied(fenced: Account, path: str) -> None:
    # Its own role has no such verb; with every right there is, the fence still says no.
    answers = (
        fenced.ask("POST", issuers_path(), issuer("made")),
        fenced.ask("DELETE", path),
        fenced.ask("DELETE", issuers_path()),
    )
    everything = fenced.ask("GET", "/api/v1/nodes").status == 200
    for answer in answers:
        assert answer.status == 403
        assert _denied(answer, SPEC) == everything
