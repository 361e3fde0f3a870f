"""A server that has whole clients end, as the issuer's terms say: the record learns it, and all that looks at dates sees."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.names import EXPIRES_ANNOTATION
from oauthclient_operator.plan.dialects import plan_expiry
from oauthclient_operator.plan.pair_steps import TakeExpiry
from oauthclient_operator.plan.reasons import is_doubtful
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import Ended, UpdateDue
from oauthclient_operator.record.pairs import expiry, secret_expiry
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.summary import annotations
from oauthclient_operator.record.transitions import take_expiry
from oauthclient_operator.resource.dialect import Dialect, SecretExpiry
from oauthclient_operator.resource.terms import IssuerTerms
from tests.pure.record import key_records
from tests.pure.values import ISSUER, NOW, published, registered_record

AT = NOW + timedelta(days=30)
DATED: dict[str, Any] = {"client_secret_expires_at": int(AT.timestamp())}
BY_SECRET = registered_record(**DATED)
OF_NOBODY = registered_record(token_endpoint_auth_method="none", **DATED)
WITHOUT_SECRET = registered_record(token_endpoint_auth_method="none", client_secret=None, **DATED)
NEVER = registered_record()
ENDS, STAYS = TakeExpiry(issuer=ISSUER, of_client=True), TakeExpiry(issuer=ISSUER, of_client=False)


def ending(record: Record) -> Record:
    return take_expiry(record, ISSUER, of_client=True)


def terms(says: SecretExpiry | None, **values: object) -> IssuerTerms:
    return replace(IssuerTerms(issuer=ISSUER, dialect=Dialect(secret_expiry=says)), **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("record", "says", "step"),
    [
        pytest.param(BY_SECRET, None, None, id="nobody says it"),
        pytest.param(BY_SECRET, SecretExpiry.SECRET, None, id="secrets expire"),
        pytest.param(BY_SECRET, SecretExpiry.CLIENT, ENDS, id="clients end"),
        pytest.param(WITHOUT_SECRET, SecretExpiry.CLIENT, ENDS, id="clients end, also those without a secret"),
        pytest.param(NEVER, SecretExpiry.CLIENT, None, id="clients end, and of this one there is no date"),
        pytest.param(ending(BY_SECRET), SecretExpiry.CLIENT, None, id="it is known"),
        pytest.param(ending(BY_SECRET), SecretExpiry.SECRET, STAYS, id="secrets expire after all"),
        pytest.param(ending(BY_SECRET), None, STAYS, id="nobody says it any more"),
    ],
)
def test_the_record_learns_what_ends(record: Record, says: SecretExpiry | None, step: TakeExpiry | None) -> None:
    assert plan_expiry(record, terms(says)) == step


def test_terms_that_are_wrong_and_those_of_another_issuer_teach_nothing() -> None:
    assert plan_expiry(ending(BY_SECRET), terms(None, problems=("spec.dialect.secretExpiry: write one of",))) is None
    assert plan_expiry(BY_SECRET, terms(SecretExpiry.CLIENT, issuer="https://other.example")) is None
    assert take_expiry(BY_SECRET, "https://other.example", of_client=True) == BY_SECRET


def test_of_a_client_that_is_gone_nothing_is_learned() -> None:
    gone = BY_SECRET.with_client(replace(published(BY_SECRET), end=Ended(at=NOW)))
    assert plan_expiry(gone, terms(SecretExpiry.CLIENT)) is None


@pytest.mark.parametrize(
    ("record", "of_secret"),
    [(BY_SECRET, True), (OF_NOBODY, False), (WITHOUT_SECRET, False)],
    ids=["client secret", "a secret that is not used", "no secret"],
)
def test_what_expires_is_the_secret_or_the_client(record: Record, *, of_secret: bool) -> None:
    assert expiry(published(record)) == (AT if of_secret else None)
    ended = published(ending(record))
    assert expiry(ended) == AT
    assert secret_expiry(ended) == (AT if of_secret else None)
    assert take_expiry(ending(record), ISSUER, of_client=False) == record
    # A record at rest tells it, too, so that its body need not be read before then.
    assert (EXPIRES_ANNOTATION in annotations(record), annotations(ending(record))[EXPIRES_ANNOTATION]) == (
        of_secret,
        AT.isoformat(),
    )


def test_where_no_date_was_named_nothing_ends() -> None:
    assert expiry(published(ending(NEVER))) is None
    assert expiry(published(ending(key_records.registered()))) is None


def test_a_client_that_ends_casts_no_doubt_on_a_secret_that_it_has_not() -> None:
    lost = {"standing": UpdateDue((7,)), "refused": frozenset({CallKind.UPDATE})}
    clients = [replace(published(ending(record)), **lost) for record in (BY_SECRET, OF_NOBODY)]  # type: ignore[arg-type]
    assert [is_doubtful(client, terms(SecretExpiry.CLIENT)) for client in clients] == [True, False]
