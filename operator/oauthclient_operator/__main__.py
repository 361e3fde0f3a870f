"""Where the commands begin: what an installation of the library alone lacks, and the end of who reads the output."""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Final

from . import names

EXTRA: Final = "operator"
"""What pyproject.toml calls all that the operator needs and the library does not."""
WITHOUT: Final = (
    f"{names.OPERATOR}: this installation holds the library alone (client_library): "
    f"pip install '.[{EXTRA}]' in its checkout adds what the operator and its commands need "
    "(it is in no package index)\n"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name and return the exit status."""
    if not _is_whole():
        return 1
    from . import command_line  # noqa: PLC0415 - it imports what may not be there

    return _read_by_somebody(lambda: command_line.main(argv))


def kubectl_plugin() -> int:
    """Run `kubectl oauthclient` and return the exit status."""
    if not _is_whole():
        return 1
    from .kubectl_plugin import program  # noqa: PLC0415 - as above

    return _read_by_somebody(program.main)


def kubectl_completion() -> int:
    """Offer what can stand behind `kubectl oauthclient`, and return the exit status."""
    if not _is_whole():
        return 1
    from .kubectl_plugin import completion  # noqa: PLC0415 - as above

    return _read_by_somebody(completion.main)


def _read_by_somebody(command: Callable[[], int]) -> int:
    """Run a command and return its exit status, or that of a program which SIGPIPE ended where nobody reads on."""
    try:
        try:
            return command()
        finally:
            # Here, and not when the interpreter ends, which would show what cannot be written.
            sys.stdout.flush()
    except BrokenPipeError:
        # What is left in the buffer is written at the end all the same (docs.python.org, a note on SIGPIPE).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE


def _is_whole() -> bool:
    if find_spec("kopf") is not None and find_spec("kubernetes") is not None:
        return True
    sys.stderr.write(WITHOUT)
    return False


if __name__ == "__main__":
    sys.exit(main())
