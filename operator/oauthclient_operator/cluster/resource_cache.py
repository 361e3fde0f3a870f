"""The OAuthClients that we know, spec and status whole, fed by kopf's events and by the answers to our own writes."""

from collections.abc import Iterator, Mapping

from ..oauth.json_object import JSON
from . import kept
from .compressed_json import compress, decompress
from .metadata import Key, identity, metadata_of
from .versioned_cache import Copy, VersionedCache


class ResourceCache:
    """The newest copy of each resource. Without it a late event would show the state before our own write."""

    def __init__(self) -> None:
        self._bodies: VersionedCache[bytes] = VersionedCache()

    def get(self, namespace: str, name: str) -> dict[str, JSON] | None:
        """Return the newest body."""
        compressed = self._bodies.get((namespace, name))
        return None if compressed is None else decompress(compressed)

    def reached(self, namespace: str, name: str) -> int | None:
        """Return the version at which a resource, or its end, was seen last, where that is remembered."""
        return self._bodies.reached((namespace, name))

    def uid(self, namespace: str, name: str, *, until: int | None = None) -> str | None:
        """Return the UID of the newest copy; None where that is later than `until`."""
        return self._bodies.uid((namespace, name), until=until)

    def keys(self, namespace: str | None = None) -> Iterator[Key]:
        """Iterate over namespace and name of all, or of those in one namespace."""
        return self._bodies.keys(namespace)

    def offer(self, body: Mapping[str, JSON]) -> bool:
        """Take a body if it is newer than what is known; return whether it was taken."""
        metadata = metadata_of(body)
        key, uid, version = identity(metadata)
        if not self._bodies.wants(key, version):
            return False
        value = compress(kept.resource(body))
        return self._bodies.offer(key, Copy(uid=uid, version=version, value=value))

    def remove(self, body: Mapping[str, JSON]) -> bool:
        """Forget a resource that was deleted, and no other of its name; return whether it was known."""
        key, uid, version = identity(metadata_of(body))
        return self._bodies.remove(key, uid, version)
