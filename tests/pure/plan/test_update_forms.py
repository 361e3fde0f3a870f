"""What an update says where the server refused what it answered itself; and where it is sent after a refusal."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.oauth.rfc7592 import UpdateForm
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import Action, Deregister, Update, Wait
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import absorb, open_call
from tests.pure.plan.test_deletion import going
from tests.pure.plan.upkeep import EDIT, EDITED, RECORD, rejection, updated
from tests.pure.record.test_management import NOT_FOUND, PAGE, WRONG, after, keycloak
from tests.pure.values import ISSUER, METADATA, NOW, call, desired, information, metadata, observed, published, server

FULL, ASKED = UpdateForm.FULL, UpdateForm.ASKED
SLOWLY = Limits().retry_slowly
MORE = RECORD.with_client(
    replace(
        published(RECORD),
        answer=replace(
            published(RECORD).answer, information=ClientInformation.parse({**information().members, "x_server": 1})
        ),
    )
)
"""A client that was answered with more than was asked for."""
THIRD: dict[str, Any] = {"spec": {"clientMetadata": {**METADATA, "client_name": "a third"}}}
NEWEST = metadata(client_name="a third")


def step(record: Record, asks: dict[str, Any] | None = None, at: datetime = NOW) -> Action:
    seen = observed(record, server=server(), server_read_at=at, rehearsed=True)
    return plan(seen, desired(**(EDIT if asks is None else asks)), at)


def taken(record: Record) -> Record:
    """Return the record after an update that says what is desired alone, and is answered."""
    asked: dict[str, Any] = {"digest": EDITED.digest(), "metadata": EDITED.members, "form": ASKED}
    made = call(record, CallKind.UPDATE, client=published(record).key, **asked)
    return absorb(open_call(record, made), made, information(client_name="Web shop", x_server=1), {}, NOW)


def test_at_first_it_says_all() -> None:
    assert step(MORE) == Update(published(MORE), EDITED, FULL)


def test_refused_as_invalid_metadata_it_says_at_once_what_is_desired_alone() -> None:
    record = updated(MORE, rejection())
    assert step(record) == Update(published(record), EDITED, ASKED)


@pytest.mark.parametrize("error", ["invalid_redirect_uri", "invalid_request", None])
def test_another_refusal_is_waited_for(error: str | None) -> None:
    assert isinstance(step(updated(MORE, rejection(400, error))), Wait)


def test_where_both_say_the_same_one_refusal_is_enough() -> None:
    assert isinstance(step(updated(RECORD, rejection())), Wait)


def test_refused_again_it_waits_and_then_says_all_again() -> None:
    record = updated(updated(MORE, rejection()), rejection(), form=ASKED)
    action = step(record)
    assert isinstance(action, Wait)
    assert (action.verdict.reason, action.until) == (Reason.UPDATE_REJECTED, NOW + SLOWLY)
    assert step(record, at=NOW + SLOWLY) == Update(published(record), EDITED, FULL)
    assert step(record, THIRD) == Update(published(record), NEWEST, FULL)


def test_the_form_that_the_server_took_is_remembered() -> None:
    record = taken(updated(MORE, rejection()))
    assert published(record).form is ASKED
    assert step(record, THIRD) == Update(published(record), NEWEST, ASKED)
    refused = updated(record, rejection(), digest="v1:other", form=ASKED)
    assert step(refused, THIRD) == Update(published(refused), NEWEST, ASKED)


def test_after_404_the_update_goes_at_once_to_the_address_before() -> None:
    for answer in (NOT_FOUND, PAGE):
        record = after(keycloak(), CallKind.UPDATE, answer)
        action = step(record, THIRD)
        assert isinstance(action, Update)
        assert action.client.information.registration_client_uri == f"{ISSUER}/register/c1"
        assert action.client.key == published(record).key
        both = after(record, CallKind.UPDATE, answer)
        waits = step(both, at=NOW + timedelta(minutes=6))
        assert isinstance(waits, Wait)
        assert waits.verdict.reason is (Reason.MANAGEMENT_LOST if answer is NOT_FOUND else Reason.REGISTERED)


def test_after_404_the_deregistration_goes_to_the_address_before() -> None:
    record = keycloak()
    first = plan(going(record), desired(deleting=True), NOW)
    assert first == Deregister(published(record))
    assert published(record).information.registration_client_uri == WRONG
    action = plan(going(after(record, CallKind.DEREGISTER, NOT_FOUND)), desired(deleting=True), NOW)
    assert isinstance(action, Deregister)
    assert action.client.information.registration_client_uri == f"{ISSUER}/register/c1"
