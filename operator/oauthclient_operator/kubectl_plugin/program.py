"""`kubectl oauthclient`, run from its arguments to its exit status."""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Final

from .. import names
from ..cluster.api import Cluster
from ..cluster.connection import JSON_TYPE, Connection
from ..cluster.credentials import context_namespace
from ..cluster.target import OAUTH_CLIENTS, Target
from ..errors import ClusterError
from ..oauth.json_object import JSON
from ..oauth.words import visible
from . import asking, tables
from .arguments import PROGRAM, parse
from .checks import NO, checked
from .turns import Standing

_TLS_CLOSES: Final = 0.25
"""Seconds; aiohttp closes TLS connections behind our back, and the loop must not end before."""


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the arguments say, and return the exit status: 1 where something is not ready, or not done."""
    given = parse(sys.argv[1:] if argv is None else argv)
    try:
        return asyncio.run(_run(given, os.environ))
    except ClusterError as error:
        sys.stderr.write(f"{PROGRAM}: {visible(str(error))}\n")
        return 1
    except KeyboardInterrupt:
        return 130


async def _run(given: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async with AsyncExitStack() as stack:
        connection = await Connection.open(given.kubeconfig, environ)
        stack.push_async_callback(asyncio.sleep, _TLS_CLOSES)
        stack.push_async_callback(connection.close)
        if given.command == "doctor":
            return await _doctor(connection, given)
        if given.command == "status" and given.all_namespaces:
            return await _status(connection, None, given)
        namespace = given.namespace or context_namespace(given.kubeconfig, environ)
        if given.command == "status":
            return await _status(connection, namespace, given)
        return await _ask(connection, namespace, given)


async def _doctor(connection: Connection, given: argparse.Namespace) -> int:
    found = []
    async for check in checked(connection, given.system_namespace):
        found.append(check)
        if given.output == "table" and sys.stderr.isatty():
            # Each may take seconds, and nobody should wait without a word.
            sys.stderr.write(f"{check.what}: {check.holds}\n")
    _say(tables.as_json([check.to_dict() for check in found]) if given.output == "json" else tables.checks(found))
    return int(any(check.holds == NO for check in found))


async def _status(connection: Connection, namespace: str | None, given: argparse.Namespace) -> int:
    if given.name is not None and namespace is not None:
        body = await Cluster(connection).read_oauth_client(namespace, given.name)
        if body is None:
            raise ClusterError(f"there is no OAuthClient {given.name} in namespace {namespace}")
        found = [Standing.of(body)]
        text = tables.one(found[0])
    else:
        found = await _standings(connection, namespace)
        text = tables.standings(found, all_namespaces=namespace is None) if found else "There is no OAuthClient."
    _say(tables.as_json([one.to_dict() for one in found]) if given.output == "json" else text)
    return int(any(one.ready != "True" for one in found))


async def _standings(connection: Connection, namespace: str | None) -> list[Standing]:
    found: list[Standing] = []

    def take(item: JSON) -> None:
        if isinstance(item, dict):
            found.append(Standing.of(item))

    target = Target(api=OAUTH_CLIENTS, resource=names.PLURAL, namespace=namespace)
    await connection.list_all(target, take, accept=JSON_TYPE)
    return sorted(found, key=lambda one: (one.namespace, one.name))


async def _ask(connection: Connection, namespace: str, given: argparse.Namespace) -> int:
    failed = 0
    for name in given.name:
        try:
            await asking.ask(connection, given.command, namespace, name, datetime.now(UTC))
        except ClusterError as error:
            failed = 1
            sys.stderr.write(f"{PROGRAM}: {visible(name)}: {visible(str(error))}\n")
        else:
            _say(f"{visible(name)}: {asking.follows(given.command)}; {PROGRAM} status {visible(name)} says how it goes")
    return failed


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
