"""A record survives its JSON, and what is not a record is recognised."""

import json
from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.errors import NewerSchema, UnreadableRecord
from oauthclient_operator.oauth.outcome import Ambiguous, Rejected
from oauthclient_operator.record.codec import decode, encode
from oauthclient_operator.record.envelope import Stored, annotations, client_label, labels, manifest, patch, read
from oauthclient_operator.record.model import CallKind, Record, ReleaseOutcome
from oauthclient_operator.record.transitions import close, open_call, release
from tests.pure.values import NOW, call, empty_record, published, registered_record


def with_open_call(kind: CallKind = CallKind.UPDATE) -> Record:
    return open_call(registered_record(), call(registered_record(), kind, client=1))


def with_suspect() -> Record:
    record = open_call(empty_record(), call(empty_record(), CallKind.REGISTER))
    assert record.open is not None
    return close(record, record.open, Ambiguous(cause="timeout", salvage={}), NOW)


def with_proof() -> Record:
    record = open_call(empty_record(), call(empty_record(), CallKind.REGISTER, proof_key="jkt", repeats=True))
    assert record.open is not None
    refusal = Rejected(status=400, error="use_dpop_nonce", description=None, retry_after=None)
    closed = close(record, record.open, refusal, NOW)
    return open_call(closed, call(closed, CallKind.REGISTER, proof_key="jkt"))


RECORDS = {
    "with a call that carried a proof": with_proof(),
    "empty": empty_record(),
    "registered": registered_record(),
    "with an open call": with_open_call(),
    "with a suspect": with_suspect(),
    "released": release(registered_record(), ReleaseOutcome.UNCONFIRMED, NOW),
}


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_a_record_survives_its_json(record: Record) -> None:
    assert decode(json.loads(json.dumps(encode(record)))) == record


def test_credentials_are_in_the_json_and_in_no_repr() -> None:
    record = registered_record()
    assert "s1" in json.dumps(encode(record))
    assert "s1" not in repr(record)
    assert '"r1"' not in repr(record)


def test_a_newer_schema_is_recognised() -> None:
    with pytest.raises(NewerSchema):
        decode({**encode(empty_record()), "schemaVersion": 2})


@pytest.mark.parametrize(
    "change",
    [
        {"schemaVersion": None},
        {"subject": None},
        {"next_call": "one"},
        {"deletion": 7},
        {"clients": [{"key": "x"}]},
        {"surprise": 1},
        {"open": {"number": 1}},
    ],
    ids=str,
)
def test_what_is_not_a_record_is_refused_without_showing_it(change: dict[str, Any]) -> None:
    with pytest.raises(UnreadableRecord) as refusal:
        decode({**encode(registered_record()), **change})
    assert "s1" not in str(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(
    ("record", "state"),
    [
        (empty_record(), names.RecordState.OPEN),
        (registered_record(), names.RecordState.REGISTERED),
        (with_open_call(), names.RecordState.OPEN),
        (with_suspect(), names.RecordState.HELD),
        (release(registered_record(), ReleaseOutcome.UNCONFIRMED, NOW), names.RecordState.LEFT_BEHIND),
        (release(registered_record(), ReleaseOutcome.RETAINED, NOW), names.RecordState.LEFT_BEHIND),
        (release(empty_record(), ReleaseOutcome.CONFIRMED, NOW), names.RecordState.RELEASED),
    ],
)
def test_the_state_label(record: Record, state: names.RecordState) -> None:
    assert labels(record)[names.STATE_LABEL] == state


@pytest.mark.parametrize("record", [empty_record(), registered_record()], ids=["open", "registered"])
def test_a_label_names_the_tenants_namespace(record: Record) -> None:
    assert labels(record)["namespace.oauth-operator.dev/shop"] == ""


@pytest.mark.parametrize(
    ("record", "value"),
    [
        pytest.param(registered_record(), "held", id="a resource holds its client"),
        pytest.param(with_open_call(CallKind.DEREGISTER), "deleting", id="nobody publishes what is being deregistered"),
        pytest.param(release(registered_record(), ReleaseOutcome.UNCONFIRMED, NOW), "left", id="left behind"),
        pytest.param(
            release(replace(registered_record(), deletion="Retain"), ReleaseOutcome.RETAINED, NOW),
            "held",
            id="what is retained is not left",
        ),
    ],
)
def test_the_label_of_a_client_says_how_it_is_held(record: Record, value: str) -> None:
    label = client_label("https://issuer.example/register/c1")
    assert labels(record)[label] == value


def test_metadata_tell_what_is_confirmed_only_when_nothing_is_left_to_do() -> None:
    assert annotations(registered_record()) == {
        names.CONFIRMED_ANNOTATION: published(registered_record()).confirmed_digest
    }
    assert names.CONFIRMED_ANNOTATION not in annotations(with_open_call())
    assert annotations(with_open_call())[names.OPEN_CALL_ANNOTATION] == "2:update"


def test_a_patch_names_the_version_it_is_for_and_takes_back_what_no_longer_holds() -> None:
    stored = Stored(record=registered_record(), uid="u", resource_version="8")
    change = patch(stored, with_open_call())
    metadata = change["metadata"]
    assert isinstance(metadata, dict)
    assert (metadata["uid"], metadata["resourceVersion"]) == ("u", "8")
    assert isinstance(metadata["annotations"], dict)
    assert metadata["annotations"][names.CONFIRMED_ANNOTATION] is None


def test_a_record_survives_its_secret() -> None:
    secret = manifest(registered_record(), "records")
    metadata = secret["metadata"]
    assert isinstance(metadata, dict)
    stored = read({**secret, "metadata": {**metadata, "uid": "u", "resourceVersion": "1"}})
    assert stored.record == registered_record()
    assert secret["type"] == names.RECORD_TYPE
