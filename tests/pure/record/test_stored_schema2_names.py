"""The member names of schema 2, and which of them may be absent: whoever changes one changes what is stored for years."""

import pytest

from oauthclient_operator.errors import UnreadableRecord
from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.wire import decode
from tests.pure.record import schema2
from tests.pure.record.places import member_names, with_value, without, written
from tests.pure.record.schema2 import OF_OTHERS, WHOLE, of_today, whole
from tests.pure.record.schema2_names import NAMES


def test_these_are_all_the_names_that_are_stored() -> None:
    assert sorted(set().union(*(member_names(of_today(name), OF_OTHERS) for name in schema2.ALL))) == [*NAMES]


def test_the_records_that_are_taken_apart_have_them_all() -> None:
    assert {written(place) for name in WHOLE for place in whole(name)} == {*NAMES}


@pytest.mark.parametrize("name", WHOLE)
def test_a_record_without_what_is_needed_is_refused(name: str) -> None:
    record = of_today(name)
    needed = {written(place): decoded(without(record, place)) is None for place in whole(name)}
    assert needed == {place: NAMES[place] for place in needed}


@pytest.mark.parametrize("name", WHOLE)
def test_null_is_absent(name: str) -> None:
    record = of_today(name)
    changed = [(without(record, place), with_value(record, place, None)) for place in whole(name)]
    assert [decoded(null) for _, null in changed] == [decoded(absent) for absent, _ in changed]


def decoded(record: dict[str, JSON]) -> Record | None:
    try:
        return decode(record)
    except UnreadableRecord:
        return None
