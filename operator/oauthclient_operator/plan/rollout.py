"""A change of an issuer that is an update of each of its clients: one goes first, the others stay till then.

An update may renew a client secret, or be refused: what an issuer's fixed members and defaults ask for is tried by one
client before all are told. Only that is held back: whom to trust, and how clients are let in, holds at once.
"""

from dataclasses import dataclass, replace

from ..names import Reason
from ..record.envelope import Stored
from ..record.summary import Summary
from ..resource.desired import Desired
from ..resource.issuer_reference import AppliedIssuer
from ..resource.oauth_client import OAuthClient
from ..verdict import issuers as words
from ..verdict.verdict import Verdict
from .asked import asked
from .observed import Observed
from .reasons import is_update_due


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """How far a change of an issuer has come, for people: clients by namespace and name.

    `first` is on its way; `failed` went before it and are not ready, each with why; `said` is the same as a process of
    before wrote it down; `over` says that one is ready, and the others follow.
    """

    first: str | None = None
    failed: tuple[str, ...] = ()
    said: str | None = None
    over: bool = False


def rolled_out(rollout: Rollout) -> Verdict:
    """Return what an issuer's status says of it."""
    if rollout.over:
        return words.applied()
    if rollout.first is not None:
        return words.one_first(rollout.first, rollout.failed)
    return words.client_not_ready(rollout.failed, rollout.said)


def brings(resource: OAuthClient, summary: Summary | None, desired: Desired) -> bool:
    """Whether nothing but a change of its issuer asks for an update of a client that is ready.

    Its own edit, or a person's word that it be tried now, waits for nobody; nor does what was begun already.
    """
    applied, issuer, metadata = resource.status.issuer, desired.terms.resource, asked(desired)
    if applied is None or issuer is None or metadata is None or summary is None:
        return False
    is_other = (applied.uid, applied.generation) != (issuer.uid, issuer.generation)
    stands = resource.generation == resource.status.observed_generation and not (resource.deleting or resource.paused)
    return (
        is_other
        and (applied.url, applied.name) == (desired.terms.issuer, issuer.name)
        and stands
        and resource.status.ready_reason == Reason.REGISTERED
        and resource.retry in (None, summary.retry)
        and summary.open_call is None
        and summary.confirmed is not None
        and summary.confirmed != metadata.digest()
    )


def as_applied(desired: Desired, applied: AppliedIssuer | None) -> Desired:
    """Return what is asked for, as of the version of the issuer resource that a client's status says is applied."""
    issuer = desired.terms.resource
    if issuer is None or applied is None or applied.uid is None or applied.generation is None:
        return desired
    before = replace(issuer, uid=applied.uid, generation=applied.generation)
    return replace(desired, terms=replace(desired.terms, resource=before))


def as_confirmed(observed: Observed, desired: Desired) -> Desired:
    """Return what is asked for with the metadata that the server has, for as long as a client waits for another one.

    What that server is not known to hold is no state to stay in.
    """
    client = observed.record.record.published if isinstance(observed.record, Stored) else None
    if not observed.waits_for_another or client is None or client.confirmed is None or client.confirmed.members is None:
        return desired
    accepted = client.accepted
    return desired if is_update_due(client, accepted) else replace(desired, metadata=accepted)
