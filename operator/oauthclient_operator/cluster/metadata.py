"""An object's metadata, and what tells one object and version from another; pure."""

import sys
from collections.abc import Mapping

from ..errors import MalformedObject
from ..oauth.json_object import JSON

Metadata = dict[str, JSON]
Key = tuple[str, str]
"""Namespace and name; what is in no namespace has an empty one."""


def metadata_of(body: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """Return the metadata of an object of the API server.

    Raises:
        MalformedObject: it has none.
    """
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        raise MalformedObject("an object without metadata")
    return metadata


def version_of(metadata: Mapping[str, JSON]) -> str:
    """Return what tells one version of an object from all others."""
    return f"{metadata.get('uid')}/{metadata.get('resourceVersion')}"


def deleted(key: Key, uid: str, version: int) -> dict[str, JSON]:
    """Return the object of a deletion that no watch told of: all that is read of such a one."""
    namespace, name = key
    return {"metadata": {"namespace": namespace, "name": name, "uid": uid, "resourceVersion": str(version)}}


def identity(metadata: Mapping[str, JSON]) -> tuple[Key, str, int]:
    """Return key, UID and resourceVersion.

    Resource versions of one resource are decimal numbers and comparable (Kubernetes documents it since 1.35; every
    API server stored on etcd has done so before).

    Raises:
        MalformedObject: one of them is missing or is no number.
    """
    name, uid, version = (metadata.get(part) for part in ("name", "uid", "resourceVersion"))
    namespace = metadata.get("namespace", "")
    if not (isinstance(namespace, str) and isinstance(name, str) and isinstance(uid, str) and isinstance(version, str)):
        raise MalformedObject("metadata without name, uid or resourceVersion")
    if not version.isdecimal():
        raise MalformedObject("a resourceVersion that is no number")
    # There are few namespaces and many objects: one string for all of them.
    return (sys.intern(namespace), name), uid, int(version)
