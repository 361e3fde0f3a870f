"""How often credentials are replaced by the calendar, as specs have it in some lives (docs/life.md), and who waits for that."""

import asyncio
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.pure.installations.authorization_server import ErringServer
from tests.pure.installations.cluster import Body, Cluster
from tests.pure.installations.kubectl import Kubectl

DAY: Final = timedelta(days=1)
_UNITS: Final = {"h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z")
_OVERLAPS: Final = (None, "5m", "5m", "30m")
_LONGER_OVERLAPS: Final = (*_OVERLAPS, "3h", "24h")
_EXPIRY: Final = ("Renew", "Renew", "Renew", "Report")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """After which time another pair is published, if by the calendar, and how long the one before stays good then."""

    interval: timedelta | None
    overlap: timedelta
    by_name: bool
    """Whether another client may take the place of one, whose secret nothing else replaces."""

    @classmethod
    def by(cls, spec: Mapping[str, Any], issuer: Mapping[str, Any]) -> "Asked":
        """Return what a client's spec says of it, and where it does not, that of its issuer."""
        rotation, defaults = spec.get("rotation", {}), issuer.get("defaults", {}).get("rotation", {})
        interval, overlap, default = (
            _time(said) for said in (rotation.get("interval"), rotation.get("overlap"), defaults.get("interval"))
        )
        by_name = rotation.get("strategy", defaults.get("strategy")) == "Reregister"
        if interval is None and ("privateKey" in spec or by_name) and default is not None:
            interval = max(default, 2 * (overlap or timedelta()))
        if overlap is None:
            overlap = _time(defaults.get("overlap")) or DAY
            overlap = overlap if interval is None else min(overlap, interval / 2)
        return cls(interval=interval, overlap=overlap, by_name=by_name)


class Rotation:
    """What specs say of it, and those who change that; without `intervals` nothing, and nobody."""

    def __init__(self, cluster: Cluster, places: tuple[tuple[str, str], ...], *, intervals: tuple[str, ...]) -> None:
        self._cluster = cluster
        self._places = places
        self._intervals = intervals
        self._kubectl = Kubectl(cluster)
        self._rng: random.Random = cluster.rng

    @property
    def acts(self) -> tuple[Callable[[], Any], ...]:
        """Return what is done to how often credentials are replaced, and that much time passes."""
        return (*(self.edit_rotation,) * 2, *(self.let_time_pass,) * 6) if self._intervals else ()

    def of(self, spec: Body) -> Body:
        """Return a client's spec with how often another pair is to be published, which chance has."""
        if not self._intervals:
            return spec
        interval = self._rng.choice((None, *self._intervals, *self._intervals))
        overlap = self._rng.choice(_LONGER_OVERLAPS if interval is None else _OVERLAPS)
        rotation = {"interval": interval, "overlap": overlap, "strategy": spec.get("rotation", {}).get("strategy")}
        if "privateKey" not in spec:
            # The definition has it beside an interval; without one the issuer's default is for who says it.
            rotation["strategy"] = "Reregister" if interval is not None else self._rng.choice((None, "Reregister"))
        policy = {**spec.get("policy", {}), "expiry": self._rng.choice(_EXPIRY)}
        return {
            **spec,
            "rotation": {name: said for name, said in rotation.items() if said is not None},
            "policy": policy,
        }

    def of_issuer(self, spec: Body) -> Body:
        """Return an issuer's spec with what it says of that for its clients, which chance has."""
        if not self._intervals or self._rng.random() < 0.5:
            return spec
        rotation = {"interval": self._rng.choice(self._intervals), "overlap": self._rng.choice(("5m", "30m"))}
        if self._rng.random() < 0.5:
            rotation["strategy"] = "Reregister"
        return {**spec, "defaults": {**spec.get("defaults", {}), "rotation": rotation}}

    def edit_rotation(self) -> None:
        """Have a client say so otherwise, if it is there."""
        namespace, name = self._rng.choice(self._places)
        body = self._cluster.get("oauthclients", namespace, name)
        if body is not None and not self._kubectl.is_ending("oauthclients", namespace, name):
            self._cluster.apply(namespace, name, self.of(body["spec"]))

    async def let_time_pass(self) -> None:
        """Do nothing for as long as an interval takes, or a part of it."""
        longest = max(_seconds(interval) for interval in self._intervals)
        await asyncio.sleep(self._rng.choice((0.3, 0.6, 1.0, 1.0, 2.0)) * longest)


def times(cluster: Cluster, server: ErringServer) -> Iterator[datetime]:
    """Yield when clients are going to be replaced, and end, what their conditions name, and when their secrets expire."""
    for (kind, _, _), body in cluster.objects.items():
        status = body.get("status", {}) if kind == "oauthclients" else {}
        said = [str(status.get("rotation")), *(each["message"] for each in status.get("conditions", []))]
        yield from (datetime.fromisoformat(at) for at in _TIME.findall(" ".join(said)))
    for client in server.clients.values():
        if expires_at := client["client_secret_expires_at"]:
            yield datetime.fromtimestamp(expires_at, tz=UTC)


def _seconds(written: str) -> float:
    return (_time(written) or timedelta()).total_seconds()


def _time(written: str | None) -> timedelta | None:
    if written is None:
        return None
    return sum((int(count) * _UNITS[unit] for count, unit in re.findall(r"([0-9]+)([hms])", written)), timedelta())
