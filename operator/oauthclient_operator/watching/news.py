"""What of a resource's change is a reason to look at it again: not labels, nor what others note on it.

Who may change a resource can do so twenty times a second, and each look is work that all tenants share.
"""

import json
from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from .. import names
from ..cluster.metadata import Key
from ..oauth.json_object import JSON
from ..resource.json_path import child, text

_READ = (
    names.RESOLVE_ANNOTATION,
    names.RETRY_ANNOTATION,
    names.REFRESH_ANNOTATION,
    names.ROTATE_ANNOTATION,
    names.PROVE_ANNOTATION,
    names.PAUSED_ANNOTATION,
    names.INSTALLATION_ANNOTATION,
)
"""The annotations that ask for something; others cost nothing, whatever their prefix."""
_ENCODE: Final = json.JSONEncoder(sort_keys=True).encode


class Novelty(Enum):
    """What is new in what a watch tells of a resource."""

    NONE = auto()
    WRITTEN = auto()
    """Only what we write there ourselves: it may be our own write, told before it was answered."""
    ASKED = auto()
    """What others ask."""


class News:
    """What was seen of each resource last, as digests: of what others ask, and of what we write there ourselves.

    `finalizer` is ours on a resource of that kind.
    """

    def __init__(self, finalizer: str = names.FINALIZER) -> None:
        self._finalizer = finalizer
        self._seen: dict[Key, tuple[int, int]] = {}

    def in_event(self, key: Key, body: Mapping[str, JSON]) -> Novelty:
        """Take what a watch tells; return whether anything that matters is another."""
        before, now = self._seen.get(key), self._digests(body)
        self._seen[key] = now
        if before is None or before[0] != now[0]:
            return Novelty.ASKED
        return Novelty.NONE if before == now else Novelty.WRITTEN

    def in_answer(self, key: Key, body: Mapping[str, JSON]) -> bool:
        """Take the answer to a read or a write of our own; return whether others asked for something meanwhile.

        Its event, which comes later, tells nothing new, so that who wrote is not woken by its own echo.
        """
        before, now = self._seen.get(key), self._digests(body)
        self._seen[key] = now
        return before is None or before[0] != now[0]

    def forget(self, key: Key) -> None:
        """Take leave of a resource that is gone."""
        self._seen.pop(key, None)

    def _digests(self, body: Mapping[str, JSON]) -> tuple[int, int]:
        metadata = child(body, "metadata")
        annotations = child(metadata, "annotations")
        asked = [str(metadata.get(name)) for name in ("uid", "generation", "deletionTimestamp")]
        finalizers = metadata.get("finalizers")
        held = isinstance(finalizers, list) and self._finalizer in finalizers
        return hash((*asked, *(text(annotations, name) for name in _READ))), hash((held, _ENCODE(body.get("status"))))
