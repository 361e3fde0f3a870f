"""What becomes of an access token: how long it is kept, and when another is asked for; no I/O and no time.

    nothing ──obtained──▶ Held ──its time is over──▶ as nothing
       │                   │ refused: 401 of the registration endpoint
       │                   ▼
       │                Without ──obtained once more, at once──▶ Held ──refused again──▶ Without, for a while
       └──not obtained──▶ Without, for a while: longer each time in a row

A server that asks to wait only lengthens a pause. What was held while it was refused by mistake costs one token.
"""

from dataclasses import dataclass, replace
from typing import Final

from ..backoff import Backoff
from ..confidential import Confidential
from ..errors import AccessTokenRefused, OperatorError, Retry

MARGIN: Final = 60.0
"""Seconds before it expires from which a token is used no more: it has to live until a registration has arrived."""
UNSAID: Final = 60.0
"""Seconds that a token is kept of which nobody says how long it lives."""
LONGEST: Final = 3600.0
"""Seconds that a token is kept, whatever the server says: it may be withdrawn there."""
SHORTEST: Final = 5.0
"""Seconds that any is kept: who obtained it comes to use it, and finds out what it is worth."""
SOON: Final = Backoff(first=5.0, longest=300.0)
"""Between tries where time may mend it."""
SLOWLY: Final = Backoff(first=60.0, longest=3600.0)
"""Between tries where a person has to, at a server that tells nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """An access token; its number tells it from every other one, also of the same letters."""

    token: Confidential
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A token that is used until then; `refused` says how many before it, in a row, the server did not take."""

    token: AccessToken
    until: float
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    """There is none, for this reason; another is asked for from then on."""

    why: OperatorError
    until: float
    failures: int = 0
    """In a row, of obtaining one."""
    refused: int = 0


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
    return Held(token=token, until=asked_at + kept_for(expires_in), refused=0 if before is None else before.refused)


def not_obtained(before: State | None, why: OperatorError, now: float, chance: float) -> Without:
    """Return what follows when none came; `chance` is for the pause."""
    failures = 1 + (before.failures if isinstance(before, Without) else 0)
    backoff = SOON if why.retry is Retry.BACKOFF else SLOWLY
    asked = getattr(why, "retry_after", None) or 0.0
    until = now + max(backoff.after(failures, chance), asked)
    return Without(why=why, until=until, failures=failures, refused=0 if before is None else before.refused)


def refused(state: State | None, token: AccessToken, now: float, chance: float) -> State | None:
    """Return what follows when the authorization server did not take a token; of one of before it says nothing."""
    if not isinstance(state, Held) or state.token != token:
        return state
    times = state.refused + 1
    why = AccessTokenRefused(
        "the authorization server answers HTTP 401 to access tokens that were obtained just before"
    )
    # It may have been withdrawn: one more is obtained at once.
    pause = 0.0 if times == 1 else SLOWLY.after(times - 1, chance)
    return Without(why=why, until=now + pause, refused=times)


def taken(state: State | None, token: AccessToken) -> State | None:
    """Return what follows when the authorization server took a token, or refused something else than that."""
    if isinstance(state, Held) and state.token == token and state.refused:
        return replace(state, refused=0)
    return state


def weight(state: State) -> int:
    """Return how many bytes it takes, more or less."""
    return 512 + len(state.token.token.reveal() if isinstance(state, Held) else str(state.why))
