"""An API server in memory, as far as the executor can tell it from the real one: versions, preconditions, owners."""

import itertools
import uuid
from typing import Any, TypeVar

from oauthclient_operator import errors, names
from tests.merge_patch import merged

PENDING_STATUS = {
    "observedGeneration": -1,
    "conditions": [
        {
            "type": "Ready",
            "status": "Unknown",
            "reason": "Pending",
            "message": "waiting for the operator",
            "lastTransitionTime": "1970-01-01T00:00:00Z",
        }
    ],
}


Key = tuple[str, str, str]
"""An object's kind, namespace and name."""
_Value = TypeVar("_Value")


def copied(value: _Value) -> _Value:
    """Return a copy of JSON, in a fifth of the steps that `copy.deepcopy` takes for whatever there may be."""
    found: Any = value
    if isinstance(value, dict):
        found = {name: copied(member) for name, member in value.items()}
    elif isinstance(value, list):
        found = [copied(item) for item in value]
    copy: _Value = found
    return copy


def _labels(body: dict[str, Any] | None) -> set[str]:
    return set((body or {}).get("metadata", {}).get("labels") or ())


class Objects(dict[Key, dict[str, Any]]):
    """Objects by their keys, and those that carry a label without a look at all others."""

    def __init__(self) -> None:
        super().__init__()
        self._labelled: dict[tuple[str, str, str], dict[str, None]] = {}

    def __setitem__(self, key: Key, body: dict[str, Any]) -> None:
        before, now = _labels(self.get(key)), _labels(body)
        super().__setitem__(key, body)
        for label in before - now:
            self._labelled.get((*key[:2], label), {}).pop(key[2], None)
        for label in now:
            self._labelled.setdefault((*key[:2], label), {})[key[2]] = None

    def __delitem__(self, key: Key) -> None:
        self.pop(key)

    def pop(self, key: Key, *default: Any) -> Any:
        for label in _labels(self.get(key)):
            self._labelled.get((*key[:2], label), {}).pop(key[2], None)
        return super().pop(key, *default)

    def labelled(self, kind: str, namespace: str, label: str) -> dict[str, str]:
        """Return the values of a label by the names of the objects that carry it."""
        bodies = {name: self.get((kind, namespace, name)) for name in self._labelled.get((kind, namespace, label), ())}
        carry = {name: body for name, body in bodies.items() if body is not None and label in _labels(body)}
        return {name: body["metadata"]["labels"][label] for name, body in carry.items()}


class APIServer:
    """Stores OAuthClients and Secrets."""

    def __init__(self) -> None:
        self.objects = Objects()
        self.events: list[dict[str, Any]] = []
        self._versions = itertools.count(1)

    def apply(self, namespace: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
        """Do what `kubectl apply` does."""
        key = ("oauthclients", namespace, name)
        if key in self.objects:
            body = copied(self.objects[key])
            if body["spec"] != spec:
                body["spec"] = spec
                body["metadata"]["generation"] += 1
            return self._store(key, body)
        metadata = {"namespace": namespace, "name": name, "uid": str(uuid.uuid4()), "generation": 1}
        body = {"apiVersion": names.API_VERSION, "kind": names.KIND, "metadata": metadata, "spec": spec}
        return self._store(key, {**body, "status": copied(PENDING_STATUS)})

    def annotate(self, namespace: str, name: str, annotations: dict[str, str]) -> None:
        """Do what `kubectl annotate` does."""
        key = ("oauthclients", namespace, name)
        body = copied(self.objects[key])
        body["metadata"].setdefault("annotations", {}).update(annotations)
        self._store(key, body)

    def delete(self, namespace: str, name: str) -> None:
        """Do what `kubectl delete --wait=false` does."""
        key = ("oauthclients", namespace, name)
        body = copied(self.objects[key])
        if not body["metadata"].get("finalizers"):
            self._remove(key)
            return
        body["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
        self._store(key, body)

    def put(self, key: tuple[str, str, str], body: dict[str, Any]) -> None:
        """Do what somebody else does who writes an object whole."""
        self._store(key, body)

    def get(self, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        """Return a copy of an object."""
        return copied(self.objects.get((kind, namespace, name)))

    def _store(self, key: tuple[str, str, str], body: dict[str, Any]) -> dict[str, Any]:
        body = copied(body)
        before = self.objects.get(key)
        unchanged = before is not None and merged(body, {"metadata": {"resourceVersion": None}}) == merged(
            before, {"metadata": {"resourceVersion": None}}
        )
        if unchanged and before is not None:
            return copied(before)
        metadata = body["metadata"]
        if before is not None and metadata.get("deletionTimestamp") and not metadata.get("finalizers"):
            # The answer shows the version before, as a real one's does: nothing was stored.
            metadata["resourceVersion"] = before["metadata"]["resourceVersion"]
            self._remove(key)
        else:
            metadata["resourceVersion"] = str(self._next_version())
            self.objects[key] = body
        return copied(body)

    def _next_version(self) -> int:
        return next(self._versions)

    def _remove(self, key: tuple[str, str, str]) -> None:
        gone = self.objects.pop(key)["metadata"]["uid"]
        for other, body in list(self.objects.items()):
            if any(o["uid"] == gone for o in body["metadata"].get("ownerReferences", [])):
                del self.objects[other]

    async def read_oauth_client(self, namespace: str, name: str) -> dict[str, Any] | None:
        return self.get("oauthclients", namespace, name)

    async def patch_oauth_client(self, namespace: str, name: str, patch: dict[str, Any]) -> dict[str, Any]:
        return self._patch(("oauthclients", namespace, name), {"metadata": patch.get("metadata", {})})

    async def patch_oauth_client_status(self, namespace: str, name: str, patch: dict[str, Any]) -> dict[str, Any]:
        return self._patch(("oauthclients", namespace, name), patch)

    async def list_clients_of_issuer(self, name: str) -> list[tuple[str, str]]:
        found = ((key, body["spec"]) for key, body in self.objects.items() if key[0] == "oauthclients")
        return [key[1:] for key, spec in found if spec.get("issuerRef", {}).get("name") == name]

    async def patch_cluster_issuer(self, name: str, patch: dict[str, Any]) -> dict[str, Any]:
        return self._patch(("clusteroauthissuers", "", name), {"metadata": patch.get("metadata", {})})

    async def patch_cluster_issuer_status(self, name: str, patch: dict[str, Any]) -> dict[str, Any]:
        return self._patch(("clusteroauthissuers", "", name), patch)

    async def read_config_map(self, namespace: str, name: str) -> dict[str, Any] | None:
        return self.get("configmaps", namespace, name)

    async def read_secret(self, namespace: str, name: str) -> dict[str, Any] | None:
        return self.get("secrets", namespace, name)

    async def list_secret_metadata(self, namespace: str, label: str) -> list[dict[str, Any]]:
        found = (b for (kind, ns, _), b in self.objects.items() if (kind, ns) == ("secrets", namespace))
        return [copied({"metadata": b["metadata"]}) for b in found if label in b["metadata"].get("labels", {})]

    async def create_secret(self, namespace: str, manifest: dict[str, Any], *, dry_run: bool = False) -> dict[str, Any]:
        name = manifest["metadata"]["name"]
        if ("secrets", namespace, name) in self.objects:
            raise errors.AlreadyExists(f"secrets {name} already exists", status=409)
        metadata = {**manifest["metadata"], "namespace": namespace, "uid": str(uuid.uuid4())}
        body = {**manifest, "metadata": metadata}
        return body if dry_run else self._store(("secrets", namespace, name), body)

    async def patch_secret(
        self, namespace: str, name: str, patch: dict[str, Any], *, dry_run: bool = False
    ) -> dict[str, Any]:
        key = ("secrets", namespace, name)
        before = self.objects.get(key)
        if before is not None and before.get("immutable") and "data" in patch:
            raise errors.RequestRefused("data: field is immutable when `immutable` is set", status=422)
        return self._patch(key, patch, dry_run=dry_run)

    async def delete_secret(self, namespace: str, name: str, *, uid: str, resource_version: str) -> None:
        key = ("secrets", namespace, name)
        self._check(key, {"uid": uid, "resourceVersion": resource_version})
        self._remove(key)

    async def create_event(self, namespace: str, manifest: dict[str, Any]) -> None:
        self.events.append({**manifest, "namespace": namespace})

    def _patch(self, key: tuple[str, str, str], patch: dict[str, Any], *, dry_run: bool = False) -> dict[str, Any]:
        body = self._check(key, patch.get("metadata", {}))
        result = merged(body, patch)
        result["metadata"]["resourceVersion"] = body["metadata"]["resourceVersion"]
        return result if dry_run else self._store(key, result)

    def _check(self, key: tuple[str, str, str], preconditions: dict[str, Any]) -> dict[str, Any]:
        body = self.objects.get(key)
        if body is None:
            raise errors.NotFound(f"{key[0]} {key[2]} not found", status=404)
        for name in ("uid", "resourceVersion"):
            if preconditions.get(name) not in (None, body["metadata"][name]):
                raise errors.Conflict(f"{key[0]} {key[2]}: {name} differs", status=409)
        return body
