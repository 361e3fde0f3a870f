"""What is said when a pass ends: in the status and by Events, or in the log where there is no resource."""

import logging
from dataclasses import replace
from datetime import datetime

from ..errors import AnswerNotRecorded, ClusterError, Retry
from ..names import Reason
from ..oauth.words import quoted
from ..plan import pauses, plan
from ..plan.action import Renewal, Wait
from ..plan.observed import Problem
from ..resource.key import Key
from ..resource.oauth_client import OAuthClient
from ..verdict.cluster import cluster_failed
from ..verdict.verdict import Verdict
from .failing import failing_since, is_said
from .logged import named
from .passes import Pass
from .settings import Next
from .world import World

log = logging.getLogger(__name__)


async def say(world: World, step: Pass, key: Key, verdict: Verdict, renewal: Renewal | None = None) -> datetime | None:
    """Say how it stands, and tell what was done.

    Return when it has to be said once more, where that is not to be done now.

    Raises:
        ClusterError: the status could not be written.
    """
    step.verdict = verdict
    # What is said is a write, which may be held: nobody waits for a slot meanwhile.
    step.end()
    resource = step.observed.resource
    if isinstance(resource, OAuthClient):
        # What is told once is not told again, should the status have to be written a second time.
        deeds, step.deeds = step.deeds, []
        written = await world.reporter.report(
            step.observed, resource, verdict, deeds, desired=step.desired, renewal=renewal
        )
        if isinstance(written, datetime):
            return written
        if written:
            step.changed.append("Report")
    elif step.memory.said != verdict:
        step.memory = replace(step.memory, said=verdict)
        log.warning(verdict.message, extra=named(key, step))
    return None


async def tell(world: World, step: Pass) -> None:
    """Tell what was done and was not told with a status: somebody else was faster, or the resource is gone by it."""
    if isinstance(resource := step.observed.resource, OAuthClient):
        deeds, step.deeds = step.deeds, []
        await world.reporter.tell(resource, deeds)


async def say_before_waiting(world: World, step: Pass, key: Key) -> None:
    """Say how it stands before a wait for an issuer, where that is for a proof alone."""
    if step.record is None:
        # Nothing was done, as of many that come at once to be registered.
        return
    step.end()
    action = plan(replace(step.observed, proves=False), step.desired, world.clock.now())
    if isinstance(action, Wait):
        await _say_safely(world, step, key, action.verdict, action.renewal)


async def say_failure(world: World, step: Pass, key: Key, error: ClusterError) -> Next:
    """Say that the API server did not do its part."""
    log.warning("the API server failed a request", extra={**named(key, step), "why": str(error)})
    now = world.clock.now()
    step.memory = replace(step.memory, failing_since=failing_since(step.memory.failing_since, error, now))
    if is_said(error, step.memory.failing_since, now):
        await _say_safely(world, step, key, cluster_failed(error))
    return Next(backoff=True, why=str(error))


async def say_unrecorded(world: World, step: Pass, key: Key, lost: AnswerNotRecorded) -> Next:
    """Say everywhere that a client exists, or did for a moment, which no record holds."""
    what = f"client {quoted(lost.client_id)}" if lost.client_id else "an answer of the authorization server"
    fate = "it was deregistered at once" if lost.undone else "it may live on at the authorization server"
    message = f"{what} could not be written to the registration record, which the API server refused; {fate}"
    verdict = Verdict(reason=Reason.CLUSTER_UNAVAILABLE, message=message, stalled=not lost.undone)
    log.error("an answer could not be recorded", extra={**named(key, step), "why": message})
    problem = Problem(verdict, Retry.SLOWLY)
    memory, limits = step.memory.counted(world.chance.fraction()), world.settings.limits
    until = pauses.until(problem, world.clock.now(), memory.failures, limits)
    step.memory = memory.holding(problem, until)
    await _say_safely(world, step, key, verdict)
    return Next(at=until, why=message)


async def _say_safely(world: World, step: Pass, key: Key, verdict: Verdict, renewal: Renewal | None = None) -> None:
    try:
        await say(world, step, key, verdict, renewal)
    except ClusterError:
        log.warning("the status could not be written", extra=named(key, step))
