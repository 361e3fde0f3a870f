"""The rungs for what should not happen: a record made anew, an answer that only names its client, a finalizer gone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.outcome import Ambiguous
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import (
    AddFinalizer,
    Deregister,
    Discover,
    Publish,
    RecordLoss,
    Release,
    Wait,
)
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.record import Record, ReleaseOutcome
from oauthclient_operator.record.transitions import absorb, close, name_lost, open_call
from tests.pure.plan.test_deletion import going
from tests.pure.plan.upkeep import CLIENT, EDIT, RECORD, rejection
from tests.pure.values import (
    ISSUER,
    METADATA,
    NOW,
    call,
    desired,
    empty_record,
    information,
    observed,
    resource,
    secret,
)

ANOTHER = {"clientID": "another"}


def named_only(number: int, record: Record | None = None) -> Record:
    """Return a record with one more answer that could not be read whole but says which client it made."""
    record = record or empty_record()
    made = call(record, CallKind.REGISTER)
    salvage = {
        "client_id": f"c{number}",
        "registration_access_token": "r",
        "registration_client_uri": f"{ISSUER}/register/c{number}",
    }
    return close(open_call(record, made), made, Ambiguous(cause="truncated", salvage=salvage), NOW)


def deregistering(record: Record, *, refused: bool) -> Record:
    """Return the record after a DELETE of its newest client."""
    made = call(record, CallKind.DEREGISTER, client=record.clients[-1].key)
    opened = open_call(record, made)
    return close(opened, made, rejection(405, None), NOW) if refused else absorb(opened, made, None, {}, NOW)


def test_while_the_status_names_a_client_that_no_record_knows_nothing_is_registered() -> None:
    anew = deregistering(replace(RECORD, pair=None, recreated=True), refused=False)
    action = plan(observed(anew, resource=resource(status=ANOTHER)), desired(), NOW)
    assert isinstance(action, Wait)
    assert action.verdict.reason is Reason.RECORD_MISSING


def test_a_client_that_no_record_knows_is_written_down_before_its_resource_goes() -> None:
    anew = deregistering(replace(RECORD, pair=None, recreated=True), refused=False)
    seen = going(anew, resource=resource(deleting=True, status=ANOTHER))
    assert plan(seen, desired(deleting=True), NOW) == RecordLoss()
    named = going(name_lost(anew, "another", ISSUER, "system", NOW), resource=resource(deleting=True, status=ANOTHER))
    action = plan(named, desired(deleting=True), NOW)
    assert isinstance(action, Release)
    assert action.outcome is ReleaseOutcome.UNCONFIRMED


def test_an_answer_that_only_names_its_client_is_undone_before_another_attempt() -> None:
    record = named_only(1)
    assert plan(observed(record, live=True), desired(), NOW) == Deregister(record.surplus[0])


def test_a_server_whose_answers_can_never_be_read_whole_is_asked_three_times() -> None:
    pauses = []
    record = empty_record()
    for number in (1, 2):
        record = deregistering(named_only(number, record), refused=False)
        action = plan(observed(record), desired(), NOW)
        assert isinstance(action, Wait)
        assert action.verdict.reason is Reason.REGISTRATION_AMBIGUOUS
        assert "could not be read whole (truncated)" in action.verdict.message
        assert action.until is not None
        pauses.append(action.until - NOW)
        assert plan(observed(record), desired(), action.until) == Discover()
    assert pauses == [timedelta(seconds=2), timedelta(seconds=4)]
    record = deregistering(named_only(3, record), refused=False)
    action = plan(observed(record), desired(), NOW + timedelta(days=1))
    assert isinstance(action, Wait)
    assert (action.verdict.reason, action.verdict.stalled, action.until) == (Reason.REGISTRATION_AMBIGUOUS, True, None)
    assert plan(observed(record), desired(**EDIT), NOW + timedelta(days=1)) == Discover(), "an edit asks anew"


def test_clients_that_cannot_be_removed_are_not_piled_up() -> None:
    record = empty_record()
    for number in (1, 2, 3):
        record = deregistering(named_only(number, record), refused=True)
    action = plan(observed(record, live=True), desired(), NOW + timedelta(days=1))
    assert isinstance(action, Wait)
    assert (action.verdict.reason, action.verdict.stalled, action.until) == (Reason.REGISTRATION_AMBIGUOUS, True, None)
    assert '"c3"' in action.verdict.message


def test_a_finalizer_that_somebody_took_away_is_put_back() -> None:
    assert plan(observed(RECORD, resource=resource(finalizer=False)), desired(), NOW) == AddFinalizer()


def test_a_new_secret_is_published_also_when_the_update_left_too_little() -> None:
    made = call(RECORD, CallKind.UPDATE, client=CLIENT.key, metadata={**METADATA, "client_name": "Web shop"})
    answer = information(client_secret="s2", redirect_uris=["https://elsewhere.example/cb"])
    record = absorb(open_call(RECORD, made), made, answer, {}, NOW)
    published: dict[str, Any] = {"secret": {"name": "web", "uid": "secret-uid", "resourceVersion": "9"}}
    seen = observed(record, secret=secret(RECORD), resource=resource(status=published))
    assert isinstance(plan(seen, desired(**EDIT), NOW), Publish)
