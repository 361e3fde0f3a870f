"""What a registration does to a record: opened, answered, failed, and each of it late."""

from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.exchange import NotSent
from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.oauth.outcome import Ambiguous
from oauthclient_operator.record.attempts import Attempt, AttemptState
from oauthclient_operator.record.calls import Asked, CallKind, CallOutcome
from oauthclient_operator.record.clients import Answer, Client, Registered
from oauthclient_operator.record.credentials import Failure
from oauthclient_operator.record.record import Record, ReleaseOutcome
from oauthclient_operator.record.registering import next_attempt
from oauthclient_operator.record.transitions import absorb, close, name_lost, release, settle
from tests.pure.record.steps import (
    EDITED,
    LATER,
    LOST,
    NAMED,
    answered,
    failed,
    given_up,
    named,
    opened,
    refused,
)
from tests.pure.records import (
    ISSUER,
    METADATA,
    NOW,
    TIMEOUT,
    call,
    empty_record,
    information,
    metadata,
    published,
    registered_record,
)

OPEN, MADE = opened(empty_record(), CallKind.REGISTER)
GIVEN_UP, _ = given_up(empty_record(), CallKind.REGISTER)
CUT = Ambiguous(cause="truncated", salvage=NAMED)
HALF = Ambiguous(cause="truncated", salvage={"client_secret": "s1"})
NOT_SENT = NotSent(cause="no route")


def test_an_attempt_is_written_down_with_what_is_sent() -> None:
    (attempt,) = OPEN.attempts
    assert attempt == Attempt(
        number=1,
        issuer=ISSUER,
        endpoint=f"{ISSUER}/register",
        sent_at=NOW,
        until=NOW + TIMEOUT,
        state=AttemptState.OPEN,
        metadata=METADATA,
    )


def test_an_attempt_goes_on_with_another_request() -> None:
    record = failed(empty_record(), CallKind.REGISTER, refused(400))
    record, _ = opened(record, CallKind.REGISTER, at=LATER, metadata=EDITED.members, endpoint=f"{ISSUER}/elsewhere")
    (attempt,) = record.attempts
    assert (attempt.number, attempt.sent_at, attempt.until) == (1, LATER, LATER + TIMEOUT)
    assert (attempt.metadata, attempt.endpoint) == (EDITED.members, f"{ISSUER}/elsewhere")


@pytest.mark.parametrize(
    ("state", "number"),
    [
        (AttemptState.OPEN, 1),
        (AttemptState.COMMITTED, 2),
        (AttemptState.REFUSED, 2),
        (AttemptState.SUSPECT, 2),
        (AttemptState.SETTLED, 2),
    ],
)
def test_an_attempt_goes_on_until_something_came_of_it(state: AttemptState, number: int) -> None:
    assert next_attempt(empty_record()) == 1
    assert next_attempt(OPEN.with_attempt(replace(OPEN.attempts[0], state=state))) == number


def test_the_first_client_is_published_with_all_that_was_answered() -> None:
    record = absorb(OPEN, MADE, information(), {"token_endpoint": f"{ISSUER}/token"}, LATER)
    assert record.clients == (
        Client(
            key=1,
            issuer=ISSUER,
            trust="system",
            origin=Registered(attempt=1, at=LATER),
            answer=Answer(information=information(), call=1, endpoints={"token_endpoint": f"{ISSUER}/token"}),
            confirmed=Asked(metadata().digest(), METADATA),
        ),
    )
    assert record.published == record.clients[0]
    assert (record.open, record.attempts[0].state, record.attempts[0].metadata) == (None, AttemptState.COMMITTED, {})
    (entry,) = record.closed
    assert (entry.outcome, entry.at, entry.number) == (CallOutcome.COMMITTED, LATER, 1)


@pytest.mark.parametrize(
    ("record", "outcome", "state", "clients"),
    [
        pytest.param(OPEN, NOT_SENT, AttemptState.OPEN, [], id="not sent: the attempt goes on"),
        pytest.param(OPEN, refused(400), AttemptState.OPEN, [], id="rejected: the attempt goes on"),
        pytest.param(OPEN, LOST, AttemptState.SUSPECT, [], id="lost: a suspect"),
        pytest.param(OPEN, HALF, AttemptState.SUSPECT, [], id="lost but for a secret: a suspect"),
        pytest.param(OPEN, CUT, AttemptState.COMMITTED, ["c1"], id="cut, but it names its client: that client"),
        pytest.param(GIVEN_UP, NOT_SENT, AttemptState.REFUSED, [], id="late not sent: it left nothing"),
        pytest.param(GIVEN_UP, refused(400), AttemptState.REFUSED, [], id="late rejected: it left nothing"),
        pytest.param(GIVEN_UP, LOST, AttemptState.SUSPECT, [], id="late lost: a suspect still"),
        pytest.param(GIVEN_UP, HALF, AttemptState.SUSPECT, [], id="late lost but for a secret: a suspect still"),
        pytest.param(GIVEN_UP, CUT, AttemptState.COMMITTED, ["c1"], id="late cut, but it names its client"),
        pytest.param(settle(GIVEN_UP, 1), LOST, AttemptState.SETTLED, [], id="settled, and late lost"),
        pytest.param(settle(GIVEN_UP, 1), HALF, AttemptState.SETTLED, [], id="settled, and late lost but for a secret"),
        pytest.param(settle(GIVEN_UP, 1), refused(400), AttemptState.REFUSED, [], id="settled, and late rejected"),
        pytest.param(settle(GIVEN_UP, 1), CUT, AttemptState.COMMITTED, ["c1"], id="settled, and its client is named"),
    ],
)
def test_what_becomes_of_an_attempt_without_a_whole_answer(
    record: Record, outcome: Failure, state: AttemptState, clients: list[str]
) -> None:
    after = close(record, MADE, outcome, LATER)
    assert (after.open, after.pair, after.attempts[0].state) == (None, None, state)
    assert [c.information.client_id for c in after.clients] == clients
    assert after.surplus == after.clients
    assert after.next_call == 2


@pytest.mark.parametrize("missing", ["client_id", "registration_access_token", "registration_client_uri"])
def test_a_client_that_cannot_be_named_and_managed_is_a_suspect(missing: str) -> None:
    salvage = {name: value for name, value in NAMED.items() if name != missing}
    after = close(OPEN, MADE, Ambiguous(cause="truncated", salvage=salvage), LATER)
    assert (len(after.suspects), after.clients) == (1, ())


def test_what_was_said_of_a_call_is_kept() -> None:
    refusal = refused(429, error="slow_down", description="Not so fast.", retry_after=30.0, json=True)
    (entry,) = close(OPEN, MADE, refusal, LATER).closed
    said = entry.said
    assert (said.status, said.error, said.description, said.retry_after) == (429, "slow_down", "Not so fast.", 30.0)
    assert (entry.outcome, entry.at, said.json) == (CallOutcome.REJECTED, LATER, True)
    (entry,) = close(OPEN, MADE, Ambiguous(cause="HTTP 503", retry_after=60.0), LATER).closed
    assert (entry.outcome, entry.said.description, entry.said.retry_after) == (CallOutcome.AMBIGUOUS, "HTTP 503", 60.0)
    (entry,) = close(OPEN, MADE, NOT_SENT, LATER).closed
    assert (entry.outcome, entry.said.description, entry.said.json) == (CallOutcome.NOT_SENT, "no route", True)
    (entry,) = close(OPEN, MADE, refused(404, json=False), LATER).closed
    assert not entry.said.json


RELEASED = release(GIVEN_UP, ReleaseOutcome.UNCONFIRMED, NOW)


@pytest.mark.parametrize(
    ("record", "is_published"),
    [
        pytest.param(OPEN, True, id="in time"),
        pytest.param(GIVEN_UP, True, id="late, and none is published"),
        pytest.param(RELEASED, False, id="late, and the resource was let go"),
        pytest.param(replace(empty_record(), recreated=True), False, id="in a record that was made anew for it"),
    ],
)
def test_when_an_answered_client_is_published(record: Record, is_published: bool) -> None:
    after = absorb(record, MADE, information(), {}, LATER)
    assert (after.published is not None, len(after.surplus)) == (is_published, not is_published)
    assert after.suspects == ()


def test_a_second_client_stands_beside_the_published_one() -> None:
    record = answered(registered_record(), CallKind.REGISTER, **named("c2"))
    assert published(record).information.client_id == "c1"
    assert [(c.key, c.information.client_id) for c in record.surplus] == [(2, "c2")]


def test_a_client_that_only_the_status_named_gets_what_a_registration_answers() -> None:
    record = name_lost(empty_record(), "c1", ISSUER, "system", NOW)
    client = published(answered(record, CallKind.REGISTER))
    assert (client.key, client.manageable, client.standing) == (1, True, published(registered_record()).standing)


def test_a_call_that_was_never_numbered_here_is_not_numbered_again() -> None:
    far = call(replace(empty_record(), next_call=7), CallKind.REGISTER)
    record = absorb(empty_record(), far, ClientInformation.parse(NAMED), {}, LATER)
    assert record.next_call == 8


def test_confirmed_is_what_was_asked_and_not_what_was_answered() -> None:
    values: dict[str, Any] = {"metadata": EDITED.members, "digest": EDITED.digest()}
    client = published(answered(empty_record(), CallKind.REGISTER, values, client_name="Another"))
    assert client.confirmed == Asked(EDITED.digest(), EDITED.members)
    assert client.accepted.members == EDITED.members
