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
from ..cluster.api import Cluster
from ..cluster.connection import Connection
from ..cluster.lease import new_holder
from ..egress.door import Door
from ..egress.policy import EgressPolicy
from ..errors import ClusterError
from ..issuer.authorization_servers import AuthorizationServers
from ..log import start_logging
from ..options import MARGIN, Options, add_flags
from ..plan.observed import Limits
from ..reconcile.clock import SystemClock
from ..reconcile.ports import Lease, Settings
from ..reconcile.records import Records
from ..reconcile.watches import Watches
from ..reconcile.world import World

COMMON: Final = (
    "kubeconfig",
    "records_namespace",
    "private_issuers",
    "http_issuers",
    "endpoint_origins",
    "ca_bundle",
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
    """The ports of a command."""

    connection: Connection
    cluster: Cluster
    issuers: AuthorizationServers
    watches: Watches
    settings: Settings
    clock: SystemClock

    def records(self) -> Records:
        """Return the registration records, to be read."""
        return Records(self.cluster, self.watches, self.clock, self.settings.records_namespace)

    def world(self, lease: Lease) -> World:
        """Return all that a pass needs, acting under that Lease."""
        return World.of(
            cluster=self.cluster,
            issuers=self.issuers,
            watched=self.watches,
            lease=lease,
            clock=self.clock,
            settings=self.settings,
        )


def parse(
    parser: argparse.ArgumentParser, argv: Sequence[str], environ: Mapping[str, str], more: Collection[str] = ()
) -> tuple[Options, argparse.Namespace]:
    """Read a command's own flags and those of `run` that it shares, or print what is wrong and exit with status 2."""
    add_flags(parser, {*COMMON, *more})
    given = parser.parse_args(argv)
    return Options.of(parser, given, environ), given


@asynccontextmanager
async def opened(options: Options, environ: Mapping[str, str]) -> AsyncIterator[Session]:
    """Connect, and follow records and Secrets until the end.

    Raises:
        ClusterError: the API server cannot be reached, or refuses what is needed.
        ValueError: an option does not say what it should.
    """
    start_logging(options.log_format, options.log_level)
    policy = EgressPolicy.parse(
        private_issuers=options.private_issuers,
        http_issuers=options.http_issuers,
        endpoint_origins=options.endpoint_origins,
    )
    async with AsyncExitStack() as stack:
        door = Door(policy=policy, ca_bundle=options.ca_bundle)
        timeout = options.exchange_timeout.total_seconds()
        issuers = AuthorizationServers(door, exchange_timeout=timeout, concurrency=options.issuer_concurrency)
        stack.push_async_callback(issuers.close)
        stack.push_async_callback(asyncio.sleep, _TLS_CLOSES)
        connection = await Connection.open(options.kubeconfig, environ)
        stack.push_async_callback(connection.close)
        cluster = Cluster(connection)
        cluster_uid = await cluster.namespace_uid("kube-system")
        watches = Watches(
            connection,
            namespaces=options.namespaces,
            records_namespace=options.records_namespace,
            wake=lambda _: None,
        )
        following = [asyncio.create_task(informer.run(), name="informer") for informer in watches.informers]
        stack.push_async_callback(_ended, following)
        try:
            async with asyncio.timeout(_LIST_TIMEOUT):
                await watches.secrets_synced()
        except TimeoutError:
            raise ClusterError("the Secrets could not be listed; the log says why") from None
        yield Session(
            connection=connection,
            cluster=cluster,
            issuers=issuers,
            watches=watches,
            settings=Settings(
                cluster_uid=cluster_uid,
                holder=new_holder(),
                records_namespace=options.records_namespace,
                exchange_timeout=options.exchange_timeout,
                limits=Limits(retry_slowly=options.retry_slowly, release_after=options.release_after, margin=MARGIN),
            ),
            clock=SystemClock(),
        )


def parser(command: str, description: str, epilog: str) -> argparse.ArgumentParser:
    """Return the parser of a command."""
    return argparse.ArgumentParser(
        prog=f"{names.OPERATOR} {command}", description=description, epilog=epilog, allow_abbrev=False
    )


def executed(command: str, work: Coroutine[Any, Any, int]) -> int:
    """Run a command to its end and return its exit status."""
    try:
        return asyncio.run(work)
    except (ClusterError, ValueError) as error:
        sys.stderr.write(f"{command}: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write(f"{command}: interrupted; what was begun is written down, and running it again goes on\n")
        return 130


async def _ended(tasks: list["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
