"""What the real API server says to each kind of failure, and which of our errors that becomes."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from oauthclient_operator.cluster.api import Cluster
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.fence import missing_fence
from oauthclient_operator.cluster.target import Target
from oauthclient_operator.errors import (
    AlreadyExists,
    ClusterError,
    Conflict,
    NamespaceMissing,
    NamespaceTerminating,
    NotFound,
    QuotaUsedUp,
    RequestRefused,
    Unanswered,
)
from tests.parts.api_server import APIServer
from tests.parts.kubeconfig import write_kubeconfig
from tests.parts.kubectl import Kubectl
from tests.parts.processes import wait_for

VALUE = "hunter2hunter2"


def manifest(name: str, **more: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name},
        "stringData": {"client_secret": VALUE},
    } | more


@pytest.fixture
async def secret(cluster: Cluster, namespace: str) -> dict[str, Any]:
    """The metadata of a Secret that was just created."""
    metadata = (await cluster.create_secret(namespace, manifest("web")))["metadata"]
    assert isinstance(metadata, dict)
    return metadata


async def test_a_secret_is_created_read_patched_and_deleted(cluster: Cluster, namespace: str) -> None:
    assert await cluster.read_secret(namespace, "web") is None
    rehearsed = await cluster.create_secret(namespace, manifest("web"), dry_run=True)
    assert await cluster.read_secret(namespace, "web") is None
    created: dict[str, Any] = await cluster.create_secret(namespace, manifest("web"))
    assert rehearsed["data"] == created["data"]
    assert created["metadata"]["managedFields"][0]["manager"] == "oauthclient-operator"
    change: dict[str, Any] = {
        "metadata": {key: created["metadata"][key] for key in ("uid", "resourceVersion")},
        "data": {"client_secret": None, "client_id": "YzE="},
    }
    await cluster.patch_secret(namespace, "web", change, dry_run=True)
    assert await cluster.read_secret(namespace, "web") == created
    patched: dict[str, Any] = await cluster.patch_secret(namespace, "web", change)
    assert patched["data"] == {"client_id": "YzE="}
    about = patched["metadata"]
    await cluster.delete_secret(namespace, "web", uid=about["uid"], resource_version=about["resourceVersion"])
    assert await cluster.read_secret(namespace, "web") is None


async def test_a_taken_name(cluster: Cluster, namespace: str, secret: dict[str, Any]) -> None:
    for dry_run in (True, False):
        with pytest.raises(AlreadyExists):
            await cluster.create_secret(namespace, manifest(secret["name"]), dry_run=dry_run)


@pytest.mark.parametrize(
    "wrong",
    [{"resourceVersion": "1"}, {"uid": "other"}, {"uid": "other", "resourceVersion": "1"}],
    ids=["an older version", "another UID", "both"],
)
async def test_a_precondition_of_a_patch(
    cluster: Cluster, namespace: str, secret: dict[str, Any], wrong: dict[str, str]
) -> None:
    metadata: dict[str, Any] = {key: secret[key] for key in ("uid", "resourceVersion")} | wrong
    with pytest.raises(Conflict):
        await cluster.patch_secret(namespace, "web", {"metadata": metadata, "data": {}})


async def test_a_precondition_of_a_deletion(cluster: Cluster, namespace: str, secret: dict[str, Any]) -> None:
    with pytest.raises(Conflict):
        await cluster.delete_secret(namespace, "web", uid="other", resource_version=secret["resourceVersion"])
    with pytest.raises(Conflict):
        await cluster.delete_secret(namespace, "web", uid=secret["uid"], resource_version="1")


async def test_what_is_not_there(cluster: Cluster, namespace: str) -> None:
    with pytest.raises(NotFound):
        await cluster.patch_secret(namespace, "web", {"data": {}})
    with pytest.raises(NotFound):
        await cluster.delete_secret(namespace, "web", uid="x", resource_version="1")
    with pytest.raises(NamespaceMissing, match="there is no namespace no-such-namespace"):
        await cluster.create_secret("no-such-namespace", manifest("web"))
    assert await cluster.read_secret("no-such-namespace", "web") is None


async def test_a_kind_that_is_not_installed_is_no_proof_that_there_is_none(connection: Connection) -> None:
    target = Target(api="/apis/not-installed.example/v1", resource="things", namespace="default", name="web")
    with pytest.raises(Unanswered):
        await connection.request("GET", target)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"metadata": {"name": "A_B"}}, "422 Invalid: metadata.name: FieldValueInvalid"),
        ({"stringData": {"a b": VALUE}}, "422 Invalid: data[a b]: FieldValueInvalid"),
        ({"data": {"a": f"!!{VALUE}"}}, "400 BadRequest"),
        ({"data": {"a": [VALUE]}}, "400 BadRequest"),
        ({"stringData": {"a": VALUE * 90_000}}, "422 Invalid: data: Too long"),
    ],
    ids=["a name", "a key", "no base64", "no string", "too large"],
)
@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
async def test_what_is_refused_is_named_without_its_value(
    cluster: Cluster, namespace: str, more: dict[str, Any], words: str
) -> None:
    with pytest.raises(RequestRefused) as error:
        await cluster.create_secret(namespace, manifest("web", **more), dry_run=True)
    assert words in str(error.value)
    assert "hunter2" not in str(error.value)


async def test_an_immutable_secret(cluster: Cluster, namespace: str, secret: dict[str, Any]) -> None:
    await cluster.patch_secret(namespace, secret["name"], {"immutable": True})
    for dry_run in (True, False):
        with pytest.raises(RequestRefused, match="data: Forbidden: field is immutable when `immutable` is set"):
            await cluster.patch_secret(namespace, "web", {"stringData": {"client_secret": "new"}}, dry_run=dry_run)


async def test_an_exhausted_quota(cluster: Cluster, kubectl: Kubectl, namespace: str) -> None:
    kubectl("create", "quota", "few", "-n", namespace, "--hard=count/secrets=1")
    counted = "jsonpath={.status.used}"
    wait_for(lambda: bool(kubectl("get", "quota", "few", "-n", namespace, "-o", counted)), "the quota", within=30)
    at_once = (cluster.create_secret(namespace, manifest(f"s{number}")) for number in range(20))
    answers = await asyncio.gather(*at_once, return_exceptions=True)
    assert [type(answer) for answer in answers].count(dict) == 1
    # Counting conflicts among concurrent creations; a conflict there is not one on our Secret.
    assert {type(answer) for answer in answers} - {dict} <= {QuotaUsedUp, Unanswered}
    with pytest.raises(QuotaUsedUp, match="exceeded quota: few"):
        await cluster.create_secret(namespace, manifest("one-more"), dry_run=True)


@pytest.fixture
def going(kubectl: Kubectl, namespace: str) -> Iterator[str]:
    """A namespace that is being deleted and does not end before the test does."""
    metadata = {"name": "hold", "namespace": namespace, "finalizers": ["example.com/hold"]}
    kubectl.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    kubectl("delete", "namespace", namespace, "--wait=false")
    yield namespace
    kubectl("patch", "configmap", "hold", "-n", namespace, "--type=merge", "-p", '{"metadata":{"finalizers":null}}')


async def test_a_namespace_that_goes(cluster: Cluster, going: str) -> None:
    for dry_run in (True, False):
        with pytest.raises(NamespaceTerminating):
            await cluster.create_secret(going, manifest("web"), dry_run=dry_run)


@pytest.fixture
def failing_webhook(kubectl: Kubectl, namespace: str) -> Iterator[str]:
    """A webhook of somebody else's that is asked before every Secret of the namespace, and is not there."""
    name = f"{namespace}.example.com"
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["secrets"]}
    hook = {
        "name": name,
        "clientConfig": {"url": "https://127.0.0.1:1/"},
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "rules": [rule],
        "failurePolicy": "Fail",
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    kind = "ValidatingWebhookConfiguration"
    api = "admissionregistration.k8s.io/v1"
    kubectl.apply({"apiVersion": api, "kind": kind, "metadata": {"name": name}, "webhooks": [hook]})
    yield name
    kubectl("delete", kind, name)


async def test_a_webhook_that_fails_is_named(cluster: Cluster, namespace: str, failing_webhook: str) -> None:
    async def asked() -> str:
        try:
            await cluster.create_secret(namespace, manifest("web"), dry_run=True)
        except Unanswered as error:
            return str(error)
        return ""

    async with asyncio.timeout(30):
        while not (said := await asked()):
            pass  # It is asked a moment after it was made.
    assert f"500 InternalError: the admission webhook {failing_webhook} failed" in said


async def test_a_token_that_is_not_known(api_server: APIServer, tmp_path: Any) -> None:
    authority = api_server.authority.read_bytes()
    stranger = await Connection.open(
        write_kubeconfig(tmp_path / "k", server=api_server.url, authority=authority, token="made-up"), {}
    )
    with pytest.raises(Unanswered, match="401 Unauthorized"):
        await Cluster(stranger).read_secret("default", "web")
    await stranger.close()


async def test_a_server_of_another_authority_is_not_talked_to(api_server: APIServer, tmp_path: Any) -> None:
    file = write_kubeconfig(tmp_path / "k", server=api_server.url, authority=None, token="secret-token")
    stranger = await Connection.open(file, {})
    with pytest.raises(Unanswered, match="unable to get local issuer certificate"):
        await Cluster(stranger).read_secret("default", "web")
    await stranger.close()


async def test_the_operators_own_rights_and_fence(operator: Connection, namespace: str) -> None:
    cluster = Cluster(operator)
    assert len(await cluster.namespace_uid("kube-system")) == 36
    assert await cluster.version() >= (1, 30)
    with pytest.raises(RequestRefused, match="403 Forbidden"):
        await cluster.namespace_uid("default")
    assert await missing_fence(cluster, "oauth-operator-records") is None
    with pytest.raises(ClusterError, match="ValidatingAdmissionPolicy 'oauthclient-operator'"):
        await cluster.create_secret(namespace, manifest("web"))
