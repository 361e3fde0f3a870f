"""The fence around OAuthClients: the operator never writes a spec, and neither creates nor deletes a resource."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.admission.account import APPLY_PATCH, JSON_PATCH, MERGE_PATCH, Account, Answer, oauth_clients_path
from tests.cluster.admission.manifests import ISSUER, oauth_client
from tests.parts.kubectl import Kubectl

DENIED = (
    "ValidatingAdmissionPolicy 'oauthclient-operator' with binding 'oauthclient-operator' denied request: the operator "
    "neither creates nor deletes an OAuthClient or an issuer, and never changes a spec"
)
FINALIZER = "oauth-operator.dev/registration"
METADATA = (
    "ValidatingAdmissionPolicy 'oauthclient-operator' with binding 'oauthclient-operator' denied request: of an "
    f"OAuthClient's metadata the operator changes its own finalizer, {FINALIZER}, of an issuer's "
    "oauth-operator.dev/issuer, and nothing else"
)


def _denied(answer: Answer, message: str = DENIED) -> bool:
    return (answer.status, answer.message.partition(": ")[2]) == (403, message)


@pytest.fixture(scope="module")
def path(admin: Kubectl, room: str) -> str:
    admin.apply(oauth_client(room, members={"grant_types": ["client_credentials"], "x_example": {"a": [1, None]}}))
    return oauth_clients_path(room, "web")


@pytest.mark.parametrize(
    ("of_type", "patch"),
    [
        pytest.param(MERGE_PATCH, {"spec": {"policy": {"deletion": "Retain"}}}, id="another policy"),
        pytest.param(MERGE_PATCH, {"spec": {"clientMetadata": {"x_new": 1}}}, id="a member more"),
        pytest.param(MERGE_PATCH, {"spec": {"clientMetadata": {"x_example": None}}}, id="a member less"),
        pytest.param(MERGE_PATCH, {"metadata": {"labels": {"a": "b"}}, "spec": {"secret": {}}}, id="beside a label"),
        pytest.param(JSON_PATCH, [{"op": "remove", "path": "/spec/policy/deletion"}, {"op": "add", "path": "/spec/secret", "value": {"name": "x"}}], id="by JSON patch"),
    ],
)  # fmt: skip
def test_a_patch_of_the_spec_is_denied(fenced: Account, path: str, of_type: str, patch: Any) -> None:
    assert _denied(fenced.patch(path, patch, of_type=of_type))


def test_so_it_is_by_server_side_apply(fenced: Account, room: str, path: str) -> None:
    manifest = oauth_client(room, issuer=ISSUER, members={"grant_types": ["client_credentials"], "x_applied": 1})
    answer = fenced.patch(path, manifest, of_type=APPLY_PATCH, fieldManager="oauthclient-operator", force="true")
    assert _denied(answer)


def test_its_own_finalizer_comes_and_goes_and_the_status_is_written(fenced: Account, path: str) -> None:
    assert fenced.patch(path, {"metadata": {"finalizers": [FINALIZER]}}).status == 200
    assert fenced.patch(f"{path}/status", {"status": {"observedGeneration": 1, "clientID": "s6"}}).status == 200
    assert fenced.patch(path, {"metadata": {"finalizers": None}}).status == 200


@pytest.fixture(scope="module")
def others(admin: Kubectl, room: str) -> Iterator[str]:
    """The path of an OAuthClient in whose metadata others have written, with our finalizer between theirs."""
    manifest = oauth_client(room, "others")
    manifest["metadata"] |= {
        "labels": {"team": "shop"},
        "annotations": {"oauth-operator.dev/resolve": "a"},
        "finalizers": ["example.com/first", FINALIZER, "example.com/last"],
        "ownerReferences": [{"apiVersion": "v1", "kind": "Namespace", "name": room, "uid": _uid(admin, room)}],
    }
    admin.apply(manifest)
    yield oauth_clients_path(room, "others")
    admin("patch", "oauthclient", "others", "-n", room, "--type=merge", "-p", '{"metadata":{"finalizers":null}}')


def _uid(admin: Kubectl, room: str) -> str:
    return str(admin.json("get", "namespace", room)["metadata"]["uid"])


def test_beside_what_others_wrote_its_own_finalizer_comes_and_goes(fenced: Account, others: str) -> None:
    theirs = ["example.com/first", "example.com/last"]
    assert fenced.patch(others, {"metadata": {"finalizers": theirs}}).status == 200
    answer = fenced.patch(others, {"metadata": {"finalizers": [*theirs, FINALIZER]}})
    assert (answer.status, answer.body["metadata"]["finalizers"]) == (200, [*theirs, FINALIZER])


NOBODY = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "name": "gone",
    "uid": "6f1c0ba5-5f0b-4a3c-9f0e-5d8c2f6f1f00",
}


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param({"ownerReferences": [NOBODY]}, id="an owner that is gone, so that it is collected"),
        pytest.param({"ownerReferences": None}, id="no owner"),
        pytest.param({"labels": {"team": "evil"}}, id="another label"),
        pytest.param({"labels": {"more": "evil"}}, id="a label more"),
        pytest.param({"labels": None}, id="no labels"),
        pytest.param({"annotations": {"oauth-operator.dev/resolve": "b"}}, id="another annotation"),
        pytest.param({"annotations": {"argocd.argoproj.io/hook": "Skip"}}, id="an annotation more"),
        pytest.param({"annotations": None}, id="no annotations"),
        pytest.param({"finalizers": None}, id="no finalizers"),
        pytest.param({"finalizers": [FINALIZER, "example.com/last"]}, id="a finalizer less"),
        pytest.param(
            {"finalizers": ["example.com/first", "example.com/last", "evil.example/x"]}, id="a finalizer more"
        ),
    ],
)
def test_nothing_else_of_the_metadata_is_its_own(fenced: Account, others: str, metadata: dict[str, Any]) -> None:
    assert _denied(fenced.patch(others, {"metadata": metadata}), METADATA)


def test_nor_where_there_was_nothing(fenced: Account, path: str) -> None:
    for metadata in (
        {"ownerReferences": [NOBODY]},
        {"labels": {"example": "a"}},
        {"annotations": {"example.com/a": "a"}},
        {"finalizers": ["foregroundDeletion"]},
        {"finalizers": ["example.com/never"]},
    ):
        assert _denied(fenced.patch(path, {"metadata": metadata}), METADATA)


def test_the_status_patch_does_not_reach_the_spec(fenced: Account, path: str) -> None:
    answer = fenced.patch(f"{path}/status", {"spec": {"policy": {"deletion": "Retain"}}, "status": {"clientID": "s7"}})
    assert (answer.status, answer.body["spec"]["policy"]["deletion"]) == (200, "Delete")


def test_nor_the_metadata(fenced: Account, others: str) -> None:
    before = fenced.ask("GET", others).body["metadata"]
    metadata = {"ownerReferences": [NOBODY], "labels": None, "annotations": {"a": "b"}, "finalizers": None}
    answer = fenced.patch(f"{others}/status", {"metadata": metadata, "status": {"clientID": "s8"}})
    changing = ("resourceVersion", "managedFields")
    assert answer.status == 200
    assert {k: v for k, v in answer.body["metadata"].items() if k not in changing} == {
        k: v for k, v in before.items() if k not in changing
    }


def test_creating_and_deleting_are_denied(fenced: Account, room: str, path: str) -> None:
    # Its own role has no such verb; with every right there is, the fence still says no.
    created = fenced.ask("POST", oauth_clients_path(room), oauth_client(room, "made"))
    deleted = fenced.ask("DELETE", path)
    collection = fenced.ask("DELETE", oauth_clients_path(room))
    everything = fenced.ask("GET", "/api/v1/nodes").status == 200
    for answer in (created, deleted, collection):
        assert answer.status == 403
        assert _denied(answer) == everything
