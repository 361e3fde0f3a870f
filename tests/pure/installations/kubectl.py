"""What people do to objects with kubectl."""

from typing import Any

from tests.pure.installations.cluster import Body, Cluster


class Kubectl:
    """It applies and deletes objects of a cluster that are no clients, and annotates those that are."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def put(self, kind: str, namespace: str, name: str, *, metadata: Body | None = None, **members: Any) -> None:
        """Do what `kubectl apply` does with an object, new or changed."""
        before = self._cluster.get(kind, namespace, name)
        if before is None:
            about = {"name": name, "uid": f"{kind}/{name}/{self._cluster.version}", "generation": 1}
            place = {"namespace": namespace} if namespace else {}
            self._cluster.put((kind, namespace, name), {"metadata": {**about, **place, **(metadata or {})}, **members})
            return
        body = {**before, **members, "metadata": {**before["metadata"], **(metadata or {})}}
        if "status" in before:
            body["status"] = before["status"]
        if body.get("spec") != before.get("spec"):
            body["metadata"]["generation"] += 1
        self._cluster.put((kind, namespace, name), body)

    def delete(self, kind: str, namespace: str, name: str) -> None:
        """Do what `kubectl delete --wait=false` does."""
        body = self._cluster.get(kind, namespace, name)
        if body is not None and body["metadata"].get("finalizers"):
            body["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
            self._cluster.put((kind, namespace, name), body)
        else:
            self._cluster.remove(kind, namespace, name)

    def annotate(self, namespace: str, name: str, key: str, value: str) -> None:
        """Do what `kubectl annotate --overwrite` does with a client, if it is there."""
        if self._cluster.get("oauthclients", namespace, name) is not None:
            self._cluster.annotate(namespace, name, {key: value})

    def is_ending(self, kind: str, namespace: str, name: str) -> bool:
        """Say whether an object is there, and deleted."""
        body = self._cluster.get(kind, namespace, name)
        return body is not None and "deletionTimestamp" in body["metadata"]
