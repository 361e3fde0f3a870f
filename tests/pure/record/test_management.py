"""By which address and token a client is managed: where the newest are refused, those before them have their turn, once."""

from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.oauth.outcome import Ambiguous, Rejected
from oauthclient_operator.record.calls import CallKind, fingerprint
from oauthclient_operator.record.clients import Client, Ended, Previous
from oauthclient_operator.record.compaction import compacted
from oauthclient_operator.record.management import to_be_called
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import absorb, close
from tests.pure.record.steps import LATER, LOST, answered, failed, of, opened, refused, token, update
from tests.pure.records import ISSUER, information, published, registered_record

RIGHT = f"{ISSUER}/register/c1"
WRONG = f"{RIGHT}/c1"
NOT_FOUND = refused(404, error="not_found", json=True)
PAGE = refused(404, error=None, json=False)
DENIED = refused(400, error="access_denied")
UPDATE, DEREGISTER = CallKind.UPDATE, CallKind.DEREGISTER


def keycloak(record: Record | None = None, rat: str = "r2") -> Record:
    """Return a record after an update that was answered with a wrong address, as Keycloak 21.0 to 22.0.5 do."""
    record = record or registered_record()
    return answered(record, UPDATE, update(record), registration_client_uri=WRONG, registration_access_token=rat)


def updated_once() -> Record:
    """Return a record after an update that brought another token."""
    return answered(registered_record(), UPDATE, update(registered_record()), registration_access_token="r2")


def way(record: Record, kind: CallKind = UPDATE) -> tuple[str | None, str | None]:
    client = to_be_called(record, published(record), kind)
    return client.information.registration_client_uri, token(client)


def called(record: Record, kind: CallKind) -> dict[str, Any]:
    """Return what the next call of a kind says, by the way that it takes."""
    uri, rat = way(record, kind)
    own = {"endpoint": uri, "bearer": fingerprint(Confidential(rat or ""))}
    return {**(update(record) if kind is UPDATE else of(record)), **own}


def after(record: Record, kind: CallKind, *outcomes: Rejected | Ambiguous) -> Record:
    """Return the record after a call per outcome, each by the way that has its turn."""
    for outcome in outcomes:
        record = failed(record, kind, outcome, **called(record, kind))
    return record


def lost(record: Record) -> bool:
    client: Client = published(record)
    return client.management_lost


def test_what_worked_is_kept_beside_what_the_server_named_since() -> None:
    assert published(registered_record()).previous == Previous()
    kept = published(keycloak()).previous
    assert (kept.registration_client_uri, kept.registration_access_token) == (RIGHT, Confidential("r1"))
    again = published(answered(keycloak(), UPDATE, called(keycloak(), UPDATE), **dict.fromkeys(["client_name"], "x")))
    assert again.previous.registration_client_uri == WRONG, "the pair before is the last one that worked"


@pytest.mark.parametrize("kind", [UPDATE, DEREGISTER])
@pytest.mark.parametrize("answer", [NOT_FOUND, PAGE], ids=["JSON", "a page"])
def test_after_404_the_address_before_with_the_newest_token_once(kind: CallKind, answer: Rejected) -> None:
    record = keycloak()
    assert way(record, kind) == (WRONG, "r2")
    record = after(record, kind, answer)
    assert (way(record, kind), lost(record)) == ((RIGHT, "r2"), False)
    record = after(record, kind, answer)
    assert way(record, kind) == (WRONG, "r2")
    # A page says nothing of the token.
    assert (kind in published(record).refused) is (answer is NOT_FOUND)


def test_an_update_by_the_address_before_is_one_and_the_next_one_finds_its_way_too() -> None:
    record = keycloak()
    for number in (3, 4, 5):
        record = after(record, UPDATE, NOT_FOUND)
        made = called(record, UPDATE)
        record, call = opened(record, UPDATE, **made)
        answer = information(registration_client_uri=WRONG, registration_access_token=f"r{number}")
        record = absorb(record, call, answer, {}, LATER)
        assert (way(record), lost(record)) == ((WRONG, f"r{number}"), False)
        assert published(record).previous.registration_client_uri == RIGHT
    record = after(record, DEREGISTER, NOT_FOUND)
    record, call = opened(record, DEREGISTER, **called(record, DEREGISTER))
    assert call.endpoint == RIGHT
    assert isinstance(published(absorb(record, call, None, {}, LATER)).end, Ended)


def test_an_answer_that_names_no_address_keeps_the_one_that_worked() -> None:
    record = after(keycloak(), UPDATE, NOT_FOUND)
    record, call = opened(record, UPDATE, **called(record, UPDATE))
    answer = information(registration_client_uri=None, registration_access_token=None)
    assert way(absorb(record, call, answer, {}, LATER)) == (RIGHT, "r2")


@pytest.mark.parametrize("refusal", [refused(), DENIED], ids=["401", "400 access_denied, as of Authlib's kin"])
@pytest.mark.parametrize("kind", [UPDATE, DEREGISTER])
def test_where_a_token_is_refused_the_newest_address_with_the_token_before_once(
    kind: CallKind, refusal: Rejected
) -> None:
    record = after(keycloak(), kind, refusal)
    assert (way(record, kind), published(record).refused) == ((WRONG, "r1"), frozenset())
    record = after(record, kind, refusal)
    assert (way(record, kind), published(record).refused) == ((WRONG, "r2"), frozenset({kind}))


def test_the_token_before_is_the_one_that_is_used_from_then_on_if_the_server_takes_it() -> None:
    record = after(keycloak(), UPDATE, refused())
    record, call = opened(record, UPDATE, **called(record, UPDATE))
    answer = information(registration_client_uri=RIGHT, registration_access_token=None)
    assert way(absorb(record, call, answer, {}, LATER)) == (RIGHT, "r1")


def test_where_nothing_else_was_ever_named_one_refusal_is_enough() -> None:
    assert lost(after(registered_record(), UPDATE, refused()))
    assert lost(after(registered_record(), UPDATE, NOT_FOUND))
    assert not lost(after(registered_record(), UPDATE, PAGE)), "that says that it is not supported"


def test_an_address_at_another_origin_has_no_turn() -> None:
    record = keycloak()
    elsewhere = Previous(registration_client_uri="https://elsewhere.example/register/c1")
    record = record.with_client(replace(published(record), previous=elsewhere))
    assert way(after(record, UPDATE, NOT_FOUND)) == (WRONG, "r2")


def test_a_wrong_address_does_not_confirm_that_a_lost_deletion_worked() -> None:
    record = after(keycloak(), DEREGISTER, LOST, NOT_FOUND)
    assert published(record).alive
    assert way(record, DEREGISTER) == (RIGHT, "r2")
    assert not published(after(record, DEREGISTER, NOT_FOUND)).alive, "the right one does"


def test_a_lost_deletion_is_confirmed_by_401_whatever_the_token_was_before() -> None:
    assert not published(after(keycloak(), DEREGISTER, LOST, refused())).alive


@pytest.mark.parametrize("refusal", [refused(), DENIED], ids=["401", "400 access_denied, as of Authlib's kin"])
@pytest.mark.parametrize("before", [UPDATE, DEREGISTER])
def test_a_lost_deletion_is_not_confirmed_by_the_refusal_of_a_token_that_was_refused_before_it_was_lost(
    before: CallKind, refusal: Rejected
) -> None:
    record = after(updated_once(), before, refusal)
    record = after(record, DEREGISTER, LOST, refusal, refusal)
    assert published(record).alive


def test_a_refusal_of_a_token_that_was_replaced_under_the_call_says_nothing() -> None:
    record, made = opened(keycloak(), UPDATE, **{**update(keycloak()), "bearer": fingerprint(Confidential("r1"))})
    assert not lost(close(record, made, refused(), LATER))


def test_of_a_client_that_is_gone_nothing_is_kept_to_manage_it_with() -> None:
    record = keycloak()
    gone = replace(published(record), end=Ended(at=LATER))
    assert [c.previous for c in compacted(replace(record.with_client(gone), pair=None)).clients] == [Previous()]
