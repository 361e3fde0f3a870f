"""An update that was refused waits for its own time, whatever else the server refused since then."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.outcome import NotUnderstood, Rejected
from oauthclient_operator.oauth.rfc7592 import UpdateForm
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import Update, Wait
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import absorb, open_call
from tests.pure.plan.test_update_forms import MORE
from tests.pure.plan.upkeep import EDIT, EDITED, LOST, RECORD, rejection, updated
from tests.pure.values import METADATA, NOW, call, desired, information, metadata, observed, published, server

OTHER = metadata(client_name="Another shop")
OTHER_EDIT: dict[str, Any] = {"spec": {"clientMetadata": {**METADATA, "client_name": "Another shop"}}}
LATER = NOW + timedelta(minutes=1)
DENIED = rejection(403, None)
PAGE = NotUnderstood(status=200, cause="HTTP 200 with a body that is no JSON object (text/html)")


def saying(wanted: ClientMetadata) -> dict[str, Any]:
    return {"digest": wanted.digest(), "metadata": wanted.members}


def step(record: Record, edit: dict[str, Any]) -> object:
    return plan(observed(record, server=server(), server_read_at=NOW, rehearsed=True), desired(**edit), LATER)


@pytest.mark.parametrize(
    ("first", "reason", "until"),
    [
        pytest.param(DENIED, Reason.UPDATE_REJECTED, NOW + Limits().retry_slowly, id="refused"),
        pytest.param(PAGE, Reason.NOT_UNDERSTOOD, None, id="not understood"),
    ],
)
def test_another_one_that_was_refused_since_makes_it_due_no_sooner(
    first: Rejected | NotUnderstood, reason: Reason, until: datetime | None
) -> None:
    record = updated(RECORD, first, **saying(EDITED))
    record = updated(record, DENIED, at=LATER, **saying(OTHER))
    waits = step(record, EDIT)
    assert isinstance(waits, Wait)
    assert (waits.verdict.reason, waits.until) == (reason, until)
    assert isinstance(step(record, OTHER_EDIT), Wait)


def test_what_was_never_asked_is_asked_at_once() -> None:
    record = updated(RECORD, DENIED, **saying(EDITED))
    assert isinstance(step(record, OTHER_EDIT), Update)


def test_what_was_lost_twice_waits_whatever_was_refused_since() -> None:
    record = updated(RECORD, LOST, LOST, **saying(EDITED))
    record = updated(record, DENIED, **saying(OTHER))
    assert isinstance(step(record, EDIT), Wait)


def test_one_that_the_server_took_since_may_have_changed_what_it_was_refused_for() -> None:
    record = updated(RECORD, DENIED, **saying(EDITED))
    record = open_call(record, call(record, CallKind.UPDATE, client=published(record).key, **saying(OTHER)))
    assert record.open is not None
    record = absorb(record, record.open, information(), {}, NOW)
    assert isinstance(step(record, EDIT), Update)


def test_the_other_form_is_its_own_too() -> None:
    record = updated(MORE, rejection(), **saying(EDITED))
    record = updated(record, rejection(), **saying(OTHER))
    for edit in (EDIT, OTHER_EDIT):
        again = step(record, edit)
        assert isinstance(again, Update)
        assert again.form is UpdateForm.ASKED
    both = updated(record, rejection(), form=UpdateForm.ASKED, **saying(EDITED))
    both = updated(both, rejection(), form=UpdateForm.ASKED, **saying(OTHER))
    assert isinstance(step(both, EDIT), Wait)
    assert isinstance(step(both, OTHER_EDIT), Wait)
