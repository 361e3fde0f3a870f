"""Reading and patching OAuthClients, and Events about them, as the operator's own service account."""

import secrets
from datetime import UTC, datetime
from typing import Any

import pytest

from oauthclient_operator.cluster.api import Cluster
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.events import TERMINATING_NAMESPACE_EVENTS, event
from oauthclient_operator.errors import Conflict, NotFound, RequestRefused
from tests.parts.kubectl import Kubectl


@pytest.fixture
def cluster(operator: Connection) -> Cluster:
    return Cluster(operator)


@pytest.fixture
async def web(kubectl: Kubectl, cluster: Cluster, namespace: str) -> dict[str, Any]:
    """The metadata of an OAuthClient."""
    spec = {
        "issuer": "https://idp.example",
        "clientMetadata": {"redirect_uris": ["https://shop.example/cb"]},
    }
    metadata = {"name": "web", "namespace": namespace}
    kubectl.apply(
        {"apiVersion": "oauth-operator.dev/v1alpha1", "kind": "OAuthClient", "metadata": metadata, "spec": spec}
    )
    body: dict[str, Any] | None = await cluster.read_oauth_client(namespace, "web")
    assert body is not None
    assert isinstance(body["metadata"], dict)
    return body["metadata"]


async def test_there_is_none(cluster: Cluster, namespace: str) -> None:
    assert await cluster.read_oauth_client(namespace, "web") is None
    with pytest.raises(NotFound):
        await cluster.patch_oauth_client_status(namespace, "web", {"status": {}})


async def test_a_finalizer_is_set_under_preconditions(cluster: Cluster, namespace: str, web: dict[str, Any]) -> None:
    for wrong in ({"uid": "other"}, {"resourceVersion": "1"}):
        metadata: dict[str, Any] = {key: web[key] for key in ("uid", "resourceVersion")} | wrong
        with pytest.raises(Conflict):
            await cluster.patch_oauth_client(namespace, "web", {"metadata": metadata | {"finalizers": ["a.example/b"]}})
    metadata = {"uid": web["uid"], "resourceVersion": web["resourceVersion"]}
    patch: dict[str, Any] = {"metadata": metadata | {"finalizers": ["oauth-operator.dev/registration"]}}
    patched: dict[str, Any] = await cluster.patch_oauth_client(namespace, "web", patch)
    assert patched["metadata"]["finalizers"] == ["oauth-operator.dev/registration"]
    await cluster.patch_oauth_client(namespace, "web", {"metadata": {"finalizers": None}})


async def test_only_the_version_guards_a_status_the_uid_is_ignored(
    cluster: Cluster, namespace: str, web: dict[str, Any]
) -> None:
    """A gap of the API server, kept here so that we notice when it is closed: see `Cluster.patch_oauth_client_status`."""
    await cluster.patch_oauth_client_status(
        namespace, "web", {"metadata": {"uid": "other"}, "status": {"clientID": "c"}}
    )
    stale: dict[str, Any] = {"metadata": {"resourceVersion": web["resourceVersion"]}, "status": {"clientID": "d"}}
    with pytest.raises(Conflict):
        await cluster.patch_oauth_client_status(namespace, "web", stale)


async def test_a_status_that_does_not_fit_is_refused_by_its_path(
    cluster: Cluster, namespace: str, web: dict[str, Any]
) -> None:
    # An older API server leaves out `status.`
    with pytest.raises(RequestRefused, match=r"422 Invalid: (status\.)?clientID: FieldValueTypeInvalid$"):
        await cluster.patch_oauth_client_status(namespace, web["name"], {"status": {"clientID": 5}})


async def test_a_status_that_says_what_is_so_already_changes_no_version(
    cluster: Cluster, namespace: str, web: dict[str, Any]
) -> None:
    patch: dict[str, Any] = {"status": {"clientID": "c"}}
    first: dict[str, Any] = await cluster.patch_oauth_client_status(namespace, web["name"], patch)
    second: dict[str, Any] = await cluster.patch_oauth_client_status(namespace, web["name"], patch)
    assert first["metadata"]["resourceVersion"] == second["metadata"]["resourceVersion"]


@pytest.mark.parametrize("elsewhere", [None, TERMINATING_NAMESPACE_EVENTS], ids=["in its namespace", "elsewhere"])
async def test_an_event_is_seen_at_the_resource(
    cluster: Cluster, kubectl: Kubectl, namespace: str, web: dict[str, Any], elsewhere: str | None
) -> None:
    about = event(
        web,
        reason="Registered",
        action="Register",
        note="ä" * 2000,
        warning=False,
        instance="i" * 200,
        now=datetime.now(UTC),
        suffix=secrets.token_hex(5),
        namespace=elsewhere,
    )
    await cluster.create_event(elsewhere or namespace, about)
    selector = f"regarding.name=web,regarding.namespace={namespace}"
    found = kubectl.json("get", "events.v1.events.k8s.io", "-n", elsewhere or namespace, "--field-selector", selector)
    assert [item["regarding"]["uid"] for item in found["items"]] == [web["uid"]]
    if elsewhere is None:
        assert "Registered" in kubectl("describe", "oauthclient", "web", "-n", namespace)
