"""What an answer says of the keys that were sent, and which keys a client keeps."""

from typing import Any

import pytest

from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.signing_keys import lacking, with_public_keys
from tests.pure.record import key_records
from tests.pure.record.key_records import FIRST, METADATA, SECOND
from tests.pure.record.steps import answered
from tests.pure.records import metadata, published, registered_record

ALIEN = {"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ", "kid": "1"}
UNNAMED = {name: value for name, value in SECOND.public_jwk.items() if name not in ("kid", "use", "alg")}


@pytest.mark.parametrize(
    ("answer", "dropped"),
    [
        pytest.param({}, False, id="no word of keys"),
        pytest.param({"jwks": None}, False, id="null"),
        pytest.param({"jwks": {}}, False, id="an empty set"),
        pytest.param({"jwks": {"keys": []}}, False, id="an empty list"),
        pytest.param({"jwks": "{}"}, False, id="no object"),
        pytest.param({"jwks": {"keys": [FIRST.public_jwk, SECOND.public_jwk]}}, False, id="both"),
        pytest.param({"jwks": {"keys": [UNNAMED, FIRST.public_jwk, ALIEN]}}, False, id="both, one without its name"),
        pytest.param({"jwks": {"keys": [{"kid": SECOND.kid}, FIRST.public_jwk]}}, False, id="both, one by its name"),
        pytest.param({"jwks": {"keys": [FIRST.public_jwk]}}, True, id="the first"),
        pytest.param({"jwks": {"keys": [SECOND.public_jwk]}}, True, id="the second"),
        pytest.param({"jwks": {"keys": [ALIEN, "x"]}}, True, id="neither"),
    ],
)
def test_an_answer_that_names_keys_and_not_all_of_them_says_so(answer: dict[str, Any], dropped: bool) -> None:
    assert lacking((FIRST, SECOND), answer) is dropped


def test_public_keys_alone_are_sent() -> None:
    sent = with_public_keys(metadata(), (FIRST, SECOND))
    assert sent.members == {**metadata().members, "jwks": {"keys": [FIRST.public_jwk, SECOND.public_jwk]}}
    assert "d" not in FIRST.public_jwk
    assert with_public_keys(metadata(), ()) == metadata()


def test_a_key_goes_to_the_client_of_its_answer_and_is_in_no_closed_call() -> None:
    record = key_records.registered()
    client = published(record)
    assert (client.keys, client.kids) == ((FIRST,), (FIRST.kid,))
    # What is confirmed is what the spec asks: the keys stand beside it.
    assert client.accepted.members == METADATA
    assert [getattr(c.what, "key", None) for c in (*record.closed, *key_records.rejected().closed)] == [None, None]


def test_a_key_that_is_born_with_an_update_is_the_clients_whatever_comes_of_it() -> None:
    client = published(key_records.born())
    assert (client.keys, client.kids) == ((FIRST, SECOND), (FIRST.kid,))


@pytest.mark.parametrize("holds", [False, True])
def test_a_server_that_answers_with_the_client_that_is_published_holds_a_key_only_by_its_own_word(holds: bool) -> None:
    before = registered_record()
    values = {"signing": FIRST.algorithm, "key": FIRST, **key_records.BY_KEY}
    members = {"jwks": {"keys": [FIRST.public_jwk]}} if holds else {}
    after = answered(before, CallKind.REGISTER, values, **members)
    assert (after.pair == before.pair) is not holds
    assert published(after).accepted.members == (METADATA if holds else published(before).accepted.members)


def test_what_is_published_stays_when_a_second_key_comes() -> None:
    assert key_records.both().pair == key_records.registered().pair
    assert key_records.both().edition == 1
    assert key_records.leaving().edition == 2
