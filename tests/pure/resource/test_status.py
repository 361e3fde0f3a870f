"""The status to JSON and back, and the merge patch from one to another."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator.resource.served import Served
from oauthclient_operator.resource.status import (
    Condition,
    RegistrationStatus,
    SecretReference,
    Status,
    SuspectedOrphan,
)
from tests.merge_patch import merged

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
READY = Condition(
    type="Ready",
    status="True",
    reason="Registered",
    message="registered",
    last_transition_time=NOW,
    observed_generation=2,
)
WHOLE = Status(
    observed_generation=2,
    client_id="c1",
    secret=SecretReference(name="web", uid="u", resource_version="9"),
    registration=RegistrationStatus(
        registered_at=NOW, secret_expires_at=NOW + timedelta(days=30), manageable=True, deviations=("scope",)
    ),
    served=Served(retry="0123456789abcdef", rotate="fedcba9876543210"),
    suspected_orphans=(
        SuspectedOrphan(attempt=1, issuer="https://issuer.example", sent_at=NOW, until=NOW + timedelta(seconds=20)),
    ),
    conditions=(READY, replace(READY, type="Stalled", status="False")),
)
JSON_OF_WHOLE: dict[str, Any] = {
    "observedGeneration": 2,
    "clientID": "c1",
    "secret": {"name": "web", "uid": "u", "resourceVersion": "9"},
    "registration": {
        "registeredAt": "2026-01-01T12:00:00Z",
        "secretExpiresAt": "2026-01-31T12:00:00Z",
        "manageable": True,
        "deviations": ["scope"],
    },
    "served": {"retry": "0123456789abcdef", "rotate": "fedcba9876543210"},
    "suspectedOrphans": [
        {
            "attempt": 1,
            "issuer": "https://issuer.example",
            "sentAt": "2026-01-01T12:00:00Z",
            "until": "2026-01-01T12:00:20Z",
        }
    ],
    "conditions": [
        {
            "type": kind,
            "status": status,
            "reason": "Registered",
            "message": "registered",
            "lastTransitionTime": "2026-01-01T12:00:00Z",
            "observedGeneration": 2,
        }
        for kind, status in (("Ready", "True"), ("Stalled", "False"))
    ],
}
OTHERS = {
    "nothing yet": Status(),
    "whole": WHOLE,
    "a secret that never expires": replace(
        WHOLE,
        registration=RegistrationStatus(registered_at=NOW, secret_expires_at=None, manageable=False, deviations=()),
    ),
    "not registered": replace(WHOLE, registration=None, client_id=None),
    "no suspects": replace(WHOLE, suspected_orphans=()),
    "not published": replace(WHOLE, secret=None),
    "published again": replace(WHOLE, secret=SecretReference(name="other", uid="v", resource_version="10")),
    "no longer stalled": replace(WHOLE, conditions=(READY,)),
}


def test_it_is_written_as_the_schema_names_it() -> None:
    assert WHOLE.to_json() == JSON_OF_WHOLE


@pytest.mark.parametrize("status", OTHERS.values(), ids=OTHERS)
def test_it_survives_its_json(status: Status) -> None:
    assert Status.parse(status.to_json()) == status


@pytest.mark.parametrize("before", OTHERS.values(), ids=[f"from {name}" for name in OTHERS])
@pytest.mark.parametrize("after", OTHERS.values(), ids=[f"to {name}" for name in OTHERS])
def test_the_merge_patch_leads_from_one_to_the_other(before: Status, after: Status) -> None:
    patch = after.patch_from(before)
    if before == after:
        assert patch is None
    else:
        assert patch is not None
        assert merged(before.to_json(), patch) == after.to_json()


def test_the_merge_patch_names_only_what_changes() -> None:
    assert replace(WHOLE, client_id="c2").patch_from(WHOLE) == {"clientID": "c2"}


def test_what_a_later_version_wrote_is_left_alone() -> None:
    before = Status.parse({**JSON_OF_WHOLE, "later": {"a": 1}})
    assert WHOLE.patch_from(before) is None


def test_times_are_written_in_utc_and_whole_seconds() -> None:
    there = datetime(2026, 1, 1, 14, 0, 0, 999, tzinfo=timezone(timedelta(hours=2)))
    status = Status(conditions=(replace(READY, last_transition_time=there),))
    assert status.to_json()["conditions"] == [JSON_OF_WHOLE["conditions"][0]]


@pytest.mark.parametrize("written", ["2026-01-01T12:00:00Z", "2026-01-01T13:00:00+01:00", "2026-01-01T12:00:00"])
def test_a_time_is_read_in_any_zone_and_utc_without_one(written: str) -> None:
    condition = {**JSON_OF_WHOLE["conditions"][0], "lastTransitionTime": written}
    assert Status.parse({"conditions": [condition]}).conditions[0].last_transition_time == NOW


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0900-01-01T00:00:00Z"])
def test_a_time_that_cannot_be_written_again_counts_as_absent(written: str) -> None:
    status = Status.parse({**JSON_OF_WHOLE, "registration": {"registeredAt": written, "manageable": True}})
    assert status.registration is None
    assert status.to_json() == {k: v for k, v in JSON_OF_WHOLE.items() if k != "registration"}


def test_before_anything_was_observed_it_says_so() -> None:
    assert Status.parse({}).observed_generation == -1
    assert Status.parse({}).ready_reason is None


def test_the_reason_of_ready() -> None:
    assert WHOLE.ready_reason == "Registered"


VALUES = (
    st.none()
    | st.integers()
    | st.text(max_size=5)
    | st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=3)))
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(JSON_OF_WHOLE, VALUES)))
def test_what_is_malformed_counts_as_absent(status: dict[str, Any]) -> None:
    assert Status.parse(status).patch_from(WHOLE) is not None
