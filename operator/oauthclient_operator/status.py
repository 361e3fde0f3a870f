"""The status of an OAuthClient as a projection: everything in it can be rebuilt from the record and the verdict."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from .names import PAUSED_ANNOTATION, ConditionType, Reason
from .oauth.words import quoted
from .record.attempts import Attempt
from .record.clients import Adopted, Client
from .record.departures import leaves_at
from .record.management import Way
from .record.pairs import OwnKey, expiry
from .record.record import Record
from .record.replacements import ReplacementReason
from .record.told import reported_deviations
from .resource.desired import DeletionPolicy, Desired
from .resource.issuer_reference import AppliedIssuer
from .resource.oauth_client import OAuthClient
from .resource.rotation_status import LeavingStatus, RotationStatus
from .resource.served import Served
from .resource.status import Condition, RegistrationStatus, SecretReference, Status, SuspectedOrphan, shown_client_id
from .verdict import renewing
from .verdict.credentials_valid import credentials
from .verdict.updating import obstacle
from .verdict.verdict import WAITS_FOR_PERSON, Verdict

REPORTED_ORPHANS: Final = 8
MESSAGE_LIMIT: Final = 4096
UNKNOWN_UNTIL_TRIED: Final = frozenset({Reason.PENDING, Reason.DEREGISTERING})
ABOUT_REGISTRATION: Final = frozenset(
    {
        Reason.UPDATE_REJECTED,
        Reason.UPDATE_UNSUPPORTED,
        Reason.UPDATE_AMBIGUOUS,
        Reason.NOT_UNDERSTOOD,
        Reason.MANAGEMENT_LOST,
        Reason.REGISTRATION_INSUFFICIENT,
        Reason.DELETION_UNCONFIRMED,
    }
)
ABOUT_SECRET: Final = frozenset({Reason.SECRET_NOT_OWNED, Reason.SECRET_NOT_PUBLISHABLE})


def project(
    resource: OAuthClient,
    verdict: Verdict,
    record: Record | None,
    secret: SecretReference | None,
    *,
    way: Way,
    now: datetime,
    desired: Desired | None = None,
    renews_at: datetime | None = None,
    reasons: tuple[ReplacementReason, ...] = (),
    renewal: Verdict | None = None,
) -> Status:
    """Return what the status should say; `renewal` is what there is to say of a replacement, for these reasons.

    `secret` is the published Secret as far as it is known to be there, or None; `way` by what the client is
    managed.
    """
    # Of a record that is left out below what was served stays as it was told.
    served = _unrecorded(resource, verdict) if record is None else resource.status.served
    if verdict.reason is Reason.RECORD_OUTDATED or (record is not None and _knows_more(resource.status, record)):
        # What such a record says of the client is not what is published; and that it is older must not be forgotten,
        # whatever else is to be said meanwhile: that a call of its adoption is in flight, for instance.
        record = None
    if record is not None and record.released is not None:
        # Its clients are gone, or nobody's any more.
        record, secret = None, None
    client = record.published if record is not None else None
    in_the_way = obstacle(client, way) if client is not None else None
    before = resource.status
    conditions = [
        _ready(verdict),
        _registered(verdict, client, before, in_the_way, desired),
        _published(verdict, secret),
    ]
    if (about_renewal := _renewing(resource, record, desired, verdict, reasons, renewal, renews_at)) is not None:
        conditions.append(about_renewal)
    if client is not None and (valid := credentials(client)) is not None:
        conditions.append((ConditionType.CREDENTIALS_VALID, valid[0], valid[1].reason, valid[1].message))
    if resource.paused:
        about = f"nothing is called and no Secret is written until the annotation {PAUSED_ANNOTATION} is removed"
        conditions.append((ConditionType.PAUSED, "True", Reason.PAUSED, about))
    if verdict.stalled:
        conditions.append((ConditionType.STALLED, "True", verdict.reason, f"{WAITS_FOR_PERSON}: {_SEE_READY}"))
    return Status(
        observed_generation=resource.generation,
        client_id=shown_client_id(client.information.client_id) if client is not None else before.client_id,
        secret=secret if secret is not None else before.secret,
        registration=_registration(client, in_the_way, way) if client is not None else before.registration,
        edition=record.edition if client is not None and record is not None else before.edition,
        rotation=before.rotation if record is None else _rotation(record, desired, reasons, renews_at),
        issuer=before.issuer if resource.paused else _issuer(before, client, desired),
        served=served if record is None else record.served,
        suspected_orphans=_orphans(record.suspects) if record is not None else before.suspected_orphans,
        conditions=tuple(_condition(c, before, resource.generation, now) for c in conditions),
    )


def _unrecorded(resource: OAuthClient, verdict: Verdict) -> Served:
    """Return what was served of a resource without a record: what waits was tried, unless that waits for ourselves."""
    served = resource.status.served
    is_ours = verdict.reason in _NOT_TRIED and not verdict.stalled
    return served if resource.paused or is_ours or resource.retry is None else replace(served, retry=resource.retry)


_NOT_TRIED: Final = frozenset({Reason.PENDING, Reason.CLUSTER_UNAVAILABLE})


def _knows_more(status: Status, record: Record) -> bool:
    return record.published is not None and (status.edition or 0) > record.edition


def _issuer(before: Status, client: Client | None, desired: Desired | None) -> AppliedIssuer | None:
    if desired is None or desired.terms.problems:
        return before.issuer
    if client is None or client.issuer == desired.terms.issuer:
        asked, confirmed = desired.metadata, None if client is None else client.confirmed
        # It did not stay after all: nobody knew what its server holds, or its own team had edited it.
        has_it = asked is not None and confirmed is not None and confirmed.digest == asked.digest()
        return desired.terms.applied if has_it else desired.applied
    # By the issuer resource that it names the client is renewed while it cannot move.
    return (
        before.issuer
        if before.issuer is not None and before.issuer.url == client.issuer
        else AppliedIssuer(url=client.issuer)
    )


def _ready(verdict: Verdict) -> tuple[ConditionType, str, str, str]:
    if verdict.reason is Reason.REGISTERED:
        return ConditionType.READY, "True", verdict.reason, verdict.message
    status = "Unknown" if verdict.reason in UNKNOWN_UNTIL_TRIED else "False"
    return ConditionType.READY, status, verdict.reason, verdict.message


def _rotation(
    record: Record, desired: Desired | None, reasons: tuple[ReplacementReason, ...], renews_at: datetime | None
) -> RotationStatus | None:
    published_at, current = record.published_at, record.replacement
    if published_at is None:
        return None
    # What it was begun for, and what came since.
    begun = () if current is None else current.reasons
    asking = () if current is None else (*begun, *(reason for reason in reasons if reason not in begun))
    overlap = desired.rotation.overlap if desired is not None else timedelta()
    found = ((record.client(x.pair.client), x.pair, leaves_at(record, x, overlap)) for x in record.leaving)
    return RotationStatus(
        published_at=published_at.replace(microsecond=0),
        renew_at=None if renews_at is None else renews_at.replace(microsecond=0),
        reasons=tuple(reason.value for reason in asking),
        strategy=None if current is None else current.strategy.value,
        leaving=tuple(
            LeavingStatus(
                client_id=shown_client_id(client.information.client_id),
                key_id=pair.credential.kid if isinstance(pair.credential, OwnKey) else None,
                until=None if until is None else until.replace(microsecond=0),
            )
            for client, pair, until in found
            if client is not None
        ),
    )


def _renewing(
    resource: OAuthClient,
    record: Record | None,
    desired: Desired | None,
    verdict: Verdict,
    reasons: tuple[ReplacementReason, ...],
    renewal: Verdict | None,
    renews_at: datetime | None,
) -> tuple[ConditionType, str, str, str] | None:
    current, client = (record.replacement, record.published) if record is not None else (None, None)
    if current is not None:
        reasons = reasons or current.reasons
    if renewal is not None and renewal.reason not in _IN_PROGRESS:
        place = _SEE_READY if renewal == verdict else _SEE_PAUSED if renewal.reason is Reason.PAUSED else None
        failed = renewal.reason is Reason.RENEWAL_FAILED and place is None
        said = renewal if failed else renewing.in_the_way(reasons, client, renewal, said=place)
        waits = f"; {WAITS_FOR_PERSON}" if renewal.stalled and place is None else ""
        return ConditionType.RENEWING, "False", said.reason, f"{said.message}{waits}"
    if renewal is not None and renewal.reason is Reason.RENEWING:
        return ConditionType.RENEWING, "True", renewal.reason, _SEE_READY if renewal == verdict else renewal.message
    if renewal is not None or current is not None:
        said = renewing.replacing(reasons, client, None if current is None else current.strategy)
        return ConditionType.RENEWING, "True", said.reason, said.message
    client = record.published if record is not None else None
    if client is not None and isinstance(client.origin, Adopted) and renews_at is not None:
        said = renewing.ends_adopted(client, renews_at)
        return ConditionType.RENEWING, "False", said.reason, said.message
    if record is None or not record.leaving or desired is None:
        return None
    overlap = desired.rotation.overlap
    found = ((record.client(x.pair.client), x.pair, leaves_at(record, x, overlap)) for x in record.leaving)
    pairs = [(client, pair, until) for client, pair, until in found if client is not None]
    said = renewing.leaving(pairs, client, paused=resource.paused)
    return ConditionType.RENEWING, "True", said.reason, said.message


_IN_PROGRESS: Final = frozenset({Reason.RENEWING, Reason.PENDING})
_SEE_PAUSED: Final = "see Paused"
_SEE_READY: Final = "see Ready"
"""`kubectl describe` shows all conditions, one under the other: a sentence is said in one of them."""


def _registered(
    verdict: Verdict, client: Client | None, before: Status, in_the_way: str | None, desired: Desired | None
) -> tuple[ConditionType, str, str, str]:
    if client is not None:
        # An update that failed belongs here: the registration stands, and the reason says what is amiss with it.
        about = verdict.reason in ABOUT_REGISTRATION
        reason = verdict.reason if about else Reason.REGISTERED
        message = f"client {quoted(client.information.client_id)} is registered"
        if isinstance(client.origin, Adopted):
            ends = in_the_way is None and desired is not None and desired.deletion is DeletionPolicy.DELETE
            message += ", adopted by spec.adopt" + (", and ends when this resource is deleted" if ends else "")
        if about:
            message += f"; {_SEE_READY}"
        elif in_the_way is not None:
            message += f", and can be neither changed nor deregistered: {in_the_way}"
        return ConditionType.REGISTERED, "True", reason, message
    if before.client_id is not None:
        return ConditionType.REGISTERED, "Unknown", verdict.reason, _SEE_READY
    status = "Unknown" if verdict.reason in UNKNOWN_UNTIL_TRIED else "False"
    return ConditionType.REGISTERED, status, verdict.reason, f"no client is known to be registered: {_SEE_READY}"


def _published(verdict: Verdict, secret: SecretReference | None) -> tuple[ConditionType, str, str, str]:
    if verdict.reason in ABOUT_SECRET:
        return ConditionType.SECRET_PUBLISHED, "False", verdict.reason, _SEE_READY
    if secret is not None:
        return (
            ConditionType.SECRET_PUBLISHED,
            "True",
            Reason.PUBLISHED,
            f"Secret {secret.name} holds the credentials",
        )
    status = "Unknown" if verdict.reason in UNKNOWN_UNTIL_TRIED else "False"
    return ConditionType.SECRET_PUBLISHED, status, verdict.reason, f"no Secret is published: {_SEE_READY}"


def _condition(
    values: tuple[ConditionType, str, str, str], before: Status, generation: int, now: datetime
) -> Condition:
    kind, status, reason, message = values
    previous = next((c for c in before.conditions if c.type == kind), None)
    since = previous.last_transition_time if previous is not None and previous.status == status else None
    return Condition(
        type=kind,
        status=status,
        reason=reason,
        message=message[:MESSAGE_LIMIT],
        last_transition_time=since or now.astimezone(UTC).replace(microsecond=0),
        observed_generation=generation,
    )


def _registration(client: Client, in_the_way: str | None, way: Way) -> RegistrationStatus:
    return RegistrationStatus(
        registered_at=client.origin.at.replace(microsecond=0),
        secret_expires_at=expiry(client),
        # A token that was refused is not what an access token is.
        manageable=in_the_way is None and (way is Way.ACCESS or not client.management_lost),
        deviations=reported_deviations(client),
    )


def _orphans(suspects: tuple[Attempt, ...]) -> tuple[SuspectedOrphan, ...]:
    newest = suspects[-REPORTED_ORPHANS:]
    return tuple(
        SuspectedOrphan(
            attempt=a.number,
            issuer=a.issuer,
            sent_at=a.sent_at.replace(microsecond=0),
            until=a.until.replace(microsecond=0),
        )
        for a in newest
    )
