"""The executor: observe, ask `plan`, take the one step it names, ask again, until it says to wait.

It decides nothing. What a step found out is added to what is observed; what a step wrote is offered to the watches'
stores, so that the next pass does not act on what is older.
"""

import logging
from datetime import datetime

from ..errors import (
    AlreadyExists,
    AnswerNotRecorded,
    ClusterError,
    Conflict,
    IssuerBusy,
    LeaseTooShort,
    NotFound,
    OtherCallOpen,
    RequestRefused,
    Stale,
)
from ..names import Reason
from ..plan import plan
from ..plan.action import Discover, Gone, Rest, Wait
from ..plan.observed import Observed, Problem
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from ..verdict import Verdict
from .memory import Memory
from .observe import basis, observe, token_version
from .ports import Next
from .steps import BEGINNINGS, Pass
from .world import World

STEPS = 40
"""More than any life of a resource needs in one pass; beyond it the pass ends with a backoff."""

log = logging.getLogger(__name__)


class Reconciler:
    """Bring one resource at a time to what it asks."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._memories: dict[tuple[str, str], Memory] = {}
        self._stopped = False

    def stop(self) -> None:
        """Begin nothing with an issuer any more; what was answered is still recorded, published and reported.

        The process must end within a time that covers one exchange, not all of those that a pass may come to.
        """
        self._stopped = True

    async def reconcile(self, namespace: str, name: str) -> Next:
        """Take one pass over a resource and say when the next one is due."""
        due = Next()
        try:
            due = await self._pass(namespace, name)
        finally:
            if not due.called:
                self._world.issuers.withdraw((namespace, name))
        return due

    async def _pass(self, namespace: str, name: str) -> Next:
        watched, now = self._world.watched, self._world.clock.now()
        body = watched.resource(namespace, name)
        if body is None:
            self._memories.pop((namespace, name), None)
            return Next()
        resource = OAuthClient.parse(body)
        desired = Desired.of(resource, self._world.settings.secret_metadata_prefixes)
        token = token_version(watched, resource, desired)
        memory = self._memories.get((namespace, name), Memory()).seen(basis(resource, token), now)
        observed = observe(watched, resource, desired, memory, self._world.settings.limits)
        step = Pass(self._world, resource, desired, observed, memory)
        try:
            return await self._run(step)
        except IssuerBusy:
            # The worker is free for others; nothing is said, for this passes.
            return Next(called=True)
        except (Stale, Conflict, NotFound, AlreadyExists, OtherCallOpen, LeaseTooShort):
            # Somebody else was faster, or the lease ran short. The watch brings what is newer; the queue looks again.
            return Next(backoff=True)
        except AnswerNotRecorded as lost:
            return await self._report_unrecorded(step, lost)
        except ClusterError as error:
            return await self._report_failure(step, error)
        finally:
            step.end()
            self._remember((namespace, name), step.memory)
            if step.changed:
                log.info("pass", extra=_account(step))

    def _remember(self, key: tuple[str, str], memory: Memory) -> None:
        if memory.is_blank:
            self._memories.pop(key, None)
        else:
            self._memories[key] = memory

    async def _run(self, step: Pass) -> Next:
        for _ in range(STEPS):
            now = self._world.clock.now()
            match plan(step.observed, step.desired, now):
                case Gone():
                    return Next()
                case Rest(until=until):
                    return Next(at=until)
                case Wait() as wait:
                    return await self._wait(step, wait, now)
                case _ if not self._world.calls.may_act():
                    raise LeaseTooShort
                case action if self._stopped and isinstance(action, BEGINNINGS):
                    return Next(backoff=True)
                case action:
                    await step.take(action)
                    if self._stopped and isinstance(action, Discover):
                        # It was ended by us: what it found says nothing of the issuer.
                        return Next(backoff=True)
        log.error("a pass took too many steps", extra=_key(step))
        return Next(backoff=True)

    async def _wait(self, step: Pass, wait: Wait, now: datetime) -> Next:
        await self._report(step, wait.verdict)
        problem = _fresh_problem(step.observed, wait)
        if problem is None:
            return Next(at=wait.until)
        # The same failure is not tried again before its time, whatever else wakes this resource.
        step.memory = step.memory.failed(problem, now, self._world.settings.limits.first_backoff)
        return Next(at=step.memory.held.until if step.memory.held else None)

    async def _report(self, step: Pass, verdict: Verdict) -> None:
        step.verdict = verdict
        if await self._world.reporter.report(step.observed, step.resource, verdict):
            step.changed.append("Report")

    async def _report_failure(self, step: Pass, error: ClusterError) -> Next:
        log.warning("the API server failed a request", extra={**_key(step), "why": str(error)})
        if not isinstance(error, RequestRefused):
            # It passes, and a status that says so would only come and go.
            return Next(backoff=True)
        verdict = Verdict(reason=Reason.CLUSTER_UNAVAILABLE, message=str(error))
        try:
            await self._report(step, verdict)
        except ClusterError:
            log.warning("the status could not be written", extra=_key(step))
        return Next(backoff=True)

    async def _report_unrecorded(self, step: Pass, lost: AnswerNotRecorded) -> Next:
        """Say everywhere that a client exists, or did for a moment, which no record holds."""
        what = f'client "{lost.client_id}"' if lost.client_id else "an answer of the authorization server"
        fate = "it was deregistered at once" if lost.undone else "it may live on at the authorization server"
        message = f"{what} could not be written to the registration record, which the API server refused; {fate}"
        verdict = Verdict(reason=Reason.CLUSTER_UNAVAILABLE, message=message, stalled=not lost.undone)
        log.error("an answer could not be recorded", extra={**_key(step), "why": message})
        problem = Problem(verdict, until=self._world.clock.now() + self._world.settings.limits.retry_slowly)
        step.memory = step.memory.failed(problem, self._world.clock.now(), self._world.settings.limits.first_backoff)
        try:
            await self._report(step, verdict)
        except ClusterError:
            log.warning("the status could not be written", extra=_key(step))
        return Next(at=problem.until)


def _fresh_problem(observed: Observed, wait: Wait) -> Problem | None:
    """Return the failure of this pass that the wait is for, if it is for one."""
    tried = (observed.server, observed.initial_access_token, observed.rehearsed, observed.publication)
    found = next((p for p in tried if isinstance(p, Problem) and p.verdict == wait.verdict), None)
    return Problem(wait.verdict, backoff=True) if found is None and wait.backoff else found


def _account(step: Pass) -> dict[str, object]:
    """Return what the log says of a pass: which resource, what was done, and what is so now."""
    attempts = step.record.attempts if step.record is not None else ()
    known: dict[str, object] = {**_key(step), "steps": ",".join(step.changed)}
    if attempts:
        known["attempt"] = attempts[-1].number
    if step.verdict is not None:
        known |= {"reason": step.verdict.reason.value, "why": step.verdict.message}
    elif (reason := step.resource.status.ready_reason) is not None:
        known["reason"] = reason
    return known


def _key(step: Pass) -> dict[str, str]:
    return {"namespace": step.resource.namespace, "resource": step.resource.name, "uid": step.resource.uid}
