"""The watches of one process that ask nobody, an issuer that they know, and clients that refer to it."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.resource.key import Key, cluster_issuer
from oauthclient_operator.watching.watches import Watches

CORPORATE = cluster_issuer("corporate")
BODY: dict[str, Any] = {
    "metadata": {
        "name": "corporate",
        "uid": "i",
        "resourceVersion": "10",
        "generation": 1,
        "finalizers": [names.ISSUER_FINALIZER],
        "labels": {"team": "a"},
    },
    "spec": {"issuer": "https://issuer.example", "allowed": {"namespaces": {"all": True}}},
    "status": {"observedGeneration": 1, "conditions": []},
}


def client(name: str, issuer: str | None = "corporate", *, namespace: str = "shop", version: int = 5) -> dict[str, Any]:
    reference = (
        {"issuerRef": {"kind": names.ISSUER_KIND, "name": issuer}} if issuer else {"issuer": "https://a.example"}
    )
    metadata = {"namespace": namespace, "name": name, "uid": f"{namespace}/{name}", "resourceVersion": str(version)}
    return {"metadata": metadata, "spec": {**reference, "clientMetadata": {}}}


def watches(woken: list[Key], **more: Any) -> Watches:
    """Return the watches of one process, which ask nobody here; `woken` gets the keys that they wake."""
    unused: Any = None
    return Watches(
        unused,
        records_namespace="records",
        wake=lambda key, _because: woken.append(key),
        disregard=lambda _key, _because: None,
        **{"namespaces": (), **more},
    )


class Cluster:
    """The watches of one process, and when what is to be looked at later is due."""

    def __init__(self, *namespaces: str) -> None:
        self.woken: list[Key] = []
        self.due: dict[Key, float] = {}
        self.watches = watches(
            self.woken, namespaces=namespaces, wake_after=lambda key, delay: self.due.update({key: delay})
        )
        self._version = 10

    def changed(self, change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        body = copy.deepcopy(BODY)
        change(body)
        self._version += 1
        body["metadata"]["resourceVersion"] = str(self._version)
        return body

    def namespace(self, name: str, labels: dict[str, str], *, version: int, **metadata: Any) -> None:
        about = {"name": name, "uid": name, "resourceVersion": str(version), "labels": labels, **metadata}
        self.watches.namespaces.informer.offer({"metadata": about})


@pytest.fixture
async def cluster() -> Cluster:
    cluster = Cluster()
    cluster.watches.issuers.take("ADDED", BODY)
    cluster.woken.clear()
    return cluster
