"""The labels of namespaces, by which issuers select theirs."""

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from ..cluster import kept
from ..cluster.connection import Connection
from ..cluster.informer import MetadataInformer
from ..cluster.target import CORE, Target
from ..resource.json_path import child

_NOT_TO_BE_JUDGED: Final = -2
NAMESPACES: Final = Target(api=CORE, resource="namespaces")


class Changed(Protocol):
    """Takes that a namespace's labels have changed."""

    def __call__(self, namespace: str, *, is_new: bool) -> None:
        """Take it; the namespace may not have been known before."""
        ...


class Namespaces:
    """Namespaces by their labels, where the operator may list them.

    `on_change` is called when a one's have changed, or when it is there, which it is told. `on_sight` is called when
    they may be listed no more, or again, with which of them are seen otherwise than before.
    """

    def __init__(
        self, connection: Connection, on_change: Changed, on_sight: Callable[[Callable[[str], bool]], None]
    ) -> None:
        self._on_change = on_change
        self._on_sight = on_sight
        self._told: dict[str, int] = {}
        self.informer = MetadataInformer(
            connection,
            NAMESPACES,
            keep=kept.namespace,
            may_be_forbidden=True,
            on_change=self._changed,
            on_sight=self._sight_changed,
        )

    def labels(self, name: str) -> Mapping[str, str] | None:
        """Return a namespace's labels, or None: there is none, it may not be seen, or it has too many to be judged."""
        known = None if self.informer.forbidden else self.informer.get("", name)
        if known is None or "labels" not in known:
            return None
        return {label: str(value) for label, value in child(known, "labels").items()}

    def is_awaited(self, name: str) -> bool:
        """Whether a namespace may be seen and was not yet: its clients' watch was faster."""
        return not self.informer.forbidden and self._is_unknown(name)

    def _sight_changed(self) -> None:
        # Whoever was judged without labels meanwhile is judged anew. And whoever waits for a namespace to be seen waits
        # no longer where none may be; of the others' labels nothing else is known than before.
        self._on_sight(self._is_unknown if self.informer.forbidden else lambda _: True)

    def _is_unknown(self, name: str) -> bool:
        return self.informer.get("", name) is None

    def _changed(self, _: str, name: str) -> None:
        # Annotations and status change, too, and each client that is woken is a pass.
        before, now = self._told.get(name), self._digest(name)
        if now is None:
            self._told.pop(name, None)
        else:
            self._told[name] = now
        if before != now:
            self._on_change(name, is_new=before is None)

    def _digest(self, name: str) -> int | None:
        """Return what tells a namespace's labels from others, or None where it is not there."""
        if self.informer.get("", name) is None:
            return None
        labels = self.labels(name)
        return _NOT_TO_BE_JUDGED if labels is None else hash(frozenset(labels.items()))
