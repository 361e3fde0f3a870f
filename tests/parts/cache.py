"""The user's cache: each entry is a directory that is whole or not there."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .progress import say


def cache_directory() -> Path:
    """Return where this project keeps what is costly to get, by the XDG base directory rules."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The rules say that a path that is not absolute is invalid and to be ignored.
    root = Path(base) if os.path.isabs(base) else Path.home() / ".cache"  # noqa: PTH117 - a string, maybe empty
    return root / "oauthclient-operator"


def made_once(entry: Path, make: Callable[[Path], None]) -> Path:
    """Return `entry`; where it is not there yet, let `make` fill an empty directory that then becomes it.

    Two runs never make the same entry: the second waits for the first. A failed or interrupted `make` leaves nothing
    behind, and what a killed one left is swept by the next.
    """
    if entry.is_dir():
        return entry
    entry.parent.mkdir(parents=True, exist_ok=True)
    with _locked(entry):
        if entry.is_dir():
            return entry
        for stale in entry.parent.glob(f".{entry.name}.unfinished-*"):
            _remove(stale)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{entry.name}.unfinished-", dir=entry.parent))
        try:
            make(unfinished)
            unfinished.rename(entry)
        except BaseException:
            _remove(unfinished)
            raise
    return entry


@contextmanager
def _locked(entry: Path) -> Iterator[None]:
    # The lock goes with its process, so a killed run locks nobody out; the file itself stays, for removing it would
    # let two runs hold locks on two files of one name.
    with entry.with_name(f".{entry.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another run is making {entry.name}: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _remove(directory: Path) -> None:
    # Go's module cache is read-only by design; a directory must be writable to be emptied.
    for path, _, _ in os.walk(directory):
        Path(path).chmod(0o700)
    shutil.rmtree(directory)
