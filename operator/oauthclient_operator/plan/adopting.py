"""The ladder of an adoption: a client that a Secret hands over is published, once its server has said that it is ours.

In the place of the first registration, where the spec names another issuer, and where a client that is published can be
managed no longer, its record is older than what is published, or gone. No registration follows, whatever fails.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from .. import names
from ..errors import Retry
from ..names import Reason
from ..oauth.rfc8414 import ServerMetadata
from ..published_secret import is_owned, key_shown
from ..record.adoptions import Offered, Proven, Refused, Taken
from ..record.calls import CallKind, CallOutcome, ClosedCall
from ..record.envelope import has_room
from ..record.handed_keys import taken_pair
from ..record.pairs import OwnKey, Pair
from ..record.record import Record
from ..resource.client_information_secret import HandedOver
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from ..resource.secret import Secret
from ..resource.status import shown_client_id
from ..verdict import adopting as words
from ..verdict.publishing import immutable, not_owned
from ..verdict.records import record_full
from ..verdict.registering import crowded
from . import pauses
from .action import (
    Action,
    AddFinalizer,
    FindHolders,
    Offer,
    Read,
    ReadClientInformation,
    ReadSecret,
    RefuseAdoption,
    TakeUp,
    Wait,
)
from .adoption import Adoption
from .asked import asked
from .leaving import may_show_client_id
from .observed import Observed, Problem, Unread
from .registration import invalid_spec, plan_preflight, plan_rehearsal
from .unproven import plan_unproven

_CURES: Final = frozenset(
    {Reason.MANAGEMENT_LOST, Reason.UPDATE_UNSUPPORTED, Reason.RECORD_OUTDATED, Reason.RECORD_MISSING}
)
"""What an adoption can cure of a client that is published."""
_OUTDATED: Final = frozenset({Reason.RECORD_OUTDATED, Reason.RECORD_MISSING})
"""And where what is published may be the last copy of working credentials."""


def plan_adoption(
    observed: Observed, resource: OAuthClient, desired: Desired, name: str, record: Record | None, now: datetime
) -> Action:
    """Return the next step towards the client that is to be published in the place of one that would be registered."""
    metadata, publication = asked(desired), desired.publication
    if metadata is None or publication is None:
        return Wait(verdict=invalid_spec(desired, record))
    adoption = Adoption(
        observed=observed,
        resource=resource,
        desired=desired,
        metadata=metadata,
        publication=publication,
        name=name,
        record=record,
        now=now,
    )
    step = _plan(adoption) or adoption.fails(words.taken_before(name))
    if not isinstance(step, Wait) or step.verdict.reason is not Reason.ADOPTION_FAILED:
        return step
    return replace(step, verdict=replace(step.verdict, message=words.nothing_else(step.verdict.message)))


def plan_cure(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record | None, wait: Wait, now: datetime
) -> Action:
    """Return the next step of an adoption where a published client waits for one, or that wait with what keeps it."""
    under_way = record is not None and isinstance(record.adoption, Offered | Proven)
    cures = wait.verdict.reason in _CURES or under_way or _is_unmanageable(record)
    stands = (
        wait.failed is not None or observed.turned is not None or observed.held_at(desired.terms.issuer) is not None
    )
    metadata, publication = asked(desired), desired.publication
    if desired.adopt is None or metadata is None or publication is None or resource.paused or stands or not cures:
        return wait
    if wait.verdict.reason is Reason.ADOPTION_FAILED:
        # It was planned already, for a client at another issuer.
        return wait
    step = _plan(
        Adoption(
            observed=observed,
            resource=resource,
            desired=desired,
            metadata=metadata,
            publication=publication,
            name=desired.adopt,
            record=record,
            now=now,
            outdated=wait.verdict.reason in _OUTDATED,
        )
    )
    if step is None or not isinstance(step, Wait):
        return step or wait
    verdict = replace(wait.verdict, message=f"{wait.verdict.message}; spec.adopt: {step.verdict.message}")
    sooner = min((at for at in (wait.until, step.until) if at is not None), default=None)
    return replace(wait, verdict=verdict, until=sooner, failed=step.failed)


def plan_withdrawal(record: Record, desired: Desired) -> RefuseAdoption | None:
    """Return that what was proven is let go, where nobody asks for it any more."""
    proven = record.adoption
    return RefuseAdoption(proven.fingerprint) if isinstance(proven, Proven) and desired.adopt is None else None


def _is_unmanageable(record: Record | None) -> bool:
    client = record.published if record is not None else None
    return client is not None and not client.manageable


def _plan(adoption: Adoption) -> Action | None:
    """Return the next step, or None where the Secret says nothing new."""
    observed, record, name = adoption.observed, adoption.record, adoption.name
    current = record.adoption if record is not None else None
    if record is not None and isinstance(current, Proven):
        return _plan_taking(adoption, record, current)
    if (held := observed.held_at(adoption.desired.terms.issuer)) is not None:
        # It failed a moment ago, and nothing has changed since that could make it better.
        return pauses.held(held)
    handed = observed.handed_over
    if isinstance(handed, Unread):
        return ReadClientInformation(name)
    if isinstance(handed, Problem):
        # The Secret's own change wakes us.
        return adoption.fails(handed.verdict.message)
    if current is not None and current.fingerprint == handed.fingerprint:
        if isinstance(current, Taken):
            return None
        if isinstance(current, Refused) and adoption.asks_again is None:
            again = _not_again_before(adoption, current)
            if adoption.now < again:
                return adoption.fails(words.refused(name, current, by_key=handed.key is not None), again)
    return _plan_objection(adoption, handed) or _plan_preparation(adoption) or _plan_proof(adoption, handed)


def _not_again_before(adoption: Adoption, refused: Refused) -> datetime:
    if refused.withdrawn and adoption.observed.held_by_other is False and not adoption.outdated:
        # Whoever had it has let it go.
        return refused.at + pauses.WITHDRAWN
    # What stands before a server may have refused it, or an administrator repairs the server.
    return refused.at + adoption.observed.limits.retry_slowly


def _plan_objection(adoption: Adoption, handed: HandedOver) -> Action | None:
    """Return why it is not taken up before anybody is asked."""
    observed, resource, publication = adoption.observed, adoption.resource, adoption.publication
    client_id, name = handed.information.client_id, adoption.name
    if observed.held_by_other is True:
        return adoption.fails(words.held_by_other(name), adoption.slowly)
    if isinstance(observed.secret, Unread):
        return ReadSecret(publication.secret_name)
    if adoption.outdated:
        if not _is_published(adoption, client_id, handed.issuer):
            return adoption.fails(words.another_client(name, client_id, resource.status.client_id))
        if not _is_managed(adoption, handed):
            return adoption.fails(words.unproven(name))
        if (shown := _shown_key(adoption, client_id, handed)) is not None:
            return adoption.fails(words.another_key(name, shown))
    secret = observed.secret
    if isinstance(secret, Secret) and not is_owned(secret, resource.uid):
        return pauses.fresh(
            Problem(not_owned(publication.secret_name, secret, resource_name=adoption.resource.name), Retry.BACKOFF),
            observed,
            adoption.now,
        )
    return Wait(verdict=immutable(secret.name)) if isinstance(secret, Secret) and secret.immutable else None


def _is_published(adoption: Adoption, client_id: str, issuer: str) -> bool:
    """Whether that is the client which is published, as far as the status and the Secret tell."""
    said = adoption.resource.status.client_id
    if said is not None:
        return said in (client_id, shown_client_id(client_id))
    return may_show_client_id(adoption.observed, adoption.publication, client_id, issuer)


def _shown_key(adoption: Adoption, client_id: str, handed: HandedOver) -> str | None:
    """Return which key of ours is published, where that is neither handed over nor what the record publishes anyway."""
    record, secret = adoption.record, adoption.observed.secret
    shown = key_shown(secret, adoption.publication) if isinstance(secret, Secret) else None
    if shown is None:
        return None
    if handed.key is not None:
        return None if shown == handed.key.thumbprint else shown
    pair, known = (None, None) if record is None else (record.pair, record.published)
    recorded = pair.credential if pair is not None and isinstance(pair.credential, OwnKey) else None
    same = known is not None and (known.issuer, known.information.client_id) == (handed.issuer, client_id)
    return None if same and recorded is not None and recorded.kid == shown else shown


def _shows_pair(adoption: Adoption, pair: Pair) -> bool:
    """Whether no other key of ours is published than that of the pair."""
    secret = adoption.observed.secret
    shown = key_shown(secret, adoption.publication) if isinstance(secret, Secret) else None
    return shown is None or pair.credential == OwnKey(shown)


def _plan_preparation(adoption: Adoption) -> Action | None:
    """Return what has to be so before anything is written down, as before a registration."""
    observed, record, now = adoption.observed, adoption.record, adoption.now
    if record is None and observed.crowded:
        return Wait(verdict=crowded(observed.limits.records_per_namespace), until=adoption.slowly)
    if record is not None and not has_room(record):
        return Wait(verdict=record_full(), until=adoption.slowly)
    # The issuer's endpoints are published with the client.
    preflight = plan_preflight(observed, None, now)
    if preflight is not None:
        return preflight
    if observed.finalizer is not None:
        return pauses.fresh(observed.finalizer, observed, now)
    if names.FINALIZER not in adoption.resource.finalizers:
        return AddFinalizer()
    # A read may bring another client secret: the Secret must be able to take it.
    return plan_rehearsal(observed, adoption.resource, adoption.publication, now)


def _is_managed(adoption: Adoption, handed: HandedOver) -> bool:
    """Whether a client that is handed over can be read, and may be."""
    reach = adoption.observed.address_of(handed.issuer).reach
    return handed.manageable and (reach is None or reach.managed)


def _plan_proof(adoption: Adoption, handed: HandedOver) -> Action:
    """Return the read that proves the client, or what is done where nothing can be asked."""
    observed, record, name = adoption.observed, adoption.record, adoption.name
    endpoints = observed.server.endpoints if isinstance(observed.server, ServerMetadata) else {}
    if not _is_managed(adoption, handed):
        return plan_unproven(adoption, handed, endpoints)
    offered = record.adoption if record is not None else None
    if record is None or not isinstance(offered, Offered) or offered.fingerprint != handed.fingerprint:
        return Offer(handed, endpoints, outdated=adoption.outdated)
    if offered.client.key in observed.unmanageable:
        return adoption.fails(words.out_of_reach(name))
    last = record.last(CallKind.READ, offered.client.key)
    until = _not_before(adoption, offered, last) if last is not None and adoption.asks_again is None else None
    if until is not None and adoption.now < until:
        return adoption.fails(words.lost(name, last), until)
    return Read(offered.client, repeats=last is not None and last.outcome is CallOutcome.AMBIGUOUS, adopts=True)


def _not_before(adoption: Adoption, offered: Offered, last: ClosedCall) -> datetime | None:
    """Return when it is read again: a lost answer is asked for once more at once, and then slowly."""
    observed, lost = adoption.observed, len(offered.client.unresolved_reads)
    if last.rejected:
        return pauses.after_rejection(last, observed.failures, observed.limits)
    return last.at + observed.limits.retry_slowly if last.outcome is CallOutcome.AMBIGUOUS and lost > 1 else None


def _plan_taking(adoption: Adoption, record: Record, proven: Proven) -> Action:
    """Return the next step for a client that is proven: who else holds it is looked for live, and not before."""
    observed, client = adoption.observed, record.client(proven.client)
    if client is None or client.issuer != adoption.desired.terms.issuer:
        return RefuseAdoption(proven.fingerprint)
    if isinstance(observed.held_by_other_live, Unread):
        # Ours is written down by now: of two that look after they wrote, one sees the other.
        return FindHolders(client.issuer, client.information)
    if observed.held_by_other_live:
        return RefuseAdoption(proven.fingerprint)
    if isinstance(observed.secret, Unread):
        return ReadSecret(adoption.publication.secret_name)
    published = _is_published(adoption, client.information.client_id, client.issuer)
    if adoption.outdated and not (published and _shows_pair(adoption, taken_pair(record, client))):
        # It was proven before the record was stored that is back now, and is published no more.
        return RefuseAdoption(proven.fingerprint)
    same = record.pair is not None and record.pair.client == client.key
    stays = same and adoption.shown_edition <= record.edition
    return TakeUp(client.key, record.edition if stays else adoption.next_edition)
