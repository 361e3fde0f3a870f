"""`kubectl_complete-oauthclient`: what a shell offers where somebody types `kubectl oauthclient` and Tab."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Final

from ..cluster.api import Cluster
from ..cluster.connection import Connection
from ..cluster.credentials import context_namespace
from ..errors import ClusterError
from .arguments import COMMANDS
from .asking import VERBS

_NO_FILES: Final = ":4"
"""The last line, by which kubectl is told that no name of a file is meant (cobra's ShellCompDirectiveNoFileComp)."""
_OF_ONE: Final = ("status", "doctor", "adopt", "export")
_NAMED: Final = (*_OF_ONE, *VERBS)
_PATIENCE: Final = 3.0
"""Seconds: who waits for a Tab longer types it himself."""


def main() -> int:
    """Print what can stand where the cursor is, and return the exit status."""
    typed = sys.argv[1:] or [""]
    sys.stdout.writelines(f"{one}\n" for one in (*candidates(typed, os.environ), _NO_FILES))
    return 0


def candidates(typed: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    """Return what the last word that was typed may become: a command, or the name of an OAuthClient."""
    *before, begun = typed
    if not before:
        return [command for command in COMMANDS if command.startswith(begun)]
    if before[0] not in _NAMED or begun.startswith("-"):
        return []
    try:
        found = asyncio.run(_names(_namespace(before), environ))
    except ClusterError:
        # A shell has no place for what went wrong; the command itself says it.
        return []
    if before[0] in _OF_ONE and {*found} & {*before[1:]}:
        return []
    return [name for name in found if name.startswith(begun) and name not in before]


def _namespace(before: Sequence[str]) -> str | None:
    for flag, value in pairwise(before):
        if flag in ("-n", "--namespace"):
            return value
    return None


async def _names(namespace: str | None, environ: Mapping[str, str]) -> list[str]:
    connection = await Connection.open(None, environ)
    found: list[tuple[str, str, str]] = []
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                namespace = namespace or context_namespace(None, environ)
                found = await Cluster(connection).list_oauth_clients([namespace])
    finally:
        await connection.close()
    return sorted(name for _, name, _ in found)
