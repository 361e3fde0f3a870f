"""Whoever waits is woken: soon after the last thing happened, all is as a process that begins anew finds it."""

import os
import subprocess
import sys
from typing import Final

import pytest

from tests.parts.installation import ROOT
from tests.pure.installations.mistakes import MISTAKES
from tests.pure.installations.published import ACCEPTED_AGAIN, ALONE, ANOTHER_KEY
from tests.pure.installations.replaced import BY_CALENDAR

LIVED: Final = {
    "people": (
        16,
        26,
        {
            *("Registered", "Updated", "Adopted", "AdoptionFailed", "AccessDenied", "SecretRestored"),
            *(ANOTHER_KEY, BY_CALENDAR, "Left"),
        },
    ),
    "away": (
        0,
        6,
        {
            *("Registered", "Updated", "IssuerUnavailable", "UpdateAmbiguous", "Deregistered"),
            *(ANOTHER_KEY, BY_CALENDAR, "Left"),
        },
    ),
    "unwritten": (
        0,
        6,
        {
            *("Registered", "Updated", "ClusterUnavailable", "Deregistered"),
            *(ANOTHER_KEY, BY_CALENDAR, "Left"),
        },
    ),
    "erring": (
        57,
        63,
        {
            *("Registered", "Updated", "Adopted", "ManagementLost", "Deregistered"),
            *(ANOTHER_KEY, BY_CALENDAR, "Left"),
        },
    ),
    "proving": (
        154,
        160,
        {
            *("Registered", "Adopted", "Updated", BY_CALENDAR, "Left", "Deregistered", "ClientGone"),
            *("True Proven", "False CredentialsRefused", "Unknown CredentialsRefused", "Unknown NotProvable"),
            *(ACCEPTED_AGAIN, ALONE),
        },
    ),
}
"""Of each kind from which seed to which, and what has to happen in their lives, or they would say nothing."""


def live(first: int, end: int, *mistake: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Live in a process of its own, in which each life is the same each time."""
    command = [sys.executable, "-m", "tests.pure.installations", str(first), str(end), *mistake]
    everything = {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=everything, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", LIVED)
def test_a_restart_says_nothing_that_was_not_said_before(kind: str) -> None:
    first, end, happens = LIVED[kind]
    lived = live(first, end, KIND=kind)
    outcome, *counted = lived.stdout.splitlines() or [lived.stderr]
    assert outcome == f"{2 * (end - first)} lives, 0 of which say otherwise after a restart", (
        lived.stdout + lived.stderr
    )
    assert happens - {line.partition(" ")[2] for line in counted} == set()


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_wake_that_is_left_out_is_found(mistake: str) -> None:
    lived = live(MISTAKES[mistake].since, 200, mistake)
    assert (lived.returncode, lived.stderr) == (1, "")
    assert ", after " in lived.stdout
