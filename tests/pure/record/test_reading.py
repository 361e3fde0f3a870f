"""What a read does to a record: answered, failed, and each of it late."""

from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.exchange import NotSent
from oauthclient_operator.oauth.outcome import Ambiguous, NotUnderstood
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import Ended, Ending, InStep, Standing, UpdateDue
from oauthclient_operator.record.credentials import Failure
from oauthclient_operator.record.pairs import SecretOf
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import absorb, close
from tests.pure.record.steps import (
    LATER,
    LOST,
    answered,
    failed,
    given_up,
    of,
    opened,
    refused,
    text,
    token,
    tokens,
    update,
)
from tests.pure.records import ISSUER, METADATA, empty_record, information, published, registered_record

READ, UPDATE, DEREGISTER = CallKind.READ, CallKind.UPDATE, CallKind.DEREGISTER
REGISTERED = registered_record()
OPEN, MADE = opened(REGISTERED, READ, **of(REGISTERED))
GIVEN_UP, _ = given_up(REGISTERED, READ, **of(REGISTERED))
UNREADABLE = NotUnderstood(status=200, cause="HTTP 200 without a body")
NOTHING_ISSUED: dict[str, Any] = dict.fromkeys(
    ["client_secret", "client_secret_expires_at", "registration_access_token", "registration_client_uri"]
)


def read(record: Record, **members: Any) -> Record:
    """Return the record after a read that was answered with those members over the default ones."""
    return answered(record, READ, of(record), **members)


def lost(record: Record, **values: Any) -> Record:
    return failed(record, READ, LOST, **of(record), **values)


def secret(record: Record) -> str | None:
    return text(published(record).information.client_secret)


def with_client(record: Record, **values: Any) -> Record:
    return record.with_client(replace(published(record), **values))


def test_a_read_that_is_opened_says_nothing_of_its_client_yet() -> None:
    assert published(OPEN) == published(REGISTERED)


def test_a_read_that_shows_what_is_known_changes_nothing_but_whose_word_it_is() -> None:
    before, client = published(REGISTERED), published(read(REGISTERED))
    assert client == replace(before, answer=replace(before.answer, call=2))


def test_the_credentials_of_the_answer_hold_and_the_ones_before_are_what_was_used_before() -> None:
    after = read(REGISTERED, registration_access_token="r2", client_secret="s2")
    client = published(after)
    assert (token(client), secret(after)) == ("r2", "s2")
    assert client.previous.registration_access_token == Confidential("r1")
    assert after.pair is not None
    assert REGISTERED.pair is not None
    assert isinstance(after.pair.credential, SecretOf)
    assert after.pair.credential != REGISTERED.pair.credential


@pytest.mark.parametrize("empty", [None, ""], ids=["left out", "empty"])
def test_what_an_answer_does_not_show_of_what_the_server_issued_still_holds(empty: str | None) -> None:
    after = read(registered_record(client_secret_expires_at=4_000_000_000), **dict.fromkeys(NOTHING_ISSUED, empty))
    client = published(after)
    assert (token(client), secret(after), client.manageable) == ("r1", "s1", True)
    assert client.information.client_secret_expires_at == 4_000_000_000


@pytest.mark.parametrize("shown", ["{bcrypt}$2a$10$abcdefghijklmnopqrstuv", "**********"], ids=["a hash", "a mask"])
def test_what_stands_in_the_secrets_place_is_kept_beside_the_one_that_works(shown: str) -> None:
    after = read(REGISTERED, client_secret=shown)
    assert (secret(after), text(published(after).withheld)) == ("s1", shown)
    assert after.pair == REGISTERED.pair


def test_the_endpoints_stay_for_a_read_brings_none() -> None:
    assert published(read(REGISTERED)).endpoints == {"token_endpoint": f"{ISSUER}/token"}


CHANGED: dict[str, Any] = {"redirect_uris": ["https://evil.example/cb"]}


@pytest.mark.parametrize(
    ("before", "shown", "standing"),
    [
        pytest.param({}, CHANGED, UpdateDue(), id="changed by another"),
        pytest.param({}, {"client_name": None}, UpdateDue(), id="taken away by another"),
        pytest.param({}, {"logo_uri": "https://x.example"}, InStep(), id="a member that the spec does not set"),
        pytest.param({}, {"redirect_uris": METADATA["redirect_uris"][0]}, InStep(), id="another spelling of the same"),
        pytest.param({"client_name": "cut"}, {"client_name": "cut"}, InStep(), id="the server's own word from before"),
        pytest.param({"client_name": "cut"}, {}, InStep(), id="put right at the server by another"),
        pytest.param({"client_name": "cut"}, {"client_name": "x"}, UpdateDue(), id="neither its own word nor ours"),
        pytest.param({"client_name": None}, {"client_name": None}, InStep(), id="never shown at all"),
    ],
)
def test_an_update_is_due_where_another_changed_what_is_asked_for(
    before: dict[str, Any], shown: dict[str, Any], standing: Standing
) -> None:
    assert published(read(registered_record(**before), **shown)).standing == standing


def test_an_answer_without_any_metadata_says_nothing_of_them() -> None:
    after = published(read(REGISTERED, **dict.fromkeys(METADATA)))
    assert (after.standing, after.information.metadata) == (InStep(), published(REGISTERED).information.metadata)


def test_the_update_after_a_read_settles_it_whatever_the_server_takes() -> None:
    record = read(REGISTERED, **CHANGED)
    assert published(record).standing == UpdateDue()
    record = answered(record, UPDATE, update(record), **CHANGED)
    assert published(record).standing == InStep()
    assert published(read(record, **CHANGED)).standing == InStep(), "its own word by now"


def test_what_an_update_left_open_stays_open() -> None:
    record, _ = given_up(REGISTERED, UPDATE, **update(REGISTERED))
    assert published(read(record)).standing == UpdateDue((2,))
    assert published(read(record, **CHANGED)).standing == UpdateDue((2,))


def test_what_was_taken_out_and_is_still_held_is_named_until_a_read_shows_otherwise() -> None:
    record = answered(REGISTERED, UPDATE, update(REGISTERED, metadata={"client_name": "web"}))
    assert published(record).kept == ("redirect_uris",)
    assert published(read(record)).kept == ("redirect_uris",)
    assert published(read(record, redirect_uris=None)).kept == ()


@pytest.mark.parametrize(
    ("failure", "unresolved", "management_lost"),
    [
        pytest.param(NotSent(cause="no route"), (), False, id="not sent: nothing happened"),
        pytest.param(refused(403), (), False, id="forbidden: nothing happened"),
        pytest.param(refused(405), (), False, id="not supported: nothing happened"),
        pytest.param(refused(429), (), False, id="too many: nothing happened"),
        pytest.param(LOST, (2,), False, id="lost: the token may be another one"),
        pytest.param(UNREADABLE, (2,), False, id="not understood: nor then"),
        pytest.param(refused(401), (), True, id="401: the token is not accepted"),
        pytest.param(refused(404, json=True), (), True, id="404 in the protocol's words: nor then"),
        pytest.param(refused(404, json=False), (), False, id="404 of no server that we know"),
    ],
)
def test_what_a_failure_says_of_the_client(
    failure: Failure, unresolved: tuple[int, ...], management_lost: bool
) -> None:
    after = close(OPEN, MADE, failure, LATER)
    client = published(after)
    assert (client.unresolved_reads, client.management_lost, client.alive) == (unresolved, management_lost, True)
    assert (client.standing, client.answer, after.open) == (InStep(), published(REGISTERED).answer, None)


def test_where_there_is_a_spare_token_it_is_used_after_a_refusal() -> None:
    salvaged = Ambiguous(cause="truncated", salvage={"registration_access_token": "r2"})
    record = failed(failed(REGISTERED, READ, salvaged, **of(REGISTERED)), READ, refused(), **of(REGISTERED))
    client = published(record)
    assert (token(client), client.management_lost, client.standing) == ("r2", False, UpdateDue())


@pytest.mark.parametrize("kind", [READ, UPDATE])
def test_the_next_success_settles_reads_without_answers(kind: CallKind) -> None:
    record = lost(REGISTERED)
    record = answered(record, kind, of(record) if kind is READ else update(record))
    assert published(record).unresolved_reads == ()


def test_after_a_lost_read_a_refused_repetition_of_a_lost_deletion_confirms_nothing() -> None:
    record = failed(lost(REGISTERED), DEREGISTER, LOST, **of(REGISTERED))
    after = failed(record, DEREGISTER, refused(), **of(record))
    assert isinstance(published(after).end, Ending)
    settled = failed(read(lost(REGISTERED)), DEREGISTER, LOST, **of(REGISTERED))
    assert isinstance(published(failed(settled, DEREGISTER, refused(), **of(settled))).end, Ended)


def test_after_a_refused_read_a_refused_repetition_of_a_lost_deletion_confirms_nothing() -> None:
    record = failed(REGISTERED, READ, refused(), **of(REGISTERED))
    record = failed(record, DEREGISTER, LOST, **of(record))
    assert isinstance(published(failed(record, DEREGISTER, refused(), **of(record))).end, Ending)


def test_a_late_answer_whose_token_is_still_the_recorded_one_holds() -> None:
    record = failed(GIVEN_UP, READ, refused(), **of(GIVEN_UP))
    assert published(record).management_lost
    record = absorb(record, MADE, information(registration_access_token="r2", client_secret="s2"), {}, LATER)
    client = published(record)
    assert (token(client), secret(record), client.management_lost) == ("r2", "s2", False)
    assert (client.standing, client.unresolved_reads) == (InStep(), ())


def test_a_late_answer_beside_a_newer_one_keeps_its_credentials_as_spares_and_an_update_tells_which_hold() -> None:
    record = read(GIVEN_UP, registration_access_token="r3")
    client = published(absorb(record, MADE, information(registration_access_token="r2"), {}, LATER))
    assert (token(client), tokens(client), client.standing) == ("r3", ["r2"], UpdateDue())


def test_a_late_answer_that_brings_nothing_new_asks_for_no_update() -> None:
    record = read(GIVEN_UP)
    assert published(absorb(record, MADE, information(), {}, LATER)) == published(record)


@pytest.mark.parametrize("failure", [NotSent(cause="no route"), refused(401), LOST, UNREADABLE], ids=str)
def test_a_late_failure_says_nothing(failure: Failure) -> None:
    assert published(close(GIVEN_UP, MADE, failure, LATER)) == published(GIVEN_UP)


def test_a_record_that_was_made_anew_takes_the_client_in_and_has_it_told_what_is_asked() -> None:
    anew = replace(empty_record(), recreated=True)
    record = absorb(anew, MADE, information(registration_access_token="r2"), {}, LATER)
    (client,) = record.clients
    assert (token(client), client.confirmed, record.pair) == ("r2", None, None)


def test_a_record_that_was_made_anew_and_knows_the_client_by_another_number_learns_nothing_of_its_end() -> None:
    record = replace(REGISTERED, next_call=8)
    gone = with_client(record, key=7, end=Ended(at=LATER))
    gone = replace(gone, clients=tuple(c for c in gone.clients if c.key == 7), pair=None)
    (client,) = absorb(gone, MADE, information(), {}, LATER).clients
    assert (client.key, client.end) == (7, Ended(at=LATER))
