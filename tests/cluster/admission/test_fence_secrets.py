"""The fence around Secrets: what the operator's service account may write, whatever its rights are.

Create and get on Secrets would otherwise be every service account's token: who may create a Secret of type
kubernetes.io/service-account-token may read what the controller puts into it.
"""

from typing import Any

import pytest

from tests.cluster.admission.account import Account, Answer, secrets_path
from tests.cluster.admission.manifests import API_VERSION, RECORD_TYPE, RECORDS, secret
from tests.parts.kubectl import Kubectl

IN_RECORDS = "in the records namespace the operator writes only Secrets of type oauth-operator.dev/registration"
ELSEWHERE = "outside the records namespace the operator writes only Opaque Secrets that an OAuthClient owns"
LABEL = {"app.kubernetes.io/managed-by": "oauthclient-operator"}
UID = "6f1c0ba5-5f0b-4a3c-9f0e-5d8c2f6f1f00"


def _denied(answer: Answer, message: str) -> bool:
    ours = "ValidatingAdmissionPolicy 'oauthclient-operator' with binding 'oauthclient-operator' denied request: "
    return (answer.status, answer.message.partition(": ")[2]) == (403, ours + message)


def _create(account: Account, manifest: dict[str, Any], **query: str) -> Answer:
    return account.ask("POST", secrets_path(manifest["metadata"]["namespace"]), manifest, **query)


def _owner(**changed: str) -> dict[str, str]:
    return {"apiVersion": API_VERSION, "kind": "OAuthClient", "name": "owner", "uid": UID, **changed}


def test_a_record_is_created_patched_and_deleted(fenced: Account) -> None:
    record = secrets_path(RECORDS, UID)
    assert _create(fenced, secret(RECORDS, UID, of_type=RECORD_TYPE)).status == 201
    assert fenced.patch(record, {"metadata": {"labels": {"oauth-operator.dev/state": "Open"}}}).status == 200
    assert fenced.ask("DELETE", record).status == 200


def test_an_owned_secret_is_created_patched_healed_and_deleted(
    fenced: Account, admin: Kubectl, room: str, owner: dict[str, Any]
) -> None:
    published = secrets_path(room, "published")
    manifest = secret(room, "published", owner=owner)
    manifest["metadata"]["labels"] = LABEL
    assert _create(fenced, manifest, dryRun="All").status == 201
    assert _create(fenced, manifest).status == 201
    assert fenced.patch(published, {"stringData": {"client_id": "s6BhdRkqt3"}}).status == 200
    admin("label", "secret", "published", "-n", room, "app.kubernetes.io/managed-by-")
    assert fenced.patch(published, {"metadata": {"labels": LABEL}}).status == 200
    assert fenced.ask("DELETE", published).status == 200


def test_an_owned_secret_needs_no_type(fenced: Account, room: str, owner: dict[str, Any]) -> None:
    assert _create(fenced, secret(room, "untyped", of_type=None, owner=owner), dryRun="All").status == 201


def test_an_owner_that_does_not_exist_passes_because_a_policy_cannot_see_it(fenced: Account, room: str) -> None:
    assert _create(fenced, secret(room, "astray", owner=_owner()), dryRun="All").status == 201


@pytest.mark.parametrize(
    ("of_type", "owner"),
    [
        pytest.param("Opaque", None, id="nobody's"),
        pytest.param(None, None, id="nobody's, without a type"),
        pytest.param("Opaque", _owner(apiVersion="v1", kind="ConfigMap"), id="another kind's"),
        pytest.param("Opaque", _owner(kind="OAuthIssuer"), id="another kind's of our group"),
        pytest.param("Opaque", _owner(apiVersion="evil-oauth-operator.dev/v1"), id="a group that ends like ours"),
        pytest.param("Opaque", _owner(apiVersion="oauth-operator.dev.evil/v1"), id="a group that begins like ours"),
        pytest.param("kubernetes.io/service-account-token", _owner(), id="a service account's token"),
        pytest.param("bootstrap.kubernetes.io/token", _owner(), id="a bootstrap token"),
        pytest.param("oauth-operator.dev/initial-access-token", _owner(), id="an initial access token"),
        pytest.param(RECORD_TYPE, _owner(), id="a record outside the records namespace"),
    ],
)
def test_outside_the_records_namespace_it_cannot_create(
    fenced: Account, room: str, of_type: str | None, owner: dict[str, str] | None
) -> None:
    manifest = secret(room, "probe", of_type=of_type, owner=owner)
    if of_type == "kubernetes.io/service-account-token":
        manifest["metadata"]["annotations"] = {"kubernetes.io/service-account.name": "default"}
    assert _denied(_create(fenced, manifest), ELSEWHERE)


@pytest.mark.parametrize("of_type", ["kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token"])
def test_nor_in_kube_system(fenced: Account, of_type: str) -> None:
    manifest = secret("kube-system", "bootstrap-token-abcdef", of_type=of_type)
    manifest["metadata"]["annotations"] = {"kubernetes.io/service-account.name": "default"}
    assert _denied(_create(fenced, manifest), ELSEWHERE)


@pytest.mark.parametrize(
    ("of_type", "owner"),
    [
        pytest.param("Opaque", None, id="an ownerless Opaque one, the start's probe"),
        pytest.param("Opaque", _owner(), id="an owned one"),
        pytest.param("kubernetes.io/service-account-token", None, id="a service account's token"),
    ],
)
def test_in_the_records_namespace_it_cannot_create(fenced: Account, of_type: str, owner: dict[str, str] | None) -> None:
    manifest = secret(RECORDS, "probe", of_type=of_type, owner=owner)
    manifest["metadata"]["annotations"] = {"kubernetes.io/service-account.name": "default"}
    assert _denied(_create(fenced, manifest, dryRun="All"), IN_RECORDS)
    assert _denied(_create(fenced, manifest), IN_RECORDS)


def test_a_tenants_secret_is_neither_adopted_nor_changed_nor_deleted(
    fenced: Account, admin: Kubectl, room: str, owner: dict[str, Any]
) -> None:
    admin.apply(secret(room, "tenants"))
    tenants = secrets_path(room, "tenants")
    assert _denied(fenced.patch(tenants, {"metadata": {"ownerReferences": [owner]}}), ELSEWHERE)
    assert _denied(fenced.patch(tenants, {"stringData": {"key": "other"}}), ELSEWHERE)
    assert _denied(fenced.patch(tenants, {"metadata": {"labels": LABEL}}), ELSEWHERE)
    assert _denied(fenced.ask("DELETE", tenants), ELSEWHERE)


def test_a_secret_in_the_records_namespace_that_is_no_record_is_left_alone(fenced: Account, admin: Kubectl) -> None:
    admin.apply(secret(RECORDS, "stranger"))
    stranger = secrets_path(RECORDS, "stranger")
    assert _denied(fenced.patch(stranger, {"stringData": {"key": "other"}}), IN_RECORDS)
    assert _denied(fenced.ask("DELETE", stranger), IN_RECORDS)
    admin("delete", "secret", "stranger", "-n", RECORDS)


def test_an_owned_secret_cannot_be_given_away(
    fenced: Account, admin: Kubectl, room: str, owner: dict[str, Any]
) -> None:
    admin.apply(secret(room, "ours", owner=owner))
    ours = secrets_path(room, "ours")
    assert _denied(fenced.patch(ours, {"metadata": {"ownerReferences": None}}), ELSEWHERE)
    others = _owner(apiVersion="v1", kind="ConfigMap")
    assert _denied(fenced.patch(ours, {"metadata": {"ownerReferences": [others]}}), ELSEWHERE)


def test_a_secret_whose_owner_was_stripped_is_neither_healed_nor_deleted(
    fenced: Account, admin: Kubectl, room: str, owner: dict[str, Any]
) -> None:
    admin.apply(secret(room, "stripped", owner=owner))
    admin("patch", "secret", "stripped", "-n", room, "--type=merge", "-p", '{"metadata":{"ownerReferences":null}}')
    stripped = secrets_path(room, "stripped")
    assert _denied(fenced.patch(stripped, {"metadata": {"ownerReferences": [owner]}}), ELSEWHERE)
    assert _denied(fenced.ask("DELETE", stripped), ELSEWHERE)


def test_others_are_not_fenced(admin: Kubectl, room: str) -> None:
    admin.apply(secret(room, "free"), "--dry-run=server")
