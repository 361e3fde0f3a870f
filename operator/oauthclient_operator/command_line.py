"""The command line: `oauthclient-operator run`, and what an administrator runs by hand."""

import os
import sys
from collections.abc import Sequence

from . import names, process
from .commands import export, orphans, uninstall
from .options import Options

USAGE = f"usage: {names.OPERATOR} run|check|uninstall|orphans|export [options]; {names.OPERATOR} run --help lists them"


def for_administrators(command: str, options: Sequence[str], program: str = names.OPERATOR) -> int:
    """Run one of those that the plugin of kubectl has, too, and return the exit status."""
    run = {"export": export.main, "orphans": orphans.main}[command]
    return run(options, os.environ, program=program)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name and return the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    match arguments:
        case ["run", *options]:
            return process.main(Options.parse(options, os.environ))
        case ["check", *options]:
            from .commands import check  # noqa: PLC0415 - what reads schemas is nothing to run for months with

            return check.main(options, os.environ)
        case ["uninstall", *options]:
            return uninstall.main(options, os.environ)
        case [("export" | "orphans") as command, *options]:
            return for_administrators(command, options)
        case ["--help" | "-h"]:
            sys.stdout.write(f"{USAGE}\n")
            return 0
        case _:
            sys.stderr.write(f"{USAGE}\n")
            return 2
