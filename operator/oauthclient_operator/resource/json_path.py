"""Reading the JSON of a resource, whose types the API server's schema has checked and nobody relies on."""

from collections.abc import Mapping

from ..oauth.json_object import JSON


def child(value: Mapping[str, JSON], name: str) -> Mapping[str, JSON]:
    """Return a member that is an object, or an empty one."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def text(value: Mapping[str, JSON], name: str) -> str | None:
    """Return a member that is a string and not empty, or None."""
    found = value.get(name)
    return found if isinstance(found, str) and found else None


def number(value: Mapping[str, JSON], name: str) -> int:
    """Return a member that is an integer, or 0."""
    found = value.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def objects(value: Mapping[str, JSON], name: str) -> tuple[Mapping[str, JSON], ...]:
    """Return the objects of a member that is a list."""
    found = value.get(name)
    return tuple(v for v in found if isinstance(v, dict)) if isinstance(found, list) else ()
