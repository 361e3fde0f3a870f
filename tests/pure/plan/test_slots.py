"""Which step waits for a slot, and at whose issuer: the client's where it is about one, the spec's before there is any."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.names import Reason, RecordState
from oauthclient_operator.oauth.rfc7592 import UpdateForm
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import (
    Action,
    AddFinalizer,
    Amend,
    Deregister,
    Discover,
    Effect,
    Look,
    Publish,
    ReadInitialAccessToken,
    ReadRecord,
    ReadResource,
    ReadSecret,
    ReadSoftwareStatement,
    Register,
    Rehearse,
    Rest,
    Update,
    Wait,
)
from oauthclient_operator.plan.observed import Held, Observed, Unread
from oauthclient_operator.plan.slots import Slot, slot_beforehand, slot_for
from oauthclient_operator.published_secret import NewSecret
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.record.clients import Client, Ending
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.summary import Summary
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.plan.test_left_behind import left, let_go
from tests.pure.records import metadata
from tests.pure.values import (
    ISSUER,
    METADATA,
    NOW,
    at_rest,
    desired,
    empty_record,
    information,
    observed,
    published,
    registered_record,
    resource,
)

OLDER = "https://older.example"
RECORD = registered_record(at=NOW - timedelta(days=1))
CLIENT = published(RECORD)
ELSEWHERE = replace(CLIENT, issuer=OLDER)
WRITE = NewSecret(namespace="shop", name="web", owner_name="web", owner_uid="u", labels={}, annotations={}, data={})
MOVED = RECORD.with_client(ELSEWHERE)
ENDING = Ending(since=NOW)
NEW, KNOWN, ASKED = observed(empty_record()), observed(MOVED), left(let_go(MOVED), asked_after=0)


@pytest.mark.parametrize(
    ("action", "seen", "slot"),
    [
        pytest.param(Register(metadata()), NEW, Slot(IssuerAddress(ISSUER)), id="a registration: the spec's"),
        pytest.param(ReadInitialAccessToken("t"), NEW, Slot(IssuerAddress(ISSUER)), id="its token: the spec's"),
        pytest.param(
            ReadSoftwareStatement("s"), NEW, Slot(IssuerAddress(ISSUER)), id="its software statement: the spec's"
        ),
        pytest.param(Rehearse(WRITE), NEW, Slot(IssuerAddress(ISSUER)), id="its dry run: the spec's"),
        pytest.param(AddFinalizer(), NEW, Slot(IssuerAddress(ISSUER)), id="its finalizer: the spec's"),
        pytest.param(
            AddFinalizer(),
            observed(),
            Slot(IssuerAddress(ISSUER)),
            id="its finalizer, before there is a record: the spec's",
        ),
        pytest.param(AddFinalizer(), KNOWN, None, id="a finalizer put back: no call follows"),
        pytest.param(
            Update(ELSEWHERE, metadata(), UpdateForm.FULL),
            KNOWN,
            Slot(IssuerAddress(OLDER)),
            id="an update: the client's",
        ),
        pytest.param(Rehearse(WRITE), KNOWN, Slot(IssuerAddress(OLDER)), id="an update's dry run: the client's"),
        pytest.param(
            Deregister(ELSEWHERE), KNOWN, Slot(IssuerAddress(OLDER), anyway=True), id="the first deregistration: anyway"
        ),
        pytest.param(
            Deregister(replace(ELSEWHERE, end=ENDING)),
            KNOWN,
            Slot(IssuerAddress(OLDER)),
            id="a further deregistration: the client's",
        ),
        pytest.param(
            Deregister(replace(ELSEWHERE, end=ENDING)),
            ASKED,
            Slot(IssuerAddress(OLDER), anyway=True),
            id="a person asked: anyway",
        ),
        *(
            pytest.param(action, KNOWN, None, id=f"no call: {type(action).__name__}")
            for action in (
                Discover(),
                ReadRecord(),
                ReadResource(),
                ReadSecret("web"),
                Publish(WRITE, heal=False),
                Amend(deletion="Delete", secret=None),  # type: ignore[arg-type] # as a record has it
            )
        ),
    ],
)
def test_the_slot_of_a_step(action: Look | Effect, seen: Observed, slot: Slot | None) -> None:
    assert slot_for(action, seen, desired()) == slot


HELD = Held(Verdict(reason=Reason.ISSUER_UNAVAILABLE, message="down"), NOW + timedelta(minutes=1))
REST = at_rest(RECORD)
EDIT = {"spec": {"clientMetadata": {**METADATA, "client_name": "other"}}}
GOING = replace(REST, resource=resource(deleting=True))


def of_summary(**values: Any) -> Observed:
    assert isinstance(REST.summary, Summary)
    return replace(REST, summary=replace(REST.summary, **values))


@pytest.mark.parametrize(
    ("seen", "asks", "slot"),
    [
        pytest.param(REST, EDIT, Slot(IssuerAddress(ISSUER)), id="an edit"),
        pytest.param(REST, {}, None, id="no edit"),
        pytest.param(GOING, {}, Slot(IssuerAddress(ISSUER)), id="a deletion"),
        pytest.param(GOING, {"spec": {"policy": {"deletion": "Retain"}}}, None, id="a deletion that keeps the client"),
        pytest.param(replace(REST, summary=None), EDIT, None, id="no record is known"),
        pytest.param(of_summary(open_call="3:update"), EDIT, None, id="a call is open"),
        pytest.param(of_summary(confirmed=None), EDIT, None, id="nothing is confirmed"),
        pytest.param(
            replace(of_summary(state=RecordState.HELD), resource=resource(deleting=True)), {}, None, id="no client"
        ),
        pytest.param(replace(REST, held=HELD), EDIT, None, id="something is held"),
        pytest.param(replace(REST, held_back={ISSUER: HELD}), EDIT, None, id="its issuer fails"),
        pytest.param(
            replace(REST, held_back={OLDER: HELD}), EDIT, Slot(IssuerAddress(ISSUER)), id="another issuer fails"
        ),
        pytest.param(replace(REST, record=KNOWN.record), EDIT, None, id="the record was read: it says which client"),
        pytest.param(replace(REST, resource=Unread()), EDIT, None, id="of a record alone"),
    ],
)
@pytest.mark.parametrize("action", [ReadRecord(), ReadResource(), ReadSecret("web")], ids=repr)
def test_the_slot_before_a_read(seen: Observed, asks: dict[str, Any], slot: Slot | None, action: Look) -> None:
    assert slot_beforehand(action, seen, desired(**asks)) == slot


def test_no_slot_is_taken_before_a_step_that_is_no_read_or_for_nobody() -> None:
    assert slot_beforehand(Discover(), REST, desired(**EDIT)) is None
    assert slot_beforehand(ReadRecord(), REST, None) is None


def with_surplus() -> tuple[Record, Client]:
    """Return a record with a published client at the spec's issuer, and one to be ended at an older one."""
    answer = information(client_id="c0", registration_client_uri=f"{OLDER}/register/c0")
    older = replace(CLIENT, key=9, issuer=OLDER, answer=replace(CLIENT.answer, information=answer, call=9), end=ENDING)
    return replace(RECORD.with_client(older), next_call=10), older


def test_an_older_issuer_that_fails_keeps_its_client_waiting_and_no_edit_of_the_published_one() -> None:
    record, older = with_surplus()
    seen = observed(record, live=True, held_back={OLDER: HELD})
    assert plan(replace(seen, held_back={}), desired(**EDIT), NOW) == Deregister(older)
    assert plan(seen, desired(**EDIT), NOW) == Discover()
    waits: Action = plan(seen, desired(), NOW)
    assert isinstance(waits, Wait)
    assert (waits.verdict.reason, waits.until) == (Reason.REGISTERED, HELD.until), "it is looked at again in time"


def test_the_published_clients_issuer_that_fails_keeps_no_older_client_waiting() -> None:
    record, older = with_surplus()
    assert plan(observed(record, live=True, held_back={ISSUER: HELD}), desired(**EDIT), NOW) == Deregister(older)


def test_of_what_is_left_behind_one_issuer_that_fails_keeps_no_other_waiting() -> None:
    record, older = with_surplus()
    seen = left(let_go(record))
    assert plan(replace(seen, held_back={ISSUER: HELD}), None, NOW) == Deregister(older)
    assert plan(replace(seen, held_back={OLDER: HELD}), None, NOW) == Deregister(CLIENT)
    later = replace(HELD, until=NOW + timedelta(minutes=2))
    assert plan(replace(seen, held_back={ISSUER: later, OLDER: HELD}), None, NOW) == Rest(until=HELD.until)
