"""When a client secret ends, as servers write it: in seconds by RFC 7591, and otherwise."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.oauth.numeric_date import Form, NumericDate

AT: Final = int(datetime(2030, 1, 1, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    "written", [AT, float(AT), AT + 0.75, str(AT), f" {AT}\n", f"{AT}.0", f"{AT}.999", "1.893456e9"]
)
def test_seconds_are_seconds_as_a_number_and_as_a_text(written: Any) -> None:
    assert NumericDate.read(written) == NumericDate(AT)


@pytest.mark.parametrize(
    "written",
    [
        None,
        0,
        0.0,
        "",
        " ",
        "0",
        "0.0",
        False,
        -1,
        "-1",
        -62_135_596_800,
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        253_402_300_799,
        2**53 - 1,
        2**63 - 1,
        (2**63 - 1) // 1000,
        str(2**63 - 1),
        "1e99",
        1e99,
    ],
)
def test_never_is_said_in_many_ways(written: Any) -> None:
    assert NumericDate.read(written) == NumericDate(0)


@pytest.mark.parametrize(
    ("unit", "form"), [(10**3, Form.MILLISECONDS), (10**6, Form.MICROSECONDS), (10**9, Form.NANOSECONDS)]
)
def test_what_counts_another_unit_is_recognized(unit: int, form: Form) -> None:
    for written in (AT * unit, str(AT * unit), float(AT * unit)):
        assert NumericDate.read(written) == NumericDate(AT, form)


@pytest.mark.parametrize(
    "written",
    [
        "2030-01-01T00:00:00Z",
        "2030-01-01T00:00:00.000Z",
        "2030-01-01T01:00:00+01:00",
        "2030-01-01 00:00:00",
        "2030-01-01",
        "Tue, 01 Jan 2030 00:00:00 GMT",
    ],
)
def test_a_date_is_a_time_and_named(written: str) -> None:
    assert NumericDate.read(written) == NumericDate(AT, Form.DATE)


def test_a_time_before_the_rfc_s_own_is_one_and_named_for_it_may_be_a_lifetime() -> None:
    lifetime = int(timedelta(days=90).total_seconds())
    assert NumericDate.read(lifetime) == NumericDate(lifetime, Form.LONG_AGO)


@pytest.mark.parametrize(
    "written", [True, [], {}, [2030, 1, 1], "never", "P90D", "soon " * 100, "9" * 5000, "١٨٩٣", "1_893_456_000"]
)
def test_what_is_no_time_is_never_and_named(written: Any) -> None:
    assert NumericDate.read(written) == NumericDate(0, Form.UNREADABLE)
