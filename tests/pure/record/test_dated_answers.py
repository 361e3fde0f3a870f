"""When a client secret came by the clock of its server: kept where ours was ahead, so that it can be told later."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import CLOCKS_DIFFER
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import absorb
from tests.pure.record.steps import LATER, opened, update
from tests.pure.records import NOW, empty_record, information, published, registered_record

HOUR = timedelta(hours=1)
NEWER: dict[str, Any] = {"client_secret": "s2"}


def answered(record: Record, kind: CallKind, dated: datetime | None, **members: Any) -> Record:
    record, made = opened(record, kind, **(update(record) if kind is CallKind.UPDATE else {}))
    return absorb(record, made, information(**members), {}, LATER, dated=dated)


@pytest.mark.parametrize(
    ("dated", "kept"),
    [
        (None, None),
        (LATER, None),
        (LATER + HOUR, None),
        (LATER - CLOCKS_DIFFER, None),
        (LATER - HOUR, LATER - HOUR),
    ],
    ids=["no date", "the same", "later", "a minute earlier", "an hour earlier"],
)
def test_of_a_registration_it_is_kept_where_it_is_earlier(dated: datetime | None, kept: datetime | None) -> None:
    client = published(answered(empty_record(), CallKind.REGISTER, dated))
    assert (client.credential_dated, client.credential_since) == (kept, LATER)


def test_of_an_update_that_brings_a_newer_secret_it_is_kept() -> None:
    client = published(answered(registered_record(), CallKind.UPDATE, NOW - HOUR, **NEWER))
    assert (client.credential_dated, client.credential_since) == (NOW - HOUR, NOW)


def test_of_an_update_that_brings_no_other_secret_nothing_is_kept() -> None:
    record = answered(empty_record(), CallKind.REGISTER, LATER - HOUR)
    for dated in (NOW - HOUR, None):
        assert published(answered(record, CallKind.UPDATE, dated)).credential_dated == LATER - HOUR


def test_a_newer_secret_that_is_not_dated_has_no_date_of_the_one_before() -> None:
    record = answered(empty_record(), CallKind.REGISTER, LATER - HOUR)
    assert published(answered(record, CallKind.UPDATE, None, **NEWER)).credential_dated is None
