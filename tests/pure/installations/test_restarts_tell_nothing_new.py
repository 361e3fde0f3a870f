"""Whoever waits is woken: soon after the last thing happened, all is as a process that begins anew finds it."""

import subprocess
import sys

import pytest

from tests.parts.installation import ROOT
from tests.pure.installations.mistakes import MISTAKES

AT_ONCE = 12


def live(first: int, end: int, *mistake: str) -> subprocess.CompletedProcess[str]:
    """Live in a process of its own, in which each life is the same each time."""
    command = [sys.executable, "-m", "tests.pure.installations", str(first), str(end), *mistake]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("first", range(0, 48, AT_ONCE))
def test_a_restart_says_nothing_that_was_not_said_before(first: int) -> None:
    lived = live(first, first + AT_ONCE)
    assert lived.stdout == f"{2 * AT_ONCE} lives, 0 of which say otherwise after a restart\n", lived.stderr


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_wake_that_is_left_out_is_found(mistake: str) -> None:
    lived = live(0, 200, mistake)
    assert (lived.returncode, lived.stderr) == (1, "")
    assert ", after " in lived.stdout
