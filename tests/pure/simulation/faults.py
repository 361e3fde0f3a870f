"""Faults that happen to single calls of the operator, and two processes of it, one of which may fall asleep in a call."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from oauthclient_operator import errors
from oauthclient_operator.exchange import Incomplete, NotSent, Response
from tests.pure.simulation.operator_process import KEY, Crash, Simulation

Call = Callable[[], Awaitable[Any]]


class Kind(StrEnum):
    """What happens to a call; the sentence goes on from the call's name."""

    DIES_BEFORE = "is not made, for the process dies"
    DIES_AFTER = "is made, and the process dies"
    ANSWER_LOST = "has an answer that is lost"
    LOST = "is lost on its way"
    LATE = "arrives when nobody waits for it any more"
    CONFLICT = "meets a conflict"
    REFUSED = "is refused"
    NOT_SENT = "cannot be sent"
    ERROR = "is answered by a gateway's error, and was not done"
    ERROR_DONE = "is answered by a gateway's error, and was done"
    SLEEPS_BEFORE = "waits, for the process sleeps, and another one takes over"
    SLEEPS_AFTER = "is answered to a process that sleeps, while another one takes over"


DEATHS = (Kind.DIES_BEFORE, Kind.DIES_AFTER)
SLEEPS = (Kind.SLEEPS_BEFORE, Kind.SLEEPS_AFTER)
WRITE = (*DEATHS, Kind.ANSWER_LOST, Kind.LOST, Kind.LATE, Kind.CONFLICT, Kind.REFUSED, *SLEEPS)
EXCHANGE = (
    *DEATHS,
    Kind.ANSWER_LOST,
    Kind.LOST,
    Kind.LATE,
    Kind.NOT_SENT,
    Kind.ERROR,
    Kind.ERROR_DONE,
    Kind.REFUSED,
    *SLEEPS,
)
READ = (Kind.DIES_BEFORE, Kind.LOST, Kind.SLEEPS_AFTER)


def kinds(label: str) -> Iterable[Kind]:
    """Return what can happen to a call."""
    if label.startswith("exchange"):
        return EXCHANGE
    return READ if label.startswith("read") else DEATHS if label in ("discover", "create_event") else WRITE


@dataclass
class Faults:
    """What happens at which call, counted over all processes since it was armed."""

    at: dict[int, Kind] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    armed: bool = False
    asleep: asyncio.Event = field(default_factory=asyncio.Event)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    under_way: list[Call] = field(default_factory=list)

    async def __call__(self, label: str, call: Call) -> Any:
        if not self.armed:
            return await call()
        self.labels.append(label)
        kind = self.at.get(len(self.labels) - 1)
        match kind:
            case None:
                return await call()
            case Kind.DIES_BEFORE:
                raise Crash
            case Kind.DIES_AFTER:
                await call()
                raise Crash
            case Kind.SLEEPS_BEFORE:
                await self._sleep()
                return await call()
            case Kind.SLEEPS_AFTER:
                answer = await call()
                await self._sleep()
                return answer
        return await (self._exchange if label.startswith("exchange") else self._request)(kind, call)

    async def _exchange(self, kind: Kind, call: Call) -> Any:
        match kind:
            case Kind.NOT_SENT:
                return NotSent(cause="no route")
            case Kind.REFUSED:
                return Response(status=400, body=b'{"error": "invalid_client_metadata"}')
            case Kind.ERROR:
                return Response(status=502)
        await self._maybe(kind, call)
        return Response(status=502) if kind is Kind.ERROR_DONE else Incomplete(cause="lost")

    async def _request(self, kind: Kind, call: Call) -> Any:
        match kind:
            case Kind.CONFLICT:
                raise errors.Conflict("409", status=409)
            case Kind.REFUSED:
                raise errors.RequestRefused("403", status=403)
        await self._maybe(kind, call)
        raise errors.Unanswered("lost")

    async def _maybe(self, kind: Kind, call: Call) -> None:
        if kind is Kind.LATE:
            self.under_way.append(call)
        elif kind is not Kind.LOST:
            await call()

    async def _sleep(self) -> None:
        self.asleep.set()
        await self.wake.wait()

    async def arrive(self) -> None:
        """Let what was late arrive."""
        try:
            await self.under_way.pop(0)()
        except errors.ClusterError:
            return


@dataclass
class TwoProcesses(Simulation):
    """A world in which a process that sleeps in a call loses its lease, and wakes when another one has done it all."""

    faults: Faults = field(default_factory=Faults)
    settle_steps: int = 150

    async def settle(self) -> None:
        """Run the operator until nothing is left to do, nobody sleeps, and nothing is under way."""
        process, sleeper = self.start(), None
        for _ in range(self.settle_steps):
            before = self._seen()
            work = asyncio.ensure_future(process.reconcile(KEY))
            if await self._falls_asleep(work):
                sleeper, self.lease.left = work, 0.0
                process = self.start()
                continue
            try:
                due = work.result()
            except Crash:
                process = self.start()
                continue
            if not self._rests(due):
                await self._until(due)
            elif before != self._seen():
                continue
            elif sleeper is not None:
                self.faults.wake.set()
                await asyncio.wait({sleeper})
                if (error := sleeper.exception()) is not None and not isinstance(error, Crash):
                    raise error
                sleeper = None
            elif self.faults.under_way:
                await self.faults.arrive()
            else:
                return
        raise AssertionError("the operator does not come to rest")

    async def _falls_asleep(self, work: "asyncio.Future[Any]") -> bool:
        if self.faults.wake.is_set() or not any(kind in SLEEPS for kind in self.faults.at.values()):
            await asyncio.wait({work})
            return False
        asleep = asyncio.ensure_future(self.faults.asleep.wait())
        await asyncio.wait({work, asleep}, return_when=asyncio.FIRST_COMPLETED)
        asleep.cancel()
        self.faults.asleep.clear()
        return not work.done()

    def _seen(self) -> tuple[int, dict[Any, str]]:
        return len(self.server.calls), {k: o["metadata"]["resourceVersion"] for k, o in self.api.objects.items()}
