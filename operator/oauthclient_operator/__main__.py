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
    if find_spec("kopf") is None or find_spec("kubernetes") is None:
        sys.stderr.write(WITHOUT)
        return 1
    from . import command_line  # noqa: PLC0415 - it imports what may not be there

    return command_line.main(argv)


if __name__ == "__main__":
    sys.exit(main())
