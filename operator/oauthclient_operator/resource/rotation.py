"""How often a resource wants another pair, and for how long the one before stays good (`spec.rotation`)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from ..oauth.json_object import JSON
from .json_path import child, text
from .words import choice

OVERLAP: Final = timedelta(hours=24)
SHORTEST_INTERVAL: Final = timedelta(hours=1)
_DURATION: Final = re.compile(r"([0-9]{1,5}(h|m|s)){1,3}")
_PART: Final = re.compile(r"([0-9]+)(h|m|s)")
_UNITS: Final = {"h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}


class RotationStrategy(StrEnum):
    """How a pair is replaced, where the resource says so."""

    AUTO = "Auto"
    """By a key where the client has keys of the operator's own, else by a second client."""
    KEYS = "Keys"
    """By a key beside the one before, at the same client: only where the operator makes the keys."""
    SERVER = "Server"
    """By an update of the same client, where its server renews a client secret so, or where the method changes."""
    REREGISTER = "Reregister"
    """By a second client beside the first: consents and refresh tokens stay with the old one, and go with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationDefaults:
    """What an issuer resource says of rotation for clients that do not (`spec.defaults.rotation`)."""

    interval: timedelta | None = None
    overlap: timedelta | None = None
    strategy: RotationStrategy | None = None

    @classmethod
    def of(cls, defaults: Mapping[str, JSON], problems: list[str]) -> "RotationDefaults":
        """Read `rotation` of an issuer resource's defaults; what is wrong in it is a problem, and is no default."""
        found, place = child(defaults, "rotation"), "spec.defaults.rotation"
        interval, overlap = _times(found, place, problems)
        strategy = choice(found, "defaults.rotation.strategy", RotationStrategy.AUTO, problems)
        return cls(interval=interval, overlap=overlap, strategy=None if found.get("strategy") is None else strategy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """`interval` is None where nothing is rotated by the calendar, `written_overlap` where none is asked for."""

    interval: timedelta | None = None
    written_overlap: timedelta | None = None
    strategy: RotationStrategy = RotationStrategy.AUTO

    @property
    def overlap(self) -> timedelta:
        """How long a pair is good after the one that follows it was seen in the Secret."""
        if self.written_overlap is not None:
            return self.written_overlap
        return OVERLAP if self.interval is None else min(OVERLAP, self.interval / 2)

    @classmethod
    def of(
        cls,
        spec: Mapping[str, JSON],
        problems: list[str],
        *,
        own_keys: bool = False,
        defaults: RotationDefaults = RotationDefaults(),
    ) -> "Rotation":
        """Read `spec.rotation`; what is wrong in it is a problem, and asks for nothing.

        `own_keys` is whether the operator makes the client's keys. Defaults yield to what is written: a default
        interval is lengthened to twice a written overlap, a default overlap shortened to half of a written interval.
        """
        found = child(spec, "rotation")
        interval, overlap = _times(found, "spec.rotation", problems)
        strategy = choice(found, "rotation.strategy", RotationStrategy.AUTO, problems) or RotationStrategy.AUTO
        if found.get("strategy") is None and defaults.strategy is not None:
            strategy = _default_strategy(defaults.strategy, own_keys=own_keys)
        elif strategy is RotationStrategy.KEYS and not own_keys:
            problems.append(
                "spec.rotation.strategy: Keys is for keys that the operator makes: write spec.privateKey, or another "
                "strategy"
            )
        by_calendar = own_keys or strategy is RotationStrategy.REREGISTER
        if interval is not None and not by_calendar:
            problems.append(
                "spec.rotation.interval: write strategy: Reregister beside it; each time it is over, a new client with "
                "a new client_id takes the place of the one before, so that users are asked for consent again"
            )
        if found.get("interval") is None and by_calendar and defaults.interval is not None:
            interval = max(defaults.interval, 2 * (overlap or timedelta()))
        if found.get("overlap") is None and defaults.overlap is not None:
            overlap = defaults.overlap if interval is None else min(defaults.overlap, interval / 2)
        return cls(interval=interval, written_overlap=overlap, strategy=strategy)


def _default_strategy(strategy: RotationStrategy, *, own_keys: bool) -> RotationStrategy:
    return RotationStrategy.AUTO if strategy is RotationStrategy.KEYS and not own_keys else strategy


def _times(rotation: Mapping[str, JSON], place: str, problems: list[str]) -> tuple[timedelta | None, timedelta | None]:
    """Return interval and overlap, each None where it is absent, or wrong, which is a problem."""
    interval, overlap = (duration(rotation, name, place, problems) for name in ("interval", "overlap"))
    if interval is not None and interval < SHORTEST_INTERVAL:
        problems.append(f"{place}.interval: write at least 1h, e.g. 720h")
        interval = None
    if interval is not None and overlap is not None and interval < 2 * overlap:
        problems.append(f"{place}.interval: write at least twice the overlap, or leave overlap out")
        interval = None
    return interval, overlap


def duration(parent: Mapping[str, JSON], name: str, place: str, problems: list[str]) -> timedelta | None:
    """Return a time as manifests have it, or None where it is absent, or is none, which is a problem."""
    if parent.get(name) is None:
        return None
    written = text(parent, name)
    if written is None or not _DURATION.fullmatch(written):
        problems.append(f"{place}.{name}: write hours, minutes and seconds, e.g. 720h or 1h30m")
        return None
    return sum((int(count) * _UNITS[unit] for count, unit in _PART.findall(written)), timedelta())
