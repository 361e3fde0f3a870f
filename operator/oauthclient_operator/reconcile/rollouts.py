"""Which client of an issuer goes first where a change of that one is an update of each, and when the others follow.

    nobody asks ──a client would be updated──▶ one goes first ──it is ready──▶ all follow, so many a second
                                                  │     ▲
                             it is not, or not in time  │ one of another namespace at once, for the first two that
                                                  ▼     │ fail; then after a pause, which doubles
                                  the others wait, and the issuer's status says why

A client that is gone, paused or refers elsewhere is no word on the change: another one goes. One that fails may fail by
its own tenant's doing, so no tenant can hold the others up for long; and one that succeeds after all lets all go.
What is known here ends with the process. What the issuer's status says of it is taken up by the next one: that all may
go, or that they wait. Where it says neither one more client goes first.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, Protocol

from ..names import Reason
from ..plan.rollout import Rollout, brings
from ..record.summary import Summary
from ..resource.condition import Condition
from ..resource.desired import Desired
from ..resource.issuer_reference import IssuerReference
from ..resource.key import Key, cluster_issuer
from ..resource.oauth_client import OAuthClient
from ..resource.terms import IssuerResource

PATIENCE: Final = 600.0
"""Seconds after which a client that went first, and is neither ready nor refused, keeps nobody waiting any more."""
FIRST_PAUSE: Final = 600.0
LONGEST_PAUSE: Final = 6 * 3600.0
AT_ONCE: Final = 3
"""Namespaces whose clients go one right after the other, where each of them fails."""
_PASSES: Final = frozenset({Reason.PENDING, Reason.ISSUER_UNAVAILABLE, Reason.CLUSTER_UNAVAILABLE})
"""Why a client is not ready that says nothing of the change."""


class KnownClients(Protocol):
    """What of the watches is asked."""

    def resource(self, namespace: str, name: str) -> OAuthClient | None:
        """Return the newest known copy of a resource."""
        ...


class _Word(Enum):
    """What a client that went first says of the change, where it does not say why it is not ready."""

    READY = auto()
    NONE_YET = auto()
    LEFT = auto()


@dataclass(frozen=True, slots=True)
class _NotReady:
    """It has the change, and is not ready for this reason."""

    why: str


@dataclass(slots=True)
class _Change:
    """A change of one issuer; `said` is what a process of before wrote of it, `not_before` when one more goes first."""

    to: IssuerResource
    over: bool = False
    said: str | None = None
    not_before: float = 0.0
    first: Key | None = None
    since: float = 0.0
    sent: dict[Key, str] = field(default_factory=dict)
    """Who went first, each with its UID: one that is made anew under its name is registered, and no word on updates."""
    failed: dict[Key, str] = field(default_factory=dict)
    waiting: dict[Key, str] = field(default_factory=dict)

    def next_first(self, now: float) -> Key | None:
        """Return who may go first now, of those that wait."""
        if self.first is not None or not self.waiting:
            return None
        tenants = {key.namespace for key in self.failed}
        of_another = next((key for key in self.waiting if key.namespace not in tenants), None)
        at_once = of_another is not None and 0 < len(tenants) < AT_ONCE
        return (of_another or next(iter(self.waiting))) if at_once or now >= self.not_before else None


class Rollouts:
    """The newest change of each issuer; `elapsed` is in seconds and never jumps, `wake` has a key looked at."""

    def __init__(self, watched: KnownClients, elapsed: Callable[[], float], wake: Callable[[Key], None]) -> None:
        self._watched = watched
        self._elapsed = elapsed
        self._wake = wake
        self._changes: dict[str, _Change] = {}

    def begin(self, to: IssuerResource, before: Condition | None) -> None:
        """Take an issuer as its clients go by it now; `before` is what its status says of how far that has come."""
        known = self._changes.get(to.name)
        if known is not None and known.to == to:
            return
        self.forget(to.name)
        change = self._changes[to.name] = _Change(to=to)
        if before is not None and before.observed_generation == to.generation:
            change.over = before.reason == Reason.APPLIED
            if before.reason == Reason.CLIENT_NOT_READY:
                change.said, change.not_before = before.message, self._elapsed() + FIRST_PAUSE

    def forget(self, name: str) -> None:
        """Take leave of an issuer that is gone, or of a change that another one follows."""
        self._changes.pop(name, None)

    def keep_waiting(self, key: Key, resource: OAuthClient, summary: Summary | None, desired: Desired) -> bool:
        """Say whether a client stays as it is for now, for another one tries first what its issuer says.

        It is woken when it may follow.
        """
        to = desired.terms.resource
        change = None if to is None else self._changes.get(to.name)
        if to is None or change is None or change.to != to or change.over:
            return False
        if change.sent.get(key) == resource.uid or not brings(resource, summary, desired):
            # What becomes of one that does not wait any more, for its own team's sake, is no word on the change.
            change.waiting.pop(key, None)
            return False
        change.waiting[key] = resource.uid
        if change.next_first(self._elapsed()) is not None:
            self._wake(cluster_issuer(to.name))
        return True

    def looked_at(self, key: Key) -> None:
        """Have the issuer looked at of a client that went first, and was looked at just now."""
        for name, change in self._changes.items():
            if key in change.sent and not change.over:
                self._wake(cluster_issuer(name))

    def conduct(self, to: IssuerResource, tell_all: Callable[[str], object]) -> tuple[Rollout | None, float | None]:
        """Say how far a change of an issuer has come, and in how many seconds that is to be asked again.

        Of one that its clients do not go by yet there is nothing to say. Whose turn it is is woken; `tell_all` is
        called once, when all may go.
        """
        change, now = self._changes.get(to.name), self._elapsed()
        if change is None or change.to != to:
            return None, None
        if not change.over and self._is_good(change, now):
            change.over, change.first, change.waiting = True, None, {}
            tell_all(to.name)
        if change.over:
            return Rollout(over=True), None
        if (key := change.next_first(now)) is not None:
            change.first, change.since, change.said = key, now, None
            change.sent[key] = change.waiting.pop(key)
            self._wake(key)
        at = change.not_before if change.first is None else change.since + PATIENCE
        again = at - now if at > now else None
        if change.first is None and not change.failed and change.said is None:
            return None, again
        failed = tuple(f"{_named(key)} ({why})" for key, why in change.failed.items())
        first = None if change.first is None else _named(change.first)
        return Rollout(first=first, failed=failed, said=change.said), again

    def _is_good(self, change: _Change, now: float) -> bool:
        """Take in what became of those that went first, and say whether one of them is ready."""
        for key in (*change.failed, *(() if change.first is None else (change.first,))):
            word, is_newest = self._word(key, change), key == change.first
            if word is _Word.READY:
                return True
            if not is_newest:
                continue
            if word is _Word.LEFT:
                change.first = None
                del change.sent[key]
            elif isinstance(word, _NotReady) or now >= change.since + PATIENCE:
                change.first = None
                change.failed[key] = word.why if isinstance(word, _NotReady) else "not ready in time"
                pause = FIRST_PAUSE * 2 ** (len(change.failed) - 1)
                change.not_before = now + min(pause, LONGEST_PAUSE)
        return False

    def _word(self, key: Key, change: _Change) -> _Word | _NotReady:
        resource, to = self._watched.resource(key.namespace, key.name), change.to
        if resource is None or resource.uid != change.sent.get(key) or resource.deleting or resource.paused:
            return _Word.LEFT
        reference = IssuerReference.of(resource.spec, [])
        if reference is None or reference.name != to.name:
            return _Word.LEFT
        status, applied = resource.status, resource.status.issuer
        has_it = applied is not None and (applied.uid, applied.generation) == (to.uid, to.generation)
        if not has_it or status.observed_generation != resource.generation or status.ready_reason in _PASSES:
            return _Word.NONE_YET
        return _Word.READY if status.ready_reason == Reason.REGISTERED else _NotReady(status.ready_reason or "")


def _named(key: Key) -> str:
    return f"{key.namespace}/{key.name}"
