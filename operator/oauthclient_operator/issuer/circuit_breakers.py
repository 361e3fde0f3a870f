"""Circuit breakers: after some failures in a row no call is begun for a while, then one is made as a trial.

    closed ──failures by three witnesses──▶ open ──its time is over──▶ half-open ──the trial succeeds──▶ closed
                                             ▲                            │
                                             └──it fails: open for longer─┘

A failure is that the connection could not be made, that no complete answer came, or that it was a 5xx. A complete 4xx
is none, 429 among them, nor 501, nor what our own side did not send.

A *witness* is who saw a failure, and one witness counts once. Tenants share an issuer, and what a tenant sends can
make a server fail: client metadata that crash it, or that name an address where it waits for ever. So there is one
breaker for each tenant of an issuer and one for all of them, and they believe different witnesses:

- Of a failure after the first byte of a request, the resource is a witness to its tenant's breaker, and the tenant is
  one to the breaker of all.
- That a name cannot be resolved, or a connection or TLS not be made, no tenant's metadata can have caused, and the
  address is held to the issuer's origin: each such failure is a witness of its own to the breaker of all.

A trial that fails after the first byte opens its tenant's breaker at once, and the next tenant may make the next
trial; only when the trials of three tenants failed so is the breaker of all open for longer. Who was let make the
trial and makes no call gives it back, or resources that are never ready to call would keep all others waiting.
Discovery is not counted here: the cache of metadata remembers its failures.
"""

import itertools
import random
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final

from ..backoff import Backoff
from ..errors import IssuerUnavailable
from ..exchange import Answer, Incomplete, NotSent, Response
from .caller import Caller

WITNESSES: Final = 3
"""So many open a breaker."""
BACKOFF: Final = Backoff(first=5.0, longest=300.0)
"""Seconds that a breaker stays open, each time that it opened in a row."""
TRIAL: Final = 60.0
"""Seconds after which another trial is made if nothing was heard of the one before; longer than an exchange."""
_MOST: Final = 4096
"""Breakers that are remembered."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Calls are made; these witnesses saw a failure since the last success."""

    witnesses: frozenset[Hashable] = frozenset()


@dataclass(frozen=True, slots=True)
class Open:
    """No call is begun until then; `trips` says how often in a row it opened."""

    until: float
    trips: int
    witnesses: frozenset[Hashable] = frozenset()
    """Tenants whose trials failed since it opened, where one tenant's alone says nothing."""


@dataclass(frozen=True, slots=True)
class HalfOpen:
    """One call is made as a trial, by that resource; until it is over, or that time is, no other is begun."""

    until: float
    trips: int
    witnesses: frozenset[Hashable] = frozenset()
    by: Hashable = None


State = Closed | Open | HalfOpen


def failed(state: State, witness: Hashable, now: float, chance: float, needed: int = 1) -> State:
    """Return what a failure makes of a breaker.

    `chance` is for its backoff; of failed trials `needed` witnesses open a breaker for longer.
    """
    match state:
        case Closed(witnesses=witnesses):
            seen = witnesses | {witness}
            return Closed(seen) if len(seen) < WITNESSES else Open(now + BACKOFF.after(1, chance), 1)
        case Open():
            # Of a call that was begun before it opened.
            return state
        case HalfOpen(trips=trips, witnesses=witnesses):
            seen = witnesses | {witness}
            if len(seen) < needed:
                return Open(now, trips, seen)
            return Open(now + BACKOFF.after(trips + 1, chance), trips + 1)


def begun(state: State, now: float, by: Hashable = None) -> State | None:
    """Return what the beginning of a call makes of a breaker, or None where it must not begin."""
    match state:
        case Closed():
            return state
        case Open() | HalfOpen():
            return HalfOpen(now + TRIAL, state.trips, state.witnesses, by) if now >= state.until else None


class CircuitBreakers:
    """All breakers: for each issuer one for all of its tenants, and one for each of them."""

    def __init__(
        self,
        clock: Callable[[], float],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._clock = clock
        self._chance = chance
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
        after = [begun(state, now, caller.uid) for state in before]
        if None in after:
            held = [s.until for s, a in zip(before, after, strict=True) if a is None and not isinstance(s, Closed)]
            # No time is named: what does not change from one time to the next costs no write of a status.
            raise IssuerUnavailable(
                "calls to the issuer failed several times in a row, so none is begun for now; one is tried "
                f"within {BACKOFF.longest / 60:g} minutes, and when it is answered all go on",
                retry_after=max(held) - now,
            )
        for scope, state in zip(scopes, after, strict=True):
            self._set(scope, state or Closed())

    def end(self, issuer: str, caller: Caller) -> None:
        """End what was let begin: where it was to be the trial and made no call, another may make it."""
        for scope in ((issuer, None), (issuer, caller.namespace)):
            state = self._states.get(scope)
            if isinstance(state, HalfOpen) and state.by == caller.uid:
                self._set(scope, Open(self._clock(), state.trips, state.witnesses))

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
                trial = isinstance(self._states.get((issuer, None)), HalfOpen)
                if trial and isinstance(self._states.get(tenant, Closed()), Closed):
                    self._set(tenant, Open(self._clock() + BACKOFF.after(1, self._chance()), 1))
                else:
                    self._failed(tenant, caller.uid)
                self._failed((issuer, None), caller.namespace, WITNESSES)

    def _failed(self, scope: tuple[str, str | None], witness: Hashable, needed: int = 1) -> None:
        state = self._states.get(scope, Closed())
        self._set(scope, failed(state, witness, self._clock(), self._chance(), needed))

    def _set(self, scope: tuple[str, str | None], state: State) -> None:
        if state == Closed():
            self._states.pop(scope, None)
            return
        self._states[scope] = state
        self._states.move_to_end(scope)
        if len(self._states) > _MOST:
            self._states.popitem(last=False)
