"""Where the commands begin: what an installation of the library alone lacks, and the end of who reads the output."""

import functools
import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Final, ParamSpec

from . import names

_Given = ParamSpec("_Given")
EXTRA: Final = "operator"
"""What pyproject.toml calls all that the operator needs and the library does not."""
WITHOUT: Final = (
    f"{names.OPERATOR}: this installation holds the library alone (client_library): "
    f"pip install '.[{EXTRA}]' in its checkout adds what the operator and its commands need "
    "(it is in no package index)\n"
)


def _ends_with_its_reader(command: Callable[_Given, int]) -> Callable[_Given, int]:
    """Have a command return its exit status, or that of a program which SIGPIPE ended where nobody reads on."""

    @functools.wraps(command)
    def run(*arguments: _Given.args, **options: _Given.kwargs) -> int:
        try:
            try:
                return command(*arguments, **options)
            finally:
                # Here, and not when the interpreter ends, which would show what cannot be written.
                sys.stdout.flush()
        except BrokenPipeError:
            # What is left in the buffer is written at the end all the same (docs.python.org, a note on SIGPIPE).
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 128 + signal.SIGPIPE

    return run


@_ends_with_its_reader
def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name and return the exit status."""
    if not _is_whole():
        return 1
    from . import command_line  # noqa: PLC0415 - it imports what may not be there

    return command_line.main(argv)


@_ends_with_its_reader
def kubectl_plugin() -> int:
    """Run `kubectl oauthclient` and return the exit status."""
    if not _is_whole():
        return 1
    match sys.argv[1:]:
        case [("export" | "orphans") as command, *options]:
            from . import command_line  # noqa: PLC0415 - it imports what may not be there

            return command_line.for_administrators(command, options, "kubectl oauthclient")
        case options:
            from .kubectl_plugin import program  # noqa: PLC0415 - it imports what may not be there

            return program.main(options)


@_ends_with_its_reader
def kubectl_completion() -> int:
    """Offer what can stand behind `kubectl oauthclient`, and return the exit status."""
    if not _is_whole():
        return 1
    from .kubectl_plugin import completion  # noqa: PLC0415 - it imports what may not be there

    return completion.main()


def _is_whole() -> bool:
    if find_spec("kopf") is not None and find_spec("kubernetes") is not None:
        return True
    sys.stderr.write(WITHOUT)
    return False


if __name__ == "__main__":
    sys.exit(main())
