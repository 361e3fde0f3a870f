"""What an edit of an issuer that many clients refer to comes to, and which of its bounds are broken."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

PUTS_PER_SECOND = 20
"""Twice what is said of how clients are told (docs/issuers), in any second: a busy machine brings some together."""
IN_FLIGHT = 16
"""Exchanges at once with one issuer."""
WRITES_OF_AN_UPDATE = 5
"""The dry run, the call that is opened and closed in the record, the Secret where it has to change, and the status."""
PASSES = 4
_PATIENCE = 1.0
_LONGER = 3.0
"""A new client waits no longer than so many times as long as alone, and so many seconds beside."""
_UPDATES = 3.0
"""And so many updates, which are slow on a busy machine as it is; and until each tenant had its turn at the issuer."""
_WRITES = ("create", "patch", "update", "delete")


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One client's update, by the API server's versions: when its call was opened and closed in the record."""

    opened: int
    closed: int
    seconds: float = 0.0
    """For which it was open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """One edit of the issuer, and what became of its clients."""

    what: str
    clients: int
    puts: Mapping[str, int]
    """By the path of the client: how often it was updated."""
    sent: Sequence[float]
    """Seconds at which the server answered each."""
    updates: Sequence[Update]
    ready: Sequence[int]
    """The versions at which each client's status told that it has the edit, and is Ready."""
    total: float
    """Seconds from the edit to the last."""
    requests: Counter[str]
    """To the API server, but for those about new clients."""
    passes: float
    cpu: float
    """Seconds of the operator's process."""

    @property
    def in_flight(self) -> int:
        """How many calls were open at once in records: a little longer than they are on their way."""
        moments = sorted([(u.opened, 1) for u in self.updates] + [(u.closed, -1) for u in self.updates])
        most = now = 0
        for _, change in moments:
            now += change
            most = max(most, now)
        return most

    @property
    def seconds(self) -> float:
        """How long an update takes here and now, as the median: it is opened, sent and closed."""
        return median(update.seconds for update in self.updates) if self.updates else 0.0

    @property
    def in_a_second(self) -> int:
        """How many updates were answered in the busiest second."""
        return max((sum(at <= other < at + 1 for other in self.sent) for at in self.sent), default=0)

    @property
    def before_the_first_was_ready(self) -> int:
        """How many updates were begun before one client had the edit and was Ready."""
        return sum(update.opened < min(self.ready) for update in self.updates)

    @property
    def writes(self) -> float:
        """How many writes there were for each client, dry runs among them, and Events not."""
        found = sum(n for asked, n in self.requests.items() if asked.startswith(_WRITES) and "events" not in asked)
        return found / self.clients

    def lines(self) -> Iterator[str]:
        """Yield what it took."""
        yield f"{self.what}: the last of {self.clients} clients after {self.total:.1f} s"
        yield (
            f"  {sum(self.puts.values())} PUTs to {len(self.puts)} clients, at most "
            f"{max(self.puts.values(), default=0)} to each; {self.in_flight} on their way at once, "
            f"{self.seconds:.2f} s each, {self.in_a_second} in the busiest second; "
            f"{self.before_the_first_was_ready} before the first was Ready"
        )
        each = sorted(self.requests.items(), key=lambda item: (-item[1], item[0]))
        asked = ", ".join(f"{n / self.clients:.2f} {what}" for what, n in each if n / self.clients >= 0.005)
        yield f"  each: {self.writes:.2f} writes; {asked}"
        yield f"  {self.passes / self.clients:.2f} passes each; {1000 * self.cpu / self.clients:.1f} ms of CPU each"

    def broken(self, *, updates: bool) -> Iterator[str]:
        """Yield each bound that does not hold; `updates` is whether each client had to be updated."""
        if self.passes > PASSES * self.clients:
            yield f"{self.what}: more than {PASSES} passes for each client"
        if not updates:
            if self.puts:
                yield f"{self.what}: {sum(self.puts.values())} PUTs though nothing had to be sent"
            if self.writes > 1.01:
                yield f"{self.what}: more than the status was written"
            return
        if len(self.puts) != self.clients or set(self.puts.values()) != {1}:
            twice = sum(count > 1 for count in self.puts.values())
            yield f"{self.what}: {len(self.puts)} of {self.clients} clients were updated, {twice} more than once"
        if self.before_the_first_was_ready != 1:
            yield f"{self.what}: {self.before_the_first_was_ready} updates began before the first was Ready"
        if self.in_flight > IN_FLIGHT:
            yield f"{self.what}: more than {IN_FLIGHT} PUTs at once"
        if self.in_a_second > PUTS_PER_SECOND:
            yield f"{self.what}: more than {PUTS_PER_SECOND} PUTs in a second"
        if self.writes > WRITES_OF_AN_UPDATE:
            yield f"{self.what}: more than {WRITES_OF_AN_UPDATE} writes for each client"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerReport:
    """An edit that is an update of each client, one that is not, and what another tenant's new clients waited."""

    updated: Edited
    told: Edited
    alone: Sequence[float]
    """Seconds to Ready of new clients, one after the other, before the edit."""
    meanwhile: Sequence[float]
    """And while it reached the others."""
    tenants: int
    """How many have clients that are updated."""

    @property
    def longest(self) -> float:
        """How many seconds a new client may wait meanwhile: as alone, behind what is on its way, and in its turn."""
        turn = (self.tenants + 1) * self.updated.total / self.updated.clients
        return _LONGER * median(self.alone) + _UPDATES * self.updated.seconds + turn + _PATIENCE

    def lines(self) -> Iterator[str]:
        """Yield the report."""
        yield from self.updated.lines()
        yield from self.told.lines()
        yield (
            f"another tenant's new client, alone: {_seconds(self.alone)}; meanwhile: {_seconds(self.meanwhile)}, where "
            f"{self.longest:.1f} s would be its turn"
        )

    def broken(self) -> list[str]:
        """Return each bound that does not hold."""
        found = [*self.updated.broken(updates=True), *self.told.broken(updates=False)]
        if not self.meanwhile:
            found.append("no new client became Ready meanwhile")
        elif median(self.meanwhile) > self.longest:
            found.append("a new client waited too long meanwhile")
        return found


def _seconds(each: Sequence[float]) -> str:
    if not each:
        return "none"
    return f"{median(each):.2f} s, {max(each):.2f} s at most (of {len(each)})"
