"""What pages promise in seconds, looked at all the time: a server that is out of order, or answers again, is told of.

That all who wait go on (docs/load.md), and that their issuer says so (docs/issuers).
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from oauthclient_operator import names
from oauthclient_operator.names import ConditionType, Reason
from tests.pure.installations.authorization_server import TO_DISCOVERY, Door
from tests.pure.installations.cluster import Body, Cluster
from tests.pure.installations.installation import Installation

Broken = tuple[Any, Any]
EVERY: Final = 5.0
GO_ON: Final = 10.0
"""Seconds within which all who are held back go on once one of them was answered."""
CALLED: Final = 60.0
"""Seconds within which who waited for metadata says something else: they go on one by one, and a call takes 20 s."""
TOLD: Final = 75.0
"""Seconds within which an issuer says what its clients found out: at once the first times, then once a minute."""
MOST_PASSES: Final = 40
"""Over one client, in the time between two looks."""
HELD_BACK: Final = "failed several times in a row"
NO_METADATA: Final = (Reason.DISCOVERY_FAILED, Reason.ISSUER_MISMATCH, Reason.REGISTRATION_NOT_SUPPORTED)


class Promises:
    """What is said of outages is held to by one installation alone: of several each has found out something else."""

    def __init__(
        self, cluster: Cluster, installations: Sequence[Installation], looks: Callable[[], Iterable[tuple[str, Broken]]]
    ) -> None:
        """What `looks` yields is broken, too."""
        self._cluster = cluster
        self._looks = looks
        self._installations = installations
        self._installation = installations[0] if len(installations) == 1 else None
        self._looking: asyncio.Task[None] | None = None
        self._since: dict[tuple[str, str], float] = {}
        self.broken: dict[str, Broken] = {}
        """Where one was broken: what has to be so soon, and for how many seconds it has not been."""

    def begin(self) -> None:
        """Look at them all the time."""
        self._looking = asyncio.create_task(self._look())

    def end(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            self._count()
            self.broken.update(self._looks())
            if self._installation is None:
                continue
            if not self._cluster.takes_writes:
                # Nothing can be said.
                self._since.clear()
                continue
            now, kept = asyncio.get_running_loop().time(), set(self._since)
            for where, what, within in self._amiss(self._installation):
                kept.discard((where, what))
                since = self._since.setdefault((where, what), now)
                if now - since > within:
                    self.broken[where] = (what, now - since)
            for key in kept:
                del self._since[key]

    def _count(self) -> None:
        """Find who goes round and round."""
        for installation in self._installations:
            for key, count in installation.passes.items():
                if count > MOST_PASSES:
                    self.broken[str(key)] = ("it is looked at when something changed", f"{count} passes in {EVERY} s")
            installation.passes.clear()

    def _amiss(self, installation: Installation) -> Iterator[tuple[str, str, float]]:
        """Yield what is not so now, where, and for how long that may be."""
        objects = self._cluster.objects
        for (_, _, name), issuer in [item for item in objects.items() if item[0][0] == "clusteroauthissuers"]:
            if "deletionTimestamp" in issuer["metadata"]:
                continue
            clients = [body for key, body in objects.items() if key[0] == "oauthclients" and _refers(body, name)]
            held_back = [body for body in clients if HELD_BACK in said(body, ConditionType.READY)[2]]
            unread = [body for body in clients if _has_no_metadata(body)]
            ready, discovered = said(issuer, ConditionType.READY), said(issuer, ConditionType.DISCOVERED)
            # What a fetch came to that a person asked for is told to who asked alone.
            found_out = any(not _has_asked(body) for body in unread)
            door = installation.doors.of(issuer["metadata"]["uid"])
            for_all = any(not _is_answered_elsewhere(door, body) for body in held_back)
            if (for_all or found_out) and ready[0] == "True":
                yield name, "its issuer says that calls fail, or that there are no metadata, as its clients do", TOLD
            if door is None:
                continue
            for body in unread if door.has_read_good_metadata else ():
                yield _named(body), "who waits for metadata goes on when anybody has read them", CALLED
            if any(door.failing.values()):
                continue
            if discovered[1] == Reason.ISSUER_UNAVAILABLE:
                yield name, "an issuer that answers says so", TOLD
            for body in held_back:
                if body["metadata"]["namespace"] in door.failing:
                    yield _named(body), "who was held back goes on", GO_ON


def said(body: Body, kind: ConditionType) -> tuple[str, str, str]:
    """Return status, reason and message of a condition."""
    conditions = body.get("status", {}).get("conditions", [])
    found = next((each for each in conditions if each["type"] == kind), None)
    return ("", "", "") if found is None else (found["status"], found["reason"], found["message"])


def _has_asked(body: Body) -> bool:
    """Whether a person asks that what waits be tried now."""
    return names.RETRY_ANNOTATION in body["metadata"].get("annotations", {})


def _has_no_metadata(body: Body) -> bool:
    _, reason, message = said(body, ConditionType.READY)
    return reason in NO_METADATA or TO_DISCOVERY in message


def _is_answered_elsewhere(door: Door | None, body: Body) -> bool:
    """Whether another namespace's call was answered last: then what fails is this one's alone (docs/load.md)."""
    own = body["metadata"]["namespace"]
    return door is not None and any(not fails for about, fails in door.failing.items() if about and about != own)


def _named(body: Body) -> str:
    return f"{body['metadata']['namespace']}/{body['metadata']['name']}"


def _refers(body: Body, name: str) -> bool:
    is_paused = body["metadata"].get("annotations", {}).get(names.PAUSED_ANNOTATION) == "true"
    return body["spec"].get("issuerRef", {}).get("name") == name and not is_paused
