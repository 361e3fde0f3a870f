"""The ladder of a replacement: the published pair has a reason to become another one.

    begin and register -> bring the candidate to what the spec asks -> promote
                       -> give the candidate up, and register another
                       -> end without effect, and wait longer each time

By a key of ours it goes as `keys` says. One replacement at most, and it begins only when the Secret shows what is
published and few pairs are leaving.
"""

from datetime import datetime
from typing import Final

from ..names import Reason
from ..oauth.proof.results import Refused
from ..oauth.rfc7591 import insufficiency
from ..record.clients import Adopted, Client
from ..record.pairs import OwnKey, Pair, expiry, pair_of
from ..record.record import Record
from ..record.registering import next_attempt
from ..record.replacements import Replacement, ReplacementReason, Strategy
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from ..resource.rotation import RotationStrategy
from ..verdict import renewing
from ..verdict.verdict import Verdict
from . import pauses, reasons
from .action import Action, Check, EndReplacement, FallBack, GiveUp, Promote, Wait, Withdraw
from .adopting import plan_adoption
from .another_client import GIVEN_UP_AT_MOST, plan_another_client, said, turn_back
from .asked import asked
from .by_update import plan_begun, plan_by_update
from .candidates import better_but_for
from .given_twice import before_promotion
from .keys import is_meant_for, plan_birth, plan_key
from .managing import way_of
from .observed import Observed
from .once_more import ask_before_promotion, ask_once_more
from .proving import ASKED_AGAIN, PATIENCE, ask, proof_of
from .registration import plan_rehearsal
from .returning import plan_return
from .strategies import is_by_key, strategy_of_all, why_not_by_key, why_not_by_update, without_idle_interval
from .updates import plan_update

LEAVING_AT_ONCE: Final = 3
"""So many pairs may be leaving: no replacement begins before one of them has left."""
_LEAVING_AT_MOST: Final = 8
"""Where the published secret expires: an outage is worse."""
_TAKES_NO_UPDATE: Final = frozenset({Reason.UPDATE_UNSUPPORTED, Reason.MANAGEMENT_LOST})
"""What is no end for what is published, where the policy has another client take an edit, is the end of a candidate."""


def plan_replacement(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record, client: Client, now: datetime
) -> Action | None:
    """Return the next step of a replacement, or None where none is wanted."""
    why = reasons.of_published(record, client, resource, desired, now, way=way_of(observed, client))
    why = without_idle_interval(observed, desired, record, client, why)
    if (adopted := _plan_adopted(observed, resource, desired, record, client, why, now)) is not None:
        return adopted
    current = record.replacement
    if current is None:
        how = strategy_of_all(observed, desired, record, client, why)
        begins = how is not None or _is_held_back(record, client, desired, why)
        begun = _plan_beginning(observed, resource, desired, record, client, why, how, now) if begins else None
        # Where nothing asks for another by now, that none came of the last time is said until one did.
        return begun or _told(record, client)
    # What it was begun for may have gone, and more have come.
    asking = current.asked_by(why)
    candidate = None if current.pair is None else record.client(current.pair.client)
    if current.strategy is Strategy.SERVER:
        return plan_begun(observed, resource, desired, record, client, current, why, now)
    if current.pair is not None and current.strategy is Strategy.KEYS:
        return plan_key(observed, resource, desired, record, client, current.pair, now)
    if candidate is None or current.pair is None:
        if (back := _plan_back(observed, resource, desired, record, asking, now)) is not None:
            return back
        if not asking:
            # An edit took the reason away, or the client that is published was given another secret. What is said of it
            # and taken back again and again costs a client each time.
            in_vain = current.given_up and reasons.is_mistrusted(current.reasons)
            return EndReplacement(current, current.reasons) if in_vain else Withdraw(current)
        if current.given_up >= GIVEN_UP_AT_MOST:
            return EndReplacement(current, asking)
        if current.strategy is Strategy.KEYS:
            return _plan_another_key(observed, resource, desired, record, client, current, now)
        return _plan_another(observed, resource, desired, record, client, current, why, asking, now)
    lacking = better_but_for(candidate, client, resource, desired, asking, now) if candidate.wanted else None
    lacks = insufficiency(candidate.accepted, candidate.information, own_keys=bool(candidate.keys))
    # What was said of the published one is not said any more.
    is_taken_back = not asking and reasons.is_mistrusted(current.reasons)
    if lacking is None or lacks is not None or is_taken_back:
        return GiveUp(current.pair)
    metadata = asked(desired)
    # It was registered with what the spec asked then, or with what had to do: a bad edit since then changes nothing.
    instead = said(observed.limits, record, client, desired, current, asking).instead
    will_do = metadata is None or instead or not is_meant_for(candidate, desired)
    is_due = metadata is not None and (reasons.is_update_due(candidate, metadata) or record.has_keys_due(candidate))
    if instead and ReplacementReason.UNMANAGEABLE in asking:
        lacking = (*lacking, ReplacementReason.UNMANAGEABLE)
    if metadata is not None and not will_do and is_due:
        step = plan_update(observed, resource, desired, record, candidate, metadata, now)
        # One that cannot be brought to what the spec asks is no better than the one that is published.
        hopeless = isinstance(step, Wait) and (step.verdict.stalled or step.verdict.reason in _TAKES_NO_UPDATE)
        return GiveUp(current.pair) if hopeless else step
    return (
        before_promotion(observed, record, candidate, current.pair, now)
        or plan_rehearsal(observed, resource, desired.publication, now)
        or _plan_veto(observed, client, candidate, current.pair, now)
        or ask_before_promotion(observed, resource, desired, record, client, candidate, asking, now)
        or Promote(current.pair, resource.rotate, lacking)
    )


def _told(record: Record, client: Client) -> Wait | None:
    """Return what is to be said of replacements that changed nothing, unless an edit took away what they were for."""
    ended = record.without_effect
    if ended is None or not ended.is_about(()) or reasons.is_mistrusted(ended.reasons):
        return None
    return Wait(verdict=renewing.without_effect((), client, ended))


def _plan_adopted(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    why: tuple[ReplacementReason, ...],
    now: datetime,
) -> Action | None:
    """Return the next step to the client that is handed over at another issuer, or None where none is named.

    None is registered there: who names another issuer and a client of it means that client. Nor is that waited for with
    what is published here, if it is of no use before long.
    """
    if desired.adopt is None or ReplacementReason.MOVED not in why or observed.turned is not None:
        return None
    back = _plan_back(observed, resource, desired, record, why, now)
    step = back or plan_adoption(observed, resource, desired, desired.adopt, record, now)
    # What was begun for a person's word goes on: it was served by then, and asks no more.
    asking = why if record.replacement is None else record.replacement.asked_by(why)
    here = turn_back(record, client, desired, step, asking, now) if isinstance(step, Wait) else None
    return here or step


def _plan_back(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    why: tuple[ReplacementReason, ...],
    now: datetime,
) -> Action | None:
    """Return how to go back to a pair that is leaving, or None; where one was handed over it is that one or none."""
    back = plan_return(observed, resource, desired, record, why, now)
    if back is None or desired.adopt is None or ReplacementReason.MOVED not in why:
        return back
    taken = record.client(back.pair.client)
    # It is not looked at again.
    return back if taken is not None and isinstance(taken.origin, Adopted) else None


def _plan_veto(observed: Observed, client: Client, candidate: Client, pair: Pair, now: datetime) -> Action | None:
    """Return what a proof has against a candidate, or how to ask for one; without a word it is promoted.

    One that is not accepted yet stays for a while: replicas may not have heard of it, and some clients are approved.
    Once it was refused, somebody has to accept it in that time: that nobody answers takes no refusal back.
    """
    step = proof_of(candidate, client)
    if candidate.key not in observed.proofs and isinstance(step, Check):
        asks = ask(observed, candidate, step, now)
        if asks is not None:
            return asks
    refused = isinstance(observed.proofs.get(candidate.key), Refused)
    if not refused and candidate.doubts is None:
        return None
    patient_until = candidate.origin.at + PATIENCE
    if now >= patient_until:
        # What is published may expire before anybody answers; another one was never refused.
        return GiveUp(pair)
    return Wait(verdict=renewing.not_accepted_yet(candidate), until=min(patient_until, now + ASKED_AGAIN))


def _plan_beginning(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    why: tuple[ReplacementReason, ...],
    how: Strategy | None,
    now: datetime,
) -> Action:
    if (back := _plan_back(observed, resource, desired, record, why, now)) is not None:
        return back
    at_most = LEAVING_AT_ONCE if ReplacementReason.EXPIRY not in why else _LEAVING_AT_MOST
    if len(record.leaving) >= at_most and how is not Strategy.SERVER:
        return Wait(verdict=renewing.waits_for_leaving(why, client, len(record.leaving)))
    if (ended := record.without_effect) is not None:
        until = pauses.after_no_effect(ended, why, expiry(client) if ReplacementReason.EXPIRY in why else None)
        if until is not None and now < until:
            return Wait(verdict=renewing.without_effect(why, client, ended), until=until)
    if how is None:
        return Wait(verdict=_why_not(observed, desired, record, client, why))
    replacement = Replacement(
        reasons=why,
        strategy=how,
        begun_at=now,
        first_call=record.next_call,
        first_attempt=next_attempt(record),
    )
    if reasons.is_mistrusted(why) and observed.fleet_not_before is not None:
        return Wait(verdict=renewing.not_its_turn(why, client), until=observed.fleet_not_before)
    match how:
        case Strategy.KEYS:
            return plan_birth(observed, resource, desired, record, client, replacement, now)
        case Strategy.SERVER:
            return plan_by_update(observed, resource, desired, record, client, replacement, now)
        case Strategy.REREGISTER:
            return _plan_another(observed, resource, desired, record, client, replacement, why, why, now)


def _plan_another(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    replacement: Replacement,
    why: tuple[ReplacementReason, ...],
    asking: tuple[ReplacementReason, ...],
    now: datetime,
) -> Action:
    """Return the next step towards another client, before which the server is asked once more whether it is needed.

    Not while that step is waited for: each pass would ask.
    """
    step = plan_another_client(observed, resource, desired, record, client, replacement, asking, now)
    if isinstance(step, Wait):
        return step
    return ask_once_more(observed, resource, desired, record, client, why, now) or step


def _is_held_back(record: Record, client: Client, desired: Desired, why: tuple[ReplacementReason, ...]) -> bool:
    """Whether the pair has to be replaced, in a way that is not open, and no other way is wanted."""
    credential = (record.pair or pair_of(client)).credential
    in_place = desired.rotation.strategy is RotationStrategy.SERVER and ReplacementReason.KEY_CHANGED in why
    return in_place or any(is_by_key(reason, credential) for reason in why)


def _why_not(
    observed: Observed, desired: Desired, record: Record, client: Client, why: tuple[ReplacementReason, ...]
) -> Verdict:
    credential = (record.pair or pair_of(client)).credential
    if isinstance(credential, OwnKey) and desired.signing is not None:
        return renewing.not_by_key(why, client, why_not_by_key(observed, desired, record, client))
    return renewing.not_by_update(why, client, why_not_by_update(observed, desired, record, client, why))


def _plan_another_key(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    current: Replacement,
    now: datetime,
) -> Action:
    """Return the next step of a replacement whose key was given up: another one, another client, or the end of it."""
    why = reasons.of_published(record, client, resource, desired, now, way=way_of(observed, client))
    since = tuple(reason for reason in why if reason not in current.reasons)
    match strategy_of_all(observed, desired, record, client, (*current.reasons, *since)):
        case Strategy.KEYS:
            return plan_birth(observed, resource, desired, record, client, current, now)
        case Strategy.REREGISTER:
            # What asks since then begins one of its own, in its own time; what a person asked for goes on.
            is_another = since and ReplacementReason.REQUESTED not in current.reasons
            return Withdraw(current) if is_another else FallBack(current)
        case Strategy.SERVER:
            # Nothing stands in the way of one that begins with an update.
            return Withdraw(current)
        case None:
            return EndReplacement(current)
