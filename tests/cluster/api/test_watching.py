"""The informer and the Lease on the real API server."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from oauthclient_operator.cluster import kept
from oauthclient_operator.cluster.api import Cluster
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.informer import MetadataInformer
from oauthclient_operator.cluster.lease import Lease
from oauthclient_operator.cluster.target import secret
from tests.parts.api_server import APIServer
from tests.parts.audit import AuditLog
from tests.parts.kubectl import Kubectl

OPERATOR = "system:serviceaccount:oauth-operator-system:oauthclient-operator"
RECORDS = "oauth-operator-records"
LABEL = {"app.kubernetes.io/managed-by": "oauthclient-operator"}


class Changes:
    def __init__(self) -> None:
        self._more = asyncio.Event()

    def __call__(self, _namespace: str, _name: str) -> None:
        self._more.set()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not true():
                self._more.clear()
                await self._more.wait()


@asynccontextmanager
async def running(informer: MetadataInformer) -> AsyncIterator[None]:
    task = asyncio.create_task(informer.run())
    try:
        await asyncio.wait_for(informer.synced.wait(), 10)
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def manifest(name: str, **metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "labels": LABEL, **metadata},
        "stringData": {"k": "hunter2hunter2"},
    }


async def test_secrets_come_and_go_by_their_metadata(connection: Connection, kubectl: Kubectl, namespace: str) -> None:
    cluster, changes = Cluster(connection), Changes()
    kubectl.apply(manifest("applied", namespace=namespace))
    selector = "app.kubernetes.io/managed-by=oauthclient-operator"
    informer = MetadataInformer(
        connection,
        secret(namespace),
        keep=kept.record,
        namespaces=[namespace],
        label_selector=selector,
        on_change=changes,
    )
    async with running(informer):
        applied = informer.get(namespace, "applied")
        assert applied is not None
        assert "annotations" not in applied, "kubectl had put the value there"
        created: dict[str, Any] = await cluster.create_secret(namespace, manifest("web"))
        await changes.until(lambda: informer.get(namespace, "web") is not None)
        watched = informer.get(namespace, "web")
        assert watched is not None
        assert watched["resourceVersion"] == created["metadata"]["resourceVersion"], (
            "our write's answer is the same copy"
        )
        assert not informer.offer(created)
        kubectl("label", "secret", "web", "-n", namespace, "app.kubernetes.io/managed-by-")
        await changes.until(lambda: informer.get(namespace, "web") is None)
        healed: dict[str, Any] = await cluster.patch_secret(namespace, "web", {"metadata": {"labels": dict(LABEL)}})
        # Whether the answer is news depends on which comes first, it or the event; what is known then does not.
        informer.offer(healed)
        known = informer.get(namespace, "web")
        assert known is not None
        assert known["resourceVersion"] == healed["metadata"]["resourceVersion"]
        kubectl("delete", "secret", "web", "-n", namespace)
        await changes.until(lambda: informer.get(namespace, "web") is None)
        assert not informer.offer(healed), "a late copy does not bring it back"
    assert "hunter2" not in repr(list(informer.all()))


async def test_a_field_selector_on_the_type_is_honoured(
    operator: Connection, installed: APIServer, namespace: str
) -> None:
    kind = "oauth-operator.dev/initial-access-token"
    for name, more in (("token", {"type": kind}), ("other", {})):
        installed.kubectl.apply(manifest(name, namespace=namespace) | more)
    informer = MetadataInformer(operator, secret(""), keep=kept.record, field_selector=f"type={kind}")
    async with running(informer):
        assert [m["name"] for m in informer.all() if m["namespace"] == namespace] == ["token"]


async def test_a_long_list_comes_in_pages(connection: Connection, audit: AuditLog, namespace: str) -> None:
    cluster = Cluster(connection)
    for first in range(0, 520, 40):
        await asyncio.gather(*(cluster.create_secret(namespace, manifest(f"s{n}")) for n in range(first, first + 40)))
    since = audit.mark()
    informer = MetadataInformer(connection, secret(namespace), keep=kept.record, namespaces=[namespace])
    async with running(informer):
        assert len(list(informer.all())) == 520
    assert audit.counts("admin", since=since)["list secrets"] == 3, "of 100, 200, 400"


async def test_a_lease_passes_from_one_to_the_next(operator: Connection, audit: AuditLog) -> None:
    def lease(holder: str) -> Lease:
        return Lease(operator, namespace="oauth-operator-system", holder=holder, duration=3, renewal=0.3)

    first, second = lease("first"), lease("second")
    await first.acquire()
    since = audit.mark()
    keeper = asyncio.create_task(first.keep())
    waiting = asyncio.create_task(second.acquire())
    await asyncio.sleep(4)
    assert not waiting.done(), "held for longer than it lasts, because it is renewed"
    assert first.remaining() > 2
    keeper.cancel()
    await asyncio.wait([keeper])
    renewals = audit.counts(OPERATOR, since=since)
    assert renewals["update leases"] >= 10
    await first.release()
    assert first.remaining() == 0
    await asyncio.wait_for(waiting, 1)
    assert 2 < second.remaining() <= 3
    began = time.monotonic()
    await asyncio.wait_for(lease("third").acquire(), 10)
    assert time.monotonic() - began > 2.5, "the second did not release; its time had to run out"
