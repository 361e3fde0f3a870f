"""What the operator does with issuers, and reads for them, at the real API server: with its own rights, behind its fence."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oauthclient_operator import handlers, names
from oauthclient_operator.cluster import definitions
from oauthclient_operator.cluster.api import Cluster
from oauthclient_operator.cluster.cluster_issuers import ClusterIssuers
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.events import CLUSTER_EVENTS, Events
from oauthclient_operator.cluster.operator_namespace import OperatorNamespace
from oauthclient_operator.errors import Conflict, RequestRefused
from oauthclient_operator.resource.cluster_oauth_issuer import ClusterOAuthIssuer
from oauthclient_operator.resource.issuer_status import IssuerStatus
from oauthclient_operator.resource.key import cluster_issuer
from oauthclient_operator.watching.watches import Watches
from tests.parts.api_server import APIServer
from tests.parts.kubectl import Kubectl

ALLOWED = {"namespaces": {"all": True}, "redirectURIs": ["https://*.example.com/*"]}


@pytest.fixture
async def as_operator(operator_kubeconfig: Path) -> AsyncIterator[Connection]:
    """The operator's own, and in the audit log it is an operator at work: these are the verbs that it has for issuers."""
    connection = await Connection.open(operator_kubeconfig, {})
    yield connection
    await connection.close()


def read(installed: APIServer, name: str) -> ClusterOAuthIssuer:
    return ClusterOAuthIssuer.parse(installed.kubectl.json("get", names.ISSUER_PLURAL, name))


@pytest.fixture
def name(installed: APIServer) -> Iterator[str]:
    """The name of an issuer that is there."""
    kubectl, name = installed.kubectl, f"test-{secrets.token_hex(4)}"
    spec = {"issuer": "https://idp.example", "allowed": ALLOWED}
    kubectl.apply(
        {"apiVersion": names.API_VERSION, "kind": names.ISSUER_KIND, "metadata": {"name": name}, "spec": spec}
    )
    yield name
    kubectl("patch", names.ISSUER_PLURAL, name, "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    kubectl("delete", names.ISSUER_PLURAL, name, "--wait=false")


async def test_an_issuer_is_held_let_go_and_told_how_it_is(
    installed: APIServer, as_operator: Connection, name: str
) -> None:
    seen: list[dict[str, Any]] = []
    issuers = ClusterIssuers(Cluster(as_operator), seen.append)
    issuer = read(installed, name)
    assert (issuer.name, issuer.generation, issuer.status.observed_generation) == (name, 1, -1)
    held = await issuers.write_finalizers(issuer, (names.ISSUER_FINALIZER,))
    assert held.finalizers == (names.ISSUER_FINALIZER,)
    status = IssuerStatus(observed_generation=1, conditions=issuer.status.conditions)
    told = await issuers.write_status(held, status)
    assert told is not None
    assert (told.status.observed_generation, told.generation) == (1, 1)
    assert await issuers.write_status(told, told.status) is None
    with pytest.raises(Conflict):
        await issuers.write_status(held, IssuerStatus(observed_generation=2))
    with pytest.raises(Conflict):
        await issuers.write_finalizers(issuer, ())
    assert (await issuers.write_finalizers(told, ())).finalizers == ()
    assert [body["kind"] for body in seen] == [names.ISSUER_KIND] * 3


async def test_who_refers_to_an_issuer_is_found_in_every_namespace(
    as_operator: Connection, kubectl: Kubectl, name: str, namespace: str
) -> None:
    reference = {"kind": names.ISSUER_KIND, "name": name}
    for client, spec in (("ours", {"issuerRef": reference}), ("other", {"issuer": "https://idp.example"})):
        metadata = {"name": client, "namespace": namespace}
        written = {**spec, "clientMetadata": {"grant_types": ["client_credentials"]}}
        kubectl.apply({"apiVersion": names.API_VERSION, "kind": names.KIND, "metadata": metadata, "spec": written})
    issuers = ClusterIssuers(Cluster(as_operator), lambda _: None)
    assert await issuers.clients_anywhere(name) == (f"{namespace}/ours",)
    assert await issuers.clients_anywhere("nobody-s") == ()


async def test_it_is_not_the_operator_that_says_what_an_issuer_is(as_operator: Connection, name: str) -> None:
    cluster = Cluster(as_operator)
    with pytest.raises(RequestRefused, match="neither creates nor deletes an OAuthClient or an issuer"):
        await cluster.patch_cluster_issuer(name, {"spec": {"allowed": {"redirectURIs": ["https://evil.example/*"]}}})


async def test_an_event_about_an_issuer_is_seen_at_it(
    installed: APIServer, as_operator: Connection, kubectl: Kubectl, name: str
) -> None:
    issuer = read(installed, name)
    events = Events(
        Cluster(as_operator), instance="test", now=lambda: datetime.now(UTC), suffix=lambda: secrets.token_hex(6)
    )
    await events.announce_issuer(issuer, "Ready", "what there is to say", warning=False)
    found = kubectl.json(
        "get", "events.v1.events.k8s.io", "-n", CLUSTER_EVENTS, "--field-selector", f"regarding.name={name}"
    )
    assert [item["regarding"].get("namespace", "") for item in found["items"]] == [""]
    assert "what there is to say" in kubectl("describe", names.ISSUER_PLURAL, name)


async def test_what_issuers_refer_to_is_read_in_the_operators_own_namespace_and_nowhere_else(
    as_operator: Connection, kubectl: Kubectl, name: str, namespace: str
) -> None:
    system = names.SYSTEM_NAMESPACE
    for where in (system, namespace):
        kubectl("create", "configmap", name, "-n", where, "--from-literal=ca.crt=-----BEGIN")
    kubectl("create", "secret", "generic", name, "-n", system, "--from-literal=token=t0ken")
    own = OperatorNamespace(Cluster(as_operator), system)
    authorities, way_in = await own.config_map(name), await own.secret(name)
    assert authorities is not None
    assert authorities.data == {"ca.crt": "-----BEGIN"}
    assert way_in is not None
    assert way_in.value("token") == "t0ken"
    assert await own.config_map("nobody-s") is None
    with pytest.raises(RequestRefused):
        await OperatorNamespace(Cluster(as_operator), namespace).config_map(name)
    kubectl("delete", "configmap,secret", name, "-n", system)


async def test_issuers_namespaces_and_what_issuers_refer_to_are_known_and_their_changes_too(
    as_operator: Connection, kubectl: Kubectl, name: str, namespace: str
) -> None:
    kubectl("create", "configmap", name, "-n", names.SYSTEM_NAMESPACE, "--from-literal=ca.crt=-----BEGIN")
    woken: asyncio.Queue[Any] = asyncio.Queue()
    watches = Watches(
        as_operator,
        namespaces=(),
        records_namespace=names.RECORDS_NAMESPACE,
        wake=lambda key, _because: woken.put_nowait(key),
        disregard=lambda _key, _because: None,
    )
    watches.issuer_sources._checks._interval = 0.2
    kopf, arrivals = await handlers.watch(
        clients=watches, issuers=watches.issuers, connection=as_operator, namespaces=()
    )
    running = [asyncio.create_task(informer.run()) for informer in watches.informers]
    running.append(asyncio.create_task(watches.issuer_sources.run()))

    async def until_woken() -> None:
        async with asyncio.timeout(20):
            while await woken.get() != cluster_issuer(name):
                pass

    try:
        async with asyncio.timeout(20):
            await arrivals.complete()
            await watches.secrets_synced()
        known = watches.cluster_issuer(name)
        assert isinstance(known, ClusterOAuthIssuer)
        assert watches.namespace_labels(namespace) == {"kubernetes.io/metadata.name": namespace}
        await until_woken()
        patch = json.dumps({"spec": {"trust": {"caBundleRef": {"name": name, "key": "ca.crt"}}}})
        kubectl("patch", names.ISSUER_PLURAL, name, "--type=merge", "-p", patch)
        await until_woken()
        edited = watches.cluster_issuer(name)
        assert edited is not None
        assert edited.generation == known.generation + 1
        await until_woken()
        version = watches.issuer_sources.version("configmaps", name)
        assert isinstance(version, str)
        kubectl("patch", "configmap", name, "-n", names.SYSTEM_NAMESPACE, "-p", '{"data":{"ca.crt":"another"}}')
        await until_woken()
        assert watches.issuer_sources.version("configmaps", name) not in (version, None)
    finally:
        for task in running:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*running)
        await handlers.stop(kopf)
        kubectl("delete", "configmap", name, "-n", names.SYSTEM_NAMESPACE)


async def test_the_definitions_that_are_installed_are_these(
    as_operator: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await definitions.outdated_definitions(as_operator) is None
    monkeypatch.setattr(definitions, "_PATIENCE", 0.0)
    monkeypatch.setattr(definitions, "EDITION", definitions.EDITION + 1)
    older = await definitions.outdated_definitions(as_operator)
    assert older is not None
    assert f"it is of edition {definitions.EDITION - 1}, and this operator needs edition" in older
