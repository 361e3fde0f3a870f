"""The ladder of a replacement by a key of ours, at the client that is published: no other client_id, no new consents.

    begin: a key is born, the update says both -> both are proven -> promote -> … -> an update without the old one
                                               -> give up: an update with the first alone, and another way

One set of keys at a time is on its way: an update of unknown outcome is repeated with the same keys, and no third one
is born before it was answered.
"""

from dataclasses import replace
from datetime import datetime

from ..names import Reason
from ..oauth.client_metadata import ClientMetadata
from ..record.calls import CallOutcome, UpdateCall
from ..record.clients import Client, UpdateDue
from ..record.pairs import Pair
from ..record.record import Record
from ..record.replacements import Replacement, Strategy
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from ..verdict import renewing
from . import reasons
from .action import Action, GiveUp, Promote, Wait
from .asked import asked
from .dialects import has_room_for_key, holds_one_key
from .key_proofs import plan_calibration, plan_veto
from .observed import Observed
from .registration import invalid_spec, plan_rehearsal
from .updates import plan_update

_OF_TWO_KEYS = frozenset({Reason.UPDATE_REJECTED, Reason.NOT_UNDERSTOOD})
_REFUSED = _OF_TWO_KEYS | {Reason.UPDATE_UNSUPPORTED, Reason.MANAGEMENT_LOST}


def plan_birth(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    replacement: Replacement,
    now: datetime,
) -> Action:
    """Return the next step towards another key, with whose call the replacement begins, or goes on."""
    if isinstance(client.standing, UpdateDue) or record.has_keys_due(client):
        return Wait(verdict=renewing.waits_for_update(replacement.reasons, client))
    if not has_room_for_key(record, client, desired.terms):
        # Those that are leaving go by themselves.
        return Wait(verdict=renewing.waits_for_keys(replacement.reasons, client, len(record.keys_of(client))))
    metadata = metadata_for(record, client, desired)
    if metadata is None:
        return Wait(verdict=invalid_spec(desired, record))
    return plan_calibration(observed, desired, client, replacement, now) or plan_update(
        observed, resource, desired, record, client, metadata, now, begins=replacement
    )


def plan_key(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    pair: Pair,
    now: datetime,
) -> Action:
    """Return the next step for a key that was born, and is to be published: that pair."""
    if holds_one_key(client, desired.terms) or reasons.of_pair(client, resource, desired, now, pair):
        return GiveUp(pair)
    metadata = metadata_for(record, client, desired)
    if metadata is None:
        # Until a person has corrected the spec the server may hold both, and accept neither.
        return GiveUp(pair)
    if reasons.is_update_due(client, metadata) or record.has_keys_due(client):
        step = plan_update(observed, resource, desired, record, client, metadata, now)
        if isinstance(step, Wait) and step.verdict.reason in _REFUSED:
            return GiveUp(pair, one_key=step.verdict.reason in _OF_TWO_KEYS)
        return step
    return (
        plan_rehearsal(observed, resource, desired.publication, now)
        or plan_veto(observed, desired, record, client, pair, now)
        or Promote(pair, resource.rotate)
    )


def plan_keys_in_step(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record, client: Client, now: datetime
) -> Action | None:
    """Return the next step to take back keys that no pair of the published client needs, or None without any.

    Wherever the spec points by now: a server that takes two keys, and accepts neither, refuses every app meanwhile.
    """
    current = record.replacement
    goes_on = current is not None and current.strategy is Strategy.KEYS and current.pair is not None
    if goes_on or record.changes_in_place(client) or not _may_hold_others(record, client, desired):
        return None
    metadata = metadata_for(record, client, desired) or _confirmed(client)
    if metadata is None:
        return None
    step = plan_update(observed, resource, desired, record, client, metadata, now)
    return replace(step, verdict=renewing.key_not_removed(client, step.verdict)) if isinstance(step, Wait) else step


def metadata_for(record: Record, client: Client, desired: Desired) -> ClientMetadata | None:
    """Return what an update says beside keys: what the spec asks, or where that cannot be, what was accepted before.

    What is meant for a client without keys of ours is never said to one that has them, nor the other way round.
    """
    wanted, confirmed = asked(desired), _confirmed(client)
    if wanted is None:
        return confirmed if not desired.terms.problems else None
    if not is_meant_for(client, desired) or _was_refused(record, client, wanted):
        return confirmed
    return wanted


def is_meant_for(client: Client, desired: Desired) -> bool:
    """Whether an edit of the spec is an update of that client, and not what another one is registered with.

    Between a client secret and keys there is no update: running pods would hold what is refused at once.
    """
    own_keys = bool(client.keys) == (desired.signing is not None)
    return client.issuer == desired.terms.issuer and own_keys and not reasons.is_method_changed(client, desired)


def _may_hold_others(record: Record, client: Client, desired: Desired) -> bool:
    """Whether the server accepted other keys of ours than the client's pairs need, or may have, for an answer was lost.

    Where an edit's own update says the keys again, a lost one is no reason for another.
    """
    if record.has_keys_due(client):
        return True
    if asked(desired) is not None and is_meant_for(client, desired):
        return False
    kids = {key.kid for key in record.keys_of(client)}
    lost = (c.what for c in record.closed if c.number in client.unresolved)
    return any(isinstance(what, UpdateCall) and {*what.kids} != kids for what in lost)


def _confirmed(client: Client) -> ClientMetadata | None:
    return client.accepted if client.confirmed is not None else None


def _was_refused(record: Record, client: Client, metadata: ClientMetadata) -> bool:
    """Whether the server refused, by its newest word on them, to update the client to what these metadata say."""
    digest = metadata.digest()
    updates = (c for c in record.closed if isinstance(c.what, UpdateCall) and c.what.client == client.key)
    about = (c for c in updates if isinstance(c.what, UpdateCall) and c.what.asked.digest == digest)
    last = max(
        (c for c in about if c.refuses_metadata or c.outcome is CallOutcome.COMMITTED),
        key=lambda c: c.number,
        default=None,
    )
    return last is not None and last.refuses_metadata
