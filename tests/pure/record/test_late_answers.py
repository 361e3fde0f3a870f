"""Answers that come after their call was given up: added beside what is there, never in its place."""

import json
from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.exchange import NotSent
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.outcome import Ambiguous
from oauthclient_operator.oauth.rfc7592 import update_request
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import Alive, Client, LeftBehind, UpdateDue
from oauthclient_operator.record.transitions import absorb, close, open_call, settle
from tests.pure.record.steps import LATER, NAMED, given_up, named, of, opened, refused, token, tokens, update
from tests.pure.records import NOW, TIMEOUT, empty_record, information, metadata, published, registered_record


def test_a_late_answer_to_a_given_up_attempt_settles_its_suspect() -> None:
    record, made = given_up(empty_record(), CallKind.REGISTER)
    assert [a.number for a in record.suspects] == [1]
    late = absorb(record, made, information(), {}, LATER)
    assert late.suspects == ()
    assert published(late).information.client_id == "c1"


def test_a_late_answer_never_takes_the_place_of_the_published_client() -> None:
    record, first = given_up(empty_record(), CallKind.REGISTER)
    record, second = opened(record, CallKind.REGISTER)
    record = absorb(record, second, information(**named("c2")), {}, LATER)
    record = absorb(record, first, information(), {}, LATER)
    assert published(record).information.client_id == "c2"
    assert [c.information.client_id for c in record.surplus] == ["c1"]


@pytest.mark.parametrize("known", [NotSent(cause="no route"), refused(400)])
def test_a_sender_that_wakes_and_knows_that_nothing_was_made_settles_its_suspect(known: Any) -> None:
    record, made = given_up(empty_record(), CallKind.REGISTER)
    assert close(record, made, known, LATER).suspects == ()


def test_an_answer_that_was_recorded_already_changes_nothing() -> None:
    record, made = opened(empty_record(), CallKind.REGISTER)
    once = absorb(record, made, information(), {}, NOW)
    assert absorb(once, made, information(), {}, LATER) == once


def test_the_server_that_answers_a_second_post_with_the_first_client_has_one_client() -> None:
    record, first = given_up(empty_record(), CallKind.REGISTER)
    record, second = opened(record, CallKind.REGISTER)
    record = absorb(record, second, information(registration_access_token="r2"), {}, LATER)
    record = absorb(record, first, information(registration_access_token="r1"), {}, LATER)
    assert len(record.clients) == 1
    assert token(published(record)) == "r2"
    assert tokens(published(record)) == ["r1"]


def test_a_late_update_that_used_the_recorded_token_brings_the_only_live_one() -> None:
    record, slept = given_up(registered_record(), CallKind.UPDATE, **update(registered_record()))
    record, repeated = opened(record, CallKind.UPDATE, **update(record))
    record = close(record, repeated, refused(), LATER)
    assert published(record).management_lost
    record = absorb(record, slept, information(registration_access_token="r2", client_secret="s2"), {}, LATER)
    client = published(record)
    assert token(client) == "r2"
    assert (client.management_lost, client.standing) == (False, UpdateDue())


def test_a_late_answer_with_a_live_token_lets_what_was_left_behind_be_ended() -> None:
    record, late = given_up(registered_record(), CallKind.UPDATE, **update(registered_record()))
    left = replace(
        published(record), end=LeftBehind(at=LATER), refused=frozenset({CallKind.UPDATE, CallKind.DEREGISTER})
    )
    record = absorb(
        replace(record.with_client(left), pair=None), late, information(registration_access_token="r2"), {}, LATER
    )
    (surplus,) = record.surplus
    assert (surplus.end, surplus.refused, token(surplus)) == (Alive(), frozenset(), "r2")


def test_a_late_update_whose_token_was_replaced_keeps_its_own_as_a_spare() -> None:
    record, slept = given_up(registered_record(), CallKind.UPDATE, **update(registered_record()))
    record, repeated = opened(record, CallKind.UPDATE, **update(record))
    record = absorb(record, repeated, information(registration_access_token="r3"), {}, LATER)
    record = absorb(record, slept, information(registration_access_token="r2"), {}, LATER)
    client = published(record)
    assert token(client) == "r3"
    assert client.standing == UpdateDue()
    assert [s.call for s in client.spares] == [slept.number]


def test_a_late_refusal_of_an_update_says_nothing() -> None:
    record, slept = given_up(registered_record(), CallKind.UPDATE, **update(registered_record()))
    assert close(record, slept, refused(), LATER) == record


def test_a_spare_token_is_used_where_the_recorded_one_is_refused() -> None:
    record, slept = given_up(registered_record(), CallKind.UPDATE, **update(registered_record()))
    record, repeated = opened(record, CallKind.UPDATE, **update(record))
    record = absorb(record, repeated, information(registration_access_token="r3"), {}, LATER)
    record = absorb(record, slept, information(registration_access_token="r2"), {}, LATER)
    record, again = opened(record, CallKind.UPDATE, **update(record))
    record = close(record, again, refused(), LATER)
    assert token(published(record)) == "r2"
    assert not published(record).management_lost


def test_a_credential_in_an_error_is_kept() -> None:
    record, made = opened(registered_record(), CallKind.UPDATE, **update(registered_record()))
    error = replace(refused(400), salvage={"registration_access_token": "r9"})
    client = published(close(record, made, error, LATER))
    assert tokens(client) == ["r9"]


def test_an_answer_that_cannot_be_read_whole_but_names_its_client_makes_it_known() -> None:
    record, made = opened(empty_record(), CallKind.REGISTER)
    record = close(record, made, Ambiguous(cause="truncated", salvage=NAMED), LATER)
    assert record.suspects == ()
    assert record.published is None
    assert [c.information.client_id for c in record.surplus] == ["c1"]


def test_a_late_confirmation_of_a_deregistration_counts() -> None:
    record, made = given_up(registered_record(), CallKind.DEREGISTER, **of(registered_record()))
    assert not published(absorb(record, made, None, {}, LATER)).alive


def test_a_person_settles_the_suspects_up_to_a_number() -> None:
    record, _ = given_up(empty_record(), CallKind.REGISTER)
    record, _ = given_up(record, CallKind.REGISTER)
    assert [a.number for a in settle(record, 1).suspects] == [2]
    assert settle(record, 2).suspects == ()


def test_a_record_has_one_open_call() -> None:
    record, made = opened(empty_record(), CallKind.REGISTER)
    with pytest.raises(ValueError, match="one open call"):
        open_call(record, replace(made, number=record.next_call))


def test_a_record_stays_small_however_often_its_calls_fail() -> None:
    record = registered_record()
    for _ in range(200):
        record, made = opened(record, CallKind.UPDATE, **update(record))
        record = close(record, made, refused(400), NOW + TIMEOUT)
    assert len(record.closed) <= 17
    assert record.next_call == 202


def test_what_a_merging_server_keeps_stays_named_and_is_not_sent_back() -> None:
    record, made = opened(registered_record(), CallKind.UPDATE, client=1, digest="v1:x", metadata={})
    record = absorb(record, made, information(), {}, NOW)
    assert published(record).kept == ("client_name", "redirect_uris")
    record, again = opened(record, CallKind.UPDATE, client=1, digest="v1:y", metadata={"scope": "openid"})
    record = absorb(record, again, information(scope="openid"), {}, NOW)
    assert published(record).kept == ("client_name", "redirect_uris")
    assert sent(published(record), metadata())["client_name"] == "web"
    assert "client_name" not in sent(published(record), ClientMetadata.confirmed({"scope": "openid"}))


def sent(client: Client, desired: ClientMetadata) -> dict[str, Any]:
    """Return the body of an update: what a merging server kept was taken out on purpose."""
    previous = {*client.accepted.members, *client.kept}
    body: dict[str, Any] = json.loads(update_request(client.information, desired, previous).body or b"")
    return body
