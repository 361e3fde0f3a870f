"""Kinds of lives: what happens in them, how soon all of it has to be seen, and what may be waited for until then."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from oauthclient_operator.plan.observed import Limits
from tests.pure.installations.administrators import Administrators
from tests.pure.installations.doubters import LONGEST_INTERVAL, Doubters
from tests.pure.installations.people import People

Act = Callable[[], Awaitable[None] | None]
NEVER: Final = timedelta(days=1)
"""Whoever waits is woken, or would wait for longer than any of these lives."""
SHORTLY: Final = timedelta(minutes=1)
"""For how long the end of a client is waited for: it is over when all has been seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What may happen, after which pauses between two acts, and the seconds within which it is seen."""

    acts: Callable[[Any, Administrators], tuple[Act, ...]]
    pauses: tuple[float, ...]
    seen_within: float
    limits: Limits
    rounds: int = 8
    acts_at_most: int = 5
    is_set_up: bool = False
    """Whether there are issuers and clients from the beginning."""
    people: type[People] = People
    with_keys: Callable[[Any, Administrators], tuple[Act, ...]] = lambda people, _: people.authentication.edits
    """What may happen beside, where clients have keys of the operator's own."""
    proof_intervals: tuple[timedelta | None, ...] = (None,)
    """Those of which each installation has one, `--proof-interval`."""
    intervals: tuple[str, ...] = ("1h", "2h")
    """Those after which credentials are replaced by the calendar, in lives that have that."""
    secret_life: timedelta = timedelta(hours=3)
    """For how long a client secret lives there, where it expires."""


PEOPLE: Final = Kind(
    acts=lambda people, _: people.acts,
    pauses=(0.0, 0.05, 0.3, 3.0),
    # Also what is looked at once a minute, and a record goes that is done.
    seen_within=90.0,
    limits=Limits(retry_slowly=NEVER),
)
AWAY: Final = Kind(
    acts=lambda people, at: (*people.edits, *at.absences),
    pauses=(0.3, 3.0, 30.0, 100.0),
    # docs/load.md: who finds it out of order, and then each who waits, come again within five minutes.
    seen_within=660.0,
    limits=Limits(retry_slowly=NEVER, release_after=SHORTLY),
    rounds=4,
    is_set_up=True,
)
ERRING: Final = Kind(
    acts=lambda people, at: (*people.edits, *people.acts, *at.absences, *at.errors),
    pauses=(0.3, 3.0, 30.0),
    # docs/issuers/access.md: an access token is asked for again after as long as it was refused, or a minute; and
    # whoever was told that there is none comes again within `retry_slowly`.
    seen_within=900.0,
    limits=Limits(retry_slowly=timedelta(minutes=2), release_after=SHORTLY),
    rounds=4,
    is_set_up=True,
    with_keys=lambda people, at: (*people.authentication.edits, *at.key_errors),
    intervals=("1h", "3h"),
    secret_life=timedelta(hours=4),
)
PROVING: Final = Kind(
    acts=lambda people, at: (*people.doubts, *at.refusals, at.go_away, at.mend),
    pauses=(0.3, 3.0, 30.0, 200.0),
    # docs/proof.md: asked within an interval, believed ten minutes later; docs/life.md: then one client after the other
    # is replaced, after ten minutes, five, and so on, by one that may take ten minutes to be accepted, and the one
    # before leaves five minutes later.
    seen_within=2700.0,
    limits=Limits(retry_slowly=timedelta(minutes=5), release_after=SHORTLY),
    rounds=2,
    acts_at_most=8,
    is_set_up=True,
    people=Doubters,
    with_keys=lambda people, at: (*people.authentication.edits * 3, *at.key_errors, at.change_keys),
    proof_intervals=(None, timedelta(seconds=200), timedelta(seconds=LONGEST_INTERVAL)),
    intervals=("2h", "4h"),
    secret_life=timedelta(hours=6),
)
UNWRITTEN: Final = Kind(
    acts=lambda people, at: (*people.edits, *(people.fill_the_storage, people.lose_answers) * 3, at.go_away, at.mend),
    pauses=(0.3, 3.0, 30.0, 100.0),
    # Who failed comes again within five minutes, also where an issuer's calls are held back then.
    seen_within=660.0,
    limits=Limits(retry_slowly=NEVER, release_after=SHORTLY),
    rounds=4,
    is_set_up=True,
)
KINDS: Final = {"people": PEOPLE, "away": AWAY, "erring": ERRING, "proving": PROVING, "unwritten": UNWRITTEN}
IN_TURN: Final = ("people", "away", "people", "erring", "proving")
"""Of the lives of five seeds in a row, which is of which kind."""
