"""Complete answers in which no client can be read: said, and never asked for again by itself."""

from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.outcome import NotUnderstood
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import Deregister, Register, Settle, Update, Wait
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import close, open_call, settle
from tests.pure.plan.registering import LOST, attempted, ready
from tests.pure.plan.test_bad_luck import deregistering
from tests.pure.plan.upkeep import EDIT, RECORD, rejection, updated
from tests.pure.values import METADATA, NOW, UID, call, desired, empty_record, metadata, observed, resource, server

PAGE = NotUnderstood(status=200, cause="HTTP 200 with a body that is no JSON object (text/html)")
NO_CONTENT = NotUnderstood(status=204, cause="HTTP 204 without a body")
YEARS = timedelta(days=3650)


def waits(record: Record, spec: dict[str, Any] | None = None, **values: Any) -> Wait:
    action = plan(ready(record=observed(record).record, **values), desired(spec=spec or {}), NOW + YEARS)
    assert isinstance(action, Wait)
    return action


@pytest.mark.parametrize("spec", [{}, {"policy": {"ambiguous": "Hold"}}], ids=["Retry", "Hold"])
def test_a_registration_is_not_asked_for_again(spec: dict[str, Any]) -> None:
    action = waits(attempted(PAGE), spec)
    assert (action.verdict.reason, action.verdict.stalled, action.until) == (Reason.NOT_UNDERSTOOD, True, None)
    assert "(HTTP 200 with a body that is no JSON object (text/html))" in action.verdict.message
    assert f'oauth-operator.dev/resolve: "{UID}/1"' in action.verdict.message


def test_it_is_a_suspect_at_once() -> None:
    assert [a.number for a in attempted(PAGE).suspects] == [1]


@pytest.mark.parametrize(
    "spec",
    [
        {"clientMetadata": {**METADATA, "client_name": "other"}},
        {"discovery": {"registrationEndpoint": "https://issuer.example/v2/register"}},
        {"discovery": {"form": "OAuth"}},
        {"discovery": {"url": "https://issuer.example/metadata.json"}},
    ],
    ids=["metadata", "endpoint", "form", "document"],
)
def test_an_edit_is_asked_for(spec: dict[str, Any]) -> None:
    record = observed(attempted(PAGE, source=desired().terms.source.digest)).record
    assert isinstance(plan(ready(record=record), desired(spec=spec), NOW + YEARS), Register)


NAMED = {"discovery": {"registrationEndpoint": "https://issuer.example/register"}}


def test_an_endpoint_that_the_spec_names_no_more_is_an_edit() -> None:
    record = observed(attempted(PAGE, source=desired(spec=NAMED).terms.source.digest)).record
    assert isinstance(plan(ready(record=record), desired(), NOW + YEARS), Register)


@pytest.mark.parametrize(
    ("source", "spec"),
    [
        pytest.param(desired().terms.source.digest, {"discovery": {"form": "Auto"}}, id="the same documents"),
        pytest.param(desired().terms.source.digest, NAMED, id="the same endpoint, whatever the documents say"),
        pytest.param(None, {"discovery": {"form": "OAuth"}}, id="an older operator wrote down no documents"),
    ],
)
def test_what_would_be_the_same_call_is_none(source: str | None, spec: dict[str, Any]) -> None:
    assert waits(attempted(PAGE, source=source), spec).verdict.reason is Reason.NOT_UNDERSTOOD


def test_with_hold_an_edit_waits_for_a_person_too() -> None:
    spec = {"clientMetadata": {**METADATA, "client_name": "other"}, "policy": {"ambiguous": "Hold"}}
    assert waits(attempted(PAGE), spec).verdict.reason is Reason.REGISTRATION_AMBIGUOUS


def test_edits_leave_no_more_than_three_suspects() -> None:
    spec = {"clientMetadata": {**METADATA, "client_name": "other"}}
    assert waits(attempted(PAGE, PAGE, PAGE), spec).verdict.reason is Reason.REGISTRATION_AMBIGUOUS


def test_a_persons_word_that_it_is_settled_lets_one_more_go_out() -> None:
    record = attempted(PAGE)
    annotated = resource(annotations={"oauth-operator.dev/resolve": f"{UID}/1"})
    assert plan(ready(record=observed(record).record, resource=annotated), desired(), NOW + YEARS) == Settle(1)
    assert isinstance(plan(ready(record=observed(settle(record, 1)).record), desired(), NOW + YEARS), Register)


def test_another_token_is_no_reason_to_spend_it_in_the_same_way() -> None:
    spec = {"registration": {"initialAccessToken": {"secretRef": {"name": "idp-token"}}}}
    record = attempted(PAGE, credential="uid/1")
    action = waits(record, spec, initial_access_token_version="uid/2")
    assert action.verdict.reason is Reason.NOT_UNDERSTOOD


def test_a_client_that_can_be_named_all_the_same_is_deregistered_and_not_replaced() -> None:
    salvage = {
        "client_id": "c1",
        "registration_access_token": "r",
        "registration_client_uri": "https://issuer.example/register/c1",
    }
    made = call(empty_record(), CallKind.REGISTER)
    outcome = NotUnderstood(status=201, cause="HTTP 201 with a body that is no JSON object", salvage=salvage)
    record = close(open_call(empty_record(), made), made, outcome, NOW)
    assert plan(observed(record, live=True), desired(), NOW) == Deregister(record.surplus[0])
    action = waits(deregistering(record, refused=False))
    assert (action.verdict.reason, action.verdict.stalled) == (Reason.NOT_UNDERSTOOD, True)
    assert "resolve" not in action.verdict.message


def test_an_update_is_not_asked_for_again_until_the_spec_changes() -> None:
    record = updated(RECORD, NO_CONTENT)
    action = plan(observed(record), desired(**EDIT), NOW + YEARS)
    assert isinstance(action, Wait)
    assert (action.verdict.reason, action.verdict.stalled, action.until) == (Reason.NOT_UNDERSTOOD, True, None)
    assert "(HTTP 204 without a body)" in action.verdict.message
    other = {"spec": {"clientMetadata": {**METADATA, "client_name": "a third"}}}
    seen = observed(record, server=server(), server_read_at=NOW, rehearsed=True)
    for asks in (other, {}):
        action = plan(seen, desired(**asks), NOW + YEARS)
        assert isinstance(action, Update), "also when the edit is undone: nobody knows what the server holds"


def test_what_is_not_understood_ends_the_doubt_about_an_update_before_it_no_more_than_a_refusal() -> None:
    record = updated(updated(RECORD, LOST, NO_CONTENT), rejection(), digest=metadata(client_name="a third").digest())
    assert len(record.published.unresolved) == 2 if record.published else False
