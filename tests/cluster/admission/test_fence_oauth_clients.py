"""The fence around OAuthClients: the operator never writes a spec, and neither creates nor deletes a resource."""

from typing import Any

import pytest

from tests.cluster.admission.account import APPLY_PATCH, JSON_PATCH, MERGE_PATCH, Account, Answer, oauth_clients_path
from tests.cluster.admission.manifests import ISSUER, oauth_client
from tests.parts.kubectl import Kubectl

DENIED = (
    "ValidatingAdmissionPolicy 'oauthclient-operator' with binding 'oauthclient-operator' denied request: the operator "
    "neither creates nor deletes an OAuthClient, and never changes its spec"
)


def _denied(answer: Answer) -> bool:
    return (answer.status, answer.message.partition(": ")[2]) == (403, DENIED)


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


def test_a_patch_that_leaves_the_spec_as_it_is_passes(fenced: Account, path: str) -> None:
    metadata = {
        "finalizers": ["oauth-operator.dev/registration"],
        "annotations": {"oauth-operator.dev/example": "a"},
        "labels": {"example": "a"},
    }
    assert fenced.patch(path, {"metadata": metadata}).status == 200
    assert fenced.patch(f"{path}/status", {"status": {"observedGeneration": 1, "clientID": "s6"}}).status == 200
    assert fenced.patch(path, {"metadata": {"finalizers": None}}).status == 200


def test_the_status_patch_does_not_reach_the_spec(fenced: Account, path: str) -> None:
    answer = fenced.patch(f"{path}/status", {"spec": {"policy": {"deletion": "Retain"}}, "status": {"clientID": "s7"}})
    assert (answer.status, answer.body["spec"]["policy"]["deletion"]) == (200, "Delete")


def test_creating_and_deleting_are_denied(fenced: Account, room: str, path: str) -> None:
    # Its own role has no such verb; with every right there is, the fence still says no.
    created = fenced.ask("POST", oauth_clients_path(room), oauth_client(room, "made"))
    deleted = fenced.ask("DELETE", path)
    collection = fenced.ask("DELETE", oauth_clients_path(room))
    everything = fenced.ask("GET", "/api/v1/nodes").status == 200
    for answer in (created, deleted, collection):
        assert answer.status == 403
        assert _denied(answer) == everything
