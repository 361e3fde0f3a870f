"""What an update does to a record: opened, answered, failed, and each of it late."""

from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.exchange import NotSent
from oauthclient_operator.oauth.outcome import Ambiguous
from oauthclient_operator.record.calls import Asked, CallKind, CallOutcome
from oauthclient_operator.record.clients import Client, InStep, Spare, Standing, UpdateDue
from oauthclient_operator.record.credentials import Failure
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import absorb, close
from tests.pure.record.steps import (
    EDITED,
    LATER,
    LOST,
    answered,
    failed,
    given_up,
    named,
    opened,
    refused,
    text,
    token,
    tokens,
    update,
)
from tests.pure.records import ISSUER, METADATA, empty_record, information, metadata, published, registered_record

REGISTERED = registered_record()
OPEN, MADE = opened(REGISTERED, CallKind.UPDATE, **update(REGISTERED))
GIVEN_UP, _ = given_up(REGISTERED, CallKind.UPDATE, **update(REGISTERED))
NOT_SENT = NotSent(cause="no route")
REFUSED = frozenset({CallKind.UPDATE})


def with_client(record: Record, **values: Any) -> Record:
    return record.with_client(replace(published(record), **values))


def secret(client: Client) -> str | None:
    return text(client.information.client_secret)


def test_opening_an_update_changes_no_client() -> None:
    assert (OPEN.clients, OPEN.attempts, OPEN.open, OPEN.next_call) == (
        REGISTERED.clients,
        REGISTERED.attempts,
        MADE,
        3,
    )


def test_an_answer_puts_the_client_in_step_with_what_was_asked() -> None:
    before = with_client(OPEN, standing=UpdateDue((2,)), refused=REFUSED)
    after = absorb(before, MADE, information(client_secret="s2"), {"token_endpoint": f"{ISSUER}/other"}, LATER)
    client = published(after)
    assert (client.standing, client.refused) == (InStep(), frozenset())
    assert client.confirmed == Asked(EDITED.digest(), EDITED.members)
    assert (client.answer.call, client.endpoints) == (2, {"token_endpoint": f"{ISSUER}/other"})
    assert (client.key, client.origin, secret(client)) == (1, published(REGISTERED).origin, "s2")
    assert (after.open, after.closed[-1].outcome) == (None, CallOutcome.COMMITTED)


def test_what_an_answer_does_not_repeat_of_what_the_server_issued_still_holds() -> None:
    answer = information(registration_access_token=None, registration_client_uri=None, client_secret=None)
    client = published(absorb(OPEN, MADE, answer, {}, LATER))
    assert (token(client), secret(client), client.manageable) == ("r1", "s1", True)


def test_an_answer_takes_the_spares_away_that_are_older() -> None:
    spares = (Spare(call=1), Spare(call=2), Spare(call=3))
    client = published(absorb(with_client(OPEN, spares=spares), MADE, information(), {}, LATER))
    assert client.spares == (Spare(call=3),)


@pytest.mark.parametrize(
    ("record", "outcome", "standing", "refused_for"),
    [
        pytest.param(OPEN, NOT_SENT, InStep(), frozenset(), id="not sent: nothing happened"),
        pytest.param(OPEN, refused(400), InStep(), frozenset(), id="rejected: nothing happened"),
        pytest.param(OPEN, refused(403), InStep(), frozenset(), id="forbidden: nothing happened"),
        pytest.param(OPEN, LOST, UpdateDue((2,)), frozenset(), id="lost: nobody knows what the server holds"),
        pytest.param(OPEN, refused(401), InStep(), REFUSED, id="401: the token is not accepted"),
        pytest.param(OPEN, refused(404, json=True), InStep(), REFUSED, id="404 in the protocol's words: nor then"),
        pytest.param(OPEN, refused(404, json=False), InStep(), frozenset(), id="404 of no server that we know"),
        pytest.param(OPEN, refused(400, error="access_denied"), InStep(), REFUSED, id="400 access_denied"),
        pytest.param(OPEN, refused(405), InStep(), frozenset(), id="405: it says nothing of the token"),
        pytest.param(
            with_client(OPEN, standing=UpdateDue()), refused(400), UpdateDue(), frozenset(), id="what is due stays due"
        ),
        pytest.param(
            with_client(OPEN, standing=UpdateDue((1,))),
            LOST,
            UpdateDue((1, 2)),
            frozenset(),
            id="lost again: two are unresolved",
        ),
        pytest.param(
            with_client(OPEN, refused=frozenset({CallKind.DEREGISTER})),
            refused(401),
            InStep(),
            frozenset({CallKind.UPDATE, CallKind.DEREGISTER}),
            id="refused for the second kind",
        ),
        pytest.param(
            with_client(
                OPEN, answer=replace(published(OPEN).answer, information=information(registration_access_token="r2"))
            ),
            refused(401),
            InStep(),
            frozenset(),
            id="401 of a token that is not the recorded one any more",
        ),
        pytest.param(GIVEN_UP, NOT_SENT, UpdateDue((2,)), frozenset(), id="late not sent says nothing"),
        pytest.param(GIVEN_UP, refused(401), UpdateDue((2,)), frozenset(), id="late 401 says nothing"),
        pytest.param(GIVEN_UP, refused(400), UpdateDue((2,)), frozenset(), id="late 400 says nothing"),
        pytest.param(GIVEN_UP, LOST, UpdateDue((2,)), frozenset(), id="late lost says nothing"),
    ],
)
def test_what_a_failure_says_of_the_client(
    record: Record, outcome: Failure, standing: Standing, refused_for: frozenset[CallKind]
) -> None:
    after = close(record, MADE, outcome, LATER)
    client = published(after)
    assert (client.standing, client.refused, after.open) == (standing, refused_for, None)
    assert (client.confirmed, client.spares) == (published(REGISTERED).confirmed, ())


def test_what_came_of_an_update_is_written_down_once() -> None:
    assert [c.outcome for c in close(OPEN, MADE, refused(400), LATER).closed[1:]] == [CallOutcome.REJECTED]
    assert close(GIVEN_UP, MADE, refused(400), LATER) == GIVEN_UP


def test_what_was_refused_and_there_is_a_spare_is_tried_with_the_newest() -> None:
    spares = tuple(
        Spare(
            call=n, registration_access_token=information(registration_access_token=f"r{n}").registration_access_token
        )
        for n in (7, 8)
    )
    before = with_client(OPEN, spares=(*spares, Spare(call=9)), refused=frozenset({CallKind.DEREGISTER}))
    client = published(close(before, MADE, refused(401), LATER))
    assert (token(client), tokens(client), client.refused) == ("r8", ["r7", None], frozenset())
    assert (client.standing, secret(client), client.answer.call) == (UpdateDue(), "s1", 1)


def test_a_spare_is_not_known_to_be_accepted_for_an_update_that_was_refused_before() -> None:
    record = failed(REGISTERED, CallKind.UPDATE, refused(401), client=1)
    record = failed(record, CallKind.UPDATE, refused(400, salvage={"registration_access_token": "r9"}), client=1)
    client = published(failed(record, CallKind.DEREGISTER, refused(401), client=1))
    assert (token(client), client.refused) == ("r9", REFUSED)


def test_what_is_unresolved_stays_so_when_a_spare_is_tried() -> None:
    record = close(GIVEN_UP, MADE, refused(400, salvage={"registration_access_token": "r9"}), LATER)
    client = published(failed(record, CallKind.UPDATE, refused(401), client=1))
    assert (token(client), client.standing) == ("r9", UpdateDue((2,)))


@pytest.mark.parametrize(
    ("salvage", "spare"),
    [
        ({"registration_access_token": "r9"}, ("r9", None)),
        ({"client_secret": "s9"}, (None, "s9")),
        ({"registration_access_token": "r9", "client_secret": "s9", "client_id": "c1"}, ("r9", "s9")),
        ({"client_id": "c1"}, None),
        ({}, None),
    ],
    ids=str,
)
@pytest.mark.parametrize("late", [False, True], ids=["in time", "late"])
def test_credentials_in_an_answer_that_is_no_success_are_kept(
    late: bool, salvage: dict[str, Any], spare: tuple[str | None, str | None] | None
) -> None:
    for outcome in (refused(400, salvage=salvage), Ambiguous(cause="truncated", salvage=salvage)):
        client = published(close(GIVEN_UP if late else OPEN, MADE, outcome, LATER))
        kept = [(s.call, text(s.registration_access_token), text(s.client_secret)) for s in client.spares]
        assert kept == ([] if spare is None else [(2, *spare)])
        assert (token(client), secret(client)) == ("r1", "s1")


def test_of_spares_the_eight_newest_are_kept_and_of_what_is_unresolved_sixteen() -> None:
    record = REGISTERED
    for _ in range(30):
        cut = Ambiguous(cause="truncated", salvage={"client_secret": f"s{record.next_call}"})
        record = failed(record, CallKind.UPDATE, cut, **update(record))
    client = published(record)
    assert [s.call for s in client.spares] == [*range(24, 32)]
    assert client.unresolved == (*range(16, 32),)
    assert {*client.unresolved} <= {c.number for c in record.closed}


def test_a_late_answer_resolves_its_own_call_alone_and_makes_another_due() -> None:
    record, _ = given_up(GIVEN_UP, CallKind.UPDATE, **update(REGISTERED))
    client = published(absorb(record, MADE, information(registration_access_token="r2"), {}, LATER))
    assert (client.standing, token(client), client.answer.call) == (UpdateDue((3,)), "r2", 2)
    assert client.confirmed == Asked(metadata().digest(), METADATA)
    assert client.endpoints == published(REGISTERED).endpoints


def test_a_late_answer_older_than_the_client_s_newest_is_a_spare() -> None:
    record = answered(GIVEN_UP, CallKind.UPDATE, update(REGISTERED))
    client = published(absorb(record, MADE, information(registration_access_token="r2", client_secret="s2"), {}, LATER))
    assert (token(client), tokens(client), secret(client), client.answer.call) == ("r1", ["r2"], "s1", 3)
    assert client.standing == UpdateDue()


def test_a_late_answer_to_a_call_under_which_the_token_was_replaced_is_a_spare() -> None:
    record = failed(GIVEN_UP, CallKind.UPDATE, refused(400, salvage={"registration_access_token": "r9"}), client=1)
    record = failed(record, CallKind.UPDATE, refused(401), client=1)
    assert (token(published(record)), published(record).answer.call) == ("r9", 1)
    client = published(absorb(record, MADE, information(registration_access_token="r2"), {}, LATER))
    assert (token(client), tokens(client)) == ("r9", ["r2"])


def test_a_late_answer_is_closed_as_committed_and_absorbed_once() -> None:
    once = absorb(GIVEN_UP, MADE, information(registration_access_token="r2"), {}, LATER)
    assert [c.outcome for c in once.closed] == [CallOutcome.COMMITTED, CallOutcome.COMMITTED]
    assert absorb(once, MADE, information(registration_access_token="r2"), {}, LATER) == once


def test_an_answer_about_another_client_makes_that_one_known() -> None:
    record = absorb(OPEN, MADE, information(**named("c2")), {}, LATER)
    assert [c.information.client_id for c in record.clients] == ["c1", "c2"]
    assert published(record) == published(REGISTERED)


def test_a_late_failure_says_nothing_of_another_ledger_s_client_of_the_same_number() -> None:
    anew = answered(empty_record(), CallKind.REGISTER, {"nonce": "another"}, **named("c2"))
    salvaged = refused(400, salvage={"registration_access_token": "r9"})
    assert close(anew, MADE, salvaged, LATER) == anew


def test_a_failure_about_a_client_that_is_not_known_changes_none() -> None:
    assert close(empty_record(), MADE, refused(401), LATER).clients == ()
