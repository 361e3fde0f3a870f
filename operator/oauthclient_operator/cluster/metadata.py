"""An object's metadata as we keep them: the members that we use, and none that may hold a secret; pure."""

from collections.abc import Mapping
from typing import Final

from ..errors import MalformedObject
from ..oauth.json_object import JSON

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
"""kubectl copies whole manifests into it, a Secret's values included."""

Metadata = dict[str, JSON]
Key = tuple[str, str]
"""Namespace and name."""


def lean(metadata: Mapping[str, JSON]) -> Metadata:
    """Return a copy without `managedFields` and without what kubectl remembers of the last apply."""
    kept = {name: value for name, value in metadata.items() if name != "managedFields"}
    annotations = kept.get("annotations")
    if isinstance(annotations, dict) and LAST_APPLIED in annotations:
        kept["annotations"] = {name: value for name, value in annotations.items() if name != LAST_APPLIED}
    return kept


def metadata_of(body: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """Return the metadata of an object of the API server.

    Raises:
        MalformedObject: it has none.
    """
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        raise MalformedObject("an object without metadata")
    return metadata


def identity(metadata: Mapping[str, JSON]) -> tuple[Key, str, int]:
    """Return key, UID and resourceVersion.

    Resource versions of one resource are decimal numbers and comparable (Kubernetes documents it since 1.35; every
    API server stored on etcd has done so before).

    Raises:
        MalformedObject: one of them is missing or is no number.
    """
    namespace, name, uid, version = (metadata.get(part) for part in ("namespace", "name", "uid", "resourceVersion"))
    if not (isinstance(namespace, str) and isinstance(name, str) and isinstance(uid, str) and isinstance(version, str)):
        raise MalformedObject("metadata without namespace, name, uid or resourceVersion")
    if not version.isdecimal():
        raise MalformedObject("a resourceVersion that is no number")
    return (namespace, name), uid, int(version)
