"""Which records are read at all: what a later version added to the record is carried through, what else is refused."""

import pytest

from oauthclient_operator.errors import NewerSchema, UnreadableRecord
from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.record.wire import decode, encode
from tests.pure.record import stored_secrets
from tests.pure.records import registered_record

STORED = encode(registered_record())
SCHEMA1: dict[str, JSON] = stored_secrets.shown("registered")["data"]["record"]
LATER: dict[str, JSON] = {"lineage": 3, "delegation": {"pair": {"client": 2}}, "departing": [], "held": None}
"""Members that a later version may add to the record itself."""


@pytest.mark.parametrize(
    "version",
    [
        pytest.param({"schemaVersion": 3, "minReader": 9}, id="a later version alone may change it"),
        pytest.param({"schemaVersion": 3, "minReader": None}, id="it does not say who may change it"),
        pytest.param({"minReader": 9}, id="it is of today, and a later version alone may change it"),
    ],
)
def test_a_record_that_only_a_later_version_may_change_is_left_alone(version: dict[str, JSON]) -> None:
    with pytest.raises(NewerSchema, match="this operator knows 2"):
        decode({**STORED, **version})


@pytest.mark.parametrize("reader", [1, 2, 3, 4, 5, 6, 7, 8])
def test_a_later_record_that_this_version_may_change_is_read_and_its_members_are_carried_through(reader: int) -> None:
    record = decode({**STORED, **LATER, "schemaVersion": 3, "minReader": reader})
    assert record.unknown == LATER
    assert encode(record) == {**STORED, **LATER}


def test_a_record_of_schema_1_has_no_members_of_a_later_version() -> None:
    with pytest.raises(UnreadableRecord):
        decode({**SCHEMA1, "surprise": 1})


@pytest.mark.parametrize(
    "version",
    [{"schemaVersion": value} for value in (None, "2", 2.0, True, 0, -1)] + [{"minReader": v} for v in ("2", True)],
    ids=str,
)
def test_what_has_no_version_is_no_record(version: dict[str, JSON]) -> None:
    with pytest.raises(UnreadableRecord, match="no schemaVersion") as refusal:
        decode({**STORED, **version})
    assert not isinstance(refusal.value, NewerSchema)


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        pytest.param("registered-with-initial-access-token", 2, id="a token is what it always was"),
        pytest.param("registered-with-software-statement", 5, id="who renews must send the software statement again"),
        pytest.param("register-open-with-software-statement", 5, id="also while the call is open"),
        pytest.param("reached-as-an-issuer-resource-says", 6, id="whom to trust at an issuer"),
        pytest.param("ends-at-expiry", 6, id="that a client itself ends"),
        pytest.param("register-with-the-statement-of-before", 6, id="and know which one was refused"),
        pytest.param("managed-by-nothing", 7, id="whether its clients are managed"),
        pytest.param("managed-by-access", 7, id="and by what"),
    ],
)
def test_who_does_not_know_what_a_call_takes_leaves_its_record_alone(name: str, reader: int) -> None:
    assert stored_secrets.shown(name, stored_secrets.SCHEMA2)["data"]["record"]["minReader"] == reader
