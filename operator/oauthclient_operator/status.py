"""The status of an OAuthClient as a projection: everything in it can be rebuilt from the record and the verdict."""

from datetime import UTC, datetime
from typing import Final

from .names import ConditionType, Reason
from .oauth.rfc7591 import deviations
from .oauth.words import quoted
from .record.attempts import Attempt
from .record.clients import Client
from .record.record import Record
from .resource.oauth_client import OAuthClient
from .resource.status import Condition, RegistrationStatus, SecretReference, Status, SuspectedOrphan
from .verdict import Verdict, obstacle

REPORTED_ORPHANS: Final = 8
REPORTED_DEVIATIONS: Final = 100
MESSAGE_LIMIT: Final = 4096
CLIENT_ID_LIMIT: Final = 4096
"""What the schema takes; the published Secret has it whole."""
UNKNOWN_UNTIL_TRIED: Final = frozenset({Reason.PENDING, Reason.DEREGISTERING})
ABOUT_REGISTRATION: Final = frozenset(
    {
        Reason.UPDATE_REJECTED,
        Reason.UPDATE_UNSUPPORTED,
        Reason.UPDATE_AMBIGUOUS,
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
    admitted: bool,
    now: datetime,
) -> Status:
    """Return what the status should say.

    `secret` is the published Secret as far as it is known to be there, or None; `admitted` whether the client's
    registration_client_uri may be called.
    """
    client = record.published if record is not None else None
    in_the_way = obstacle(client, admitted=admitted) if client is not None else None
    before = resource.status
    conditions = [
        _ready(verdict),
        _registered(verdict, client, before, in_the_way),
        _published(verdict, secret),
    ]
    if verdict.stalled:
        conditions.append((ConditionType.STALLED, "True", verdict.reason, verdict.message))
    return Status(
        observed_generation=resource.generation,
        client_id=client.information.client_id[:CLIENT_ID_LIMIT] if client is not None else before.client_id,
        secret=secret if secret is not None else before.secret,
        registration=_registration(client, in_the_way) if client is not None else before.registration,
        suspected_orphans=_orphans(record.suspects) if record is not None else before.suspected_orphans,
        conditions=tuple(_condition(c, before, resource.generation, now) for c in conditions),
    )


def _ready(verdict: Verdict) -> tuple[ConditionType, str, str, str]:
    if verdict.reason is Reason.REGISTERED:
        return ConditionType.READY, "True", verdict.reason, verdict.message
    status = "Unknown" if verdict.reason in UNKNOWN_UNTIL_TRIED else "False"
    return ConditionType.READY, status, verdict.reason, verdict.message


def _registered(
    verdict: Verdict, client: Client | None, before: Status, in_the_way: str | None
) -> tuple[ConditionType, str, str, str]:
    if client is not None:
        # An update that failed belongs here: the registration stands, and the reason says what is amiss with it.
        about = verdict.reason in ABOUT_REGISTRATION
        reason = verdict.reason if about else Reason.REGISTERED
        known = f"client {quoted(client.information.client_id)} is registered"
        if in_the_way is not None:
            known = f"{known}, and can be neither changed nor deregistered: {in_the_way}"
        message = verdict.message if about else known
        return ConditionType.REGISTERED, "True", reason, message
    if before.client_id is not None:
        return ConditionType.REGISTERED, "Unknown", verdict.reason, verdict.message
    status = "Unknown" if verdict.reason in UNKNOWN_UNTIL_TRIED else "False"
    return ConditionType.REGISTERED, status, verdict.reason, verdict.message


def _published(verdict: Verdict, secret: SecretReference | None) -> tuple[ConditionType, str, str, str]:
    if verdict.reason in ABOUT_SECRET:
        return ConditionType.SECRET_PUBLISHED, "False", verdict.reason, verdict.message
    if secret is not None:
        return (
            ConditionType.SECRET_PUBLISHED,
            "True",
            Reason.PUBLISHED,
            f"Secret {secret.name} holds the credentials",
        )
    status = "Unknown" if verdict.reason in UNKNOWN_UNTIL_TRIED else "False"
    return ConditionType.SECRET_PUBLISHED, status, verdict.reason, verdict.message


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


def _registration(client: Client, in_the_way: str | None) -> RegistrationStatus:
    information = client.information
    expiry = information.client_secret_expires_at
    named = {*deviations(client.accepted, information), *client.kept}
    return RegistrationStatus(
        registered_at=client.origin.at.replace(microsecond=0),
        secret_expires_at=datetime.fromtimestamp(expiry, UTC) if expiry else None,
        manageable=in_the_way is None and not client.management_lost,
        deviations=tuple(sorted(named))[:REPORTED_DEVIATIONS],
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
