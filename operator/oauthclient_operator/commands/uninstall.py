"""`oauthclient-operator uninstall`: every OAuthClient deleted in good order, so that nothing hangs on a finalizer.

It holds the operator's Lease meanwhile: two that act on one resource would only be in each other's way, and a
resource that is deleted is not to be registered anew. It destroys no record, and takes nothing else away.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Final

from .. import names
from ..cluster.lease import Lease
from ..errors import ClusterError, NotFound
from ..oauth.words import visible
from ..options import LEASE_RENEWAL, Options
from ..reconcile.ports import Lease as AnyLease
from . import issuers, undefined
from .drain import Drain
from .remains import find, lines
from .session import Alone, Session, executed, opened, parse, parser

_AGAIN: Final = "Nothing was done. Run it again with --yes."
MORE_PATIENCE = timedelta(minutes=1)
"""How much longer than an unconfirmed deregistration holds it one resource is looked after."""


def main(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Drain the cluster and return the exit status: 1 where an OAuthClient is still there."""
    command = parser(
        "uninstall",
        "Delete every OAuthClient in good order: its client deregistered, its record kept where a client stays.",
        "Run it with an administrator's kubeconfig after the Deployment was scaled to 0. Exit status 0: no OAuthClient "
        "is left; 1: not so; 2: a wrong option.",
    )
    command.add_argument(
        "--keep-clients",
        action="store_true",
        help="deregister nothing: each client stays, and so does the Secret with its credentials",
    )
    command.add_argument("--yes", action="store_true", help="do it; without, only say what would be done")
    # What `--lease-namespace` was called here.
    command.add_argument("--system-namespace", dest="lease_namespace", action="append", help=argparse.SUPPRESS)
    more = ("namespaces", "release_after", "lease_namespace", "lease_duration")
    options, given = parse(command, argv, environ, more)

    async def run() -> int:
        async with opened(options, environ, context=given.context) as session:
            found = await undefined.oauth_clients(session.parts.cluster, options.namespaces)
            if not given.yes:
                held = [name for name, _ in await issuers.held(session.parts.cluster)]
                _say(_plan(found, held, keep_clients=given.keep_clients))
                return int(bool(found or held))
            return await _uninstall(session, options, keep_clients=given.keep_clients)

    return executed("uninstall", run())


async def _uninstall(session: Session, options: Options, *, keep_clients: bool) -> int:
    async with AsyncExitStack() as stack:
        lease = await _lease(session, options, stack)
        patience = (options.release_after + MORE_PATIENCE).total_seconds()
        world = session.world(lease)
        if not keep_clients:
            await issuers.accepted(session.parts, world)
        drain = Drain(world, session.parts, keep_clients=keep_clients)
        # Listed again, now that nobody else acts.
        found = await undefined.oauth_clients(session.parts.cluster, options.namespaces)
        results = await drain.all(found, within=patience)
    _say(f"{key.namespace}/{key.name}: {said}" for key, (_, said) in sorted(results.items()))
    remaining = [key for key, (gone, _) in results.items() if not gone]
    remains = await find(session)
    records = options.records_namespace
    if remains:
        _say(("", f"These clients stay; their records, in namespace {records}, are the only keys to them:"))
        _say(line for one in remains for line in lines(one))
    else:
        _say(("", f"No record in namespace {records} holds a client."))
    elsewhere = await undefined.oauth_clients(session.parts.cluster)
    held = await issuers.held(session.parts.cluster)
    if held and not elsewhere:
        await issuers.let_go(session.parts.cluster, held)
        _say(("", "Let go of, for no OAuthClient is left: " + ", ".join(f"{names.ISSUER_KIND} {n}" for n, _ in held)))
    if remaining:
        _say(("", f"{len(remaining)} OAuthClients are still there: see above, and run it again."))
    elif elsewhere:
        _say(("", "OAuthClients of other namespaces are still there: the CRDs and the issuers have to stay for them."))
    else:
        _say(("", "No OAuthClient is left: the operator and its CRDs can be removed. The records stay until you do."))
    return int(bool(remaining))


async def _lease(session: Session, options: Options, stack: AsyncExitStack) -> AnyLease:
    """Take the operator's Lease and keep it.

    Raises:
        ClusterError: an operator holds it.
    """
    system_namespace = options.lease_namespace or names.SYSTEM_NAMESPACE
    try:
        await session.parts.cluster.namespace_uid(system_namespace)
    except NotFound:
        # The operator was removed first. Where there is no namespace, there is nobody in it.
        _say((f"There is no namespace {system_namespace}: nothing there can hold the Lease.",))
        return Alone()
    lease = Lease(
        session.parts.connection,
        namespace=system_namespace,
        holder=session.parts.holder,
        duration=options.lease_duration.total_seconds(),
        renewal=LEASE_RENEWAL.total_seconds(),
    )
    if (holder := await lease.acquire_unless_renewed()) is not None:
        raise ClusterError(
            f"an operator is at work ({holder} renews the Lease in {system_namespace}); stop it first: "
            f"kubectl -n {system_namespace} scale deployment {names.OPERATOR} --replicas=0"
        )
    stack.push_async_callback(lease.release)
    keeper = asyncio.create_task(lease.keep(), name="lease")
    stack.callback(keeper.cancel)
    return lease


def _plan(found: Sequence[tuple[str, str, str]], held: Sequence[str], *, keep_clients: bool) -> list[str]:
    if not found and held:
        return [f"There is no OAuthClient, and these issuers would be let go of: {', '.join(held)}.", _AGAIN]
    if not found:
        return ["There is no OAuthClient: nothing has to be done before the operator and its CRDs are removed."]
    what = "and its client and Secret kept" if keep_clients else "and its client deregistered, as its policy says"
    return [
        f"{len(found)} OAuthClients would be deleted, each {what}:",
        *(f"    {namespace}/{name}" for namespace, name, _ in found),
        _AGAIN,
    ]


def _say(said: Iterable[str]) -> None:
    sys.stdout.writelines(f"{visible(line)}\n" for line in said)
    sys.stdout.flush()
