"""A cache entry is whole or not there, whoever is interrupted and whoever comes second."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.parts import cache
from tests.parts.cache import cache_directory, made_once
from tests.parts.processes import wait_for


def content(text: str) -> Callable[[Path], None]:
    def make(directory: Path) -> None:
        (directory / "file").write_text(text)

    return make


def test_an_entry_is_made_once(tmp_path: Path) -> None:
    first = made_once(tmp_path / "deep" / "entry", content("first"))
    second = made_once(tmp_path / "deep" / "entry", content("second"))
    assert (first, (second / "file").read_text()) == (second, "first")


@pytest.mark.parametrize("stop", [OSError, KeyboardInterrupt, SystemExit])
def test_a_failed_or_interrupted_make_leaves_nothing(tmp_path: Path, stop: type[BaseException]) -> None:
    def make(directory: Path) -> None:
        (directory / "half").write_text("half")
        directory.chmod(0o500)
        raise stop

    with pytest.raises(stop):
        made_once(tmp_path / "entry", make)
    assert [path.name for path in tmp_path.iterdir()] == [".entry.lock"]
    assert (made_once(tmp_path / "entry", content("whole")) / "file").read_text() == "whole"


def maker(directory: Path) -> subprocess.Popen[bytes]:
    """Start another run that makes the entry, says so with a file in it, and then waits to be told to finish."""
    program = f"""
from pathlib import Path
from tests.parts import cache
from tests.parts.cache import made_once
from tests.parts.processes import wait_for
cache = Path({str(directory)!r})
def make(directory):
    (directory / "file").write_text("other run's")
    wait_for((cache / "finish").exists, "finish", within=20)
made_once(cache / "entry", make)
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    process = subprocess.Popen([sys.executable, "-c", program], env=environment)
    wait_for(lambda: any(directory.glob(".entry.unfinished-*/file")), "the other run makes the entry", within=20)
    return process


def test_what_a_killed_run_left_is_swept_by_the_next(tmp_path: Path) -> None:
    other = maker(tmp_path)
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert len(list(tmp_path.glob(".entry.unfinished-*"))) == 1
    made_once(tmp_path / "entry", content("ours"))
    assert {path.name for path in tmp_path.iterdir()} == {".entry.lock", "entry"}


def test_two_runs_do_not_make_one_entry_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = maker(tmp_path)
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        (tmp_path / "finish").touch()

    monkeypatch.setattr(cache, "say", say)
    entry = made_once(tmp_path / "entry", content("ours"))
    assert said == ["another run is making entry: waiting for it"]
    assert other.wait(20) == 0
    assert (entry / "file").read_text() == "other run's"


@pytest.mark.parametrize(
    ("value", "expected"), [("/elsewhere", "/elsewhere"), ("", "/home/me/.cache"), ("relative", "/home/me/.cache")]
)
def test_it_is_where_the_user_keeps_caches(monkeypatch: pytest.MonkeyPatch, value: str, expected: str) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("XDG_CACHE_HOME", value)
    assert cache_directory() == Path(expected) / "oauthclient-operator"
