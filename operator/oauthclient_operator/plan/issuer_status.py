"""What the status of a ClusterOAuthIssuer says."""

from dataclasses import replace
from datetime import datetime

from ..names import ConditionType, Reason
from ..resource.cluster_oauth_issuer import ClusterOAuthIssuer
from ..resource.condition import Condition
from ..resource.issuer_status import Discovered, IssuerStatus, Observed
from ..verdict.verdict import Verdict
from .rollout import Rollout, rolled_out


def status(
    issuer: ClusterOAuthIssuer,
    verdict: Verdict,
    found: Discovered | Verdict,
    rollout: Rollout | None,
    seen: Observed,
    now: datetime,
) -> IssuerStatus:
    """Return the status by what was found; what was discovered before stays where nothing was discovered now.

    `found` is what was discovered, or why nothing was. `seen` is what answers to its clients told of the server.

    It is no input of anything but of a later process, which learns of it how far a change has come: whoever calls the
    issuer looks for itself.
    """
    before = issuer.status
    ready = _condition(issuer, ConditionType.READY, verdict, now, holds=verdict.reason is Reason.READY)
    discovered = found if isinstance(found, Discovered) else None
    why = found if isinstance(found, Verdict) else Verdict(reason=Reason.DISCOVERED, message=_found(found))
    known = _condition(issuer, ConditionType.DISCOVERED, why, now, holds=discovered is not None)
    return replace(
        before,
        observed_generation=issuer.generation,
        discovered=discovered or before.discovered,
        observed=seen.over(before.observed),
        conditions=(ready, known, *_applied(issuer, rollout, now)),
    )


def _applied(issuer: ClusterOAuthIssuer, rollout: Rollout | None, now: datetime) -> tuple[Condition, ...]:
    if rollout is None:
        before = issuer.status.condition(ConditionType.APPLIED)
        return (before,) if before is not None and before.observed_generation == issuer.generation else ()
    verdict = rolled_out(rollout)
    return (_condition(issuer, ConditionType.APPLIED, verdict, now, holds=verdict.reason is Reason.APPLIED),)


def _found(discovered: Discovered) -> str:
    if discovered.registration_endpoint is None:
        return "the issuer's metadata were read, and name no registration_endpoint"
    return f"clients are registered at {discovered.registration_endpoint}"


def _condition(
    issuer: ClusterOAuthIssuer, type_: ConditionType, verdict: Verdict, now: datetime, *, holds: bool
) -> Condition:
    state = "True" if holds else "False"
    before = issuer.status.condition(type_)
    return Condition(
        type=type_.value,
        status=state,
        reason=verdict.reason.value,
        message=verdict.message,
        # Kubernetes API conventions: when the status changed, not its reason.
        last_transition_time=before.last_transition_time if before is not None and before.status == state else now,
        observed_generation=issuer.generation,
    )
