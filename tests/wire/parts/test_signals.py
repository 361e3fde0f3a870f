"""A program that is told to end stops what it had started, whoever tells it and how often."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts.installation import ROOT

PROGRAM = """
import asyncio, sys, tempfile, time
from tests.parts.signals import end_in_order

async def work():
    with tempfile.TemporaryDirectory():
        try:
            print("at work", flush=True)
            await asyncio.Event().wait()
        finally:
            print("stopping", flush=True)
            sys.stdin.readline()

end_in_order()
asyncio.run(work())
"""


@pytest.mark.parametrize(("how", "again"), [("SIGHUP", "SIGHUP"), ("SIGHUP", "SIGTERM"), ("SIGTERM", "SIGHUP")])
def test_what_was_started_is_stopped_also_when_it_is_told_twice(tmp_path: Path, how: str, again: str) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stdout.readline() == "at work\n"
        program.send_signal(signal.Signals[how])
        assert program.stdout.readline() == "stopping\n"
        program.send_signal(signal.Signals[again])
        program.stdin.write("\n")
        program.stdin.flush()
        assert program.wait(30) == 128 + signal.Signals[how]
    assert list(tmp_path.iterdir()) == []


def test_under_nohup_the_terminal_may_be_closed(tmp_path: Path) -> None:
    script = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n" + PROGRAM.replace(
        'print("at work", flush=True)', 'signal.raise_signal(signal.SIGHUP); print("at work", flush=True); return'
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, "at work\nstopping\n")
