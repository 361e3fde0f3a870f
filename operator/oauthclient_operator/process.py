"""One process of the operator: what starts in which order, and how it ends without losing anything.

    connect ─▶ is the fence there? ─▶ list and watch ─▶ standby: ready, acts on nothing ─▶ the Lease is ours: work
    told to stop, or the Lease lost ─▶ no new work ─▶ what is in flight ends ─▶ release the Lease

A standby knows all that the leader knows, so that it goes on within seconds. Signals are ours in every phase: a call
in flight must not be cancelled by whoever else listens to them. Where the fence is taken away, leader and standby end
as if they were told to, but with an error: they do not start again without it.
"""

import asyncio
import logging
import os
import random
import signal
import time
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack, suppress
from typing import Any, Final, TypeVar

from . import handlers, names
from .cluster.api import Cluster
from .cluster.connection import Connection
from .cluster.credentials import own_namespace
from .cluster.fence import Fence
from .cluster.lease import Lease, new_holder
from .cluster.metadata import Key
from .cluster.throttle import Throttle
from .egress.door import Door
from .egress.policy import EgressPolicy
from .errors import ClusterError, FenceMissing, LeaseLost, ProcessEnded, ToldToStop
from .health import Health, serve
from .issuer.places import IN_ALL
from .issuer.protocol import Issuer
from .log import start_logging
from .metrics import Census, Metrics
from .options import LEASE_RENEWAL, MARGIN, Options
from .plan.observed import Limits
from .reconcile.clock import SystemClock
from .reconcile.ports import Settings
from .reconcile.reconciler import Reconciler
from .reconcile.watches import Watches
from .reconcile.world import World
from .sweep import Sweep
from .workqueue import WorkQueue

WORKERS: Final = IN_ALL + 64
"""Resources in work at once. Whoever waits for an issuer has one of its places, so these 64 never wait for one."""
CALLED_WITHIN: Final = 300.0
"""Seconds after which a resource that waits to be called looks by itself."""
SWEEP_INTERVAL: Final = 60.0

log = logging.getLogger(__name__)
_T = TypeVar("_T")


async def run(options: Options, environ: Mapping[str, str] = os.environ) -> None:
    """Run the operator until it is told to stop, or cannot go on.

    Raises:
        ClusterError: the API server cannot be reached, or refuses what the operator needs.
        FenceMissing: the admission policy is not in force.
        LeaseLost: another process acts now.
        AddressTaken: where it should listen, it cannot.
        ValueError: an option does not say what it should.
    """
    start_logging(options.log_format, options.log_level)
    policy = EgressPolicy.parse(
        private_issuers=options.private_issuers,
        http_issuers=options.http_issuers,
        endpoint_origins=options.endpoint_origins,
    )
    async with AsyncExitStack() as stack:
        throttle = Throttle(options.kube_api_qps, options.kube_api_burst)
        connection = await Connection.open(options.kubeconfig, environ, throttle=throttle)
        stack.push_async_callback(connection.close)
        process = _Process(options, connection, policy)
        stack.push_async_callback(process.close)
        await stack.enter_async_context(
            serve(*options.listen, missing=process.health.missing, metrics=process.metrics.text)
        )
        with suppress(ToldToStop):
            await process.live()


class _Process:
    """The parts of one process, and its phases."""

    def __init__(self, options: Options, connection: Connection, policy: EgressPolicy) -> None:
        self._options = options
        self._connection = connection
        self._cluster = Cluster(connection)
        self._clock = SystemClock()
        self._holder = new_holder()
        self._leads = False
        self._told = asyncio.Event()
        self._queue: WorkQueue[Key] = WorkQueue(self._look_at, workers=WORKERS, groups=self._groups)
        self.health = Health(silence=connection.silence)
        self.metrics = Metrics(queue_depth=lambda: len(self._queue), census=self._census)
        self._issuer = Issuer(
            Door(policy=policy, ca_bundle=options.ca_bundle, observe=self.metrics.exchanged),
            exchange_timeout=options.exchange_timeout.total_seconds(),
            at_once=options.issuer_concurrency,
            wake=self._wake,
        )
        self._lease = Lease(
            connection,
            namespace=options.lease_namespace or own_namespace() or names.SYSTEM_NAMESPACE,
            holder=self._holder,
            duration=options.lease_duration.total_seconds(),
            renewal=LEASE_RENEWAL.total_seconds(),
        )
        self._watches = Watches(
            connection,
            namespaces=options.namespaces,
            records_namespace=options.records_namespace,
            wake=self._wake,
            secret_check_interval=options.secret_check_interval if options.no_secret_watch else None,
        )
        self._watching: list[asyncio.Task[None]] = []
        self._listen_to_signals()

    async def live(self) -> None:
        """Go from phase to phase to the end.

        Raises:
            ToldToStop: and whatever was in flight has ended, and the Lease is released.
        """
        cluster_uid = await self._unless_stopped(self._cluster.namespace_uid("kube-system"))
        fence = Fence(self._cluster, self._options.records_namespace)
        await self._unless_stopped(fence.prove())
        self.health.fence_proven = True
        self._watching = [asyncio.create_task(i.run(), name="informer") for i in self._watches.informers]
        self._watching.append(asyncio.create_task(fence.keep(), name="fence"))
        kopf = await handlers.watch(self._watches.take, self._connection.login, self._options.namespaces)
        self._listen_to_signals()  # kopf has just taken them.
        informers, self._watching = self._watching, [*self._watching, *kopf]
        try:
            await self._unless_stopped(self._watches.synced(self._uids))
            self.health.caches_synced = True
            log.info("all caches are synced; waiting for the lease", extra={"holder": self._holder})
            await self._unless_stopped(self._lease.acquire())
            # The leader of before may have ended because it is gone.
            await self._unless_stopped(fence.prove_again())
            await self._lead(cluster_uid)
        finally:
            for task in informers:
                task.cancel()
            await asyncio.gather(*informers, return_exceptions=True)
            await self._lease.release()
            try:
                await handlers.stop(kopf)
            except ClusterError:
                # An API server that goes at the same time is no reason to end badly.
                if not self._told.is_set():
                    raise
            log.info("the operator has stopped")

    async def close(self) -> None:
        """End what outlives the phases."""
        await self._issuer.close()

    async def _lead(self, cluster_uid: str) -> None:
        world = self._world(cluster_uid)
        self._reconciler = Reconciler(world)
        keep = self._options.lease_duration + self._options.exchange_timeout + MARGIN
        looking = [asyncio.create_task(Sweep(world, keep_released=keep).run(SWEEP_INTERVAL), name="sweep")]
        if (checks := self._watches.checks) is not None:
            looking.append(asyncio.create_task(checks.run(), name="checks"))
        keeper = asyncio.create_task(self._lease.keep(), name="lease")
        work = asyncio.create_task(self._queue.run(), name="work")
        self._leads = True
        for key in list(self._watches.keys()):
            self._queue.add(key)
        log.info("the operator is at work", extra={"namespaces": ",".join(self._options.namespaces) or "all"})
        try:
            await self._unless_stopped(asyncio.wait({keeper, *looking}, return_when=asyncio.FIRST_COMPLETED))
            for task in (keeper, *looking):
                if task.done():
                    task.result()
            raise LeaseLost("the Lease passed to another process; this one stops")
        finally:
            # First no new work, then the end of what is in flight: an answer that comes now is still recorded.
            self._leads = False
            self._reconciler.stop()
            self._queue.stop()
            await self._issuer.close()  # Discovery changes nothing anywhere: nobody waits for its end.
            for task in looking:
                task.cancel()
            await asyncio.gather(work, *looking, return_exceptions=True)
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)

    async def _unless_stopped(self, phase: Coroutine[Any, Any, _T]) -> _T:
        """Await a phase; where the process is told to stop, or a watch cannot go on, it is cancelled."""
        task = asyncio.ensure_future(phase)
        told = asyncio.ensure_future(self._told.wait())
        try:
            await asyncio.wait({task, told, *self._watching}, return_when=asyncio.FIRST_COMPLETED)
            if told.done():
                log.info("told to stop")
                raise ToldToStop
            for watch in self._watching:
                if watch.done():
                    if isinstance(error := watch.exception(), FenceMissing):
                        self.health.fence_proven = False
                        raise error
                    # The type alone: what kopf raises may quote what the API server answered.
                    why = type(error).__name__
                    raise ClusterError(f"the cluster cannot be watched any more ({why})")
            return await task
        finally:
            for ended in (task, told):
                ended.cancel()
            await asyncio.gather(task, told, return_exceptions=True)

    def _listen_to_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._told.set)

    def _world(self, cluster_uid: str) -> World:
        options = self._options
        return World.of(
            cluster=self._cluster,
            urgent=Cluster(self._connection, urgent=True),
            issuers=self._issuer,
            watched=self._watches,
            lease=self._lease,
            clock=self._clock,
            settings=Settings(
                cluster_uid=cluster_uid,
                holder=self._holder,
                records_namespace=options.records_namespace,
                exchange_timeout=options.exchange_timeout,
                limits=Limits(
                    retry_slowly=options.retry_slowly,
                    release_after=options.release_after,
                    margin=MARGIN,
                    records_per_namespace=options.records_per_namespace,
                ),
                secret_metadata_prefixes=frozenset(options.secret_metadata_prefixes),
            ),
            observer=self.metrics,
        )

    async def _uids(self) -> frozenset[str]:
        found = await self._cluster.list_oauth_clients(self._options.namespaces)
        return frozenset(uid for _, _, uid in found)

    def _census(self) -> Census | None:
        return self._watches.census(self._clock.now()) if self._leads else None

    def _wake(self, key: Key) -> None:
        # What a standby did not queue is queued, once, when it begins to lead.
        if self._leads:
            self._queue.add(key)

    def _groups(self, key: Key) -> tuple[str, str]:
        # By tenant, and each tenant's by issuer: what fails over and over must not stand in front of what goes well.
        body = self._watches.resource(*key)
        spec = body.get("spec") if body is not None else None
        return key[0], str(spec.get("issuer")) if isinstance(spec, dict) else ""

    async def _look_at(self, key: Key) -> None:
        began = time.monotonic()
        due = await self._reconciler.reconcile(*key)
        self.metrics.reconciled(time.monotonic() - began)
        if due.called:
            self._queue.add_after(key, CALLED_WITHIN * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret
            return
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
    except (ClusterError, ProcessEnded, ValueError) as error:
        log.error("the operator cannot run", extra={"why": str(error)})  # noqa: TRY400 - the message is for people
        return 1
    return 0
