"""Which client with which credential is published, and which clients no pair needs."""

from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.record.calls import Asked, CallKind, fingerprint
from oauthclient_operator.record.clients import Ended
from oauthclient_operator.record.pairs import Credential, NoCredential, Pair, SecretOf, pair_of
from oauthclient_operator.record.transitions import absorb, close
from tests.pure.record.steps import LATER, answered, failed, given_up, named, of, opened, refused, update
from tests.pure.records import METADATA, NOW, information, published, registered_record

REGISTERED = registered_record()
BESIDE = answered(REGISTERED, CallKind.REGISTER, **named("c2"), client_secret="s2")


def secret_of(secret: str) -> SecretOf:
    found = fingerprint(Confidential(secret))
    assert found is not None
    return SecretOf(found)


@pytest.mark.parametrize(
    ("asked", "answer", "credential"),
    [
        ({}, {}, secret_of("s1")),
        ({}, {"token_endpoint_auth_method": "client_secret_post"}, secret_of("s1")),
        ({}, {"token_endpoint_auth_method": "client_secret_jwt"}, secret_of("s1")),
        ({}, {"token_endpoint_auth_method": "none"}, NoCredential()),
        ({}, {"token_endpoint_auth_method": "private_key_jwt"}, NoCredential()),
        ({}, {"token_endpoint_auth_method": "tls_client_auth"}, NoCredential()),
        ({}, {"client_secret": None}, NoCredential()),
        ({"token_endpoint_auth_method": "none"}, {}, NoCredential()),
        (
            {"token_endpoint_auth_method": "none"},
            {"token_endpoint_auth_method": "client_secret_basic"},
            secret_of("s1"),
        ),
    ],
    ids=str,
)
def test_the_credential_is_that_of_the_registered_method(
    asked: dict[str, Any], answer: dict[str, Any], credential: Credential
) -> None:
    client = published(registered_record(**answer))
    client = replace(client, confirmed=Asked("v1:x", {**METADATA, **asked}))
    assert pair_of(client) == Pair(client=1, credential=credential)


def test_the_pair_follows_the_newest_secret_of_the_published_client() -> None:
    assert REGISTERED.pair == Pair(client=1, credential=secret_of("s1"))
    record = answered(REGISTERED, CallKind.UPDATE, update(REGISTERED), client_secret="s2")
    assert record.pair == Pair(client=1, credential=secret_of("s2"))


def test_it_follows_a_late_one_that_holds() -> None:
    record, slept = given_up(REGISTERED, CallKind.UPDATE, **update(REGISTERED))
    record = absorb(record, slept, information(client_secret="s2"), {}, LATER)
    assert record.pair == Pair(client=1, credential=secret_of("s2"))


def test_it_follows_a_method_that_uses_no_secret_any_more() -> None:
    record = answered(REGISTERED, CallKind.UPDATE, update(REGISTERED), token_endpoint_auth_method="none")
    assert record.pair == Pair(client=1, credential=NoCredential())


def test_it_does_not_follow_a_secret_that_is_a_spare() -> None:
    record = failed(REGISTERED, CallKind.UPDATE, refused(400, salvage={"client_secret": "s9"}), **update(REGISTERED))
    assert record.pair == REGISTERED.pair


def test_it_does_not_follow_another_client() -> None:
    assert BESIDE.pair == REGISTERED.pair
    record = answered(BESIDE, CallKind.UPDATE, {"client": 2}, **named("c2"), client_secret="s3")
    assert record.pair == REGISTERED.pair


def test_it_stays_with_a_client_that_is_gone() -> None:
    record = answered(REGISTERED, CallKind.DEREGISTER, of(REGISTERED))
    assert record.pair == REGISTERED.pair
    assert not published(record).alive


def test_a_client_is_surplus_when_no_pair_needs_it() -> None:
    assert REGISTERED.surplus == ()
    assert [c.key for c in BESIDE.surplus] == [2]
    assert [c.key for c in replace(BESIDE, pair=None).surplus] == [1, 2]
    assert [c.key for c in BESIDE.publishing(BESIDE.clients[1]).surplus] == [1]


def test_what_is_gone_is_not_surplus() -> None:
    gone = BESIDE.with_client(replace(BESIDE.clients[1], end=Ended(at=NOW)))
    assert gone.surplus == ()
    assert answered(BESIDE, CallKind.DEREGISTER, {"client": 2}).surplus == ()


def test_what_may_be_gone_is_surplus_still() -> None:
    record, made = opened(BESIDE, CallKind.DEREGISTER, client=2)
    assert [c.key for c in close(record, made, refused(401), LATER).surplus] == [2]


def test_nothing_is_published_without_a_pair() -> None:
    assert replace(REGISTERED, pair=None).published is None
    assert replace(REGISTERED, pair=Pair(client=9, credential=NoCredential())).published is None
