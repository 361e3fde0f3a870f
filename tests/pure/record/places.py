"""The places of a JSON value: which members there are, and the same value with one of them changed."""

import copy
from collections.abc import Collection, Iterator
from typing import Any

from oauthclient_operator.oauth.json_object import JSON

Place = tuple[str | int, ...]
"""The names and indices that lead to a value."""


def places(value: JSON, of_others: Collection[str], place: Place = ()) -> Iterator[Place]:
    """Yield the place of every member; below members of those names nothing is ours."""
    if isinstance(value, list):
        for index, entry in enumerate(value):
            yield from places(entry, of_others, (*place, index))
    if isinstance(value, dict):
        for name, member in value.items():
            yield (*place, name)
            if name not in of_others:
                yield from places(member, of_others, (*place, name))


def member_names(value: JSON, of_others: Collection[str]) -> set[str]:
    """Return the places of all members, those of a list's entries as one."""
    return {written(place) for place in places(value, of_others)}


def written(place: Place) -> str:
    """Return a place as it is written in a table."""
    return "".join("[]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")


def found(value: JSON, place: Place) -> Any:
    """Return what stands at a place."""
    inner: Any = value
    for step in place:
        inner = inner[step]
    return inner


def with_value(value: JSON, place: Place, member: JSON) -> Any:
    """Return a copy with another value at that place."""
    copied = copy.deepcopy(value)
    found(copied, place[:-1])[place[-1]] = member
    return copied


def without(value: JSON, place: Place) -> Any:
    """Return a copy without the member at that place."""
    copied = copy.deepcopy(value)
    del found(copied, place[:-1])[place[-1]]
    return copied
