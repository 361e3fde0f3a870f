"""What some lives have that others do not, by a chance of its own: what happens in those that have none stays."""

import random
from dataclasses import dataclass
from datetime import timedelta

from tests.pure.installations.kinds import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Variety:
    """Whether clients have keys of the operator's own, what the server does with two of them, and whether it dates its answers.

    `proof_intervals` are `--proof-interval` of two installations, `intervals` those after which specs have credentials
    replaced: of some lives alone, where client secrets may expire, too.
    """

    keys: bool
    holds_one_key: bool
    fails_with_two_keys: bool
    proof_intervals: tuple[timedelta | None, timedelta | None]
    is_dated: bool
    intervals: tuple[str, ...]
    secret_life: timedelta | None

    @classmethod
    def of(cls, seed: int, kind: Kind) -> "Variety":
        """Draw it: every other life has keys."""
        rng = random.Random(f"the variety of {seed}")
        keys, two_keys = rng.random() < 0.5, rng.choice(("held", "held", "held", "cut", "failing"))
        proof_intervals = rng.choice(kind.proof_intervals), rng.choice(kind.proof_intervals)
        is_dated, by_calendar = rng.random() < 0.7, rng.random() < 0.3
        return cls(
            keys=keys,
            holds_one_key=two_keys == "cut",
            fails_with_two_keys=two_keys == "failing",
            proof_intervals=proof_intervals,
            is_dated=is_dated,
            intervals=kind.intervals if by_calendar else (),
            secret_life=rng.choice((None, None, kind.secret_life)) if by_calendar else None,
        )
