"""Before another client takes the place of one on its server's word alone, the server is asked once more."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.outcome import Rejected
from oauthclient_operator.oauth.proof.probes import Probe, ProbeKind
from oauthclient_operator.oauth.proof.results import Answered, Calibrated, Doubt, NotKnown, Refused
from oauthclient_operator.oauth.rfc7591 import token_endpoint_auth_method
from oauthclient_operator.plan.action import Check, Register, Update, Wait
from oauthclient_operator.plan.observed import Unanswered
from oauthclient_operator.record.calibration import Calibration
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import Client
from oauthclient_operator.record.doubts import CONFIRMATIONS, OVER, Doubts
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import close
from tests.pure.plan.replacing import ASKS, step
from tests.pure.record.replacements import begun
from tests.pure.record.steps import failed, refused, update
from tests.pure.values import METADATA, NOW, metadata, published, registered_record

LATER: Final = NOW + timedelta(hours=1)
DOUBTS: Final = Doubts(count=CONFIRMATIONS, first_at=NOW, last_at=NOW + OVER, configuration_refused=True)
FOUND: Final = Calibrated(
    probe=Probe(kind=ProbeKind.REVOCATION),
    control=Answered(status=401, error="invalid_client"),
    accepted=Answered(status=200),
)
REREGISTERED: Final[dict[str, Any]] = {"spec": {"policy": {"gone": "Reregister"}}}
EDITED: Final[dict[str, Any]] = {
    "spec": {"policy": {"unmanageable": "Reregister"}, "clientMetadata": {**METADATA, "client_name": "shop"}}
}


def gone(*, proven: bool = True) -> Record:
    """Return a record of a client that counts as one that its server does not know any more."""
    client: Client = published(registered_record())
    method = token_endpoint_auth_method(client.accepted, client.information)
    calibration = Calibration(method=method, at=NOW, found=FOUND) if proven else None
    return registered_record().with_client(replace(client, doubts=DOUBTS, calibration=calibration))


def failed_registration(record: Record) -> Record:
    """Return the record after its registration was refused."""
    assert record.open is not None
    return close(record, record.open, refused(401), NOW)


@pytest.mark.parametrize("record", [gone(), begun(gone())], ids=["before it begins", "and before it is tried again"])
def test_a_client_that_seems_gone_is_proven_once_more(record: Record) -> None:
    if record.open is not None:
        record = failed_registration(record)
    assert step(record, LATER, **REREGISTERED) == Check(published(record).key, FOUND)
    action = step(record, LATER, seen={"proofs": {1: Refused(known=False)}}, **REREGISTERED)
    assert isinstance(action, Register)


def test_where_it_gives_no_answer_that_tells_none_is_registered() -> None:
    action = step(gone(), LATER, seen={"proofs": {1: NotKnown(why=Doubt.CONTROL_DIFFERS)}}, **REREGISTERED)
    assert isinstance(action, Wait)
    assert action.renewal is not None
    assert action.renewal.verdict is not None
    assert "the server is asked once more before another client takes its place" in action.renewal.verdict.message
    assert action.until == LATER + timedelta(minutes=1)


@pytest.mark.parametrize(("minutes", "pause"), [(0, 1), (8, 2), (40, 10), (600, 15)])
def test_it_is_asked_less_and_less_often_while_it_gives_none(minutes: int, pause: int) -> None:
    at, again = LATER + timedelta(minutes=minutes), LATER + timedelta(minutes=minutes + pause)
    seen = {"proven_at": at, "unanswered": Unanswered(LATER)}
    waits = step(gone(), at, seen, **REREGISTERED)
    assert isinstance(waits, Wait)
    assert waits.until == again
    assert step(gone(), again, seen, **REREGISTERED) == Check(1, FOUND)


def test_where_nothing_proves_it_or_a_person_asks_there_is_nothing_to_wait_for() -> None:
    assert isinstance(step(gone(proven=False), LATER, **REREGISTERED), Register)
    assert isinstance(step(gone(), LATER, **REREGISTERED, **ASKS), Register)


def test_a_secret_that_expires_waits_for_nobody_s_word() -> None:
    record = gone()
    client = published(record)
    ends = int((NOW + timedelta(days=1)).timestamp())
    information = type(client.information)({**client.information.members, "client_secret_expires_at": ends})
    record = record.with_client(replace(client, answer=replace(client.answer, information=information)))
    seen = {"proofs": {1: NotKnown(why=Doubt.CONTROL_DIFFERS)}}
    assert isinstance(step(record, NOW + timedelta(hours=23), seen=seen, **REREGISTERED), Register)


@pytest.mark.parametrize(("minutes", "reason"), [(9, Reason.RENEWING), (10, Reason.RENEWAL_FAILED)])
def test_that_no_answer_tells_is_a_failure_after_ten_minutes(minutes: int, reason: Reason) -> None:
    at = LATER + timedelta(minutes=minutes)
    waits = step(gone(), at, {"proven_at": at, "unanswered": Unanswered(LATER)}, **REREGISTERED)
    assert isinstance(waits, Wait)
    assert waits.renewal is not None
    assert waits.renewal.verdict is not None
    assert waits.renewal.verdict.reason is reason


def not_brought(refusal: Rejected) -> Record:
    """Return a record of a client whose edit was refused three times over ten minutes."""
    record = registered_record()
    edit = metadata(client_name="shop")
    for number in range(3):
        said = {"digest": edit.digest(), "metadata": edit.members}
        record = failed(record, CallKind.UPDATE, refusal, **{**update(record), **said})
        last = replace(record.closed[-1], at=NOW + number * timedelta(minutes=6))
        record = replace(record, closed=(*record.closed[:-1], last))
    return record


@pytest.mark.parametrize("refusal", [refused(), refused(404, json=False)], ids=["the token", "all updates, by a page"])
def test_an_edit_that_cannot_be_brought_is_tried_once_more(refusal: Rejected) -> None:
    record = not_brought(refusal)
    at = record.closed[-1].at
    assert isinstance(step(record, at + timedelta(minutes=2), **EDITED), Update)
    assert isinstance(step(record, at + timedelta(seconds=30), **EDITED), Register), "it was a moment ago"
