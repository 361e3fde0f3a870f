"""The fence around Secrets: what the operator's service account may write, whatever its rights are.

Create and get on Secrets would otherwise be every service account's token: who may create a Secret of type
kubernetes.io/service-account-token may read what the controller puts into it.
"""

from typing import Any

import pytest

from oauthclient_operator.cluster import fence
from tests.cluster.admission.account import Account, Answer, secrets_path
from tests.cluster.admission.manifests import API_VERSION, RECORD_TYPE, RECORDS, SYSTEM, oauth_client, secret
from tests.parts.kubectl import Kubectl

IN_RECORDS = (
    "in the records namespace the operator writes only Secrets of type oauth-operator.dev/registration "
    f"(fence edition {fence.EDITION})"
)
ELSEWHERE = "outside the records namespace the operator writes only Opaque Secrets that an OAuthClient owns"
NOT_OURS_ALONE = "the operator creates no Secret that anything but an OAuthClient of oauth-operator.dev/v1alpha1 owns"
NOT_THERE = (
    "the operator creates no Secret in its own namespace, nor in one that begins with kube-; write the OAuthClient in "
    "another namespace"
)
NOT_HELD = "the operator neither gives a Secret finalizers, nor changes those or the owners that it has"
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
        pytest.param("oauth-operator.dev/software-statement", _owner(), id="a software statement"),
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


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(_owner(apiVersion="v1", kind="ServiceAccount", name="default"), id="of another kind"),
        pytest.param(_owner(apiVersion="apps/v1", kind="Deployment"), id="of another group"),
        pytest.param(_owner(apiVersion="oauth-operator.dev/v9"), id="of a version that nobody can look up"),
    ],
)
def test_a_secret_is_not_given_an_owner_that_would_keep_it(
    fenced: Account, admin: Kubectl, room: str, owner: dict[str, Any], more: dict[str, str]
) -> None:
    planted = secret(room, "planted", owner=owner)
    planted["metadata"]["ownerReferences"].append(more)
    assert _denied(_create(fenced, planted), NOT_OURS_ALONE)
    admin.apply(secret(room, "second", owner=owner))
    for owners in ([owner, more], [owner, {**owner, "uid": UID}]):
        patch = {"metadata": {"ownerReferences": owners}}
        assert _denied(fenced.patch(secrets_path(room, "second"), patch), NOT_HELD)


def test_of_a_version_that_nobody_can_look_up_alone_neither(fenced: Account, room: str) -> None:
    planted = secret(room, "planted", owner=_owner(apiVersion="oauth-operator.dev/v9"))
    assert _denied(_create(fenced, planted), NOT_OURS_ALONE)


def test_a_secret_to_which_a_tenant_gave_a_second_owner_is_healed_and_deleted_all_the_same(
    fenced: Account, admin: Kubectl, room: str, owner: dict[str, Any]
) -> None:
    shared = secret(room, "shared", owner=owner)
    shared["metadata"]["ownerReferences"].append(_owner(apiVersion="v1", kind="ConfigMap"))
    shared["metadata"]["finalizers"] = ["example.com/backup"]
    admin.apply(shared)
    path = secrets_path(room, "shared")
    assert fenced.patch(path, {"metadata": {"labels": LABEL}, "stringData": {"key": "healed"}}).status == 200
    assert _denied(fenced.patch(path, {"metadata": {"finalizers": None}}), NOT_HELD)
    assert fenced.ask("DELETE", path).status == 200
    admin("patch", "secret", "shared", "-n", room, "--type=merge", "-p", '{"metadata":{"finalizers":null}}')


def test_no_secret_is_given_a_finalizer(fenced: Account, admin: Kubectl, room: str, owner: dict[str, Any]) -> None:
    finalizers = {"finalizers": ["example.com/never"]}
    for manifest in (secret(room, "held", owner=owner), secret(RECORDS, "held", of_type=RECORD_TYPE)):
        manifest["metadata"] |= finalizers
        assert _denied(_create(fenced, manifest), NOT_HELD)
        del manifest["metadata"]["finalizers"]
        admin.apply(manifest)
        path = secrets_path(manifest["metadata"]["namespace"], "held")
        assert _denied(fenced.patch(path, {"metadata": finalizers}), NOT_HELD)
        assert fenced.ask("DELETE", path).status == 200


@pytest.mark.parametrize("namespace", ["kube-system", "kube-public", "kube-node-lease", SYSTEM])
def test_nothing_is_planted_in_a_namespace_of_the_system_or_in_its_own(fenced: Account, namespace: str) -> None:
    assert _denied(_create(fenced, secret(namespace, "planted", owner=_owner())), NOT_THERE)


def test_what_an_earlier_version_published_there_is_healed_and_deleted(fenced: Account, admin: Kubectl) -> None:
    admin.apply(oauth_client("kube-public", "early"))
    uid = admin.json("get", "oauthclient", "early", "-n", "kube-public")["metadata"]["uid"]
    admin.apply(secret("kube-public", "early", owner=_owner(name="early", uid=uid)))
    early = secrets_path("kube-public", "early")
    assert fenced.patch(early, {"metadata": {"labels": LABEL}}).status == 200
    assert fenced.ask("DELETE", early).status == 200
    admin("delete", "oauthclient", "early", "-n", "kube-public")


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
