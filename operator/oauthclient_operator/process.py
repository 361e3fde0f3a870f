"""One process of the operator: what starts in which order, and how it ends without losing anything.

    answered? definitions and fence there? ─▶ list and watch ─▶ standby: ready, acts on nothing ─▶ Lease ours: work
    told to stop, or the Lease lost ─▶ no new work ─▶ what is in flight ends ─▶ release the Lease

A standby knows all that the leader knows, so that it goes on within seconds. Signals are ours in every phase: a call
in flight must not be cancelled by whoever else listens to them. Where the fence is taken away, leader and standby end
as if they were told to, but with an error: they do not start again without it.
"""

import asyncio
import gc
import logging
import os
import signal
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack, suppress
from typing import Any, Final, TypeVar

from . import handlers, names
from .cluster.connection import Connection
from .cluster.credentials import own_namespace
from .cluster.definitions import keep_definitions
from .cluster.fence import Fence
from .cluster.lease import Lease
from .cluster.rate_limiter import RateLimiter
from .cluster.records_namespace import other_secrets
from .composition import Parts
from .errors import ClusterError, FenceMissing, LeaseLost, ProcessEnded, ToldToStop
from .health import Health, serve
from .log import start_logging
from .metrics import Census, Metrics
from .options import LEASE_RENEWAL, Options
from .prerequisites import proven
from .reconcile.reconciler import Reconciler
from .reconcile.work import Work
from .resource.key import Key
from .surroundings import look_around

_GARBAGE: Final = (10_000, 20, 50)
"""When Python looks for cycles of objects: by its own thresholds a third of a restart's CPU goes into that, over and
over again among what the caches keep, and there are few cycles to be found."""

log = logging.getLogger(__name__)
_T = TypeVar("_T")


async def run(options: Options, environ: Mapping[str, str] = os.environ) -> None:
    """Run the operator until it is told to stop, or cannot go on.

    Raises:
        ClusterError: the API server refuses what the operator needs, or is lost once it had answered.
        DefinitionsOutdated: those of our kinds are not there, or not any more, or of an older release.
        FenceMissing: the admission policy is not in force, or is of an older release.
        LeaseLost: another process acts now.
        StorageRestored: the API server was set back to a backup.
        AuthorityChanged: no certificate of its is accepted: another authority vouches for it by now, mostly.
        AddressTaken: where it should listen, it cannot.
        ValueError: an option does not say what it should.
    """
    start_logging(options.log_format, options.log_level)
    look_around(environ)
    # What is there by now stays: nobody needs to look through it again.
    gc.freeze()
    gc.set_threshold(*_GARBAGE)
    async with AsyncExitStack() as stack:
        rate_limiter = RateLimiter(options.kube_api_qps, options.kube_api_burst)
        connection = await Connection.open(options.kubeconfig, environ, rate_limiter=rate_limiter, of_operator=True)
        stack.push_async_callback(connection.close)
        process = _Process(options, connection)
        stack.push_async_callback(process.close)
        await stack.enter_async_context(
            serve(*options.listen, missing=process.health.missing, metrics=process.metrics.text)
        )
        with suppress(ToldToStop):
            await process.live()


class _Process:
    """The parts of one process, and its phases."""

    def __init__(self, options: Options, connection: Connection) -> None:
        self._options = options
        self._leads = False
        self._told = asyncio.Event()
        self.health = Health(silence=connection.contact.silence)
        self.metrics = Metrics(
            queue_depth=lambda: len(self._work),
            # Who cannot renew it leads as long as nobody else does, and does nothing.
            acts=lambda: self._leads and self._lease.remaining() > 0,
            census=self._census,
            by_namespace=options.metrics_namespaces,
        )
        namespace = options.lease_namespace or own_namespace() or names.SYSTEM_NAMESPACE
        self._parts = Parts.of(
            options,
            connection,
            wake=self._wake,
            wake_after=self._wake_after,
            disregard=self._disregard,
            observe=self.metrics.exchanged,
            observer=self.metrics,
            system_namespace=namespace,
        )
        self._watches = self._parts.watches
        self._work = Work(
            issuer_of=self._watches.issuer,
            clock=self._parts.clock,
            chance=self._parts.chance,
            observe=self.metrics.reconciled,
            is_behind=lambda: connection.is_behind,
        )
        self._lease = Lease(
            connection,
            namespace=namespace,
            holder=self._parts.holder,
            duration=options.lease_duration.total_seconds(),
            renewal=LEASE_RENEWAL.total_seconds(),
        )
        self._watching: list[asyncio.Task[None]] = []
        self._listen_to_signals()

    async def live(self) -> None:
        """Go from phase to phase to the end.

        Raises:
            ToldToStop: and whatever was in flight has ended, and the Lease is released.
        """
        cluster, connection, chance = self._parts.cluster, self._parts.connection, self._parts.chance
        fence = Fence(cluster, self._options.records_namespace)
        self._watching = [asyncio.create_task(connection.contact.keep(), name="trust")]
        cluster_uid = await self._unless_stopped(proven(cluster, connection, fence, chance.fraction))
        self.health.fence_proven = True
        await self._unless_stopped(self._look_into_the_records_namespace())
        self._watching += [asyncio.create_task(i.run(), name="informer") for i in self._watches.informers]
        self._watching.append(asyncio.create_task(fence.keep(), name="fence"))
        kopf, arrivals = await handlers.watch(
            clients=self._watches,
            issuers=self._watches.issuers,
            connection=self._parts.connection,
            namespaces=self._options.namespaces,
        )
        self._listen_to_signals()  # kopf has just taken them.
        self._watching.append(asyncio.create_task(arrivals.unless_restored(), name="restored"))
        definitions = keep_definitions(self._parts.connection, arrivals.kind_missed)
        self._watching.append(asyncio.create_task(definitions, name="definitions"))
        informers, self._watching = self._watching, [*self._watching, *kopf.tasks]
        ends_for_a_reason = False
        try:
            await self._unless_stopped(self._watches.secrets_synced())
            await self._unless_stopped(arrivals.complete())
            self.health.caches_synced = True
            gc.collect()
            gc.freeze()
            log.info("all caches are synced; waiting for the lease", extra={"holder": self._parts.holder})
            await self._unless_stopped(self._lease.acquire())
            # From now on, for that proof is a write, which a webhook may hold for almost as long as the Lease lasts.
            keeper = asyncio.create_task(self._lease.keep(), name="lease")
            try:
                # The leader of before may have ended because it is gone.
                await self._unless_stopped(fence.prove_again())
                await self._lead(cluster_uid, keeper)
            finally:
                keeper.cancel()
                await asyncio.gather(keeper, return_exceptions=True)
        except ProcessEnded:
            ends_for_a_reason = True
            raise
        finally:
            for task in informers:
                task.cancel()
            await asyncio.gather(*informers, return_exceptions=True)
            await self._lease.release()
            try:
                await handlers.stop(kopf)
            except ClusterError:
                # An API server that goes at the same time is no reason to end badly, nor a better one to end.
                if not ends_for_a_reason:
                    raise
            log.info("the operator has stopped")

    async def _look_into_the_records_namespace(self) -> None:
        namespace = self._options.records_namespace
        with suppress(ClusterError):
            if others := await other_secrets(self._parts.connection, namespace):
                log.warning(
                    "the records namespace holds other Secrets: it must be the operator's alone, for whoever may read "
                    "Secrets there can manage every client; move them elsewhere, and see who has rights there",
                    extra={"namespace": namespace, "secrets": ",".join(others)},
                )

    async def close(self) -> None:
        """End what outlives the phases."""
        await self._parts.access_tokens.close()
        await self._parts.issuers.close()

    async def _lead(self, cluster_uid: str, keeper: asyncio.Task[None]) -> None:
        world = self._parts.world(self._lease, cluster_uid=cluster_uid)
        looking = [
            asyncio.create_task(self._watches.secrets.strays.run(), name="strays"),
            asyncio.create_task(self._watches.issuer_sources.run(), name="issuers' sources"),
        ]
        if (checks := self._watches.secrets.checks) is not None:
            looking.append(asyncio.create_task(checks.run(), name="checks"))
        self._work.begin(Reconciler(world), self._parts.issuer_passes(world, self._lease))
        work = asyncio.create_task(self._work.run(), name="work")
        self._leads = True
        for key in list(self._watches.keys()):
            self._work.add(key)
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
            self._work.stop()
            await self._parts.access_tokens.close()
            await self._parts.issuers.close()  # Discovery changes nothing anywhere: nobody waits for its end.
            for task in looking:
                task.cancel()
            await asyncio.gather(work, *looking, return_exceptions=True)

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
                    if isinstance(error := watch.exception(), ProcessEnded):
                        self.health.fence_proven &= not isinstance(error, FenceMissing)
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

    def _census(self) -> Census | None:
        return self._watches.census(self._parts.clock.now()) if self._leads else None

    def _wake(self, key: Key, because: str | None) -> None:
        # What a standby did not queue is queued, once, when it begins to lead.
        self._work.add(key, because)

    def _disregard(self, key: Key, because: str) -> None:
        self._work.disregard(key, because)

    def _wake_after(self, key: Key, delay: float) -> None:
        self._work.add_after(key, delay)


def main(options: Options) -> int:
    """Run the operator and return the exit status."""
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(run(options))
    except (ClusterError, ProcessEnded, ValueError) as error:
        log.error("the operator cannot run", extra={"why": str(error)})  # noqa: TRY400 - the message is for people
        return 1
    return 0
