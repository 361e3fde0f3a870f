"""`kubectl oauthclient`, run from its arguments to its exit status."""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Final

from ..cluster.api import Cluster
from ..cluster.connection import Connection
from ..cluster.credentials import context_namespace
from ..errors import ClusterError, RequestRefused
from ..oauth.json_object import JSON
from . import answers, tables
from .arguments import PROGRAM, parse
from .checks import NO, Check, checked, holding
from .following import follow
from .from_here import FromHere
from .issuer_checks import Place, issuer_checks
from .listing import oauth_clients
from .turns import Standing

_TLS_CLOSES: Final = 0.25
"""Seconds; aiohttp closes TLS connections behind our back, and the loop must not end before."""


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the arguments say, and return the exit status: 1 where something is not ready, or not done."""
    given = parse(sys.argv[1:] if argv is None else argv)
    try:
        return asyncio.run(_run(given, os.environ))
    except ClusterError as error:
        sys.stderr.write(f"{PROGRAM}: {tables.shown(str(error))}\n")
        return 1
    except KeyboardInterrupt:
        return 130


async def _run(given: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async with AsyncExitStack() as stack:
        connection = await Connection.open(given.kubeconfig, environ, context=given.context)
        stack.push_async_callback(asyncio.sleep, _TLS_CLOSES)
        stack.push_async_callback(connection.close)
        if given.command == "status" and given.all_namespaces:
            return await _status(connection, None, given)
        namespace = given.namespace or context_namespace(given.kubeconfig, environ, context=given.context)
        match given.command:
            case "doctor":
                return await _doctor(connection, namespace, given)
            case "status":
                return await _status(connection, namespace, given)
            case "adopt":
                return await answers.adopted(connection, namespace, given, datetime.now(UTC))
            case _:
                return await answers.asked(connection, namespace, given, datetime.now(UTC))


async def _doctor(connection: Connection, namespace: str, given: argparse.Namespace) -> int:
    found: list[Check] = []
    try:
        async for check in _checks(connection, namespace, given):
            found.append(check)
            if given.output == "table" and sys.stderr.isatty():
                # Each may take seconds, and nobody should wait without a word.
                sys.stderr.write(f"{tables.shown(check.what)}: {check.holds}\n")
    finally:
        # What ends it (no such OAuthClient, no definition of any) may be what one of the checks explains.
        _say(tables.as_json([check.to_dict() for check in found]) if given.output == "json" else tables.checks(found))
    return int(any(check.holds == NO for check in found))


async def _checks(connection: Connection, namespace: str, given: argparse.Namespace) -> AsyncIterator[Check]:
    async for check in checked(connection, given.system_namespace):
        yield check
    try:
        bodies = await _bodies(connection, namespace, given.name)
    except RequestRefused as refusal:
        yield holding("OAuthClients", None, f"you may not look: {refusal}")
        return
    place = Place(namespace=namespace, system_namespace=given.system_namespace)
    from_here = FromHere(ca_bundle=given.ca_bundle) if given.ask_issuers else None
    async for check in issuer_checks(connection, bodies, place, from_here):
        yield check


async def _bodies(connection: Connection, namespace: str, name: str | None) -> list[dict[str, JSON]]:
    if name is None:
        return await oauth_clients(connection, namespace)
    body = await Cluster(connection).read_oauth_client(namespace, name)
    if body is None:
        raise ClusterError(f"there is no OAuthClient {name} in namespace {namespace}")
    return [body]


async def _status(connection: Connection, namespace: str | None, given: argparse.Namespace) -> int:
    if given.name is not None and namespace is not None:
        (body,) = await _bodies(connection, namespace, given.name)
        if given.wait is not None:
            _, latest = await follow(
                connection, body, answers.wanted("status", given.wait), answers.telling(given.name)
            )
            found = [Standing.of(latest)]
        else:
            found = [Standing.of(body)]
        text = tables.one(found[0])
    else:
        listed = [Standing.of(body) for body in await oauth_clients(connection, namespace)]
        found = sorted(listed, key=lambda one: (one.namespace, one.name))
        text = tables.standings(found, all_namespaces=namespace is None) if found else "There is no OAuthClient."
    _say(tables.as_json([one.to_dict() for one in found]) if given.output == "json" else text)
    return int(any(one.ready != "True" for one in found))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
