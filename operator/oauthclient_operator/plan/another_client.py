"""The registration of another client in the place of the published one: what it says, and at which issuer.

What the spec asks comes first, for whatever reason. Where nothing comes of that, and one of the reasons is that the
published client is of no use before long or that a person wants another, what was accepted before will do: of its own
issuer, where the spec names another one.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ..confidential import Confidential
from ..oauth.client_metadata import ClientMetadata
from ..oauth.rfc7591 import returned_statement
from ..oauth.rfc8414 import ServerMetadata
from ..oauth.signing_algorithm import SigningAlgorithm
from ..record.attempts import Attempt
from ..record.calls import RegisterCall
from ..record.clients import Adopted, Client, Registered
from ..record.pairs import OwnKey, expiry, secret_since
from ..record.record import Record
from ..record.replacements import Replacement, ReplacementReason
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from ..verdict import renewing
from ..verdict.registering import ambiguous_registration
from . import effort, reasons
from .action import Action, TurnBack, Wait
from .asked import asked
from .observed import Limits, Observed, Turned
from .own_issuer import own_terms, registering, terms_before
from .registration import invalid_spec, plan_effort

GIVEN_UP_AT_MOST: Final = 3
"""So many candidates may be of no use before a replacement ends without effect."""
URGENT: Final = frozenset(
    {
        ReplacementReason.GONE,
        ReplacementReason.DOUBTFUL,
        ReplacementReason.EXPIRY,
        ReplacementReason.REQUESTED,
        ReplacementReason.INTERVAL,
    }
)
"""With one of these what was accepted before will do: an edit that is refused must not become an outage."""
_IN_ITS_TIME: Final = frozenset({ReplacementReason.EXPIRY, ReplacementReason.INTERVAL})
"""What time brought has time, too, where the secret expires."""
_USELESS: Final = frozenset({ReplacementReason.GONE, ReplacementReason.DOUBTFUL})
"""What is published is of no use already, or may be."""
_AT_ONCE: Final = _USELESS | {ReplacementReason.REQUESTED}
"""Or a person waits."""
_LAST: Final = 1 / 10
"""Of a secret's life: then what only takes its time is not waited for any longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a registration says; `instead` that it is what was accepted before, in the place of what the spec asks."""

    metadata: ClientMetadata | None
    signing: SigningAlgorithm | None
    instead: bool


def said(
    limits: Limits,
    record: Record,
    client: Client,
    desired: Desired,
    replacement: Replacement,
    why: tuple[ReplacementReason, ...],
) -> Said:
    """Return what another client is registered with, at the spec's issuer, for what asks for it now."""
    wanted, before = asked(desired), _accepted(record, client, desired)
    as_asked = Said(metadata=wanted, signing=desired.signing, instead=False)
    if URGENT.isdisjoint(why) or before is None or not _was_admitted(record, client, desired):
        return as_asked
    if wanted is None:
        return before
    if reasons.is_confirmed(client, wanted) and before.signing == desired.signing:
        return as_asked
    return before if _came_to_nothing(limits, record, wanted, desired, replacement) else as_asked


def _was_admitted(record: Record, client: Client, desired: Desired) -> bool:
    """Whether a client may have one that says the same at the spec's issuer, where what the spec asks cannot be had.

    An issuer resource lets in again whom it let in once. Who came there otherwise, and refers to it only since then,
    must not be registered by what it presents, past all that it allows.
    """
    terms = desired.terms
    if terms.problems or terms.resource is None:
        return not terms.problems
    return any(what.admitted_by == terms.resource.uid for what in registering(record, client))


def plan_another_client(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    replacement: Replacement,
    why: tuple[ReplacementReason, ...],
    now: datetime,
) -> Action:
    """Return the next step towards another client, with whose first call the replacement begins, or goes on."""
    if ReplacementReason.MOVED in why or (desired.terms.problems and terms_before(record, client, desired)):
        return _plan_there_or_here(observed, resource, desired, record, client, replacement, why, now)
    says = said(observed.limits, record, client, desired, replacement, why)
    return _plan(observed, resource, desired, record, client, replacement, says, why, now)


def _plan(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    replacement: Replacement,
    says: Said,
    why: tuple[ReplacementReason, ...],
    now: datetime,
) -> Action:
    if says.metadata is None or desired.publication is None:
        return Wait(verdict=invalid_spec(desired, record))
    # Where another issuer is named what is lost there is no renewal's.
    renews = ReplacementReason.EXPIRY in why and desired.terms.issuer == client.issuer
    since = reasons.renew_at(client, resource, desired) if renews else None
    made = effort.replacing(
        record,
        replacement,
        says.metadata,
        says.signing,
        issuer=desired.terms.issuer,
        instead=says.instead,
        since=since,
    )
    if not URGENT.isdisjoint(why):
        made = replace(made, statement=_accepted_statement(observed, record, client, desired))
    # What a person asks for costs the renewal one of its tries at most.
    waits = _AT_ONCE.isdisjoint(why) or (since is not None and bool(made.lost) and _USELESS.isdisjoint(why))
    if waits and not _IN_ITS_TIME.isdisjoint(why):
        made = replace(made, expires_at=expiry(client))
    return plan_effort(observed, resource, desired, made, now)


def _plan_there_or_here(
    observed: Observed,
    resource: OAuthClient,
    desired: Desired,
    record: Record,
    client: Client,
    replacement: Replacement,
    why: tuple[ReplacementReason, ...],
    now: datetime,
) -> Action:
    """Return the next step at the issuer that the spec names, or where nothing comes of that at the client's own."""
    turned, before = observed.turned, _accepted(record, client, desired) if not URGENT.isdisjoint(why) else None
    in_vain = before is not None and replacement.given_up >= GIVEN_UP_AT_MOST - 1
    if turned is not None:
        step: Action = Wait(verdict=turned.verdict, until=turned.until, failed=turned.failed)
    elif in_vain:
        step = Wait(verdict=renewing.given_up(replacement.given_up))
    elif len(lost := _lost_before(record, desired, replacement)) >= observed.limits.suspects:
        # What is renewed here meanwhile must not have each renewal lose as many there.
        step = Wait(verdict=ambiguous_registration(lost, resource.uid, None, held=True))
    else:
        as_asked = Said(metadata=asked(desired), signing=desired.signing, instead=False)
        step = _plan(observed, resource, desired, record, client, replacement, as_asked, why, now)
    # Whoever administers an issuer that cannot be used may take longer than a secret lives.
    in_vain = in_vain or bool(desired.terms.problems)
    back_there = turn_back(record, client, desired, step, why, now, in_vain=in_vain) if isinstance(step, Wait) else None
    if before is None or turned is None or back_there is None or not isinstance(step, Wait):
        return back_there or step
    own = replace(desired, terms=turned.terms)
    back = _plan(observed, resource, own, record, client, replacement, before, why, now)
    if not isinstance(back, Wait):
        return back
    sooner = min((at for at in (step.until, back.until) if at is not None), default=None)
    verdict = renewing.neither(step.verdict, client, back.verdict)
    return replace(step, verdict=verdict, until=sooner, failed=step.failed or back.failed)


def turn_back(
    record: Record,
    client: Client,
    desired: Desired,
    wait: Wait,
    why: tuple[ReplacementReason, ...],
    now: datetime,
    *,
    in_vain: bool = False,
) -> TurnBack | None:
    """Return the turn to the client's own issuer where what waits at the spec's may become an outage, or None.

    It waits itself where that mends itself and there is time, where nobody needs what was accepted before, and where
    nothing at hand lets in there.
    """
    if URGENT.isdisjoint(why) or _accepted(record, client, desired) is None:
        return None
    if not (wait.verdict.stalled or in_vain or _is_pressing(client, why, now)):
        return None
    if (terms := own_terms(record, client, desired)) is None:
        return None
    return TurnBack(Turned(terms=terms, verdict=wait.verdict, until=wait.until, failed=wait.failed))


def _lost_before(record: Record, desired: Desired, replacement: Replacement) -> tuple[Attempt, ...]:
    """Return attempts of earlier replacements at the spec's issuer that said the same, and nobody has looked for."""
    wanted = asked(desired)
    earlier = (a for a in record.suspects if a.number < replacement.first_attempt and a.issuer == desired.terms.issuer)
    return () if wanted is None else tuple(a for a in earlier if dict(a.metadata) == dict(wanted.members))


def _is_pressing(client: Client, why: tuple[ReplacementReason, ...], now: datetime) -> bool:
    if not _USELESS.isdisjoint(why):
        return True
    expires_at = expiry(client)
    if ReplacementReason.EXPIRY not in why or expires_at is None:
        return False
    return now >= expires_at - (expires_at - secret_since(client)) * _LAST


def _accepted(record: Record, client: Client, desired: Desired) -> Said | None:
    """Return what the published client was accepted with last, with the algorithm of its key if it has one of ours."""
    metadata = client.accepted if client.confirmed is not None else _answered(client, desired)
    if metadata is None:
        return None
    credential = record.pair.credential if record.pair is not None else None
    key = client.signing_key(credential.kid) if isinstance(credential, OwnKey) else None
    return Said(metadata=metadata, signing=None if key is None else key.algorithm, instead=True)


def _answered(client: Client, desired: Desired) -> ClientMetadata | None:
    """Return what a client that was handed over is registered with of what the spec asks, as its server told it.

    None where the server was not asked. What the spec asks may have been refused ever since.
    """
    wanted, told = asked(desired), client.information.members
    if wanted is None or not isinstance(client.origin, Adopted) or not client.origin.proven:
        return None
    members = {name: told[name] for name in wanted.members if told.get(name) is not None}
    return ClientMetadata.confirmed(members) if members else None


def _accepted_statement(observed: Observed, record: Record, client: Client, desired: Desired) -> Confidential | None:
    """Return the software statement that let the published client in, where another one is to be let in there.

    It will do where the spec's cannot be had, or where the client's own issuer is asked in the place of the spec's.
    """
    server, origin = observed.server, client.origin
    asks = desired.terms.software_statement is not None or observed.turned is not None
    if not asks or client.issuer != desired.terms.issuer:
        return None
    if not isinstance(server, ServerMetadata) or not isinstance(origin, Registered):
        return None
    # Its Secret may have said that it is for one endpoint alone: it goes back to where it came from, and nowhere else.
    endpoints = {a.endpoint for a in record.attempts if a.number == origin.attempt and a.issuer == client.issuer}
    return returned_statement(client.information) if server.registration_endpoint in endpoints else None


def _came_to_nothing(
    limits: Limits, record: Record, wanted: ClientMetadata, desired: Desired, replacement: Replacement
) -> bool:
    """Whether what the spec asks was refused or not understood, or all but the last try at it was lost or in vain.

    What was lost so in another replacement counts, too, while nobody has looked for what it made.
    """
    digest, issuer, members = wanted.digest(), desired.terms.issuer, dict(wanted.members)
    for closed in record.closed:
        what = closed.what
        if not isinstance(what, RegisterCall) or closed.number < replacement.first_call:
            continue
        same = (what.asked.digest, what.signing, closed.call.issuer) == (digest, desired.signing, issuer)
        if same and (closed.refuses_metadata or closed.not_understood):
            return True
    here = (a for a in record.suspects if a.issuer == issuer)
    lost = [a for a in here if a.number >= replacement.first_attempt or dict(a.metadata) == members]
    return len(lost) >= max(1, limits.suspects - 1) or replacement.given_up >= GIVEN_UP_AT_MOST - 1
