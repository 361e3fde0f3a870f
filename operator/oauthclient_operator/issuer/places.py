"""Places at issuers: so many exchanges at once, and nobody who waits for one keeps a worker meanwhile.

Who finds no place is told so at once and stands in line; when a place is free, it is kept for the next in line, and
that one is called. Lines have turns, by tenant and each tenant's by issuer, so that no tenant is behind all of
another's, however many issuers that one declares.

Three bounds hold: for one issuer, so that it is not overrun; for one tenant (a namespace), so that whoever declares
many issuers that never answer does not take the places of all others; and in all, which is how many workers can be
kept by issuers that hang.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..errors import IssuerBusy

IN_ALL: Final = 256
PER_TENANT: Final = 64

Key = tuple[str, str]
"""Namespace and name of a resource."""
Wake = Callable[[Key], None]
_Line = tuple[str, str]
"""An issuer, and a tenant that wants to talk to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A resource on whose behalf an issuer is talked to; one that does not wait is not called, but comes by itself."""

    namespace: str
    name: str
    uid: str
    waits: bool = True

    @property
    def key(self) -> Key | None:
        """The key under which it waits, if it does."""
        return (self.namespace, self.name) if self.waits else None


class Places:
    """Who is where; no I/O and no time. `wake` is called when a place is kept for a key, which then enters again."""

    def __init__(self, wake: Wake, *, per_issuer: int, per_tenant: int = PER_TENANT, in_all: int = IN_ALL) -> None:
        self._wake = wake
        self._per_issuer = per_issuer
        self._per_tenant = per_tenant
        self._in_all = in_all
        self._at: Counter[str] = Counter()
        self._of: Counter[str] = Counter()
        self._lines: OrderedDict[str, OrderedDict[_Line, dict[Key, None]]] = OrderedDict()
        self._line_of: dict[Key, _Line] = {}
        self._kept_for: dict[Key, _Line] = {}

    def enter(self, issuer: str, caller: Caller) -> None:
        """Take a place, which has to be left again.

        Raises:
            IssuerBusy: there is none now; a caller that waits is in line.
        """
        line, key = (issuer, caller.namespace), caller.key
        if key is not None:
            if self._kept_for.get(key) == line:
                del self._kept_for[key]
                return
            if self._line_of.get(key) != line:
                self.withdraw(key)
        if self._has_room(line):
            if key is not None:
                self._step_out(key)
            self._count(line, 1)
            return
        if key is not None and key not in self._line_of:
            self._lines.setdefault(caller.namespace, OrderedDict()).setdefault(line, {})[key] = None
            self._line_of[key] = line
        raise IssuerBusy("all places at the issuer are taken")

    def leave(self, issuer: str, caller: Caller) -> None:
        """Give a place back."""
        self._count((issuer, caller.namespace), -1)
        self._call()

    def withdraw(self, key: Key) -> None:
        """Take a key out of the line, or give up the place that is kept for it: it does not want one any more."""
        self._step_out(key)
        line = self._kept_for.pop(key, None)
        if line is not None:
            self._count(line, -1)
            self._call()

    def _has_room(self, line: _Line) -> bool:
        issuer, tenant = line
        # A place that is kept for somebody is counted as taken.
        return (
            self._at[issuer] < self._per_issuer
            and self._of[tenant] < self._per_tenant
            and self._of.total() < self._in_all
        )

    def _call(self) -> None:
        called = True
        while called:
            called = False
            for tenant in list(self._lines):
                lines = self._lines[tenant]
                line = next(filter(self._has_room, lines), None)
                if line is None:
                    continue
                key = next(iter(lines[line]))
                # Whose turn it was goes to the end, or goes.
                lines.move_to_end(line)
                self._lines.move_to_end(tenant)
                self._step_out(key)
                self._kept_for[key] = line
                self._count(line, 1)
                self._wake(key)
                called = True

    def _step_out(self, key: Key) -> None:
        line = self._line_of.pop(key, None)
        if line is not None:
            _, tenant = line
            lines = self._lines[tenant]
            del lines[line][key]
            if not lines[line]:
                del lines[line]
            if not lines:
                del self._lines[tenant]

    def _count(self, line: _Line, change: int) -> None:
        for counter, name in zip((self._at, self._of), line, strict=True):
            counter[name] += change
            if not counter[name]:
                del counter[name]
