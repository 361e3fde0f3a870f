"""Records whose published pair is on its way to another one, or was before: only a reader of 3 may change them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import Untold
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.replacements import ReplacementReason, Strategy, WithoutEffect
from oauthclient_operator.record.replacing import begin, end_without_effect, give_up, leave_behind, retire, return_to
from oauthclient_operator.record.transitions import close, serve
from tests.pure.record import replacements as step
from tests.pure.record.steps import LATER, LOST, answered, failed, refused, update
from tests.pure.records import NOW, published, registered_record

EXPIRES: Final = int(step.DAY.total_seconds() * 30 + NOW.timestamp())
NOT_MANAGED: Final[dict[str, Any]] = {"registration_access_token": None, "registration_client_uri": None}


def begun_for_each_reason() -> Record:
    """Return one for each reason that there was when its file was made; the file never changes."""
    reasons = tuple(reason for reason in ReplacementReason if reason is not ReplacementReason.KEY_CHANGED)
    return serve(step.begun(reasons=reasons), rotate="rotate-me")


def given_up_once() -> Record:
    record = step.with_candidate(client_secret_expires_at=int(NOW.timestamp()))
    return give_up(record, step.candidate(record))


def without_effect() -> Record:
    """The server answered with the very client that is published; an older operator did not say for what it was."""
    return for_nothing_known(step.answered(step.begun(), client_id="c1"))


def twice_without_effect() -> Record:
    record = without_effect()
    record = step.begun(record)
    assert record.replacement is not None
    return for_nothing_known(end_without_effect(record, record.replacement, LATER))


def for_nothing_known(record: Record) -> Record:
    assert record.without_effect is not None
    return replace(record, without_effect=replace(record.without_effect, reasons=()))


def without_effect_for_reasons() -> Record:
    record = refused_as_asked()
    assert record.replacement is not None
    asking = (ReplacementReason.EXPIRY, ReplacementReason.KEY_CHANGED)
    return end_without_effect(record, record.replacement, LATER, asking)


def returned() -> Record:
    record = step.shown()
    return return_to(record, record.leaving[0].pair, LATER)


def left_behind() -> Record:
    """One that cannot be called for, until its secret has expired, and one whose deregistration was lost."""
    record = registered_record(client_secret_expires_at=EXPIRES, **NOT_MANAGED)
    record = step.shown(step.promoted(step.with_candidate(record)))
    record = leave_behind(retire(record, record.leaving[0].pair), 1, LATER)
    third: dict[str, Any] = {"client_secret": "s3", "registration_access_token": "r3"}
    lost = step.shown(step.promoted(step.answered(step.begun(record), "c3", **third)))
    key = lost.leaving[0].pair.client
    lost = retire(lost, lost.leaving[0].pair)
    return leave_behind(failed(lost, CallKind.DEREGISTER, LOST, client=key), key, LATER)


def newer_secret() -> Record:
    """An update brought another client secret: the published pair is another, and the client the same."""
    record = registered_record(client_secret_expires_at=EXPIRES)
    renewed = {"client_secret": "s2", "client_secret_expires_at": EXPIRES + 86400}
    return answered(record, CallKind.UPDATE, update(record), **renewed)


def refused_as_asked() -> Record:
    record = step.begun()
    assert record.open is not None
    return close(record, record.open, refused(400, error="invalid_client_metadata"), LATER)


def untold() -> Record:
    return replace(step.shown(), untold=Untold(clients=1009, suspects=3, until=LATER))


def of_a_replacement() -> Record:
    """Every member that says something of a replacement, though no life of a resource leads here."""
    record = left_behind()
    newest = published(record)
    record = record.with_client(replace(newest, credential_at=LATER))
    fourth: dict[str, Any] = {"client_secret": "s4", "registration_access_token": "r4"}
    record = step.shown(step.promoted(step.answered(step.begun(record), "c4", **fourth)))
    fifth: dict[str, Any] = {"client_secret": "s5", "registration_access_token": "r5"}
    record = step.answered(step.begun(record), "c5", **fifth)
    record = give_up(record, step.candidate(record))
    sixth: dict[str, Any] = {"client_secret": "s6", "registration_access_token": "r6"}
    record = serve(step.answered(step.begun(record), "c6", **sixth), rotate="rotate-me")
    told = WithoutEffect(times=2, at=LATER)
    return replace(record, without_effect=told, untold=Untold(clients=1009, suspects=3, until=LATER))


def tried_by_an_update() -> Record:
    """An update was to bring another client secret, and brought the same one: it is not the server's time yet."""
    record = registered_record(client_secret_expires_at=EXPIRES)
    asked = replace(step.replacement(record, (ReplacementReason.EXPIRY,)), strategy=Strategy.SERVER)
    values = {"client": published(record).key}
    return answered(begin(record, asked), CallKind.UPDATE, values, client_secret_expires_at=EXPIRES)


RECORDS: Final[Mapping[str, Record]] = {
    "everything-of-a-replacement": of_a_replacement(),
    "replacement-begun": begun_for_each_reason(),
    "replacement-refused": refused_as_asked(),
    "replacement-with-candidate": step.with_candidate(),
    "replacement-tried-by-an-update": tried_by_an_update(),
    "replacement-given-up-once": given_up_once(),
    "replacement-without-effect": without_effect(),
    "replacement-twice-without-effect": twice_without_effect(),
    "replacement-without-effect-for-reasons": without_effect_for_reasons(),
    "promoted": step.promoted(),
    "leaving-dated": step.shown(),
    "returned-to": returned(),
    "left-behind": left_behind(),
    "left-behind-untold": untold(),
    "newer-secret-of-the-same-client": newer_secret(),
}
