"""An adoption of a client that the record knows already: what stays of it, and what is news."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from oauthclient_operator.record.adopting import refuse, take_up, take_up_unproven
from oauthclient_operator.record.adoptions import Proven
from oauthclient_operator.record.clients import Adopted, Client, LeftBehind
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import absorb, close
from tests.pure.record.adoptions import (
    ENDPOINTS,
    HANDED_ID,
    answered,
    handed,
    key_of,
    offered,
    proven,
    reading,
    taken,
)
from tests.pure.record.steps import LATER, LOST, refused
from tests.pure.record.test_adopting_unproven import ASKED, NO_TOKEN, unproven
from tests.pure.records import NOW, information, published
from tests.pure.records import registered_record as registered

EARLIER: Final = NOW - timedelta(days=1)
KNOWN: Final = registered(client_id=HANDED_ID)


def with_known(client: Client) -> Record:
    return KNOWN.with_client(client)


def test_one_that_was_handed_over_before_without_proof_is_proven_and_as_old_as_it_was() -> None:
    (client,) = taken().clients
    record = taken().with_client(replace(client, origin=Adopted(at=EARLIER)))
    assert published(answered(offered(record, handed(fingerprint="f2")))).origin == Adopted(at=EARLIER, proven=True)


def test_what_is_published_stays_where_another_record_holds_it_by_now() -> None:
    record = refuse(proven(taken(), handed(fingerprint="f2")), "f2", LATER)
    assert published(record).information.client_id == HANDED_ID


def test_no_other_client_is_taken_up_than_the_one_that_was_proven() -> None:
    record = proven(registered())
    assert take_up(record, 1, 9, LATER) == record


def test_an_edition_never_goes_back() -> None:
    record = replace(proven(registered()), edition=7)
    assert take_up(record, key_of(record), 2, LATER).edition == 7


def test_the_answer_to_a_read_that_was_given_up_proves_what_another_read_was_refused_for() -> None:
    record, first = reading(offered())
    record, second = reading(close(record, first, LOST, NOW))
    record = close(record, second, refused(), NOW)
    assert isinstance(absorb(record, first, information(client_id=HANDED_ID), {}, LATER).adoption, Proven)


def test_one_that_was_left_behind_lives_where_it_is_handed_over_without_a_token() -> None:
    left = with_known(replace(published(KNOWN), end=LeftBehind(at=NOW)))
    assert unproven(left).clients[0].wanted


def test_one_identifier_of_another_issuer_is_another_client() -> None:
    elsewhere = with_known(replace(published(KNOWN), issuer="https://other.example"))
    assert len(unproven(elsewhere).clients) == 2


def test_the_issuer_s_endpoints_are_the_newest_that_are_known() -> None:
    client = published(KNOWN)
    before = with_known(replace(client, answer=replace(client.answer, endpoints={"token_endpoint": "before"})))
    assert published(unproven(before)).endpoints == ENDPOINTS
    told = handed(**NO_TOKEN)
    assert published(take_up_unproven(before, told, ASKED, {}, "system", 2, LATER)).endpoints == {
        "token_endpoint": "before"
    }


def test_a_client_secret_that_is_not_handed_over_stays() -> None:
    told = handed(client_secret=None, **NO_TOKEN)
    after = published(take_up_unproven(KNOWN, told, ASKED, ENDPOINTS, "system", 2, LATER))
    assert after.information.client_secret == published(KNOWN).information.client_secret


def test_a_record_that_was_made_again_is_whole_with_the_client_that_is_taken_up() -> None:
    record = replace(proven(registered()), recreated=True)
    assert not take_up(record, key_of(record), 2, LATER).recreated
