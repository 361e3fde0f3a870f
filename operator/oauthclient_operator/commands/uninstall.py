"""`oauthclient-operator uninstall`: every OAuthClient deleted in good order, so that nothing hangs on a finalizer.

It holds the operator's Lease meanwhile: two that act on one resource would only be in each other's way, and a
resource that is deleted is not to be registered anew. It destroys no record, and takes nothing else away.
"""

import asyncio
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta

from .. import names
from ..cluster.lease import Lease
from ..errors import ClusterError, NotFound
from ..options import LEASE_RENEWAL, Options
from ..reconcile.ports import Lease as AnyLease
from .drain import Drain
from .remains import find, lines
from .session import Alone, Session, executed, opened, parse, parser

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
    command.add_argument(
        "--system-namespace",
        default=names.SYSTEM_NAMESPACE,
        metavar="NAME",
        help=f"of the operator and its Lease; default: {names.SYSTEM_NAMESPACE}",
    )
    options, given = parse(command, argv, environ, more=("namespaces", "release_after", "lease_duration"))

    async def run() -> int:
        async with opened(options, environ) as session:
            found = await session.parts.cluster.list_oauth_clients(options.namespaces)
            if not given.yes:
                _say(_plan(found, keep_clients=given.keep_clients))
                return int(bool(found))
            return await _uninstall(session, options, given.system_namespace, keep_clients=given.keep_clients)

    return executed("uninstall", run())


async def _uninstall(session: Session, options: Options, system_namespace: str, *, keep_clients: bool) -> int:
    async with AsyncExitStack() as stack:
        lease = await _lease(session, options, system_namespace, stack)
        patience = (options.release_after + MORE_PATIENCE).total_seconds()
        drain = Drain(session.world(lease), session.parts, keep_clients=keep_clients)
        # Listed again, now that nobody else acts.
        found = await session.parts.cluster.list_oauth_clients(options.namespaces)
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
    if remaining:
        _say(("", f"{len(remaining)} OAuthClients are still there: see above, and run it again."))
    else:
        _say(("", "No OAuthClient is left: the operator and its CRD can be removed. The records stay until you do."))
    return int(bool(remaining))


async def _lease(session: Session, options: Options, system_namespace: str, stack: AsyncExitStack) -> AnyLease:
    """Take the operator's Lease and keep it.

    Raises:
        ClusterError: an operator holds it.
    """
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


def _plan(found: Sequence[tuple[str, str, str]], *, keep_clients: bool) -> list[str]:
    if not found:
        return ["There is no OAuthClient: nothing has to be done before the operator and its CRD are removed."]
    what = "and its client and Secret kept" if keep_clients else "and its client deregistered, as its policy says"
    return [
        f"{len(found)} OAuthClients would be deleted, each {what}:",
        *(f"    {namespace}/{name}" for namespace, name, _ in found),
        "Nothing was done. Run it again with --yes.",
    ]


def _say(said: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in said)
    sys.stdout.flush()
