"""When an update by access is made again: once with another token, else not before its time."""

from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.exchange import NotSent
from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.outcome import Ambiguous, NotUnderstood, Rejected
from oauthclient_operator.plan.observed import Limits, Observed
from oauthclient_operator.plan.updates_by_access import is_looked_at_first, is_once_more, pause_by_access, repeats
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.record import Record
from tests.pure.record.schema2_management import BY_ACCESS, admitted
from tests.pure.record.steps import LATER, LOST, failed, of, refused, update
from tests.pure.values import published

SLOWLY: Final = Limits().retry_slowly
MOMENT: Final = LATER + timedelta(minutes=1)
AGAIN: Final = {**BY_ACCESS, "repeats": True}
RECORD: Final = admitted()
SCOPE: Final = refused(403, error="insufficient_scope")
METADATA: Final = refused(400, error="invalid_client_metadata")


def after(
    outcome: NotSent | Ambiguous | NotUnderstood | Rejected, said: dict[str, Any] = BY_ACCESS, *before: Any
) -> Record:
    record = RECORD
    for earlier in (*before, (outcome, said)):
        record = failed(record, CallKind.UPDATE, earlier[0], **update(record), **earlier[1])
    return record


def said(record: Record, *, other_form: bool = False) -> Reason | None:
    client, last = published(record), record.last(CallKind.UPDATE)
    found = pause_by_access(
        Observed(resource=None), record, client, last, MOMENT, other_form=other_form, reregisters=False
    )
    return None if found is None else found.verdict.reason


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        pytest.param(RECORD, None, id="the first"),
        pytest.param(after(refused(401), {}), None, id="what its own token was refused is no matter"),
        pytest.param(after(refused(401)), None, id="a token that may have been withdrawn"),
        pytest.param(after(refused(401), AGAIN), Reason.ACCESS_DENIED, id="another one, too"),
        pytest.param(after(SCOPE), Reason.ACCESS_DENIED, id="it may not"),
        pytest.param(after(METADATA), Reason.UPDATE_REJECTED, id="what is asked is not taken"),
        pytest.param(after(refused(405)), Reason.UPDATE_UNSUPPORTED, id="no updates there"),
        pytest.param(after(refused(404, error=None, json=False)), Reason.UPDATE_UNSUPPORTED, id="a page"),
        pytest.param(after(NotUnderstood(status=200, cause="?")), Reason.NOT_UNDERSTOOD, id="no sense"),
        pytest.param(after(LOST), None, id="no answer, once"),
        pytest.param(after(LOST, BY_ACCESS, (LOST, BY_ACCESS)), Reason.UPDATE_AMBIGUOUS, id="and twice"),
        pytest.param(
            after(METADATA, BY_ACCESS, (LOST, BY_ACCESS)),
            Reason.UPDATE_AMBIGUOUS,
            id="no answer, and what it made of that",
        ),
        pytest.param(after(SCOPE, BY_ACCESS, (LOST, BY_ACCESS)), Reason.ACCESS_DENIED, id="no answer, and it may not"),
    ],
)
def test_what_is_waited_for(record: Record, reason: Reason | None) -> None:
    assert said(record) == reason


def test_less_is_said_at_once_where_the_server_refused_its_own_words() -> None:
    assert said(after(METADATA), other_form=True) is None


def test_another_edit_waits_for_nothing() -> None:
    record = after(METADATA)
    assert (
        pause_by_access(
            Observed(resource=None), record, published(record), None, MOMENT, other_form=False, reregisters=False
        )
        is None
    )


@pytest.mark.parametrize("outcome", [refused(401), SCOPE, METADATA, refused(405)], ids=str)
def test_it_is_tried_again_from_time_to_time(outcome: Rejected) -> None:
    record = after(outcome, AGAIN)
    client, last, later = published(record), record.last(CallKind.UPDATE), LATER + SLOWLY + timedelta(seconds=1)
    seen = Observed(resource=None)
    assert pause_by_access(seen, record, client, last, later, other_form=False, reregisters=False) is None


GONE: Final = refused(404, error="not_found", json=True)


def test_a_client_that_is_not_there_is_not_asked_for_all_the_time() -> None:
    assert said(after(GONE)) is Reason.CLIENT_GONE


@pytest.mark.parametrize(
    ("record", "first"),
    [
        pytest.param(RECORD, False, id="nothing before"),
        pytest.param(after(LOST), True, id="an answer was lost"),
        pytest.param(after(LOST, {}), False, id="one to its own token, which a read may renew"),
        pytest.param(after(METADATA), False, id="it was told"),
        pytest.param(
            failed(after(LOST), CallKind.READ, LOST, **of(RECORD), **BY_ACCESS), False, id="it was looked at already"
        ),
    ],
)
def test_what_is_looked_at_before_it_is_asked_again(record: Record, first: bool) -> None:
    assert is_looked_at_first(record, published(record)) is first


@pytest.mark.parametrize(
    ("record", "once_more", "repeating"),
    [
        pytest.param(RECORD, False, False, id="nothing before"),
        pytest.param(after(refused(401)), True, True, id="one was refused"),
        pytest.param(after(refused(401), AGAIN), False, True, id="two were"),
        pytest.param(after(SCOPE), False, False, id="it was not the token"),
        pytest.param(after(refused(401), {}), False, False, id="it was the client's own"),
    ],
)
def test_which_update_repeats_another(record: Record, once_more: bool, repeating: bool) -> None:
    last = record.last(CallKind.UPDATE)
    assert (is_once_more(last), repeats(last)) == (once_more, repeating)
