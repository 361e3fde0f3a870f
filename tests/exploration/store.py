"""An API server as a value: objects by key, and what each verb makes of them. Nothing in it is changed in place."""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeVar

from tests.merge_patch import merged

Key = tuple[str, str, str]
"""Kind, namespace and name."""
T = TypeVar("T")
NOTHING: Final[Mapping[Any, Any]] = MappingProxyType({})


class Body(dict[str, Any]):
    """An object as it is stored; it never changes, so that what was computed from it can be kept with it."""

    __slots__ = ("_kept",)
    _kept: dict[Any, Any]

    def kept(self, compute: "Callable[[Body], T]") -> T:
        """Return what `compute` makes of this body, computed once."""
        try:
            kept = self._kept
        except AttributeError:
            kept = self._kept = {}
        if compute not in kept:
            kept[compute] = compute(self)
        return kept[compute]  # type: ignore[no-any-return] # by its key

    @property
    def version(self) -> int:
        """Its resourceVersion, as a number."""
        return int(self["metadata"]["resourceVersion"].removeprefix("rv"))


class Refused(Exception):
    """A precondition does not hold; `kind` is the name of the error that the executor is told."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Store(NamedTuple):
    """Objects, and the numbers of the next resourceVersion and UID."""

    objects: Mapping[Key, Body] = NOTHING
    next_version: int = 1
    next_uid: int = 1

    def put(self, key: Key, body: Mapping[str, Any]) -> tuple["Store", Body]:
        """Store a body; one that changes nothing gets no new version, and one that is being deleted may go."""
        before = self.objects.get(key)
        if before is not None and {**body, "metadata": _unversioned(body)} == {
            **before,
            "metadata": _unversioned(before),
        }:
            return self, before
        metadata = {**body["metadata"], "resourceVersion": f"rv{self.next_version}"}
        if before is not None and metadata.get("deletionTimestamp") and not metadata.get("finalizers"):
            # The answer shows the version before, as a real one's does: nothing was stored.
            return self.remove(key), Body({**body, "metadata": {**metadata, "resourceVersion": f"rv{before.version}"}})
        stored = Body({**body, "metadata": metadata})
        after = self._replace(next_version=self.next_version + 1)
        return after._replace(objects={**self.objects, key: stored}), stored

    def create(self, key: Key, body: Mapping[str, Any]) -> tuple["Store", Body]:
        """Create an object."""
        if key in self.objects:
            raise Refused("AlreadyExists")
        metadata = {**body.get("metadata", {}), "namespace": key[1], "name": key[2], "uid": f"uid{self.next_uid}"}
        return self._replace(next_uid=self.next_uid + 1).put(key, {**body, "metadata": metadata})

    def patch(self, key: Key, patch: Mapping[str, Any]) -> tuple["Store", Body]:
        """Patch an object under the preconditions that the patch names."""
        body = self.check(key, patch.get("metadata", {}))
        return self.put(key, merged(body, patch))

    def check(self, key: Key, preconditions: Mapping[str, Any]) -> Body:
        """Return the object if the preconditions hold for it."""
        body = self.objects.get(key)
        if body is None:
            raise Refused("NotFound")
        for name in ("uid", "resourceVersion"):
            if preconditions.get(name) not in (None, body["metadata"][name]):
                raise Refused("Conflict")
        return body

    def remove(self, key: Key) -> "Store":
        """Remove an object."""
        return self.without([key])

    def without(self, keys: Collection[Key]) -> "Store":
        """Remove objects."""
        kept = {k: b for k, b in self.objects.items() if k not in keys}
        return (
            self if len(kept) == len(self.objects) else self._replace(objects=kept, next_version=self.next_version + 1)
        )


def _unversioned(body: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in body["metadata"].items() if k != "resourceVersion"}
