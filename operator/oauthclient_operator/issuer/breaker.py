"""Circuit breakers: after some failures in a row nothing is begun for a while, then one call is tried.

    closed ──failures by three witnesses──▶ open ──its time is over──▶ probing ──success──▶ closed
                                             ▲                           │
                                             └──failure: open for longer─┘

What counts is that the connection could not be made, that no complete answer came, or that it was a 5xx: never a
complete 4xx, 429 among them, and never what our own side would not send. 501 is an answer, too.

Whose failures hold back whom? Tenants share an issuer by its name, and what a tenant sends can make a server fail: by
client metadata that crash it, or that name an address where it waits for ever. So a failure after the first byte is
evidence to its own tenant alone, and only when several of its resources saw it. To all tenants of the issuer it is
evidence when it happened to several of them. That a name cannot be resolved, or a connection or TLS not be made,
nobody's metadata had a part in, and the address is held to the issuer's origin: that counts for all at once.
Discovery is not counted here: its failures are remembered by the cache of metadata.
"""

import itertools
import random
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final

from ..errors import IssuerUnavailable
from ..exchange import Answer, Incomplete, NotSent, Response
from .places import Caller

WITNESSES: Final = 3
FIRST: Final = 5.0
LONGEST: Final = 300.0
"""Seconds that a breaker stays open at first, and at most."""
PROBE: Final = 60.0
"""Seconds after which another call is tried if nothing was heard of the one before; longer than an exchange."""
_MOST: Final = 4096
"""Breakers that are remembered."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Calls are made; these saw a failure since the last success."""

    witnesses: frozenset[Hashable] = frozenset()


@dataclass(frozen=True, slots=True)
class Open:
    """No call is begun until then; `trips` says how often in a row it opened."""

    until: float
    trips: int


@dataclass(frozen=True, slots=True)
class Probing:
    """One call is tried; until it is over, or that time is, no other is begun."""

    until: float
    trips: int


State = Closed | Open | Probing


def failed(state: State, witness: Hashable, now: float, jitter: float) -> State:
    """Return what a failure makes of a breaker; `jitter` is between 0.5 and 1."""
    match state:
        case Closed(witnesses=witnesses):
            seen = witnesses | {witness}
            return Closed(seen) if len(seen) < WITNESSES else Open(now + FIRST * jitter, 1)
        case Open():
            # Of a call that was begun before it opened.
            return state
        case Probing(trips=trips):
            return Open(now + min(FIRST * 2 ** min(trips, 16), LONGEST) * jitter, trips + 1)


def begun(state: State, now: float) -> State | None:
    """Return what the beginning of a call makes of a breaker, or None where it must not begin."""
    match state:
        case Closed():
            return state
        case Open(until=until, trips=trips) | Probing(until=until, trips=trips):
            return Probing(now + PROBE, trips) if now >= until else None


class Breakers:
    """The breakers of all issuers: one for all of an issuer's tenants, and one for each of them."""

    def __init__(
        self,
        clock: Callable[[], float],
        jitter: Callable[[], float] = lambda: random.uniform(0.5, 1.0),  # noqa: S311 - no secret
    ) -> None:
        self._clock = clock
        self._jitter = jitter
        self._states: OrderedDict[tuple[str, str | None], State] = OrderedDict()
        self._numbers = itertools.count()

    def begin(self, issuer: str, caller: Caller) -> None:
        """Let a call begin.

        Raises:
            IssuerUnavailable: it must not; `retry_after` says how long at least.
        """
        now = self._clock()
        scopes = ((issuer, None), (issuer, caller.namespace))
        before = [self._states.get(scope, Closed()) for scope in scopes]
        after = [begun(state, now) for state in before]
        if None in after:
            held = [s.until for s, a in zip(before, after, strict=True) if a is None and not isinstance(s, Closed)]
            # No time is named: what does not change from one time to the next costs no write of a status.
            raise IssuerUnavailable(
                "calls to the issuer failed several times in a row, so none is begun for now; one is tried "
                f"within {LONGEST / 60:g} minutes, and when it is answered all go on",
                retry_after=max(held) - now,
            )
        for scope, state in zip(scopes, after, strict=True):
            self._set(scope, state or Closed())

    def saw(self, issuer: str, caller: Caller, answer: Answer) -> None:
        """Take what came of a call."""
        tenant = (issuer, caller.namespace)
        match answer:
            case NotSent(refused=True) | NotSent(ours=True):
                return
            case NotSent():
                self._failed((issuer, None), next(self._numbers))
            case Response(status=status) if status < 500 or status == 501:
                self._states.pop((issuer, None), None)
                self._states.pop(tenant, None)
            case Response() | Incomplete():
                self._failed(tenant, caller.uid)
                self._failed((issuer, None), caller.namespace)

    def _failed(self, scope: tuple[str, str | None], witness: Hashable) -> None:
        self._set(scope, failed(self._states.get(scope, Closed()), witness, self._clock(), self._jitter()))

    def _set(self, scope: tuple[str, str | None], state: State) -> None:
        if state == Closed():
            self._states.pop(scope, None)
            return
        self._states[scope] = state
        self._states.move_to_end(scope)
        if len(self._states) > _MOST:
            self._states.popitem(last=False)
