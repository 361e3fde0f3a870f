"""What an adoption does to a record: offered, read, proven, refused, taken up; and what comes late or in the middle."""

from dataclasses import replace
from typing import Any, Final

import pytest

from oauthclient_operator.exchange import NotSent
from oauthclient_operator.oauth.outcome import NotUnderstood
from oauthclient_operator.record.adopting import offer, refuse, take_up
from oauthclient_operator.record.adoptions import Offered, Proven, Refused, Taken
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import Adopted, Ended, NamedByStatus, Registered
from oauthclient_operator.record.pairs import pair_of
from oauthclient_operator.record.record import Record, ReleaseOutcome
from oauthclient_operator.record.replacements import Leaving
from oauthclient_operator.record.transitions import absorb, close, name_lost, open_call, release
from tests.pure.record.adoptions import (
    ENDPOINTS,
    HANDED_ID,
    answered,
    client_offered,
    failed,
    handed,
    key_of,
    not_taken,
    offered,
    proven,
    reading,
    taken,
)
from tests.pure.record.replacements import shown, with_candidate
from tests.pure.record.steps import LATER, LOST, refused
from tests.pure.records import ISSUER, NOW, call, empty_record, information, published
from tests.pure.records import registered_record as registered

OPEN: Final = open_call(registered(), call(registered(), CallKind.UPDATE, client=1))
RELEASED: Final = release(registered(), ReleaseOutcome.UNCONFIRMED, NOW)


def offer_to(record: Record, fingerprint: str = "f1") -> Record:
    return offer(record, handed(fingerprint=fingerprint), ENDPOINTS, "system", LATER)


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(OPEN, id="a call is open"),
        pytest.param(RELEASED, id="the resource was let go"),
        pytest.param(proven(), id="another is proven"),
        pytest.param(offered(), id="it is written down already"),
    ],
)
def test_what_is_handed_over_is_not_written_down(record: Record) -> None:
    assert offer_to(record) == record


@pytest.mark.parametrize(
    ("record", "fingerprint"),
    [
        pytest.param(empty_record(), "f1", id="at the beginning"),
        pytest.param(offered(), "f2", id="other values came"),
        pytest.param(not_taken(), "f1", id="it was refused, and is tried again"),
        pytest.param(taken(), "f2", id="another was taken up"),
    ],
)
def test_what_is_handed_over_stands_beside_the_clients_until_it_is_proven(record: Record, fingerprint: str) -> None:
    after = offer_to(record, fingerprint)
    client = client_offered(after)
    assert (client.key, after.next_call) == (record.next_call, record.next_call + 1)
    assert (client.issuer, client.origin, client.endpoints) == (ISSUER, Adopted(at=LATER), ENDPOINTS)
    assert isinstance(after.adoption, Offered)
    assert after.adoption.fingerprint == fingerprint
    assert after.clients == record.clients


def test_its_read_proves_it() -> None:
    record = answered(offered(), client_secret="renewed")
    (client,) = record.clients
    assert record.adoption == Proven(fingerprint="f1", client=client.key)
    assert (client.origin, client.information.client_id) == (Adopted(at=NOW, proven=True), HANDED_ID)
    assert client.information.client_secret is not None
    assert client.information.client_secret.reveal() == "renewed"
    assert (record.pair, record.surplus) == (None, ())


@pytest.mark.parametrize(
    ("record", "origin"),
    [
        pytest.param(registered(client_id=HANDED_ID), Registered(attempt=1, at=NOW), id="one that was registered"),
        pytest.param(taken(), Adopted(at=NOW, proven=True), id="one that was adopted before"),
        pytest.param(
            name_lost(empty_record(), HANDED_ID, ISSUER, "system", NOW),
            Adopted(at=NOW, proven=True),
            id="one that the status named",
        ),
    ],
)
def test_a_client_that_is_known_is_the_same_one_with_what_was_handed_over(record: Record, origin: Any) -> None:
    record = answered(offered(record, handed(fingerprint="f2")))
    (client,) = record.clients
    assert client.origin == origin
    assert record.adoption == Proven(fingerprint="f2", client=client.key)


def test_one_that_was_known_to_be_gone_lives() -> None:
    (known,) = registered(client_id=HANDED_ID).clients
    gone = replace(registered(client_id=HANDED_ID), clients=(replace(known, end=Ended(at=NOW)),))
    assert answered(offered(gone)).clients[0].wanted


@pytest.mark.parametrize(
    ("outcome", "fate"),
    [
        pytest.param(NotSent(cause="no route"), Offered, id="not sent: asked again"),
        pytest.param(LOST, Offered, id="lost: asked again"),
        pytest.param(refused(429), Offered, id="429: asked again"),
        pytest.param(refused(401), Refused, id="401: refused"),
        pytest.param(refused(404), Refused, id="404: refused"),
        pytest.param(NotUnderstood(status=200, cause="no JSON", salvage={}), Refused, id="no client: refused"),
    ],
)
def test_a_read_that_brings_no_client(outcome: Any, fate: type[object]) -> None:
    before = offered()
    after = failed(before, outcome)
    assert isinstance(after.adoption, fate)
    assert after.clients == ()
    lost = client_offered(after).unresolved_reads if isinstance(after.adoption, Offered) else ()
    assert bool(lost) == (outcome is LOST)
    if isinstance(after.adoption, Refused):
        assert after.adoption.answer is not None
        assert after.adoption.client == client_offered(before)


def test_an_answer_that_comes_after_the_read_was_given_up_proves_it_for_its_sender_may_hold_the_only_token() -> None:
    record, made = reading(offered())
    late = absorb(
        close(close(record, made, LOST, NOW), made, refused(), NOW), made, information(client_id=HANDED_ID), {}, LATER
    )
    assert isinstance(late.adoption, Proven)


def test_a_refusal_that_comes_late_says_nothing() -> None:
    record, made = reading(offered())
    given_up = close(record, made, LOST, NOW)
    assert close(given_up, made, refused(), LATER).adoption == given_up.adoption


def test_an_answer_to_what_was_offered_before_is_a_read_of_a_client_that_is_known_and_else_nothing() -> None:
    record, made = reading(offered())
    other = offer_to(close(record, made, LOST, NOW), "f2")
    answer = information(client_id=HANDED_ID, client_secret="renewed")
    assert absorb(other, made, answer, {}, LATER).clients == ()
    known = registered(client_id=HANDED_ID)
    record, made = reading(offered(known))
    other = offer_to(close(record, made, LOST, NOW), "f2")
    after = absorb(other, made, answer, {}, LATER)
    assert after.adoption == other.adoption
    assert after.clients != known.clients


@pytest.mark.parametrize(
    ("record", "clients"),
    [
        pytest.param(offered(registered()), ["c1"], id="what was offered is no client of the record"),
        pytest.param(proven(registered()), ["c1"], id="what was proven is forgotten, not ended"),
        pytest.param(proven(registered(client_id=HANDED_ID)), [HANDED_ID], id="what is published stays"),
        pytest.param(
            proven(replace(registered(client_id=HANDED_ID), pair=None)),
            [HANDED_ID],
            id="what was registered is still the record's to end",
        ),
    ],
)
def test_what_another_record_holds_is_refused(record: Record, clients: list[str]) -> None:
    after = refuse(record, "f1", LATER)
    assert after.adoption == Refused(fingerprint="f1", at=LATER)
    assert [c.information.client_id for c in after.clients] == clients


@pytest.mark.parametrize("record", [offered(), proven(), taken(), not_taken(), empty_record()], ids=str)
def test_a_refusal_of_other_values_changes_nothing(record: Record) -> None:
    assert refuse(record, "others", LATER) == record


def test_what_is_proven_is_published_and_the_pair_before_leaves() -> None:
    record = proven(registered())
    after = take_up(record, key_of(record), 5, LATER)
    client = after.published
    assert client is not None
    assert (client.information.client_id, after.edition, after.promoted_at) == (HANDED_ID, 5, LATER)
    assert after.leaving == (Leaving(pair=registered().pair or pair_of(client)),)
    assert after.adoption == Taken(fingerprint="f1")


def test_the_first_one_was_published_when_it_came() -> None:
    assert (taken().promoted_at, taken().leaving, taken().edition) == (None, (), 1)


def test_the_same_client_with_a_newer_token_leaves_nothing() -> None:
    record = proven(registered(client_id=HANDED_ID))
    after = take_up(record, key_of(record), 1, LATER)
    assert (after.leaving, published(after).key) == ((), 1)


def test_one_that_was_leaving_is_published_again_and_leaves_no_more() -> None:
    record = proven(shown(), handed("c1"))
    after = take_up(record, key_of(record), 3, LATER)
    assert published(after).information.client_id == "c1"
    assert [published(shown()).key] == [leaving.pair.client for leaving in after.leaving]


def test_a_replacement_under_way_is_not_needed_any_more() -> None:
    record = proven(with_candidate())
    after = take_up(record, key_of(record), 3, LATER)
    assert after.replacement is None
    assert [c.information.client_id for c in after.surplus] == ["c2"]


@pytest.mark.parametrize(
    ("record", "key"),
    [
        pytest.param(offered(), 1, id="it is not proven"),
        pytest.param(proven(), 99, id="another client is"),
        pytest.param(taken(), key_of(proven()), id="it is published already"),
        pytest.param(
            release(proven(), ReleaseOutcome.UNCONFIRMED, NOW), key_of(proven()), id="the resource was let go"
        ),
    ],
)
def test_nothing_is_taken_up(record: Record, key: int) -> None:
    assert take_up(record, key, 9, LATER) == record


def test_a_name_that_the_status_gave_is_adopted_by_what_was_handed_over() -> None:
    record = name_lost(empty_record(), HANDED_ID, ISSUER, "system", NOW)
    assert isinstance(record.clients[0].origin, NamedByStatus)
    assert isinstance(answered(offered(record)).clients[0].origin, Adopted)
