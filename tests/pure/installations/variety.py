"""What some lives have that others do not, by a chance of its own: what happens in those that have none stays."""

import random
from dataclasses import dataclass
from datetime import timedelta

from tests.pure.installations.kinds import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Variety:
    """Whether clients have keys of the operator's own, and `--proof-interval` of two installations."""

    keys: bool
    proof_intervals: tuple[timedelta | None, timedelta | None]

    @classmethod
    def of(cls, seed: int, kind: Kind) -> "Variety":
        """Draw it: every other life has keys."""
        rng = random.Random(f"the variety of {seed}")
        return cls(
            keys=rng.random() < 0.5,
            proof_intervals=(rng.choice(kind.proof_intervals), rng.choice(kind.proof_intervals)),
        )
