"""What is written behind `kubectl oauthclient`."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from .. import names
from ..options.parsers import duration, file
from . import asking

PROGRAM: Final = "kubectl oauthclient"
ADMINISTRATORS: Final = ("export", "orphans")
"""Commands of `oauthclient-operator` that are reached from here, too (`__main__`)."""
COMMANDS: Final = ("status", "doctor", *asking.VERBS, "adopt", *ADMINISTRATORS)
OUTPUTS: Final = ("table", "json")
WAIT: Final = "2m"


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the arguments, or print what is wrong and exit with status 2."""
    parser = _parser()
    # As kubectl has it: a value stands behind "=", so that a name may follow the flag.
    given = parser.parse_args([f"--wait={WAIT}" if word == "--wait" else word for word in argv])
    if given.command == "status" and given.wait is not None and given.name is None:
        parser.error("status --wait waits for one: name it")
    if given.command == "adopt" and given.dry_run and given.wait is not None:
        parser.error("adopt --dry-run writes nothing that could be waited for")
    return given


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    shared.add_argument("--kubeconfig", type=Path, metavar="FILE", help="default: $KUBECONFIG, else ~/.kube/config")
    shared.add_argument("--context", metavar="NAME", help="of the kubeconfig; default: its current one")
    shared.add_argument("-o", "--output", choices=OUTPUTS, default="table", help="default: table")
    place = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    place.add_argument("-n", "--namespace", help="default: that of the kubeconfig's context")
    patience = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    patience.add_argument(
        "--wait",
        type=duration,
        metavar="TIME",
        help=f"wait until it is so, and tell each change meanwhile; --wait alone is --wait={WAIT}",
    )
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Ask about OAuthClients, and have something done to them.",
        epilog="Exit status 0: all that was asked is ready, or done; 1: not so; 2: a wrong argument.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    status = commands.add_parser(
        "status",
        parents=[shared, place, patience],
        help="which are ready, and of the others why not, what next, and whose turn it is",
        allow_abbrev=False,
    )
    status.add_argument("name", nargs="?", metavar="NAME")
    status.add_argument("-A", "--all-namespaces", action="store_true", help="of all namespaces")
    _add_doctor(
        commands.add_parser(
            "doctor",
            parents=[shared, place],
            help="what has to hold: definitions, admission fence, operator, issuers and the tokens for them",
            allow_abbrev=False,
        )
    )
    for verb in asking.VERBS:
        asks = commands.add_parser(
            verb, parents=[shared, place, patience], help=asking.follows(verb), allow_abbrev=False
        )
        asks.add_argument("name", nargs="+", metavar="NAME")
    _add_adopt(
        commands.add_parser(
            "adopt",
            parents=[shared, place, patience],
            help="a client that is there already is published and kept, and none is registered",
            description="What is confidential is asked for at a terminal, or read from stdin, and never an argument.",
            allow_abbrev=False,
        )
    )
    # They have their own arguments, and are never parsed here.
    commands.add_parser("export", add_help=False, help="for administrators: a recorded client, as a Secret for adopt")
    commands.add_parser("orphans", add_help=False, help="for administrators: clients that no OAuthClient needs")
    return parser


def _add_doctor(doctor: argparse.ArgumentParser) -> None:
    doctor.add_argument("name", nargs="?", metavar="NAME", help="one OAuthClient; default: all of the namespace")
    doctor.add_argument(
        "--system-namespace", default=names.SYSTEM_NAMESPACE, help="the operator's; default: %(default)s"
    )
    doctor.add_argument(
        "--ask-issuers",
        action="store_true",
        help="read the issuers' metadata from here, too, which is your network and not the operator's",
    )
    doctor.add_argument(
        "--ca-bundle", type=file, metavar="FILE", help="certificate authorities of issuers, PEM, beside the system's"
    )


def _add_adopt(adopt: argparse.ArgumentParser) -> None:
    adopt.add_argument("name", metavar="NAME", help="the OAuthClient; it need not be there yet")
    adopt.add_argument("--client-id", required=True, metavar="ID")
    adopt.add_argument(
        "--registration-client-uri", metavar="URL", help="where it is managed with its registration access token"
    )
    adopt.add_argument("--client-secret-from-stdin", action="store_true", help="the (first) line of stdin")
    adopt.add_argument("--registration-access-token-from-stdin", action="store_true", help="the last line of stdin")
    adopt.add_argument("--client-secret-expires-at", metavar="TIME", help="a date, or seconds since 1970")
    adopt.add_argument("--private-key-file", type=Path, metavar="FILE", help="its key for private_key_jwt, PEM")
    adopt.add_argument("--issuer", metavar="URL", help="where the OAuthClient is not there yet, or hides its issuer")
    adopt.add_argument(
        "--secret", metavar="NAME", help="of the Secret that is written; default: NAME-client-information"
    )
    adopt.add_argument("--replace", action="store_true", help="write that Secret anew if it is there")
    adopt.add_argument("--dry-run", action="store_true", help="print the Secret, with what is in it, and write nothing")
