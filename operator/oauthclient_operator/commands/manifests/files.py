"""Which files are named, and their text: a file, a directory with all below it, or standard input."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from ...errors import UnreadableManifest
from .documents import MOST_BYTES

STANDARD_INPUT: Final = "-"
SUFFIXES: Final = (".yaml", ".yml", ".json")


def texts(named: Sequence[str]) -> Iterator[tuple[str, str | UnreadableManifest]]:
    """Yield of each file its name, and its text or why there is none; of a directory in the order of the names.

    Directories that are hidden (.git) or reached by a link are left out, for nobody means them.
    """
    for name in named:
        if name == STANDARD_INPUT:
            yield "standard input", _read(sys.stdin.buffer)
        elif not Path(name).is_dir():
            yield name, _text(name)
        elif found := sorted(_below(name)):
            for path in found:
                yield path, _text(path)
        else:
            yield name, UnreadableManifest(f"no file below it ends in {', '.join(SUFFIXES)}")


def _below(directory: str) -> Iterator[str]:
    for parent, directories, names in os.walk(directory):
        directories[:] = [name for name in directories if not name.startswith(".")]
        for name in names:
            path = Path(parent, name)
            # Neither a device nor a pipe: nobody has named it, and it may never end.
            if name.endswith(SUFFIXES) and path.is_file():
                yield str(path)


def _text(path: str) -> str | UnreadableManifest:
    try:
        with Path(path).open("rb") as file:
            return _read(file)
    except OSError as error:
        return UnreadableManifest(f"it cannot be read: {error.strerror}")


def _read(file: BinaryIO) -> str | UnreadableManifest:
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        return UnreadableManifest(f"it is larger than {MOST_BYTES // 1024 // 1024} MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return UnreadableManifest("it is not UTF-8")
