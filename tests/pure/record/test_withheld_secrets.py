"""A hash or a mask in the client secret's place takes the place of none that worked, and what is not used expires nothing."""

from datetime import UTC, datetime
from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.management import Way
from oauthclient_operator.record.pairs import expiry
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.summary import annotations
from oauthclient_operator.status import project
from oauthclient_operator.verdict.publishing import secret_expired
from oauthclient_operator.verdict.registering import registered
from tests.pure.record.steps import answered, text, update
from tests.pure.records import METADATA, NOW, published, registered_record
from tests.pure.values import resource

HASH, MASK = "{bcrypt}$2a$10$dXJ3SW6G7P50lGmMkkmwe.20cQQubK3", "**********"
SOON = 1893456000


def updated(**members: Any) -> Record:
    record = registered_record(client_secret_expires_at=SOON)
    return answered(record, CallKind.UPDATE, update(record), **members)


@pytest.mark.parametrize(("hidden", "what"), [(HASH, "a hash"), (MASK, "a mask")])
def test_it_is_kept_and_named_and_the_secret_before_it_stays_published(hidden: str, what: str) -> None:
    record = updated(client_secret=hidden, client_secret_expires_at=0)
    client = published(record)
    assert text(client.information.client_secret) == "s1"
    assert client.information.client_secret_expires_at == SOON, "the date belongs to the secret"
    assert record.pair == updated().pair
    assert text(client.withheld) == hidden
    said = registered(client).message
    assert f"looks like {what}" in said
    assert hidden not in said


@pytest.mark.parametrize("secret", ["s1", "s2"])
def test_a_secret_that_looks_like_one_supersedes_at_once(secret: str) -> None:
    client = published(updated(client_secret=secret))
    assert (text(client.information.client_secret), client.withheld) == (secret, None)


def test_the_next_answer_ends_it() -> None:
    record = updated(client_secret=MASK)
    after = published(answered(record, CallKind.UPDATE, update(record), client_secret="s3"))
    assert (text(after.information.client_secret), after.withheld) == ("s3", None)


def test_a_second_registration_that_is_answered_with_the_first_client_hides_it_neither() -> None:
    record = answered(registered_record(), CallKind.REGISTER, client_secret=MASK)
    assert text(published(record).information.client_secret) == "s1"


def test_where_there_is_no_other_it_is_published_and_named() -> None:
    client = published(registered_record(client_secret=MASK))
    assert client.information.client_secret == Confidential(MASK)
    assert "looks like a mask, and is published as it came" in registered(client).message


@pytest.mark.parametrize(
    ("written", "seconds", "milliseconds"),
    [
        (SOON * 1000, SOON, True),
        (str(SOON * 1000), SOON, True),
        (SOON * 1000 + 999.0, SOON, True),
        (SOON, SOON, False),
        (946_684_799_999, 0, False),
        (7_258_118_400_000, 0, False),
        (253_402_300_799, 0, False),
        (32_503_680_000, 32_503_680_000, False),
        (0, 0, False),
    ],
)
def test_an_expiry_in_milliseconds_is_one(written: Any, seconds: int, milliseconds: bool) -> None:
    record = registered_record(client_secret_expires_at=written)
    client = published(record)
    assert client.information.client_secret_expires_at == seconds
    assert ("counts milliseconds" in registered(client).message) is milliseconds
    assert ("counts milliseconds" in secret_expired(client, renewed=False).message) is milliseconds


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (SOON * 10**6, "counts microseconds"),
        ("2030-01-01T00:00:00Z", "is a date, and not in seconds since 1970 as RFC 7591 has it"),
        (7_776_000, "is a time before 2000, as if it were a lifetime"),
        (
            "in a while",
            "is no time, and not in seconds since 1970 as RFC 7591 has it: it is taken for one that does not",
        ),
    ],
)
def test_an_expiry_that_is_written_otherwise_is_named_where_the_secret_is_used(written: Any, said: str) -> None:
    client = published(registered_record(client_secret_expires_at=written))
    assert f"its client_secret_expires_at {said}" in registered(client).message
    assert said in secret_expired(client, renewed=False).message
    public = published(registered_record(client_secret_expires_at=written, token_endpoint_auth_method="none"))
    assert "client_secret_expires_at" not in registered(public).message


@pytest.mark.parametrize(
    ("method", "expires"),
    [
        ("client_secret_basic", True),
        ("client_secret_post", True),
        ("client_secret_jwt", True),
        ("none", False),
        ("private_key_jwt", False),
        ("tls_client_auth", False),
        ("self_signed_tls_client_auth", False),
    ],
)
def test_a_secret_that_is_never_used_expires_nothing(method: str, expires: bool) -> None:
    record = registered_record(token_endpoint_auth_method=method, client_secret_expires_at=SOON, **METADATA)
    client, moment = published(record), datetime.fromtimestamp(SOON, UTC)
    assert expiry(client) == (moment if expires else None)
    assert ("oauth-operator.dev/due" in annotations(record)) is expires
    status = project(resource(), registered(client), record, None, way=Way.TOKEN, now=NOW)
    assert status.registration is not None
    assert status.registration.secret_expires_at == expiry(client)
