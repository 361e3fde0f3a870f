"""One process of the operator: what starts in which order, and how it ends without losing anything.

    connect ─▶ is the fence there? ─▶ acquire the Lease ─▶ list and watch ─▶ work
    told to stop, or the Lease lost ─▶ no new work ─▶ what is in flight ends ─▶ release the Lease

The Lease's keeper and the work queue run before kopf does and end after it.
"""

import asyncio
import logging
import os
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from typing import Final

from . import handlers, names
from .cluster.api import Cluster
from .cluster.connection import Connection
from .cluster.credentials import own_namespace
from .cluster.fence import missing_fence
from .cluster.lease import Lease, new_holder
from .cluster.metadata import Key
from .egress.door import Door
from .egress.policy import EgressPolicy
from .errors import ClusterError
from .issuer.protocol import Issuer
from .log import start_logging
from .options import LEASE_RENEWAL, MARGIN, Options
from .plan.observed import Limits
from .reconcile.clock import SystemClock
from .reconcile.ports import Settings
from .reconcile.reconciler import Reconciler
from .reconcile.watches import Watches
from .reconcile.world import World
from .sweep import Sweep
from .workqueue import WorkQueue

WORKERS: Final = 64
"""Resources in work at once; most of the time they wait for an issuer."""
SWEEP_INTERVAL: Final = 60.0

log = logging.getLogger(__name__)


class FenceMissingError(Exception):
    """The admission policy that fences this operator in is not there; it does not reconcile without."""


class LeaseLostError(Exception):
    """Another process holds the Lease."""


async def run(options: Options, environ: Mapping[str, str] = os.environ) -> None:
    """Run the operator until it is told to stop, or cannot go on.

    Raises:
        ClusterError: the API server cannot be reached, or refuses what the operator needs.
        FenceMissingError: the admission policy is not in force.
        LeaseLostError: another process acts now.
        ValueError: an option does not say what it should.
    """
    start_logging(options.log_format, options.log_level)
    policy = EgressPolicy.parse(
        private_issuers=options.private_issuers,
        http_issuers=options.http_issuers,
        endpoint_origins=options.endpoint_origins,
    )
    async with AsyncExitStack() as stack:
        connection = await Connection.open(options.kubeconfig, environ)
        stack.push_async_callback(connection.close)
        cluster = Cluster(connection)
        cluster_uid = await cluster.namespace_uid("kube-system")
        if (why := await missing_fence(cluster, options.records_namespace)) is not None:
            raise FenceMissingError(why)
        holder = new_holder()
        lease = Lease(
            connection,
            namespace=options.lease_namespace or own_namespace() or names.SYSTEM_NAMESPACE,
            holder=holder,
            duration=options.lease_duration.total_seconds(),
            renewal=LEASE_RENEWAL.total_seconds(),
        )
        door = Door(policy=policy, ca_bundle=options.ca_bundle)
        issuer = Issuer(
            door, exchange_timeout=options.exchange_timeout.total_seconds(), at_once=options.issuer_concurrency
        )
        stack.push_async_callback(issuer.close)
        await lease.acquire()
        stack.push_async_callback(lease.release)
        settings = Settings(
            cluster_uid=cluster_uid,
            holder=holder,
            records_namespace=options.records_namespace,
            exchange_timeout=options.exchange_timeout,
            limits=Limits(retry_slowly=options.retry_slowly, release_after=options.release_after, margin=MARGIN),
            secret_metadata_prefixes=frozenset(options.secret_metadata_prefixes),
        )
        await _Work(options, settings, connection, cluster, issuer, lease).until_stopped()


class _Work:
    """The part of a process that holds the Lease."""

    def __init__(
        self,
        options: Options,
        settings: Settings,
        connection: Connection,
        cluster: Cluster,
        issuer: Issuer,
        lease: Lease,
    ) -> None:
        self._connection = connection
        self._namespaces = options.namespaces
        self._lease = lease
        self._queue: WorkQueue[Key] = WorkQueue(self._look_at, workers=WORKERS)
        self._watches = Watches(
            connection,
            namespaces=options.namespaces,
            records_namespace=options.records_namespace,
            wake=self._queue.add,
        )
        self._clock = SystemClock()
        world = World.of(
            cluster=cluster,
            issuers=issuer,
            watched=self._watches,
            lease=lease,
            clock=self._clock,
            settings=settings,
        )
        self._reconciler = Reconciler(world)
        keep = options.lease_duration + options.exchange_timeout + MARGIN
        self._sweep = Sweep(world, keep_released=keep)

    async def until_stopped(self) -> None:
        """Work until told to stop, until the Lease is lost, or until a watch cannot go on."""
        keeper = asyncio.create_task(self._lease.keep(), name="lease")
        informers = [asyncio.create_task(i.run(), name="informer") for i in self._watches.informers]
        await self._watches.synced()
        work = asyncio.create_task(self._queue.run(), name="work")
        sweep = asyncio.create_task(self._sweep.run(SWEEP_INTERVAL), name="sweep")
        watch = await handlers.watch(self._watches.take, self._connection.login, self._namespaces)
        log.info("the operator is at work", extra={"namespaces": ",".join(self._namespaces) or "all"})
        try:
            await asyncio.wait({keeper, sweep, *informers, *watch}, return_when=asyncio.FIRST_COMPLETED)
            if keeper.done():
                raise LeaseLostError("the Lease passed to another process; this one stops")
            for task in (sweep, *informers):
                if task.done():
                    task.result()
        finally:
            # First no new work, then the end of what is in flight: an answer that comes now is still recorded.
            self._queue.stop()
            sweep.cancel()
            try:
                await handlers.stop(watch)
            finally:
                await work
                for task in (keeper, sweep, *informers):
                    task.cancel()
                await asyncio.gather(keeper, sweep, *informers, return_exceptions=True)
                log.info("the operator has stopped")

    async def _look_at(self, key: Key) -> None:
        due = await self._reconciler.reconcile(*key)
        if due.backoff:
            self._queue.add_after(key, self._queue.backoff(key))
            return
        self._queue.forget(key)
        if due.at is not None:
            self._queue.add_after(key, (due.at - self._clock.now()).total_seconds())


def main(options: Options) -> int:
    """Run the operator and return the exit status."""
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(run(options))
    except (ClusterError, FenceMissingError, LeaseLostError, ValueError) as error:
        log.error("the operator cannot run", extra={"why": str(error)})  # noqa: TRY400 - the message is for people
        return 1
    return 0
