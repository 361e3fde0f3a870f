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
trial and makes no call gives it back, or resources that are never ready to call would keep all others waiting. Who
gives way, for what comes of its exchanges is not told, is the trial only where for a minute nobody else was.

Who is held back waits, and is woken when it is worth coming again: all when an answer came, one when another one may
make the trial. What kept them until then is over: `turns` tells them so.
Discovery is not counted here: the cache of metadata remembers its failures.
"""

import itertools
import random
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final

from ..backoff import Backoff
from ..errors import IssuerUnavailable
from ..exchange import Answer, Incomplete, NotSent, Response
from ..fair_cache import FairCache
from ..reach import IssuerAddress
from ..resource.key import Key, Kind
from .caller import Caller, Changed, Wake
from .waiting import WaitingKeys

WITNESSES: Final = 3
"""So many open a breaker."""
BACKOFF: Final = Backoff(first=5.0, longest=300.0)
"""Seconds that a breaker stays open, each time that it opened in a row."""
TRIAL: Final = 60.0
"""Seconds after which another trial is made if nothing was heard of the one before; longer than an exchange."""
_MOST: Final = 4096
_MOST_OF_A_TENANT: Final = 512
"""Breakers that are remembered, and tenants that share one.

Tenants choose the issuers: they lose their own oldest first, but none that another tenant of the issuer needs, too.
"""
_CAUSE_LIMIT: Final = 400


@dataclass(frozen=True, slots=True)
class Closed:
    """Calls are made; these witnesses saw a failure since the last success."""

    witnesses: frozenset[Hashable] = frozenset()
    cause: str = ""
    """What the last of them saw."""


@dataclass(frozen=True, slots=True)
class Open:
    """No call is begun until then; `trips` says how often in a row it opened."""

    until: float
    trips: int
    witnesses: frozenset[Hashable] = frozenset()
    """Tenants whose trials failed since it opened, where one tenant's alone says nothing."""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class HalfOpen:
    """One call is made as a trial, by that resource; until it is over, or that time is, no other is begun."""

    until: float
    trips: int
    witnesses: frozenset[Hashable] = frozenset()
    by: Hashable = None
    cause: str = ""


State = Closed | Open | HalfOpen
_Scope = tuple[IssuerAddress, str | None]
"""An issuer, and one of its tenants or all."""


def failed(state: State, witness: Hashable, now: float, chance: float, needed: int = 1, cause: str = "") -> State:
    """Return what a failure makes of a breaker.

    `chance` is for its backoff; of failed trials `needed` witnesses open a breaker for longer; `cause` is shown.
    """
    match state:
        case Closed(witnesses=witnesses):
            seen = witnesses | {witness}
            if len(seen) < WITNESSES:
                return Closed(seen, cause)
            return Open(now + BACKOFF.after(1, chance), 1, cause=cause)
        case Open():
            # Of a call that was begun before it opened.
            return state
        case HalfOpen(trips=trips, witnesses=witnesses):
            seen = witnesses | {witness}
            if len(seen) < needed:
                return Open(now, trips, seen, cause)
            return Open(now + BACKOFF.after(trips + 1, chance), trips + 1, cause=cause)


def begun(state: State, now: float, by: Hashable = None) -> State | None:
    """Return what the beginning of a call makes of a breaker, or None where it must not begin."""
    match state:
        case Closed():
            return state
        case Open() | HalfOpen():
            if now < state.until:
                return None
            return HalfOpen(now + TRIAL, state.trips, state.witnesses, by, state.cause)


class CircuitBreakers:
    """All breakers: for each issuer one for all of its tenants, and one for each of them."""

    def __init__(
        self,
        clock: Callable[[], float],
        chance: Callable[[], float] = random.random,
        wake: Wake = lambda _key: None,
        changed: Changed = lambda _issuer: None,
    ) -> None:
        self._changed = changed
        self._clock = clock
        self._chance = chance
        self._wake = wake
        self._states: FairCache[_Scope, State] = FairCache(per_tenant=_MOST_OF_A_TENANT, in_all=_MOST)
        self._turns: FairCache[_Scope, int] = FairCache(per_tenant=_MOST_OF_A_TENANT, in_all=_MOST)
        self._numbers = itertools.count(1)
        self._held_back: WaitingKeys[IssuerAddress] = WaitingKeys()

    def begin(self, issuer: IssuerAddress, caller: Caller) -> None:
        """Let a call begin.

        Raises:
            IssuerUnavailable: it must not; `retry_after` says how long at least.
        """
        now = self._clock()
        if not caller.gives_way:
            # Else what the same pass could not call before would be called by nobody's answer.
            self._held_back.let_go(caller.key, issuer)
        scopes = _scopes(issuer, caller.namespace)
        before = [self._states.get(scope) or Closed() for scope in scopes]
        # Who gives way is the trial only where nobody else has been for long, and holds back nobody by that.
        as_of = now - TRIAL if caller.gives_way else now
        after = [begun(state, as_of, caller.uid) for state in before]
        held = [s for s, a in zip(before, after, strict=True) if a is None and not isinstance(s, Closed)]
        if held:
            longest = max(held, key=lambda state: state.until)
            if caller.queues and not caller.gives_way:
                self._held_back.add(caller.key, issuer)
            raise _held_back(issuer, longest, longest.until - as_of)
        for scope, state in zip(scopes, after, strict=True):
            self._set(scope, state or Closed(), caller)

    def end(self, issuer: IssuerAddress, caller: Caller) -> None:
        """End what was let begin: where it was to be the trial and made no call, another may make it."""
        for scope in _scopes(issuer, caller.namespace):
            state = self._states.get(scope)
            if isinstance(state, HalfOpen) and state.by == caller.uid:
                self._set(scope, Open(self._clock(), state.trips, state.witnesses, state.cause), caller)
                self._give_turn(issuer, scope, caller)

    def saw(self, issuer: IssuerAddress, caller: Caller, answer: Answer) -> None:
        """Take what came of a call."""
        everyone, tenant = _scopes(issuer, caller.namespace)
        match answer:
            case NotSent(refused=True) | NotSent(ours=True) | Incomplete(ours=True):
                return
            case NotSent():
                self._failed(everyone, caller, next(self._numbers), _cause(answer))
            case Response(status=status) if status < 500 or status == 501:
                self._answered(issuer, caller)
            case Response() | Incomplete():
                cause = _cause(answer)
                trial = isinstance(self._states.get(everyone), HalfOpen)
                if trial and isinstance(self._states.get(tenant) or Closed(), Closed):
                    opened = Open(self._clock() + BACKOFF.after(1, self._chance()), 1, cause=cause)
                    self._set(tenant, opened, caller)
                else:
                    self._failed(tenant, caller, caller.uid, cause)
                self._failed(everyone, caller, caller.namespace, cause, WITNESSES)
                if isinstance(state := self._states.get(everyone), Open) and state.witnesses:
                    self._give_turn(issuer, everyone, caller, other_than=caller.namespace)

    def outage(self, issuer: IssuerAddress) -> IssuerUnavailable | None:
        """Return why an issuer's calls are held back for all tenants, and for how long that is known, or None.

        It is known until a trial is long due: a `retry_after` of 0 says that nobody has tried since.
        """
        state = self._states.get((issuer, None))
        if not isinstance(state, Open | HalfOpen):
            return None
        known_until = state.until + (TRIAL if isinstance(state, Open) else 0.0)
        return _held_back(issuer, state, max(0.0, known_until - self._clock()))

    def turns(self, issuer: IssuerAddress, namespace: str) -> object:
        """Return a value that is another one once what was held back before may go on, or be the trial."""
        return tuple(self._turns.get(scope) for scope in _scopes(issuer, namespace))

    def forget(self, key: Key) -> None:
        """Let a key wait no more."""
        self._held_back.forget(key)

    def _answered(self, issuer: IssuerAddress, caller: Caller) -> None:
        was_out = self.outage(issuer) is not None
        for scope in _scopes(issuer, caller.namespace):
            if isinstance(self._states.get(scope), Open | HalfOpen):
                self._turns.put(scope, next(self._numbers), caller.namespace)
            self._states.pop(scope)
        if was_out:
            self._changed(issuer)
        # Also where what held them back is forgotten; not whom their own tenant's failures hold back still: called for
        # nothing, they would not be when one of that tenant is answered.
        for key in self._held_back.at(issuer):
            _, tenant = _scopes(issuer, key.namespace)
            if was_out or not isinstance(self._states.get(tenant), Open | HalfOpen):
                self._call(key, issuer)

    def _give_turn(
        self, issuer: IssuerAddress, scope: _Scope, caller: Caller, *, other_than: str | None = None
    ) -> None:
        """Let another one be the trial: one that may, or the turn would be nobody's, and who was called not again."""
        self._turns.put(scope, next(self._numbers), caller.namespace)
        # What is left of a deleted resource has its own time, and would not use the turn.
        waiting = [key for key in self._held_back.at(issuer) if key.kind is Kind.OAUTH_CLIENT]
        tenants = {key.namespace for key in waiting} - {other_than}
        may = {tenant for tenant in tenants if self._may_begin(issuer, tenant)}
        key = next((key for key in waiting if key.namespace in may), None)
        if key is not None:
            self._call(key, issuer)

    def _may_begin(self, issuer: IssuerAddress, namespace: str) -> bool:
        states, now = [self._states.get(scope) or Closed() for scope in _scopes(issuer, namespace)], self._clock()
        return all(begun(state, now) is not None for state in states)

    def _call(self, key: Key, issuer: IssuerAddress) -> None:
        self._held_back.let_go(key, issuer)
        self._wake(key)

    def _failed(self, scope: _Scope, caller: Caller, witness: Hashable, cause: str, needed: int = 1) -> None:
        state = self._states.get(scope) or Closed()
        after = failed(state, witness, self._clock(), self._chance(), needed, cause)
        self._set(scope, after, caller)
        if scope[1] is None and isinstance(after, Open) and not isinstance(state, Open):
            self._changed(scope[0])

    def _set(self, scope: _Scope, state: State, caller: Caller) -> None:
        if state == Closed():
            self._states.pop(scope)
        elif state != self._states.get(scope):
            self._states.put(scope, state, caller.namespace)


def _scopes(issuer: IssuerAddress, namespace: str) -> tuple[_Scope, _Scope]:
    return (issuer, None), (issuer, namespace)


def _held_back(issuer: IssuerAddress, state: Open | HalfOpen, seconds: float) -> IssuerUnavailable:
    why = f" (the last one: {state.cause})" if state.cause else ""
    return IssuerUnavailable(
        f"calls to issuer {issuer.issuer} failed several times in a row{why}, so none is made for now",
        retry_after=seconds,
    )


def _cause(answer: Answer) -> str:
    said = f"the answer was HTTP {answer.status}" if isinstance(answer, Response) else answer.cause
    return said[:_CAUSE_LIMIT]
