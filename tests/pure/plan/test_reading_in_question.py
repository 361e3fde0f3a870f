"""A client whose credentials are refused is read once, where a policy wants to know whether its server has it still."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from oauthclient_operator.exchange import NotSent
from oauthclient_operator.oauth.outcome import NotUnderstood
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import Read
from oauthclient_operator.plan.observed import Observed
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.doubts import CONFIRMATIONS, OVER, Doubts, absent
from oauthclient_operator.record.record import Record
from tests.pure.plan.upkeep import LOST, RECORD
from tests.pure.record.steps import failed, of, refused
from tests.pure.values import ISSUER, METADATA, NOW, desired, observed, published, resource, server

CONFIRMED = Doubts(count=CONFIRMATIONS, first_at=NOW - OVER, last_at=NOW)
AT = NOW + timedelta(minutes=5)
"""When what is done after the last confirmation ended."""
SPEC: dict[str, Any] = {"issuer": ISSUER, "clientMetadata": METADATA, "policy": {"gone": "Reregister"}}


def doubted(doubts: Doubts | None, *reads: Any) -> Record:
    """Return a record of a client that is doubted so, and read with that outcome after it."""
    record = RECORD.with_client(replace(published(RECORD), doubts=doubts))
    for number, outcome in enumerate(reads):
        record = failed(record, CallKind.READ, outcome, **of(record), repeats=number > 0)
    return record


def reads(record: Record, spec: dict[str, Any] = SPEC, now: datetime = AT) -> bool:
    """Tell whether the next step is to read the client, with all at hand and a moment after a proof."""
    given: Observed = observed(
        record,
        resource=resource(spec=spec, status={"secret": {"name": "web", "uid": "secret-uid"}}),
        server=server(),
        server_read_at=now,
        rehearsed=True,
        proven_at=now,
    )
    return isinstance(plan(given, desired(spec=spec), now), Read)


def test_it_is_read_when_the_refusal_is_confirmed() -> None:
    assert reads(doubted(CONFIRMED))
    assert reads(doubted(replace(CONFIRMED, known=True))), "its secret may come with the answer"


@pytest.mark.parametrize(
    ("record", "spec"),
    [
        pytest.param(doubted(CONFIRMED), {**SPEC, "policy": {"gone": "Report"}}, id="nothing would come of it"),
        pytest.param(doubted(None), SPEC, id="nobody doubts it"),
        pytest.param(doubted(replace(CONFIRMED, count=2)), SPEC, id="it is not confirmed"),
        pytest.param(doubted(absent(NOW)), SPEC, id="the server says that there is none of that name"),
        pytest.param(doubted(replace(CONFIRMED, configuration_refused=True)), SPEC, id="the endpoint refused already"),
        pytest.param(doubted(replace(CONFIRMED, configuration_answered=True)), SPEC, id="or answered"),
        pytest.param(doubted(CONFIRMED, refused()), SPEC, id="the token was refused"),
        pytest.param(doubted(CONFIRMED, refused(403)), SPEC, id="so was the read, which says nothing"),
        pytest.param(
            doubted(CONFIRMED, NotUnderstood(status=200, cause="it is no JSON")),
            SPEC,
            id="nobody could read the answer",
        ),
        pytest.param(doubted(CONFIRMED, LOST, LOST), SPEC, id="two answers were lost"),
        pytest.param(doubted(CONFIRMED), {**SPEC, "issuer": "https://other.example"}, id="it moves to another issuer"),
    ],
)
def test_it_is_not_read_where(record: Record, spec: dict[str, Any]) -> None:
    assert not reads(record, spec)


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(LOST, id="the answer was lost"),
        pytest.param(NotSent(cause="no port was left", ours=True), id="it was not sent"),
    ],
)
def test_it_is_read_again_where(outcome: Any) -> None:
    assert reads(doubted(CONFIRMED, outcome))


def test_it_is_asked_again_a_day_later_where_no_answer_told() -> None:
    for outcome in (refused(403), NotUnderstood(status=200, cause="it is no JSON")):
        assert not reads(doubted(CONFIRMED, outcome), now=AT + timedelta(hours=23))
        assert reads(doubted(CONFIRMED, outcome), now=AT + timedelta(hours=25))


def test_it_is_not_read_again_where_another_process_had_a_clock_that_was_ahead() -> None:
    record = doubted(CONFIRMED, NotUnderstood(status=200, cause="it is no JSON"))
    ahead = replace(CONFIRMED, last_at=AT + timedelta(seconds=50))
    assert not reads(record.with_client(replace(published(record), doubts=ahead)))


def test_a_refusal_that_is_confirmed_after_the_last_read_has_one_of_its_own() -> None:
    later = timedelta(days=1)
    record = doubted(CONFIRMED, NotUnderstood(status=200, cause="it is no JSON"))
    again = replace(CONFIRMED, first_at=NOW + later - OVER, last_at=NOW + later)
    assert reads(record.with_client(replace(published(record), doubts=again)), now=AT + later)
