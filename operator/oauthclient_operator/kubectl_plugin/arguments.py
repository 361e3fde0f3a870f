"""What is written behind `kubectl oauthclient`."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from .. import names
from . import asking

PROGRAM: Final = "kubectl oauthclient"
COMMANDS: Final = ("status", "doctor", *asking.VERBS)
OUTPUTS: Final = ("table", "json")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the arguments, or print what is wrong and exit with status 2."""
    return _parser().parse_args(argv)


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    shared.add_argument("--kubeconfig", type=Path, metavar="FILE", help="default: $KUBECONFIG, else ~/.kube/config")
    output = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    output.add_argument("-o", "--output", choices=OUTPUTS, default="table", help="default: table")
    place = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    place.add_argument("-n", "--namespace", help="default: that of the kubeconfig's context")
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Ask about OAuthClients, and have something done to them.",
        epilog="Exit status 0: all that was asked is ready, or done; 1: not so; 2: a wrong argument.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    status = commands.add_parser(
        "status",
        parents=[shared, output, place],
        help="which are ready, and of the others why not, what next, and whose turn it is",
        allow_abbrev=False,
    )
    status.add_argument("name", nargs="?", metavar="NAME")
    status.add_argument("-A", "--all-namespaces", action="store_true", help="of all namespaces")
    doctor = commands.add_parser(
        "doctor",
        parents=[shared, output],
        help="what has to hold in the cluster: definitions, admission fence, operator, issuers",
        allow_abbrev=False,
    )
    doctor.add_argument(
        "--system-namespace", default=names.SYSTEM_NAMESPACE, help="the operator's; default: %(default)s"
    )
    for verb in asking.VERBS:
        asks = commands.add_parser(verb, parents=[shared, place], help=asking.follows(verb), allow_abbrev=False)
        asks.add_argument("name", nargs="+", metavar="NAME")
    return parser
