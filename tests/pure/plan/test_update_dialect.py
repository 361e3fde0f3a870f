"""How an update is said where the issuer's terms say how its server takes it."""

from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.oauth.rfc7592 import BY_THE_RFC, UpdateDialect, UpdateForm
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import Action, Update, Wait
from oauthclient_operator.plan.dialects import first_form, update_dialect
from oauthclient_operator.record.record import Record
from oauthclient_operator.resource.desired import Desired
from oauthclient_operator.resource.dialect import Dialect, Sending, UpdateSays
from tests.pure.plan.test_update_forms import ASKED, FULL, MORE, NEWEST, THIRD, taken
from tests.pure.plan.upkeep import EDIT, EDITED, rejection, updated
from tests.pure.values import NOW, desired, observed, published, server

MERGES = Dialect(update=UpdateSays.MERGE)
MERGED = UpdateDialect(nulls=True)


def with_dialect(said: Dialect, asks: Desired) -> Desired:
    return replace(asks, terms=replace(asks.terms, dialect=said))


def step(record: Record, said: Dialect, asks: dict[str, Any] | None = None) -> Action:
    seen = observed(record, server=server(), server_read_at=NOW, rehearsed=True)
    return plan(seen, with_dialect(said, desired(**(EDIT if asks is None else asks))), NOW)


@pytest.mark.parametrize(
    ("said", "form", "dialect"),
    [
        (Dialect(), FULL, BY_THE_RFC),
        (Dialect(update=UpdateSays.FULL), FULL, BY_THE_RFC),
        (Dialect(update=UpdateSays.ASKED), ASKED, BY_THE_RFC),
        (MERGES, FULL, MERGED),
        (Dialect(send_client_secret=True), FULL, UpdateDialect(client_secret=True)),
        (Dialect(send_client_secret=False), FULL, BY_THE_RFC),
        (Dialect(scope=Sending.OMIT), FULL, UpdateDialect(omits=frozenset({"scope"}))),
        (Dialect(scope=Sending.SEND), FULL, BY_THE_RFC),
    ],
    ids=str,
)
def test_the_first_update_is_said_as_the_terms_have_it(said: Dialect, form: UpdateForm, dialect: UpdateDialect) -> None:
    assert step(MORE, said) == Update(published(MORE), EDITED, form, dialect=dialect)


@pytest.mark.parametrize("says", [UpdateSays.FULL, UpdateSays.MERGE])
def test_refused_as_invalid_metadata_it_says_at_once_what_is_desired_alone(says: UpdateSays) -> None:
    record = updated(MORE, rejection())
    dialect = MERGED if says is UpdateSays.MERGE else BY_THE_RFC
    assert step(record, Dialect(update=says)) == Update(published(record), EDITED, ASKED, dialect=dialect)
    assert isinstance(step(updated(record, rejection(), form=ASKED), Dialect(update=says)), Wait)


def test_what_is_desired_alone_was_refused_and_nothing_more_is_said() -> None:
    assert isinstance(step(updated(MORE, rejection(), form=ASKED), Dialect(update=UpdateSays.ASKED)), Wait)


def test_terms_that_say_what_is_desired_alone_mend_a_refusal_of_more_at_once() -> None:
    record = updated(MORE, rejection(400, "invalid_request"))
    assert isinstance(step(record, Dialect()), Wait)
    assert step(record, Dialect(update=UpdateSays.ASKED)) == Update(published(record), EDITED, ASKED)


def test_what_the_terms_say_goes_before_what_the_client_s_server_took_last() -> None:
    record = taken(updated(MORE, rejection()))
    assert step(record, Dialect(), THIRD) == Update(published(record), NEWEST, ASKED)
    assert step(record, MERGES, THIRD) == Update(published(record), NEWEST, FULL, dialect=MERGED)


def test_of_another_issuer_s_client_the_terms_say_nothing() -> None:
    terms = with_dialect(replace(MERGES, send_client_secret=True), desired(**EDIT)).terms
    assert update_dialect(published(MORE), terms) == UpdateDialect(nulls=True, client_secret=True)
    moved = replace(published(MORE), issuer="https://before.example")
    assert update_dialect(moved, terms) == BY_THE_RFC
    assert first_form(replace(moved, form=ASKED), terms) is ASKED
