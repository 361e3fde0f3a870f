"""What a record's metadata say, and how they are read again."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import End, Ending, Previous, UpdateDue
from oauthclient_operator.record.record import Record, Release, ReleaseOutcome
from oauthclient_operator.record.summary import annotations, client_label, labels, summary
from oauthclient_operator.record.transitions import settle
from tests.pure.record.steps import LATER, LOST, answered, failed, given_up, named, of, opened, refused, update
from tests.pure.records import ISSUER, NOW, empty_record, published, registered_record

REGISTERED = registered_record()
SUSPECT, _ = given_up(empty_record(), CallKind.REGISTER)
UPDATING, _ = opened(REGISTERED, CallKind.UPDATE, **update(REGISTERED))
DEREGISTERING, _ = opened(REGISTERED, CallKind.DEREGISTER, **of(REGISTERED))
GONE = answered(REGISTERED, CallKind.DEREGISTER, of(REGISTERED))
BESIDE_A_SURPLUS = answered(
    REGISTERED, CallKind.REGISTER, **named("c2"), registration_access_token="r2", client_secret="s2"
)
EXPIRING = registered_record(client_secret_expires_at=int(LATER.timestamp()))


def released(record: Record, outcome: ReleaseOutcome = ReleaseOutcome.UNCONFIRMED) -> Record:
    return replace(record, released=Release(outcome=outcome, at=NOW))


def with_end(end: End) -> Record:
    return REGISTERED.with_client(replace(published(REGISTERED), end=end))


@pytest.mark.parametrize(
    ("record", "state"),
    [
        pytest.param(empty_record(), "Open", id="nothing happened yet"),
        pytest.param(REGISTERED, "Registered", id="a client is published"),
        pytest.param(UPDATING, "Open", id="a call is open"),
        pytest.param(SUSPECT, "Held", id="a suspect and no client"),
        pytest.param(settle(SUSPECT, 1), "Open", id="its suspects are settled"),
        pytest.param(replace(REGISTERED, pair=None), "Open", id="its client is not published"),
        pytest.param(released(REGISTERED), "LeftBehind", id="let go, with a client that may live"),
        pytest.param(released(REGISTERED, ReleaseOutcome.RETAINED), "LeftBehind", id="let go by policy"),
        pytest.param(released(empty_record(), ReleaseOutcome.CONFIRMED), "Released", id="let go with nothing left"),
        pytest.param(released(GONE, ReleaseOutcome.CONFIRMED), "Released", id="let go with all clients gone"),
        pytest.param(released(GONE), "LeftBehind", id="let go before all was known to be gone"),
        pytest.param(
            released(REGISTERED, ReleaseOutcome.CONFIRMED), "LeftBehind", id="let go, and then a late answer's client"
        ),
        pytest.param(released(SUSPECT, ReleaseOutcome.CONFIRMED), "LeftBehind", id="let go, with a suspect"),
        pytest.param(released(DEREGISTERING), "LeftBehind", id="let go, and a call is open"),
    ],
)
def test_the_state_label(record: Record, state: str) -> None:
    assert labels(record)[names.STATE_LABEL] == state


@pytest.mark.parametrize("record", [empty_record(), REGISTERED], ids=["open", "registered"])
def test_a_label_names_the_tenants_namespace(record: Record) -> None:
    assert labels(record)["namespace.oauth-operator.dev/shop"] == ""


@pytest.mark.parametrize(
    ("record", "value"),
    [
        pytest.param(REGISTERED, "held", id="a resource holds its client"),
        pytest.param(with_end(Ending(since=NOW)), "held", id="its deregistration was refused"),
        pytest.param(UPDATING, "held", id="it is being updated"),
        pytest.param(DEREGISTERING, "deleting", id="nobody publishes what is being deregistered"),
        pytest.param(with_end(Ending(since=NOW, lost=True)), "deleting", id="nor what may be gone"),
        pytest.param(
            opened(BESIDE_A_SURPLUS, CallKind.DEREGISTER, client=2)[0], "held", id="another one is being deregistered"
        ),
        pytest.param(released(REGISTERED), "left", id="left behind"),
        pytest.param(
            released(with_end(Ending(since=NOW, lost=True))), "deleting", id="left behind, and it may be gone"
        ),
        pytest.param(
            released(replace(REGISTERED, deletion="Retain"), ReleaseOutcome.RETAINED),
            "held",
            id="what is retained is not left",
        ),
        pytest.param(GONE, None, id="what is gone is held by nobody"),
        pytest.param(registered_record(registration_client_uri=None), None, id="it has no address"),
    ],
)
def test_the_label_of_a_client_says_how_it_is_held(record: Record, value: str | None) -> None:
    label = client_label(ISSUER, "https://issuer.example/register/c1")
    assert labels(record).get(label) == value


def test_a_label_of_a_client_is_a_label() -> None:
    label = client_label(ISSUER, "https://issuer.example/register/" + "x" * 1000)
    prefix, _, name = label.partition("/")
    assert (prefix, len(name)) == ("client.oauth-operator.dev", 40)


def test_the_same_address_from_another_issuer_is_another_client() -> None:
    address = "https://issuer.example/register/c1"
    assert client_label(ISSUER, address) != client_label("https://mallory.example", address)


def digest(record: Record) -> str:
    confirmed = published(record).confirmed
    assert confirmed is not None
    return confirmed.digest


def changed(**values: Any) -> Record:
    return REGISTERED.with_client(replace(published(REGISTERED), **values))


@pytest.mark.parametrize(
    ("record", "said"),
    [
        pytest.param(empty_record(), {}, id="nothing happened yet"),
        pytest.param(REGISTERED, {"confirmed": digest(REGISTERED)}, id="what is confirmed, if nothing is left to do"),
        pytest.param(UPDATING, {"open-call": "2:update"}, id="an open call"),
        pytest.param(DEREGISTERING, {"open-call": "2:deregister"}, id="an open deregistration"),
        pytest.param(BESIDE_A_SURPLUS, {}, id="a surplus client is left to be deregistered"),
        pytest.param(changed(standing=UpdateDue()), {}, id="an update is due"),
        pytest.param(changed(standing=UpdateDue((2,))), {}, id="an update is unresolved"),
        pytest.param(changed(refused=frozenset({CallKind.UPDATE})), {}, id="management is lost"),
        pytest.param(
            changed(refused=frozenset({CallKind.DEREGISTER})),
            {"confirmed": digest(REGISTERED)},
            id="a refused deregistration leaves nothing to do for who lives",
        ),
        pytest.param(changed(confirmed=None), {}, id="nothing is confirmed"),
        pytest.param(SUSPECT, {"suspects": "1"}, id="a suspect"),
        pytest.param(given_up(SUSPECT, CallKind.REGISTER)[0], {"suspects": "1,2"}, id="two suspects"),
        pytest.param(
            answered(SUSPECT, CallKind.REGISTER),
            {"suspects": "1", "confirmed": digest(REGISTERED)},
            id="a suspect beside what is published",
        ),
        pytest.param(settle(SUSPECT, 1), {}, id="a settled suspect"),
        pytest.param(
            EXPIRING,
            {
                "confirmed": digest(EXPIRING),
                "due": LATER.isoformat(),
                "expires": LATER.isoformat(),
                "secret-since": NOW.isoformat(),
            },
            id="the day when a secret expires",
        ),
        pytest.param(
            opened(EXPIRING, CallKind.UPDATE, client=1)[0], {"open-call": "2:update"}, id="no day while a call is open"
        ),
        pytest.param(released(SUSPECT), {"due": "2026-01-02T12:00:00+00:00"}, id="let go: the next look, and no more"),
    ],
)
def test_the_annotations(record: Record, said: dict[str, str]) -> None:
    found = annotations(record)
    # What a status has to tell is compared at rest alone; `test_told` says what that is.
    assert (found.pop(names.TOLD_ANNOTATION, None) is not None) is ("confirmed" in said)
    assert found == {f"oauth-operator.dev/{key}": value for key, value in said.items()}


@pytest.mark.parametrize(
    ("record", "due"),
    [
        pytest.param(released(GONE, ReleaseOutcome.CONFIRMED), NOW, id="all is gone: at once"),
        pytest.param(released(REGISTERED), NOW + timedelta(days=1), id="nothing was tried: a day after it was let go"),
        pytest.param(
            released(failed(REGISTERED, CallKind.DEREGISTER, LOST, **of(REGISTERED))),
            LATER + timedelta(days=1),
            id="a day after the last deregistration",
        ),
        pytest.param(
            released(failed(REGISTERED, CallKind.UPDATE, refused(), **update(REGISTERED))),
            NOW + timedelta(days=1),
            id="other calls do not count",
        ),
    ],
)
def test_when_a_record_that_was_let_go_is_looked_at_again(record: Record, due: datetime) -> None:
    assert annotations(record)[names.DUE_ANNOTATION] == due.isoformat()


def test_metadata_are_read_again() -> None:
    record = answered(SUSPECT, CallKind.REGISTER, client_secret_expires_at=int(LATER.timestamp()))
    written: dict[str, Any] = {"labels": labels(record), "annotations": annotations(record), "resourceVersion": "8"}
    read = summary(written)
    assert (read.resource_version, read.state, read.confirmed) == ("8", names.RecordState.REGISTERED, digest(record))
    assert (read.open_call, read.due, read.suspects) == (None, LATER, (1,))
    assert read.client_labels == {client_label(ISSUER, "https://issuer.example/register/c1"): "held"}
    opened_once = opened(record, CallKind.UPDATE, **update(record))[0]
    assert summary({"annotations": {**annotations(opened_once)}}).open_call == "3:update"


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        ("", ()),
        ("7", (7,)),
        ("1,2,10", (1, 2, 10)),
        ("1,x,,-2, 3", (1,)),
        ("١", ()),
        ("²", ()),
        ("9" * 10, ()),
        ("9" * 5000, ()),
        ("9" * 9, (999_999_999,)),
    ],
)
def test_what_is_no_number_of_an_attempt_counts_as_absent(value: str, numbers: tuple[int, ...]) -> None:
    assert summary({"annotations": {names.SUSPECTS_ANNOTATION: value}}).suspects == numbers


@pytest.mark.parametrize(
    "written",
    ["soon", "2026-01-01T12:00:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59Z"],
    ids=["a word", "of no time zone", "before time begins", "a day before time ends"],
)
def test_a_time_that_cannot_be_reckoned_with_counts_as_absent(written: str) -> None:
    assert summary({"annotations": {names.DUE_ANNOTATION: written}}).due is None


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"labels": None, "annotations": None},
        {"labels": [], "annotations": "x"},
        {
            "labels": {names.STATE_LABEL: 7},
            "annotations": {names.DUE_ANNOTATION: "soon", names.OPEN_CALL_ANNOTATION: 7},
        },
    ],
    ids=str,
)
def test_what_is_malformed_counts_as_absent(metadata: dict[str, JSON]) -> None:
    read = summary(metadata)
    assert (read.state, read.confirmed, read.open_call, read.due, read.suspects) == ("", None, None, None, ())
    assert (read.resource_version, read.client_labels) == ("", {})


def test_a_client_is_labelled_by_the_address_before_its_newest_too() -> None:
    record = registered_record()
    moved = replace(published(record), previous=Previous(registration_client_uri=f"{ISSUER}/register/before"))
    assert labels(record.with_client(moved)).keys() - labels(record).keys() == {
        client_label(ISSUER, f"{ISSUER}/register/before")
    }
