"""What calls by an access token do to a record: they say whether there is a client, and nothing of its own token."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from oauthclient_operator.exchange import NotSent
from oauthclient_operator.oauth.client_configuration_endpoint import names_client
from oauthclient_operator.oauth.outcome import Ambiguous, Rejected
from oauthclient_operator.record.adopting import offer, take_up_unproven
from oauthclient_operator.record.calls import Asked, CallKind, fingerprint
from oauthclient_operator.record.clients import Alive, Client, Ended, Ending, Previous, Registered
from oauthclient_operator.record.management import to_be_called
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import absorb, close
from tests.pure.record.adoptions import ENDPOINTS, HANDED_ID, answered, handed, offered, reading
from tests.pure.record.schema2_management import ADMITTED_BY, BY_ACCESS, admitted
from tests.pure.record.steps import LATER, LOST, failed, given_up, named, of, opened, refused, update
from tests.pure.record.steps import answered as after_answer
from tests.pure.records import ISSUER, METADATA, NOW, empty_record, information, published
from tests.pure.records import metadata as client_metadata

UPDATES: Final = CallKind.UPDATE
MANAGING: Final = (CallKind.READ, CallKind.UPDATE, CallKind.DEREGISTER)
ABSENT: Final = refused(404, error="not_found", json=True)
PAGE: Final = refused(404, error=None, json=False)
ROUTE: Final = refused(404, error=None, json=True)
"""As a gateway answers for a path that it does not know."""
ELSEWHERE: Final = Previous(registration_client_uri=f"{ISSUER}/register/before/c1")


def values(record: Record, kind: CallKind) -> dict[str, Any]:
    return {**(update(record) if kind is UPDATES else of(record)), **BY_ACCESS}


def after(record: Record, kind: CallKind, outcome: NotSent | Ambiguous | Rejected) -> Client:
    record = failed(record, kind, outcome, **values(record, kind))
    return published(record)


def said_of(client: Client) -> tuple[Any, ...]:
    return client.refused, client.doubts, client.spares, client.information, client.previous


@pytest.mark.parametrize("kind", MANAGING)
@pytest.mark.parametrize("refusal", [refused(401), refused(403), refused(429), refused(405), PAGE, ROUTE], ids=str)
def test_what_access_is_refused_says_nothing_of_the_client(kind: CallKind, refusal: Rejected) -> None:
    before = published(admitted())
    client = after(admitted(), kind, refusal)
    assert said_of(client) == said_of(before)
    assert isinstance(client.end, Ending if kind is CallKind.DEREGISTER else Alive)


@pytest.mark.parametrize("kind", [CallKind.READ, CallKind.UPDATE])
def test_that_there_is_none_counts_at_once(kind: CallKind) -> None:
    client = after(admitted(), kind, ABSENT)
    assert client.doubts is not None
    assert (client.doubts.absent, client.doubts.confirmed, client.doubts.known) == (True, True, False)
    assert client.refused == frozenset()


def test_a_deregistration_finds_it_gone() -> None:
    assert isinstance(after(admitted(), CallKind.DEREGISTER, ABSENT).end, Ended)


@pytest.mark.parametrize("kind", MANAGING)
def test_a_wrong_address_has_the_one_before_tried_once(kind: CallKind) -> None:
    record = admitted()
    record = record.with_client(replace(published(record), previous=ELSEWHERE))
    refusal = failed(record, kind, ABSENT, **values(record, kind))
    client = published(refusal)
    assert (client.doubts, isinstance(client.end, Ended)) == (None, False)
    way = to_be_called(refusal, client, kind, by_access=True)
    assert way.information.registration_client_uri == ELSEWHERE.registration_client_uri
    assert to_be_called(refusal, client, kind) is client, "of its own token nobody was told anything"


def test_the_address_before_is_not_tried_where_it_does_not_name_the_client() -> None:
    record = admitted()
    record = record.with_client(
        replace(published(record), previous=Previous(registration_client_uri=f"{ISSUER}/register/c2"))
    )
    record = failed(record, UPDATES, ABSENT, **values(record, UPDATES))
    assert to_be_called(record, published(record), UPDATES, by_access=True) is published(record)


@pytest.mark.parametrize("status", [400, 409, 422])
def test_who_is_let_in_manages_a_client_whose_own_token_was_refused(status: int) -> None:
    record = failed(admitted(), UPDATES, refused(401), **update(admitted()), bearer=None)
    record = record.with_client(replace(published(record), refused=frozenset({UPDATES})))
    assert after(record, UPDATES, refused(status, error="invalid_client_metadata")).refused == frozenset()


@pytest.mark.parametrize("refusal", [refused(302, error=None), refused(400, error="access_denied")], ids=str)
def test_who_is_sent_elsewhere_or_denied_is_not_let_in(refusal: Rejected) -> None:
    record = admitted()
    record = record.with_client(replace(published(record), refused=frozenset({UPDATES})))
    assert after(record, UPDATES, refusal).refused == {UPDATES}


def test_a_lost_deregistration_by_access_is_not_confirmed_by_a_refusal_of_its_own_token() -> None:
    record, _ = given_up(admitted(), CallKind.DEREGISTER, **of(admitted()), **BY_ACCESS)
    own = fingerprint(published(record).information.registration_access_token)
    client = published(failed(record, CallKind.DEREGISTER, refused(401), **of(record), bearer=own))
    assert isinstance(client.end, Ending)
    assert client.refused == {CallKind.DEREGISTER}


@pytest.mark.parametrize("kind", [CallKind.READ, CallKind.UPDATE])
def test_an_answer_that_comes_late_is_the_newest_word(kind: CallKind) -> None:
    record = admitted()
    record, made = given_up(record, kind, **values(record, kind))
    late = absorb(record, made, information(**named("c1"), client_secret="renewed"), {}, LATER)
    secret = published(late).information.client_secret
    assert secret is not None
    assert secret.reveal() == "renewed"


def test_a_late_end_is_an_end() -> None:
    record = admitted()
    record, made = given_up(record, CallKind.DEREGISTER, **of(record), **BY_ACCESS)
    assert isinstance(published(absorb(record, made, None, {}, LATER)).end, Ended)


def test_who_admitted_a_client_is_known_by_a_whole_answer_alone() -> None:
    assert published(admitted()).admitted_by == ADMITTED_BY
    record, made = opened(empty_record(), CallKind.REGISTER, admitted_by=ADMITTED_BY)
    half = {"client_id": "c1", "registration_access_token": "r", "registration_client_uri": f"{ISSUER}/register/c1"}
    (client,) = close(record, made, Ambiguous(cause="cut", salvage=half), LATER).clients
    assert client.admitted_by is None


def test_a_client_that_an_older_operator_registered_was_admitted_by_nobody_known() -> None:
    assert published(after_answer(empty_record(), CallKind.REGISTER)).admitted_by is None


def own() -> Record:
    return after_answer(empty_record(), CallKind.REGISTER, {"admitted_by": ADMITTED_BY}, client_id=HANDED_ID)


def unproven() -> Record:
    asked = Asked(client_metadata().digest(), METADATA)
    return take_up_unproven(own(), handed(registration_access_token=None), asked, {}, "system", 2, LATER)


def superseded() -> Record:
    record, made = reading(offered(own()))
    other = offer(close(record, made, LOST, NOW), handed(fingerprint="f2"), ENDPOINTS, "system", LATER)
    return absorb(other, made, information(client_id=HANDED_ID, client_secret="renewed"), {}, LATER)


@pytest.mark.parametrize(
    "taken",
    [
        pytest.param(lambda: answered(offered(own())), id="proven by a read"),
        pytest.param(unproven, id="unproven, with an address"),
        pytest.param(superseded, id="by an answer to what was offered before"),
    ],
)
def test_a_client_that_was_handed_over_is_its_own_tokens_alone(taken: Callable[[], Record]) -> None:
    assert [client.admitted_by for client in own().clients] == [ADMITTED_BY]
    (client,) = taken().clients
    assert (type(client.origin), client.admitted_by) == (Registered, None)


def test_an_access_token_is_not_led_to_where_a_secret_said_that_the_client_was() -> None:
    elsewhere = f"{ISSUER}/elsewhere/{HANDED_ID}"
    asked = Asked(client_metadata().digest(), METADATA)
    by = handed(registration_access_token=None, registration_client_uri=elsewhere)
    record = take_up_unproven(own(), by, asked, {}, "system", 2, LATER)
    again = after_answer(record, CallKind.REGISTER, {"attempt": 2, "admitted_by": ADMITTED_BY}, **named(HANDED_ID))
    (client,) = again.clients
    assert client.admitted_by == ADMITTED_BY
    assert client.addresses == (f"{ISSUER}/register/{HANDED_ID}",)


@pytest.mark.parametrize(
    ("uri", "names"),
    [
        pytest.param("https://idp.example/register/c1", True, id="its path ends in the identifier"),
        pytest.param("https://idp.example/register/c%31", True, id="encoded"),
        pytest.param("https://idp.example/register/c1/c1", True, id="twice, as Keycloak 21"),
        pytest.param("https://idp.example/register?client_id=c1", True, id="its query is that"),
        pytest.param("https://idp.example/register", False, id="an address that all share"),
        pytest.param("https://idp.example/register/", False, id="with a slash"),
        pytest.param("https://idp.example/register/c2", False, id="another client's"),
        pytest.param("https://idp.example/register/c2/../c1", False, id="a way about it"),
        pytest.param("https://idp.example/register/c2/%2e%2E/c1", False, id="encoded so"),
        pytest.param("https://idp.example/register/c2%2Fc1", False, id="an encoded slash"),
        pytest.param("https://idp.example/register/c2\\c1", False, id="a backslash"),
        pytest.param("https://idp.example/register/c2#/c1", False, id="a fragment"),
        pytest.param("https://idp.example/register/c2?c1", False, id="a query that is no pair"),
        pytest.param("https://idp.example/register/c1?client_id=c2", False, id="a query that names another"),
        pytest.param("https://idp.example/register?client_id=c2&client_id=c1", False, id="a query that names two"),
        pytest.param("https://idp.example/register?client_id=c1&x=y", False, id="a query that says more"),
        pytest.param("https://[::1/register/c1", False, id="no URL"),
    ],
)
def test_which_addresses_name_a_client(uri: str, names: bool) -> None:
    assert names_client(uri, "c1") is names


@pytest.mark.parametrize("client_id", ["", ".", ".."])
def test_an_identifier_that_no_path_can_name_is_named_by_none(client_id: str) -> None:
    assert not names_client(f"https://idp.example/register/{client_id}", client_id)
