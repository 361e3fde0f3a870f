"""Whoever waits is woken: soon after the last thing happened, all is as a process that begins anew finds it."""

from datetime import timedelta

import pytest

from tests.pure.installations.lives import LOOKED_AT, WATCHED, says_otherwise


@pytest.mark.parametrize("looks", [WATCHED, LOOKED_AT], ids=["Secrets are watched", "Secrets are looked at"])
@pytest.mark.parametrize("seed", range(40))
def test_a_restart_says_nothing_that_was_not_said_before(seed: int, looks: timedelta | None) -> None:
    assert says_otherwise(seed, looks) is None
