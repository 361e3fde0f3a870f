"""Where the command begins: an installation of the library alone says how the operator comes to it."""

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Final

from . import names

EXTRA: Final = "operator"
"""What pyproject.toml calls all that the operator needs and the library does not."""
WITHOUT: Final = (
    f"{names.OPERATOR}: this installation holds the library alone (client_library): "
    f"pip install '{names.OPERATOR}[{EXTRA}]' adds what the operator and its commands need\n"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name and return the exit status."""
    if not _is_whole():
        return 1
    from . import command_line  # noqa: PLC0415 - it imports what may not be there

    return command_line.main(argv)


def kubectl_plugin() -> int:
    """Run `kubectl oauthclient` and return the exit status."""
    if not _is_whole():
        return 1
    match sys.argv[1:]:
        case [("export" | "orphans") as command, *options]:
            from . import command_line  # noqa: PLC0415 - as above

            return command_line.for_administrators(command, options, "kubectl oauthclient")
        case options:
            from .kubectl_plugin import program  # noqa: PLC0415 - as above

            return program.main(options)


def kubectl_completion() -> int:
    """Offer what can stand behind `kubectl oauthclient`, and return the exit status."""
    if not _is_whole():
        return 1
    from .kubectl_plugin import completion  # noqa: PLC0415 - as above

    return completion.main()


def _is_whole() -> bool:
    if find_spec("kopf") is not None and find_spec("kubernetes") is not None:
        return True
    sys.stderr.write(WITHOUT)
    return False


if __name__ == "__main__":
    sys.exit(main())
