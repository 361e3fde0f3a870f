"""No process is left behind, however its run ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts.processes import Process, ProcessError, run, wait_for

ROOT = Path(__file__).parents[3]
STARTS_A_PART = """
import sys
from pathlib import Path
from tests.parts.processes import Process
part = Process.start("part", "sleep", "60", log=Path(sys.argv[1]))
part.wait_until(lambda: Path(f"/proc/{part.child.pid}/comm").read_text() == "sleep\\n", within=10)
print(part.child.pid, flush=True)
sys.stdin.read()
"""


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return "Z" in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_part_ends_with_the_run_that_started_it(tmp_path: Path, how: signal.Signals) -> None:
    command = [sys.executable, "-c", STARTS_A_PART, str(tmp_path / "log")]
    owner = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    with owner:
        assert owner.stdout
        pid = int(owner.stdout.readline())
        assert not gone(pid)
        owner.send_signal(how)
    wait_for(lambda: gone(pid), "the part is gone", within=10)


def test_a_stubborn_part_is_killed_with_what_it_started(tmp_path: Path) -> None:
    script = "trap '' TERM; sleep 60 & echo $! > child; wait; sleep 60"
    part = Process.start("stubborn", "sh", "-c", script, log=tmp_path / "log", directory=tmp_path)
    part.wait_until(lambda: (tmp_path / "child").exists() and bool((tmp_path / "child").read_text()), within=10)
    part.stop(within=0.1)
    assert not part.running()
    wait_for(lambda: gone(int((tmp_path / "child").read_text())), "its child is gone", within=10)


def test_a_part_that_ends_by_itself_is_said_with_its_last_words(tmp_path: Path) -> None:
    part = Process.start("broken", "sh", "-c", "echo no such option; exit 3", log=tmp_path / "log")
    with pytest.raises(ProcessError, match=r"broken ended with 3:\nno such option"):
        part.wait_until(lambda: False, within=10)


def test_a_part_that_is_never_ready_is_said(tmp_path: Path) -> None:
    part = Process.start("slow", "sleep", "60", log=tmp_path / "log")
    with pytest.raises(ProcessError, match="slow was not ready within 0 s"):
        part.wait_until(lambda: False, within=0)
    part.stop()


def test_a_command_that_fails_is_said_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(ProcessError, match=r"build failed with 1:\nboom"):
        run("build", "sh", "-c", "echo boom >&2; exit 1", log=tmp_path / "log")
    run("build", "true", log=tmp_path / "log")
