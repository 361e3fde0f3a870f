"""The operator in this process over time that a test owns: each resource has its pass when the one before said so."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.resource.key import oauth_client
from tests.cluster.scenarios.in_process import Account, Clock, OperatorProcess
from tests.cluster.scenarios.room import Room, condition
from tests.pure.simulation.operator_process import no_fault

MINUTE = timedelta(minutes=1)
SLOWLY = Limits().retry_slowly
CONFIRMED = timedelta(minutes=11)
"""A refusal is believed when it was confirmed over ten minutes."""
_HOT = 50
"""So many passes over one resource at one moment are a loop."""


@dataclass(kw_only=True)
class InTime:
    """One process, which has its memory as long as the test has it."""

    process: OperatorProcess
    clock: Clock
    room: Room

    async def live(self, time: timedelta = timedelta(), *names: str) -> None:
        """Let that time pass for resources, `web` where none is named."""
        await self.process.watches.catch_up(self.process.cluster, self.room.namespace)
        began = self.clock.now()
        due, until = dict.fromkeys(names or ("web",), began), began + time
        while due:
            name = min(due, key=lambda known: due[known])
            at = due.pop(name)
            if at > until:
                break
            self._pass_time(at)
            again = await self._until_it_waits(name)
            if again is not None:
                due[name] = again
        self._pass_time(until)

    async def _until_it_waits(self, name: str) -> datetime | None:
        """Take passes over a resource as long as each changes it or is due at once; return when the next one is."""
        process, namespace = self.process, self.room.namespace
        for _ in range(_HOT):
            body = await process.cluster.read_oauth_client(namespace, name)
            if body is None:
                if (last := process.watches.resource(namespace, name)) is not None:
                    process.watches.forget_resource(namespace, name, last.uid)
                return None
            process.watches.take(None, body)
            seen = process.watches.resource(namespace, name)
            due = await process.reconciler.reconcile(oauth_client(namespace, name))
            if due.backoff or due.queued:
                await self.clock.sleep(1)
            elif (due.at is None or due.at > self.clock.now()) and process.watches.resource(namespace, name) == seen:
                return due.at
        raise AssertionError(f"{name} does not come to rest")

    def _pass_time(self, until: datetime) -> None:
        self.clock.skipped += max(timedelta(), until - self.clock.now())

    def ready(self, name: str = "web") -> tuple[str, str]:
        """Return status and reason of the condition Ready."""
        found = condition(self.room.read(name))
        return found["status"], found["reason"]

    def said(self, kind: str = "Ready", name: str = "web") -> str:
        """Return the message of a condition, empty where there is none."""
        message: str = condition(self.room.read(name), kind).get("message", "")
        return message

    def client_id(self, name: str = "web") -> str:
        """Return the client that the published Secret shows."""
        return self.room.secret(name)["client_id"]


Begin = Callable[[], AbstractAsyncContextManager[InTime]]


def beginning(room: Room, kubeconfig: Path, trust: Path) -> Begin:
    """Return what begins a process; what the one before remembered is gone, and the time is what it was."""
    clock = Clock()
    account = Account(kubeconfig=kubeconfig, trust=trust, namespace=room.namespace)

    @asynccontextmanager
    async def begin() -> AsyncIterator[InTime]:
        async with OperatorProcess(account, clock, no_fault) as process:
            yield InTime(process=process, clock=clock, room=room)
        # aiohttp closes TLS connections behind our back, and the loop must not end before.
        await asyncio.sleep(0.1)

    return begin
