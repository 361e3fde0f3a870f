"""Whether what a server registered is what was asked for: tolerant of spelling, for no two servers answer alike."""

import json
from collections.abc import Mapping
from typing import Final

from .client_metadata import DEFAULTS
from .json_object import JSON

_SETS: Final = frozenset(
    {
        "redirect_uris",
        "grant_types",
        "contacts",
        "post_logout_redirect_uris",
        "request_uris",
        "authorization_details_types",
    }
)


class Returned:
    """The members of one answer, by name. A server chooses how many there are, so looking all of them up is linear."""

    def __init__(self, metadata: Mapping[str, JSON]) -> None:
        self._metadata = metadata
        self._tagged: dict[str, JSON] | None = None

    def get(self, name: str) -> JSON:
        """Return a member, or None if it is missing, null or empty, which is all the same.

        Language tags are case insensitive (RFC 7591 section 2.2).
        """
        value = self._metadata.get(name)
        if value is None and "#" in name:
            value = self._by_folded_name().get(folded(name))
        return None if is_empty(value) else value

    def _by_folded_name(self) -> dict[str, JSON]:
        if self._tagged is None:
            # Of two spellings of one tag the first holds.
            tagged = ((folded(name), value) for name, value in self._metadata.items() if "#" in name)
            self._tagged = {}
            for name, value in tagged:
                self._tagged.setdefault(name, value)
        return self._tagged


def returned(metadata: Mapping[str, JSON], name: str) -> JSON:
    """Return one member of an answer, as `Returned.get`."""
    return Returned(metadata).get(name)


def is_empty(value: JSON) -> bool:
    """Whether a value says no more than its absence."""
    return value is None or value in ("", [], {})


def folded(name: str) -> str:
    """Return a member's name with its language tag in one case."""
    plain, separator, tag = name.partition("#")
    return f"{plain}{separator}{tag.lower()}"


def differs(name: str, asked: JSON, answered: JSON) -> bool:
    """Whether what was asked for and what `returned` found mean different things; absent means the default."""
    if answered is None:
        if is_empty(asked):
            return False
        answered = DEFAULTS.get(name)
    if isinstance(asked, list) and isinstance(answered, str):
        # Some servers write a list of one as a string.
        answered = [answered]
    return _meaning(name, asked) != _meaning(name, answered)


def is_default(name: str, value: JSON) -> bool:
    """Whether a member's value is what its absence would mean."""
    return name in DEFAULTS and not differs(name, DEFAULTS[name], value)


def entries(value: JSON) -> tuple[str, ...]:
    """Return the strings of a list, or of a list of one that is written as a string."""
    if isinstance(value, str):
        return (value,) if value else ()
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()


def _meaning(name: str, value: JSON) -> object:
    if name == "response_types" and isinstance(value, list):
        return frozenset(frozenset(entry.split()) for entry in entries(value))
    if name in _SETS and isinstance(value, list):
        return frozenset(map(_canonical, value))
    if name == "scope" and isinstance(value, str):
        return frozenset(value.split())
    return _canonical(value)


def _canonical(value: JSON) -> str:
    return json.dumps(value, sort_keys=True)
