"""Which objects carry a label, and with which value; pure."""

import sys
from collections.abc import Mapping

from .metadata import Key


class LabelIndex:
    """Labels by name. Most are on one object alone, for which there is no dictionary: it takes 200 bytes more."""

    def __init__(self) -> None:
        self._objects: dict[str, dict[Key, str] | tuple[Key, str]] = {}
        self._labels: dict[Key, tuple[str, ...]] = {}

    def get(self, label: str) -> Mapping[Key, str]:
        """Return the value by the key of each object that carries the label."""
        found = self._objects.get(label, {})
        return dict([found]) if isinstance(found, tuple) else found

    def put(self, key: Key, labels: Mapping[str, str]) -> None:
        """Take what labels an object carries now."""
        for label in self._labels.pop(key, ()):
            others = self._objects[label]
            if isinstance(others, dict):
                del others[key]
            if isinstance(others, tuple) or not others:
                del self._objects[label]
        if labels:
            # One string for all that carry it, where it is more than one.
            self._labels[key] = tuple(sys.intern(label) if label in self._objects else label for label in labels)
        for label, value in labels.items():
            shared, known = sys.intern(value), self._objects.get(label)
            if known is None:
                self._objects[label] = (key, shared)
            elif isinstance(known, tuple):
                self._objects[label] = {known[0]: known[1], key: shared}
            else:
                known[key] = shared
