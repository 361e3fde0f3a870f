"""Who follows the objects of one kind, as the lists and watches that feed it know it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ..oauth.json_object import JSON
from .metadata import Key
from .target import Target


class Sink(Protocol):
    """Who keeps the objects of one kind."""

    def take(self, event: str | None, body: dict[str, Any], /) -> None:
        """Take an event's type, None for what a list brought, and its object."""

    def reached(self, namespace: str, name: str, /) -> int | None:
        """Return the version at which an object, or its end, was seen last, where that is remembered."""

    def known(self, namespace: str | None, /) -> Iterable[Key]:
        """Return the keys of the objects that are known, in that namespace or in all."""

    def gone(self, namespace: str, name: str, at: int, /) -> None:
        """Take the word of a complete list of that version that it lacks an object; a later copy of it stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """One kind that is listed and watched: what is kept of each of a list's items, and who takes it."""

    target: Target
    is_namespaced: bool
    keep: Callable[[Mapping[str, JSON]], dict[str, JSON]]
    sink: Sink

    def key(self, metadata: Mapping[str, JSON]) -> Key | None:
        """Return an object's key, also where nothing else of it can be read; None where no object has such a one."""
        namespace, name = metadata.get("namespace", ""), metadata.get("name")
        if not (isinstance(namespace, str) and isinstance(name, str) and name):
            return None
        return (namespace, name) if bool(namespace) == self.is_namespaced else None
