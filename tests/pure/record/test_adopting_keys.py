"""A key that is handed over with a client: by which answer it is the client's, and whose place it takes in a record."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.oauth.signing_algorithm import SigningAlgorithm
from oauthclient_operator.record.adopting import offer, take_up, take_up_unproven, was_renewed
from oauthclient_operator.record.adoptions import Offered, Proven, Refused
from oauthclient_operator.record.calls import Asked
from oauthclient_operator.record.clients import InStep, UpdateDue
from oauthclient_operator.record.pairs import OwnKey, Pair
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.signing_keys import SigningKey
from oauthclient_operator.resource.client_information_secret import HandedOver
from tests.pure import keys
from tests.pure.oauth.test_jose import parse
from tests.pure.record import key_records
from tests.pure.record.adoptions import ENDPOINTS, answered, client_offered, handed, key_of, offered
from tests.pure.record.key_records import ANSWER, BY_KEY, FIRST, METADATA, SECOND
from tests.pure.record.steps import LATER
from tests.pure.records import NOW, empty_record, published

ASKED: Final = Asked(BY_KEY["digest"], METADATA)
RSA: Final = SigningKey.handed_over(parse(keys.pem("RSA 2048")).only("PS256"), NOW)
THIRD: Final = SigningKey.handed_over(parse(keys.pem("P-384")), NOW)
NAMES_OTHER: Final[dict[str, Any]] = {"jwks": {"keys": [SECOND.public_jwk]}}


def by(key: SigningKey | None = FIRST, client_id: str = "c1", fingerprint: str = "f1", **members: Any) -> HandedOver:
    """Return what hands a client over with that key."""
    told = handed(client_id, fingerprint, client_secret=None, token_endpoint_auth_method="private_key_jwt", **members)
    return replace(told, key=None if key is None else key.key)


def read(key: SigningKey | None = FIRST, record: Record | None = None, **answer: Any) -> Record:
    """Return the record after its read was answered so."""
    return answered(offered(record, by(key)), "c1", **{**ANSWER, **answer})


def jwks(*there: SigningKey, **more: Any) -> dict[str, Any]:
    return {"jwks": {"keys": [{**key.public_jwk, **more} for key in there]}}


def test_it_stands_with_the_client_until_that_is_read() -> None:
    client = client_offered(offered(by=by()))
    assert ([key.kid for key in client.keys], client.kids) == ([FIRST.kid], (FIRST.kid,))
    assert client.keys[0].born_at == NOW


@pytest.mark.parametrize(
    ("answer", "standing"),
    [
        pytest.param(jwks(FIRST), InStep, id="it names it"),
        pytest.param(jwks(SECOND, FIRST), InStep, id="it names it beside another"),
        pytest.param({}, UpdateDue, id="it names none"),
        pytest.param({"jwks": {"keys": []}}, UpdateDue, id="it names an empty set"),
        pytest.param({"jwks_uri": "https://app.example/keys"}, UpdateDue, id="it names an address"),
        pytest.param(jwks(SECOND, kid=FIRST.kid), UpdateDue, id="it has another key under its name"),
        pytest.param(jwks(FIRST, kid="another"), UpdateDue, id="it has it under another name"),
        pytest.param({"token_endpoint_auth_method": None}, UpdateDue, id="it tells no method, as it tells no keys"),
    ],
)
def test_by_which_answers_it_is_the_clients_and_where_the_server_is_told_of_it_once_more(
    answer: dict[str, Any], standing: type[object]
) -> None:
    record = read(**answer)
    if "token_endpoint_auth_method" in answer:
        assert isinstance(record.adoption, Refused), "RFC 7591 section 2: by default it is client_secret_basic"
        return
    after = take_up(record, key_of(record), 1, LATER)
    client = published(after)
    assert after.pair == Pair(client=client.key, credential=OwnKey(FIRST.kid))
    assert isinstance(client.standing, standing)
    assert (client.kids, after.keys_of(client)) == ((FIRST.kid,), client.keys)


@pytest.mark.parametrize(
    ("key", "said", "algorithm"),
    [
        pytest.param(RSA, {"alg": "RS256"}, "RS256", id="the server says another that it serves"),
        pytest.param(RSA, {"alg": "PS256"}, "PS256", id="the server says the one that is asked"),
        pytest.param(RSA, {"alg": None}, "PS256", id="the server does not say"),
        pytest.param(FIRST, {"alg": "RS256"}, "ES256", id="the server says one that it cannot be for"),
        pytest.param(FIRST, {"alg": 7}, "ES256", id="the server says what is none"),
    ],
)
def test_it_is_for_the_algorithm_that_it_is_registered_with(
    key: SigningKey, said: dict[str, Any], algorithm: str
) -> None:
    (client,) = read(key, **jwks(key, **said)).clients
    assert client.keys[0].algorithm is SigningAlgorithm(algorithm)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(NAMES_OTHER, id="the server names other keys"),
        pytest.param({**jwks(FIRST), "token_endpoint_auth_method": "client_secret_basic"}, id="by a client secret"),
        pytest.param({**jwks(FIRST), "token_endpoint_auth_method": "none"}, id="by nothing"),
        pytest.param({"token_endpoint_auth_method": "tls_client_auth"}, id="by mutual TLS"),
    ],
)
def test_by_which_answers_it_is_not_taken_up(answer: dict[str, Any]) -> None:
    record = read(**answer)
    assert isinstance(record.adoption, Refused)
    assert record.adoption.by_key is not None
    assert (record.clients, record.pair) == ((), None)


def test_the_token_that_the_read_brought_is_used_for_who_hands_over_the_right_key_with_the_one_before() -> None:
    again = read(registration_access_token="live", **NAMES_OTHER)
    again = offer(again, by(SECOND, fingerprint="f2"), ENDPOINTS, "system", LATER)
    assert token(client_offered(again)) == "live"
    again = answered(again, "c1", **{**ANSWER, **jwks(THIRD), "registration_access_token": "live-still"})
    third = offer(again, by(THIRD, fingerprint="f3"), ENDPOINTS, "system", LATER)
    assert token(client_offered(third)) == "live-still"
    other = by(THIRD, fingerprint="f3", registration_access_token="minted-anew")
    assert token(client_offered(offer(again, other, ENDPOINTS, "system", LATER))) == "minted-anew"
    elsewhere = by(THIRD, "c2", "f3")
    assert token(client_offered(offer(again, elsewhere, ENDPOINTS, "system", LATER))) == "by-hand-token"


def token(client: Any) -> str:
    found = client.information.registration_access_token
    assert found is not None
    return str(found.reveal())


BOTH: Final[dict[str, Any]] = jwks(FIRST, SECOND)


@pytest.mark.parametrize(
    ("record", "key", "answer", "pair", "leaves", "edition"),
    [
        pytest.param(key_records.registered(), FIRST, jwks(FIRST), FIRST, [], 1, id="the one that is published"),
        pytest.param(key_records.registered(), None, jwks(FIRST), FIRST, [], 1, id="none: a token alone"),
        pytest.param(
            key_records.registered(), SECOND, BOTH, SECOND, [FIRST], 2, id="a newer one, beside it at the server"
        ),
        pytest.param(
            key_records.registered(), SECOND, jwks(SECOND), SECOND, [], 2, id="a newer one, and that has left"
        ),
        pytest.param(key_records.registered(), SECOND, {}, SECOND, [FIRST], 2, id="a newer one, and nothing is told"),
        pytest.param(key_records.both(), SECOND, BOTH, SECOND, [FIRST], 2, id="the candidate"),
        pytest.param(key_records.leaving(), FIRST, BOTH, SECOND, [FIRST], 2, id="the one that is leaving"),
        pytest.param(key_records.leaving(), None, BOTH, SECOND, [FIRST], 2, id="none, while one is leaving"),
        pytest.param(
            key_records.leaving(), FIRST, jwks(FIRST), FIRST, [], 3, id="the one that is leaving, alone at the server"
        ),
        pytest.param(key_records.leaving(), THIRD, jwks(FIRST, SECOND, THIRD), THIRD, [FIRST, SECOND], 3, id="a third"),
    ],
)
def test_which_key_of_a_known_client_is_published_and_which_leave(
    record: Record,
    key: SigningKey | None,
    answer: dict[str, Any],
    pair: SigningKey,
    leaves: list[SigningKey],
    edition: int,
) -> None:
    proven = read(key, record, **answer)
    assert isinstance(proven.adoption, Proven)
    assert proven.pair == record.pair, "until it is taken up"
    after = take_up(proven, key_of(proven), record.edition, LATER)
    assert after.pair == Pair(client=1, credential=OwnKey(pair.kid))
    assert [leaving.pair.credential for leaving in after.leaving] == [OwnKey(key.kid) for key in leaves]
    assert after.edition == edition
    client = published(after)
    assert {key.kid for key in after.keys_of(client)} == {pair.kid, *(key.kid for key in leaves)}
    if "jwks" in answer and key is not None:
        assert not after.has_keys_due(client), "no update for what the server has already"
    if after.pair != record.pair:
        assert after.replacement is None


def test_one_that_the_server_does_not_have_takes_no_place_and_the_token_is_news_all_the_same() -> None:
    record = read(THIRD, key_records.registered(), registration_access_token="live", **jwks(FIRST))
    assert isinstance(record.adoption, Refused)
    assert record.pair == key_records.registered().pair
    (client,) = record.clients
    assert ([key.kid for key in client.keys], token(client)) == ([FIRST.kid], "live")


def unproven(key: SigningKey, record: Record | None = None) -> Record:
    told = by(key, registration_access_token=None, registration_client_uri=None)
    return take_up_unproven(record or empty_record(), told, ASKED, ENDPOINTS, "system", 2, LATER)


def test_one_that_cannot_be_read_is_published_with_it() -> None:
    after = unproven(FIRST)
    client = published(after)
    assert after.pair == Pair(client=client.key, credential=OwnKey(FIRST.kid))
    assert client.standing == InStep()
    assert not was_renewed(client)


def test_one_that_is_known_has_another_key_published_and_the_one_before_kept() -> None:
    after = unproven(SECOND, key_records.registered())
    client = published(after)
    assert after.pair == Pair(client=1, credential=OwnKey(SECOND.kid))
    assert ([key.kid for key in client.keys], client.kids) == ([SECOND.kid, FIRST.kid], (SECOND.kid,))
    assert (after.leaving, after.has_keys_due(client)) == ((), False)


def test_the_key_that_is_published_is_taken_up_and_its_overlap_goes_on() -> None:
    after = unproven(SECOND, key_records.leaving())
    assert (after.pair, after.leaving) == (key_records.leaving().pair, key_records.leaving().leaving)


@pytest.mark.parametrize("left", [False, True], ids=["while the first is leaving", "after the first has left"])
def test_a_key_of_a_rotation_came_later_than_the_first(left: bool) -> None:
    first = published(key_records.registered())
    second = replace(SECOND, born_at=first.origin.at + timedelta(days=1))
    rotated = replace(first, keys=(FIRST, second), kids=(second.kid,) if left else (FIRST.kid, second.kid))
    assert not was_renewed(first)
    assert was_renewed(rotated)


def test_an_offer_of_other_values_while_one_is_read_keeps_what_was_read_before() -> None:
    again = read(registration_access_token="live", **NAMES_OTHER)
    again = offer(again, by(SECOND, fingerprint="f2"), ENDPOINTS, "system", LATER)
    again = offer(again, by(THIRD, fingerprint="f3"), ENDPOINTS, "system", LATER)
    assert isinstance(again.adoption, Offered)
    assert token(client_offered(again)) == "live"
