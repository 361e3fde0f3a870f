"""What the caches keep of an object: what is read there, however much more a tenant writes into it; pure.

So no labels, annotations and managed fields of others, in which a secret might be, too (kubectl copies whole manifests
into an annotation), and nothing of a size that a tenant chooses.
"""

import json
from collections.abc import Mapping
from typing import Final

from .. import names
from ..oauth.json_object import JSON
from ..oauth.metadata_rules import MOST_BYTES
from ..resource.json_path import child, objects
from .metadata import Metadata, metadata_of

_IDENTITY: Final = ("namespace", "name", "uid", "resourceVersion")
_LIFE: Final = (*_IDENTITY, "generation", "deletionTimestamp")
_OWNERS: Final = 16
_ANNOTATIONS: Final = 16
_LONGEST: Final = 256
"""Characters of an annotation's value: what means something is shorter, and what is cut still means nothing."""
_FINALIZERS: Final = 64
MOST_LABELS: Final = 16 * 1024
"""Characters of a namespace's labels, names and values."""
TOO_MANY: Final = "(more finalizers than the operator reads)"
"""Stands for the others. No finalizer can have this name, so no list with it can be written over theirs."""
OVERSIZED: Final[Mapping[str, JSON]] = {"oversized": "x" * MOST_BYTES}
"""In the place of client metadata that are too large: too large as well, so that it is judged as they are, and yet a
few bytes where it is compressed."""
TOO_DEEP: Final[Mapping[str, JSON]] = {"nested": json.loads("[" * 32 + "]" * 32)}
"""In the place of client metadata that are nested so deeply that they are not read: deeper than may be sent."""


def secret(metadata: Mapping[str, JSON]) -> Metadata:
    """Keep of a tenant's Secret which one it is and which OAuthClients own it."""
    owners: list[JSON] = [
        {"uid": owner.get("uid")}
        for owner in objects(metadata, "ownerReferences")
        if owner.get("apiVersion") == names.API_VERSION and owner.get("kind") == names.KIND
    ]
    kept = _members(metadata, _IDENTITY)
    return {**kept, "ownerReferences": owners[:_OWNERS]} if owners else kept


def record(metadata: Mapping[str, JSON]) -> Metadata:
    """Keep of a record our labels and annotations; nobody else writes there."""
    ours = {part: _ours(child(metadata, part)) for part in ("labels", "annotations")}
    return {**_members(metadata, _IDENTITY), **{part: {**found} for part, found in ours.items() if found}}


def namespace(metadata: Mapping[str, JSON]) -> Metadata:
    """Keep of a namespace its labels, for selectors; of too many none, for a part of them says another thing.

    The API server labels each with its name: where there is no label, they were too many to be read (`outline`).
    """
    labels = {name: value for name, value in child(metadata, "labels").items() if isinstance(value, str)}
    size = sum(len(name) + len(value) for name, value in labels.items())
    kept = _members(metadata, _IDENTITY)
    return {**kept, "labels": {**labels}} if 0 < size <= MOST_LABELS else kept


def issuer(body: Mapping[str, JSON]) -> dict[str, JSON]:
    """Keep of a ClusterOAuthIssuer its spec, its status, its life and our annotations.

    All but `clientMetadata` is bounded by the schema.

    Raises:
        MalformedObject: it has no metadata.
    """
    metadata, spec = metadata_of(body), dict(child(body, "spec"))
    if isinstance(asked := spec.get("clientMetadata"), dict):
        # What marks a whole that is too large or too deep is in the place of the members that clients get.
        parts = {"defaults": asked} if asked in (OVERSIZED, TOO_DEEP) else asked
        spec["clientMetadata"] = {n: _bounded(part) if isinstance(part, dict) else part for n, part in parts.items()}
    return {"metadata": _life(metadata, names.ISSUER_FINALIZER), "spec": spec, **_members(body, ("status",))}


def resource(body: Mapping[str, JSON]) -> dict[str, JSON]:
    """Keep of an OAuthClient its spec, its status, its life and our annotations.

    Raises:
        MalformedObject: it has no metadata.
    """
    metadata, spec = metadata_of(body), dict(child(body, "spec"))
    if isinstance(asked := spec.get("clientMetadata"), dict):
        spec["clientMetadata"] = _bounded(asked)
    return {"metadata": _life(metadata, names.FINALIZER), "spec": spec, **_members(body, ("status",))}


def _life(metadata: Mapping[str, JSON], finalizer: str) -> dict[str, JSON]:
    kept = _members(metadata, _LIFE)
    annotations = {name: value[:_LONGEST] for name, value in _ours(child(metadata, "annotations")).items()}
    if annotations:
        kept["annotations"] = dict(list(annotations.items())[:_ANNOTATIONS])
    finalizers = metadata.get("finalizers")
    if isinstance(finalizers, list) and finalizers:
        ours: list[JSON] = [finalizer] if finalizer in finalizers else []
        kept["finalizers"] = finalizers if len(finalizers) <= _FINALIZERS else [*ours, TOO_MANY]
    return kept


def _bounded(client_metadata: dict[str, JSON]) -> dict[str, JSON]:
    # null means absent.
    present: dict[str, JSON] = {name: value for name, value in client_metadata.items() if value is not None}
    # Half a surrogate pair can be in JSON, and is no character.
    size = len(json.dumps(present, ensure_ascii=False).encode(errors="surrogatepass"))
    return {**OVERSIZED} if size > MOST_BYTES else present


def _members(parent: Mapping[str, JSON], wanted: tuple[str, ...]) -> dict[str, JSON]:
    return {name: parent[name] for name in wanted if name in parent}


def _ours(values: Mapping[str, JSON]) -> dict[str, str]:
    """Return the labels or annotations whose prefix is our group, or a part of it."""
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, str) and f".{name.partition('/')[0]}".endswith(f".{names.GROUP}")
    }
