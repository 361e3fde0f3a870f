"""How a key of the operator's own is replaced: by another key at the same client where that can be, else by a client."""

from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import GiveUp, Promote, Register, Rehearse, Update
from oauthclient_operator.plan.keys import metadata_for
from oauthclient_operator.plan.reasons import of_pair, of_published
from oauthclient_operator.plan.strategies import strategy_of_all, why_not_by_key
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import UpdateDue
from oauthclient_operator.record.management import Way
from oauthclient_operator.record.pairs import OwnKey, Pair
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.replacements import ReplacementReason, Strategy
from oauthclient_operator.record.transitions import close
from tests.pure.record import key_records
from tests.pure.record.key_records import FIRST, METADATA, SECOND
from tests.pure.record.steps import failed, refused
from tests.pure.values import NOW, desired, observed, published, resource

REGISTERED = key_records.registered()
BY_SECRET = {**METADATA, "token_endpoint_auth_method": "client_secret_basic"}
CANDIDATE = Pair(client=1, credential=OwnKey(SECOND.kid))
REQUESTED, INTERVAL, KEY_CHANGED = (
    (ReplacementReason.REQUESTED,),
    (ReplacementReason.INTERVAL,),
    (ReplacementReason.KEY_CHANGED,),
)


def spec(algorithm: str | None = "ES256", metadata: dict[str, Any] = METADATA, **rotation: Any) -> dict[str, Any]:
    own = {} if algorithm is None else {"privateKey": {"algorithm": algorithm}}
    return {"clientMetadata": metadata, **own, "rotation": rotation}


def changed(record: Record, **values: Any) -> Record:
    return record.with_client(replace(published(record), **values))


def unmanageable(record: Record) -> Record:
    client = published(record)
    members = {k: v for k, v in client.information.members.items() if k != "registration_access_token"}
    return changed(record, answer=replace(client.answer, information=type(client.information)(members)))


@pytest.mark.parametrize(
    ("asked", "reasons"),
    [
        (spec("ES256"), ()),
        (spec("EdDSA"), KEY_CHANGED),
        (spec(None, BY_SECRET), KEY_CHANGED),
        # What cannot be honoured asks for nothing.
        (spec("HS256"), ()),
        (spec("ES256", BY_SECRET), ()),
    ],
    ids=str,
)
def test_another_kind_of_credential_is_a_reason(asked: dict[str, Any], reasons: tuple[ReplacementReason, ...]) -> None:
    found = of_published(
        REGISTERED, published(REGISTERED), resource(spec=asked), desired(spec=asked), NOW, way=Way.TOKEN
    )
    assert found == reasons


def test_it_is_asked_of_the_key_that_a_pair_has_and_not_of_its_client() -> None:
    record, asked = key_records.both(), spec("EdDSA")
    client, of = published(record), (resource(spec=asked), desired(spec=asked), NOW)
    assert of_pair(client, *of, record.pair) == KEY_CHANGED
    assert of_pair(client, *of, CANDIDATE) == ()


@pytest.mark.parametrize(
    ("record", "asked", "why", "how"),
    [
        pytest.param(REGISTERED, spec(), REQUESTED, Strategy.KEYS, id="asked for"),
        pytest.param(REGISTERED, spec(interval="48h"), INTERVAL, Strategy.KEYS, id="by the calendar"),
        pytest.param(REGISTERED, spec("EdDSA"), KEY_CHANGED, Strategy.KEYS, id="another algorithm"),
        pytest.param(REGISTERED, spec(None, BY_SECRET), KEY_CHANGED, Strategy.REREGISTER, id="no key any more"),
        pytest.param(REGISTERED, spec(strategy="Reregister"), REQUESTED, Strategy.REREGISTER, id="by name"),
        pytest.param(REGISTERED, spec(), (ReplacementReason.MOVED,), Strategy.REREGISTER, id="to another issuer"),
        pytest.param(
            REGISTERED,
            spec(strategy="Keys"),
            (ReplacementReason.KEY_CHANGED, ReplacementReason.GONE),
            Strategy.REREGISTER,
            id="one that is gone takes no key",
        ),
        pytest.param(unmanageable(REGISTERED), spec(), REQUESTED, Strategy.REREGISTER, id="not manageable"),
        pytest.param(
            unmanageable(REGISTERED), spec(interval="48h"), INTERVAL, None, id="not manageable, by the calendar"
        ),
        pytest.param(
            unmanageable(REGISTERED), spec(strategy="Keys"), REQUESTED, None, id="not manageable, keys by name"
        ),
        pytest.param(changed(REGISTERED, one_key=True), spec(), REQUESTED, Strategy.REREGISTER, id="one key"),
        pytest.param(
            changed(REGISTERED, one_key=True), spec(strategy="Keys"), REQUESTED, None, id="one key, keys by name"
        ),
        pytest.param(
            REGISTERED,
            spec("EdDSA", {**METADATA, "token_endpoint_auth_signing_alg": "EdDSA"}),
            KEY_CHANGED,
            Strategy.REREGISTER,
            id="an algorithm that the client would be bound to",
        ),
    ],
)
def test_how_it_is_replaced(
    record: Record, asked: dict[str, Any], why: tuple[ReplacementReason, ...], how: Strategy | None
) -> None:
    seen, wanted = observed(record), desired(spec=asked)
    assert strategy_of_all(seen, wanted, record, published(record), why) is how
    assert (why_not_by_key(seen, wanted, record, published(record)) is None) or how is not Strategy.KEYS


def test_a_server_that_refused_what_an_edit_says_gets_another_key_with_what_it_accepted() -> None:
    edited = {**METADATA, "client_name": "Web"}
    wanted = desired(spec=spec("ES256", edited))
    assert wanted.metadata is not None
    assert metadata_for(REGISTERED, published(REGISTERED), wanted) == wanted.metadata
    values = {"client": 1, "digest": wanted.metadata.digest(), "metadata": edited, "kids": (FIRST.kid,)}
    record = failed(REGISTERED, CallKind.UPDATE, refused(400, error="invalid_redirect_uri"), **values)
    confirmed = metadata_for(record, published(record), wanted)
    assert confirmed is not None
    assert confirmed.members == METADATA


def test_what_is_meant_for_a_client_with_a_secret_is_not_said_to_one_with_a_key() -> None:
    said = metadata_for(REGISTERED, published(REGISTERED), desired(spec=spec(None, BY_SECRET)))
    assert said is not None
    assert said.members == METADATA


def test_an_update_says_the_keys_of_all_pairs() -> None:
    record = key_records.leaving()
    assert {key.kid for key in record.keys_of(published(record))} == {FIRST.kid, SECOND.kid}
    assert not record.has_keys_due(published(record))
    left = replace(record, leaving=())
    assert [key.kid for key in left.keys_of(published(left))] == [SECOND.kid]
    assert left.has_keys_due(published(left))
    only_one = changed(record, one_key=True)
    assert [key.kid for key in only_one.keys_of(published(only_one))] == [SECOND.kid]


def test_no_third_key_is_born_before_the_update_with_the_second_was_answered() -> None:
    record = changed(key_records.registered(), standing=UpdateDue((2,)))
    asked = spec("EdDSA")
    seen = observed(record, resource=resource(spec=asked), rehearsed=True)
    step = plan(seen, desired(spec=asked), NOW)
    assert not isinstance(step, Register)
    assert not (isinstance(step, Update) and step.signing is not None)


def test_a_key_that_the_server_dropped_is_given_up() -> None:
    record = key_records.both(jwks={"keys": [FIRST.public_jwk]})
    asked = spec("EdDSA")
    assert published(record).one_key
    seen = observed(record, resource=resource(spec=asked))
    assert plan(seen, desired(spec=asked), NOW) == GiveUp(CANDIDATE)


@pytest.mark.parametrize("answered", [None, {"keys": [FIRST.public_jwk, SECOND.public_jwk]}, {"keys": []}], ids=str)
def test_one_that_it_did_not_drop_is_promoted(answered: dict[str, Any] | None) -> None:
    record = key_records.both(jwks=answered)
    asked = spec("EdDSA")
    assert not published(record).one_key
    seen = observed(record, resource=resource(spec=asked))
    assert isinstance(plan(seen, desired(spec=asked), NOW), Rehearse)
    assert plan(replace(seen, rehearsed=True), desired(spec=asked), NOW) == Promote(CANDIDATE)


def test_a_refused_update_with_two_keys_gives_the_second_one_up() -> None:
    record, asked = key_records.born(), spec("EdDSA")
    assert record.open is not None
    refusal = close(record, record.open, refused(400, error="invalid_request"), NOW)
    seen = observed(refusal, resource=resource(spec=asked))
    assert plan(seen, desired(spec=asked), NOW) == GiveUp(CANDIDATE, one_key=True)
