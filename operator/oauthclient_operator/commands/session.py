"""One run of a command by hand: connected as whoever the kubeconfig says, with what the operator would know."""

import argparse
import asyncio
import math
import sys
from collections.abc import AsyncIterator, Collection, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from .. import names
from ..cluster.connection import Connection
from ..composition import Parts
from ..errors import ClusterError
from ..log import start_logging
from ..oauth.words import visible
from ..options import Options, add_flags
from ..reconcile.ports import Lease
from ..reconcile.world import World
from ..surroundings import look_around

COMMON: Final = (
    "kubeconfig",
    "records_namespace",
    "private_issuers",
    "http_issuers",
    "endpoint_origins",
    "ca_bundle",
    "system_authorities",
    "exchange_timeout",
    "log_format",
    "log_level",
)
"""The options of `run` that every command has, too: they have to say the same."""
_LIST_TIMEOUT: Final = 60.0
_TLS_CLOSES: Final = 0.25
"""Seconds; aiohttp closes TLS connections behind our back, and the loop must not end before."""


class Alone:
    """The Lease of a command that needs none: a record lets one call at a time through, whoever makes it."""

    def remaining(self) -> float:
        """Return for how long nobody else acts on what this command has claimed."""
        return math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a command is put together of, connected, and the cluster that it is connected to."""

    parts: Parts
    cluster_uid: str

    def world(self, lease: Lease) -> World:
        """Return all that a pass needs, acting under that Lease."""
        return self.parts.world(lease, cluster_uid=self.cluster_uid)


def parse(
    parser: argparse.ArgumentParser, argv: Sequence[str], environ: Mapping[str, str], more: Collection[str] = ()
) -> tuple[Options, argparse.Namespace]:
    """Read a command's own flags and those of `run` that it shares, or print what is wrong and exit with status 2."""
    add_flags(parser, {*COMMON, *more})
    parser.add_argument("--context", metavar="NAME", help="of the kubeconfig; default: its current one")
    given = parser.parse_args(argv)
    return Options.of(parser, given, environ), given


@asynccontextmanager
async def opened(options: Options, environ: Mapping[str, str], *, context: str | None = None) -> AsyncIterator[Session]:
    """Connect, and follow records and Secrets until the end.

    Raises:
        ClusterError: the API server cannot be reached, or refuses what is needed.
        ValueError: an option does not say what it should.
    """
    start_logging(options.log_format, options.log_level)
    look_around(environ)
    async with AsyncExitStack() as stack:
        connection = await Connection.open(options.kubeconfig, environ, context=context)
        parts = Parts.of(options, connection)
        # In this order at the end: fetches and exchanges, then what they went over.
        stack.push_async_callback(asyncio.sleep, _TLS_CLOSES)
        stack.push_async_callback(connection.close)
        stack.push_async_callback(parts.issuers.close)
        stack.push_async_callback(parts.access_tokens.close)
        cluster_uid = await parts.cluster.namespace_uid("kube-system")
        following = [asyncio.create_task(informer.run(), name="informer") for informer in parts.watches.informers]
        stack.push_async_callback(_ended, following)
        try:
            async with asyncio.timeout(_LIST_TIMEOUT):
                await parts.watches.secrets_synced()
        except TimeoutError:
            raise ClusterError("the Secrets could not be listed; the log says why") from None
        yield Session(parts=parts, cluster_uid=cluster_uid)


def parser(command: str, description: str, epilog: str, *, program: str = names.OPERATOR) -> argparse.ArgumentParser:
    """Return the parser of a command; `program` is what it was called by."""
    return argparse.ArgumentParser(
        prog=f"{program} {command}", description=description, epilog=epilog, allow_abbrev=False
    )


def executed(command: str, work: Coroutine[Any, Any, int]) -> int:
    """Run a command to its end and return its exit status."""
    try:
        return asyncio.run(work)
    except (ClusterError, ValueError) as error:
        sys.stderr.write(f"{command}: {visible(str(error))}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write(f"{command}: interrupted; what was begun is written down, and running it again goes on\n")
        return 130


async def _ended(tasks: list["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
