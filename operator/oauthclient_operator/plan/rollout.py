"""A change of an issuer that is an update of each of its clients: one goes first, the others stay till then.

An update may renew a client secret, or be refused: what an issuer's fixed members and defaults ask for is tried by one
client before all are told. Only that is held back: whom to trust, and how clients are let in, holds at once.
"""

from dataclasses import dataclass, replace
from typing import Final

from ..names import Reason
from ..oauth.client_metadata import ClientMetadata
from ..record.envelope import Stored
from ..record.summary import Summary
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from ..verdict import issuers as words
from ..verdict.verdict import Verdict
from .asked import asked
from .observed import Observed, Unread
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


_OF_ITS_ISSUER: Final = frozenset({Reason.ISSUER_NOT_READY, Reason.NOT_ALLOWED_BY_ISSUER})
"""Why all clients of an issuer may be not ready at once, by a mistake there: what mends it may be an update of each."""


def brings(resource: OAuthClient, summary: Summary | None, desired: Desired) -> bool:
    """Whether nothing but a change of its issuer asks for an update of a client that is ready but for its issuer.

    Its own edit, or a person's word that it be tried now, waits for nobody; nor does what was begun already. An edit of
    a client that was not ready the metadata tell alone (`as_confirmed`).
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
        and resource.status.ready_reason in {Reason.REGISTERED, *_OF_ITS_ISSUER}
        and resource.retry in (None, summary.retry)
        and summary.open_call is None
        and summary.confirmed is not None
        and summary.confirmed != metadata.digest()
    )


def as_confirmed(observed: Observed, desired: Desired) -> Desired:
    """Return what is asked for with the metadata that the server has, for as long as a client waits for another one.

    What that server is not known to hold is no state to stay in, nor is one that its own team has edited since.
    """
    client = observed.record.record.published if isinstance(observed.record, Stored) else None
    if not observed.waits_for_another or client is None or client.confirmed is None or client.confirmed.members is None:
        return desired
    accepted = client.accepted
    if is_update_due(client, accepted) or _was_edited(observed.resource, desired, accepted):
        return desired
    return replace(desired, metadata=accepted)


def _was_edited(resource: OAuthClient | Unread | None, desired: Desired, accepted: ClientMetadata) -> bool:
    """Whether a client that is not ready for its issuer's sake asks for other values than the server has by itself."""
    if not isinstance(resource, OAuthClient) or resource.status.ready_reason not in _OF_ITS_ISSUER:
        return False
    asked_for = desired.metadata.members if desired.metadata is not None else {}
    own = {name: value for name, value in asked_for.items() if name not in desired.of_issuer}
    return any(accepted.members.get(name) != value for name, value in own.items())
