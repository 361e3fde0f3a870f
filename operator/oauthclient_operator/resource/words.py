"""Words of which a manifest has to choose one."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from ..oauth.json_object import JSON

Choice = TypeVar("Choice", bound=StrEnum)


def choice(parent: Mapping[str, JSON], place: str, default: Choice, problems: list[str]) -> Choice | None:
    """Return the word that is written, the default without one, or None for one that is not known."""
    written, kind = parent.get(place.rpartition(".")[2]), type(default)
    if written is None:
        return default
    if isinstance(written, str) and written in set(kind):
        return kind(written)
    problems.append(f"spec.{place}: write one of {', '.join(kind)}")
    return None
