"""What a server answers that does not support updates or deletions, from its bytes to what is done next."""

from datetime import timedelta

import pytest

from oauthclient_operator.exchange import Response
from oauthclient_operator.names import Reason
from oauthclient_operator.oauth import rfc7592
from oauthclient_operator.oauth.outcome import Rejected
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import Deregister, Release, Update, Wait
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import close, open_call
from tests.pure.oauth.transcripts import response
from tests.pure.plan.test_deletion import going
from tests.pure.plan.upkeep import CLIENT, EDIT, EDITED, RECORD, updated
from tests.pure.values import NOW, call, desired, observed, server

ANSWERS = [
    (response(405), True, True),
    (response(405, {"error": "method_not_allowed"}), True, True),
    (response(501), True, True),
    (response(404, body=b"Not Found"), True, False),
    (response(404), True, False),
    (response(404, {"error": "invalid_client"}), False, False),
    (response(404, {"errorCode": "E0000007"}), False, False),
    (response(401), False, False),
    (response(400, {"error": "invalid_request"}), False, False),
]


def after_update(answer: Response) -> Record:
    outcome = rfc7592.judge_update(answer, "c1")
    assert isinstance(outcome, Rejected)
    return updated(RECORD, outcome)


def after_deregistration(answer: Response) -> Record:
    outcome = rfc7592.judge_deletion(answer)
    assert isinstance(outcome, Rejected)
    made = call(RECORD, CallKind.DEREGISTER, client=CLIENT.key)
    return close(open_call(RECORD, made), made, outcome, NOW)


@pytest.mark.parametrize(("answer", "of_update", "of_deletion"), ANSWERS)
def test_M4_405_501_and_of_an_update_a_404_that_is_no_JSON_mean_not_supported(
    answer: Response, of_update: bool, of_deletion: bool
) -> None:
    assert after_update(answer).closed[-1].unsupported is of_update
    assert after_deregistration(answer).closed[-1].unsupported is of_deletion


@pytest.mark.parametrize(("answer", "of_deletion"), [(answer, of_deletion) for answer, _, of_deletion in ANSWERS])
def test_M4_what_is_not_supported_ends_a_deletion_at_once(answer: Response, of_deletion: bool) -> None:
    step = plan(going(after_deregistration(answer)), desired(deleting=True), NOW)
    assert isinstance(step, Release if of_deletion else Deregister)


@pytest.mark.parametrize("answer", [answer for answer, of_update, _ in ANSWERS if of_update])
def test_M4_an_update_that_is_not_supported_is_asked_again_slowly_and_not_with_every_edit(answer: Response) -> None:
    record, slowly = after_update(answer), NOW + timedelta(minutes=15)
    seen = observed(record, server=server(), server_read_at=NOW, rehearsed=True)
    another = {"spec": {"clientMetadata": {**EDITED.members, "client_name": "Third"}}}
    for edit in (EDIT, another):
        waits = plan(seen, desired(**edit), NOW)
        assert isinstance(waits, Wait)
        assert (waits.verdict.reason, waits.until) == (Reason.UPDATE_UNSUPPORTED, slowly)
        assert isinstance(plan(seen, desired(**edit), slowly), Update)
    undone = plan(seen, desired(), NOW)
    assert isinstance(undone, Wait)
    assert undone.verdict.reason is Reason.REGISTERED
