"""What becomes of an access token: how long it is kept, and when another is asked for; no I/O and no time.

    nothing ──obtained──▶ Held ──its time is over──▶ as nothing
       │                   │ refused: 401 of the registration endpoint, which may be about something else: then seldom
       │                   ▼
       │                Without ──obtained once more, at once──▶ Held ──refused again──▶ Without, for a while
       └──not obtained──▶ Without, for a while: longer each time in a row

One that is good for so many registrations is promised to no more callers than that, before any of them shows it; when
it may have been shown that often it is as nothing, and while all of it is promised another is asked for.

A server that asks to wait only lengthens a pause. What was held while it was refused by mistake costs one token.
A person's word has one more tried where there is none: at once, but of all such words together one in half a minute,
and whoever gave one meanwhile comes again then. A try that was begun after a word is what that word asked for.
"""

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto
from typing import Final

from ..backoff import Backoff
from ..confidential import Confidential
from ..errors import AccessDenied, AccessTokenRefused, OperatorError, Retry
from ..resource.access import SELDOM

MARGIN: Final = 60.0
"""Seconds before it expires from which a token is used no more: it has to live until a registration has arrived."""
UNSAID: Final = 60.0
"""Seconds that a token is kept of which nobody says how long it lives."""
AGAIN: Final = 30.0
"""Seconds between two tries that persons' words have made: tenants can give theirs at any time."""
LONGEST: Final = 3600.0
"""Seconds that a token is kept, whatever the server says: it may be withdrawn there."""
SHORTEST: Final = 5.0
"""Seconds that any is kept: who obtained it comes to use it, and finds out what it is worth."""
SOON: Final = Backoff(first=5.0, longest=300.0)
"""Between tries where time may mend it."""
SLOWLY: Final = Backoff(first=60.0, longest=3600.0)
"""Between tries where a person has to, at a server that tells nobody."""


class ShownFor(Enum):
    """What an access token was shown for."""

    REGISTRATION = auto()
    STATED_REGISTRATION = auto()
    """One that presents a software statement, too, which is the tenant's."""
    CLIENT = auto()
    """To manage one client."""


class AccessTokenOutcome(StrEnum):
    """What came of asking for an access token, or of showing one."""

    OBTAINED = "obtained"
    DENIED = "denied"
    """Who gives them out says no, or gives one that cannot be used."""
    UNAVAILABLE = "unavailable"
    """Nobody said anything of it: it may be had later."""
    REFUSED = "refused"
    """The registration endpoint did not take one that was obtained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """An access token; its number tells it from every other one, also of the same letters."""

    token: Confidential
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A token that is used until then; `refused` says how many before it, in a row, the server did not take.

    `used` says how often it may have been shown, `promised` to whom it was given who did not show it yet, `doubted`
    when one was thrown away last for what may have been about something else; `spared` that this one was refused since
    and is kept (`is_spared`): then until that minute is over, when it is thrown away.
    """

    token: AccessToken
    until: float
    refused: int = 0
    used: int = 0
    promised: frozenset[Hashable] = frozenset()
    doubted: float | None = None
    spared: bool = False
    asked: float | None = None
    """When a person's word had one asked for last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    """There is none, for this reason; another is asked for from `until` on."""

    why: OperatorError
    until: float
    begun: float = -math.inf
    """When the try began that brought none; one that was shown and refused is no answer to a later word."""
    failures: int = 0
    """In a row, of obtaining one, but for those that a person asked for."""
    refused: int = 0
    doubted: float | None = None
    asked: float | None = None
    """When a person's word had one asked for last."""


State = Held | Without


def kept_for(expires_in: float | None) -> float:
    """Return for how many seconds, from when it was asked for, a token is used that expires in so many."""
    if expires_in is None:
        # RFC 6749 section 5.1: "If omitted, the authorization server SHOULD provide the expiration time via other
        # means or document the default value."
        return UNSAID
    return min(max(expires_in - min(MARGIN, expires_in / 4), SHORTEST), LONGEST)


def obtained(before: State | None, token: AccessToken, expires_in: float | None, asked_at: float) -> Held:
    """Return what follows when a token came, which was asked for at that time."""
    held = Held(token=token, until=asked_at + kept_for(expires_in))
    if before is None:
        return held
    is_thrown_away = isinstance(before, Held) and before.spared
    doubted = asked_at if is_thrown_away else before.doubted
    return replace(held, refused=before.refused, doubted=doubted, asked=before.asked)


def not_obtained(before: State | None, why: OperatorError, begun: float, now: float, chance: float) -> Without:
    """Return what follows when none came of a try; `chance` is for the pause."""
    failures = 1 + (before.failures if isinstance(before, Without) else 0)
    backoff = SOON if why.retry is Retry.BACKOFF else SLOWLY
    asked = getattr(why, "retry_after", None) or 0.0
    until = now + max(backoff.after(failures, chance), asked)
    without = Without(why=why, until=until, begun=begun, failures=failures)
    if before is None:
        return without
    return replace(without, refused=before.refused, doubted=before.doubted, asked=before.asked)


def outcome_of(why: OperatorError) -> AccessTokenOutcome:
    """Return as what it counts that none came."""
    return AccessTokenOutcome.DENIED if isinstance(why, AccessDenied) else AccessTokenOutcome.UNAVAILABLE


def is_spared(state: State | None, now: float, use: ShownFor) -> bool:
    """Whether a token is kept though it was refused, for a tenant could have one after the other thrown away.

    RFC 7592 section 2.1: "If the client does not exist on this server, the server MUST respond with HTTP 401
    Unauthorized"; and some servers answer so to a software statement that they do not take.
    """
    doubted = None if state is None else state.doubted
    return use is not ShownFor.REGISTRATION and doubted is not None and now < doubted + SELDOM.total_seconds()


def refused(
    state: State | None, token: AccessToken, now: float, chance: float, use: ShownFor = ShownFor.REGISTRATION
) -> State | None:
    """Return what follows when the authorization server did not take a token; of one of before it says nothing.

    Where it was shown for something that may itself be what is refused (`is_spared`), nobody else has to wait.
    """
    if not isinstance(state, Held) or state.token != token:
        return state
    if state.doubted is not None and is_spared(state, now, use):
        return replace(state, until=min(state.until, state.doubted + SELDOM.total_seconds()), spared=True)
    why = AccessTokenRefused(
        "the authorization server answers HTTP 401 to access tokens that were obtained just before"
    )
    if use is not ShownFor.REGISTRATION:
        return Without(why=why, until=now, refused=state.refused, doubted=now, asked=state.asked)
    times = state.refused + 1
    # It may have been withdrawn: one more is obtained at once.
    pause = 0.0 if times == 1 else SLOWLY.after(times - 1, chance)
    return Without(why=why, until=now + pause, refused=times, doubted=state.doubted, asked=state.asked)


def asked_for_now(state: State | None, word_at: float, now: float) -> tuple[State | None, float]:
    """Return what follows when a person asked then that it be tried now, and in how many seconds to come again for it.

    It makes nobody wait longer.
    """
    if not isinstance(state, Without) or now >= state.until or word_at <= state.begun:
        return state, 0.0
    at = now if state.asked is None else min(state.asked + AGAIN, state.until)
    if now < at:
        return state, at - now
    return replace(state, until=now, asked=now, failures=max(state.failures - 1, 0)), 0.0


def taken(state: State | None, token: AccessToken) -> State | None:
    """Return what follows when the authorization server took a token, or refused something else than that."""
    if isinstance(state, Held) and state.token == token and state.refused:
        return replace(state, refused=0)
    return state


def promised(state: Held, caller: Hashable, uses: int | None) -> Held | None:
    """Return what follows when a token that is good for so many uses is given to a caller; None: no use is left."""
    if uses is None or caller in state.promised:
        return state
    if state.used + len(state.promised) >= uses:
        return None
    return replace(state, promised=state.promised | {caller})


def shown(state: Held, caller: Hashable, uses: int | None) -> Held | None:
    """Return what follows when a caller may have shown it; None: it is used up."""
    if uses is None:
        return state
    used = replace(state, used=state.used + 1, promised=state.promised - {caller})
    return used if used.used < uses else None


def weight(state: State) -> int:
    """Return how many bytes it takes, more or less."""
    if isinstance(state, Held):
        return 512 + len(state.token.token.reveal()) + 256 * len(state.promised)
    return 512 + len(str(state.why))
