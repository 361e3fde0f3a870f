"""A record as the Secret that holds it: created, patched against what is stored, and read again."""

import base64
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.errors import UnreadableRecord
from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.oauth.judgement import ANSWER_DEPTH, ANSWER_LIMIT
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.envelope import RECORD_LIMIT, ROOM, Stored, has_room, manifest, patch, read, written
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.summary import client_label, older_client_label
from oauthclient_operator.record.wire import encode
from tests.pure.record.steps import opened, update
from tests.pure.record.stored_secrets import members
from tests.pure.records import ISSUER, NOW, UID, empty_record, published, registered_record, stored

REGISTERED = registered_record()
IDENTITY: dict[str, JSON] = {"uid": "u", "resourceVersion": "1"}
UPDATING, _ = opened(REGISTERED, CallKind.UPDATE, **update(REGISTERED))


def as_stored(record: Record) -> dict[str, Any]:
    """Return the Secret as the API server returns it."""
    secret: dict[str, Any] = manifest(record, "records")
    return {**secret, "metadata": {**secret["metadata"], "uid": "u", "resourceVersion": "1"}}


def nested(levels: int) -> JSON:
    value: JSON = "deep"
    for _ in range(levels):
        value = [value]
    return value


def test_a_record_is_a_secret_of_its_own_type_named_by_the_resource_s_uid() -> None:
    secret: dict[str, Any] = manifest(REGISTERED, "records")
    assert (secret["apiVersion"], secret["kind"], secret["type"]) == ("v1", "Secret", "oauth-operator.dev/registration")
    assert (secret["metadata"]["name"], secret["metadata"]["namespace"]) == (UID, "records")
    assert secret["metadata"]["labels"][names.STATE_LABEL] == names.RecordState.REGISTERED
    assert [*secret["metadata"]["annotations"]] == [names.CONFIRMED_ANNOTATION, names.TOLD_ANNOTATION]
    assert [*secret["data"]] == ["record"]


@pytest.mark.parametrize("record", [empty_record(), REGISTERED, UPDATING], ids=["empty", "registered", "updating"])
def test_a_record_survives_its_secret(record: Record) -> None:
    assert read(as_stored(record)) == Stored(record=record, uid="u", resource_version="1")


def test_what_was_written_in_other_letters_is_kept_as_it_is() -> None:
    record = registered_record(client_name="ウェブ店")
    assert published(read(as_stored(record)).record).information.members["client_name"] == "ウェブ店"


def test_times_are_written_in_one_form_whatever_their_zone() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=9)))
    assert as_stored(registered_record(at=elsewhere)) == as_stored(registered_record(at=NOW))


def test_a_patch_holds_for_the_version_that_was_read_and_no_other() -> None:
    change: dict[str, Any] = patch(stored(REGISTERED), UPDATING)
    assert (change["metadata"]["uid"], change["metadata"]["resourceVersion"]) == ("record-uid", "8")
    assert members(change) == encode(UPDATING)


def test_a_patch_says_what_holds_and_takes_back_what_does_not() -> None:
    change: dict[str, Any] = patch(stored(REGISTERED), UPDATING)
    assert change["metadata"]["annotations"] == {
        names.OPEN_CALL_ANNOTATION: "2:update",
        names.CONFIRMED_ANNOTATION: None,
        names.TOLD_ANNOTATION: None,
    }
    back: dict[str, Any] = patch(stored(REGISTERED), empty_record())
    clients = {k: v for k, v in back["metadata"]["labels"].items() if k.startswith(names.CLIENT_LABEL_PREFIX)}
    address = "https://issuer.example/register/c1"
    assert clients == {client_label(ISSUER, address): None, older_client_label(address): None}


def test_the_label_of_an_older_operator_goes_with_the_next_change() -> None:
    change: dict[str, Any] = patch(stored(REGISTERED), UPDATING)
    address = "https://issuer.example/register/c1"
    clients = {k: v for k, v in change["metadata"]["labels"].items() if k.startswith(names.CLIENT_LABEL_PREFIX)}
    assert clients == {client_label(ISSUER, address): "held", older_client_label(address): None}


@pytest.mark.parametrize(
    "secret",
    [
        {"metadata": {}},
        {"metadata": {}, "data": None},
        {"metadata": {}, "data": {}},
        {"metadata": {}, "data": {"record": 7}},
        {"data": as_stored(REGISTERED)["data"]},
        {"metadata": IDENTITY, "data": {"record": "no base64!"}},
        {"metadata": IDENTITY, "data": {"record": base64.b64encode(b"[]").decode()}},
        {"metadata": IDENTITY, "data": {"record": base64.b64encode(b'{"client_secret": "s1"').decode()}},
        {"metadata": IDENTITY, "data": {"record": base64.b64encode(b"\xff").decode()}},
        {"metadata": {"uid": "u"}, "data": as_stored(REGISTERED)["data"]},
        {"metadata": {"uid": 7, "resourceVersion": "1"}, "data": as_stored(REGISTERED)["data"]},
    ],
    ids=[
        "no data",
        "null",
        "no record",
        "no text",
        "no metadata",
        "no base64",
        "no object",
        "no JSON",
        "no UTF-8",
        "no resourceVersion",
        "a UID that is no text",
    ],
)
def test_a_secret_that_holds_no_record_is_refused_without_showing_it(secret: dict[str, JSON]) -> None:
    with pytest.raises(UnreadableRecord) as refusal:
        read(secret)
    assert str(refusal.value) in ("the Secret holds no record", "the record is not JSON")
    assert refusal.value.__cause__ is None


def test_the_record_of_another_resource_under_this_one_s_name_is_refused() -> None:
    secret = as_stored(REGISTERED)
    secret["metadata"]["name"] = "another-uid"
    with pytest.raises(UnreadableRecord, match="the Secret holds the record of another resource"):
        read(secret)


def test_a_record_that_was_written_is_the_one_that_was_sent_or_else_what_is_stored() -> None:
    for sent in (manifest(UPDATING, "records"), patch(stored(REGISTERED), UPDATING)):
        assert written(UPDATING, sent, as_stored(UPDATING)) == read(as_stored(UPDATING))
        assert written(UPDATING, sent, as_stored(REGISTERED)).record == REGISTERED, "somebody rewrote it on its way"
        with pytest.raises(UnreadableRecord):
            written(UPDATING, sent, {"metadata": IDENTITY, "data": {"record": "no base64!"}})


def test_the_deepest_answer_and_metadata_of_its_depth_can_be_read_again() -> None:
    deepest = nested(ANSWER_DEPTH - 1)
    record = registered_record(x=deepest)
    record, _ = opened(record, CallKind.UPDATE, **update(record, metadata={"x": deepest}))
    assert read(as_stored(record)).record == record


def test_a_record_has_room_until_an_answer_might_not_fit() -> None:
    room = RECORD_LIMIT - ROOM - size(with_letters(0))
    assert has_room(with_letters(room))
    assert not has_room(with_letters(room + 1))
    assert ROOM > 2 * ANSWER_LIMIT


def test_letters_of_more_than_one_byte_count_as_their_bytes() -> None:
    room = (RECORD_LIMIT - ROOM - size(with_letters(0))) // 3
    assert has_room(with_letters(room, "店"))
    assert not has_room(with_letters(room + 1, "店"))


def with_letters(number: int, letter: str = "x") -> Record:
    return replace(REGISTERED, unknown={"letters": letter * number})


def size(record: Record) -> int:
    """Return the bytes of a record's JSON as they are stored."""
    return len(base64.b64decode(as_stored(record)["data"]["record"]))
