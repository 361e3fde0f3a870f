"""What status says of a pair that is replaced, of those that leave, and of a resource that is paused."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.names import PAUSED_ANNOTATION, ConditionType, Reason
from oauthclient_operator.record.management import Way
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.replacements import ReplacementReason, WithoutEffect
from oauthclient_operator.record.replacing import give_up, retire
from oauthclient_operator.resource.rotation_status import LeavingStatus, RotationStatus
from oauthclient_operator.resource.status import Condition, Status
from oauthclient_operator.status import project
from oauthclient_operator.verdict import renewing
from oauthclient_operator.verdict.verdict import WAITS_FOR_PERSON, Verdict
from tests.pure.record.replacements import begun, candidate, promoted, shown, with_candidate
from tests.pure.values import NOW, desired, published, registered_record, resource

DAY: Final = timedelta(days=1)
QUOTA: Final = Verdict(reason=Reason.SECRET_NOT_PUBLISHABLE, message="the quota is spent", stalled=True)
REGISTERED: Final = Verdict(reason=Reason.REGISTERED, message="registered")


def status(record: Record | None, renewal: Verdict | None = None, **options: Any) -> Status:
    return project(
        resource(**options),
        REGISTERED,
        record,
        None,
        way=Way.TOKEN,
        now=NOW,
        desired=desired(**options),
        renewal=renewal,
        renews_at=NOW + DAY,
    )


def condition(kind: ConditionType, found: Status) -> Condition | None:
    return next((c for c in found.conditions if c.type == kind), None)


def renewing_of(record: Record, renewal: Verdict | None = None) -> tuple[str, str] | None:
    found = condition(ConditionType.RENEWING, status(record, renewal))
    return None if found is None else (found.status, found.reason)


@pytest.mark.parametrize(
    ("record", "renewal", "said"),
    [
        pytest.param(registered_record(), None, None, id="nothing"),
        pytest.param(begun(), None, ("True", "Renewing"), id="begun"),
        pytest.param(with_candidate(), None, ("True", "Renewing"), id="a candidate"),
        pytest.param(begun(), QUOTA, ("False", "RenewalFailed"), id="something in its way"),
        pytest.param(
            registered_record(), QUOTA, ("False", "RenewalFailed"), id="something in the way of its beginning"
        ),
        pytest.param(promoted(), None, ("True", "Leaving"), id="leaving without a date"),
        pytest.param(shown(), None, ("True", "Leaving"), id="leaving"),
        pytest.param(retire(shown(), shown().leaving[0].pair), None, None, id="gone"),
        pytest.param(
            shown(),
            renewing.waits_for_leaving((ReplacementReason.REQUESTED,), published(registered_record()), 3),
            ("True", "Renewing"),
            id="waits for what leaves",
        ),
        pytest.param(
            registered_record(),
            renewing.without_effect((), published(registered_record()), WithoutEffect(times=1, at=NOW)),
            ("False", "RenewalFailed"),
            id="nothing better came",
        ),
    ],
)
def test_the_condition_renewing(record: Record, renewal: Verdict | None, said: tuple[str, str] | None) -> None:
    assert renewing_of(record, renewal) == said


def test_what_is_in_the_way_of_a_renewal_says_so_where_it_waits_for_a_person() -> None:
    for renewal, waits in ((replace(QUOTA, stalled=True), True), (replace(QUOTA, stalled=False), False)):
        found = condition(ConditionType.RENEWING, status(begun(), renewal))
        assert found is not None
        assert found.message.endswith(f"; {WAITS_FOR_PERSON}") is waits


def test_ready_is_about_what_is_published_meanwhile() -> None:
    ready = condition(ConditionType.READY, status(with_candidate(), QUOTA))
    assert ready is not None
    assert (ready.status, ready.reason) == ("True", "Registered")


def test_rotation_names_what_is_under_way_and_what_leaves_until_when() -> None:
    assert status(begun(reasons=tuple(ReplacementReason))).rotation == RotationStatus(
        published_at=NOW,
        renew_at=NOW + DAY,
        reasons=tuple(reason.value for reason in ReplacementReason),
        strategy="Reregister",
    )
    found = status(shown(at=NOW + DAY))
    assert (found.edition, found.client_id) == (2, "c2")
    assert found.rotation == RotationStatus(
        published_at=NOW + DAY, renew_at=NOW + DAY, leaving=(LeavingStatus(client_id="c1", until=NOW + 2 * DAY),)
    )


def test_a_pair_without_a_date_has_none_in_status() -> None:
    found = status(promoted()).rotation
    assert found is not None
    assert found.leaving == (LeavingStatus(client_id="c1", until=None),)


def test_a_candidate_that_was_given_up_is_not_named() -> None:
    record = give_up(with_candidate(), candidate(with_candidate()))
    found = status(record)
    assert found.client_id == "c1"
    assert found.rotation is not None
    assert found.rotation.leaving == ()


def test_without_a_record_nothing_of_it_is_lost() -> None:
    said = {"rotation": {"publishedAt": "2026-01-01T12:00:00Z", "reasons": ["Expiry"]}, "edition": 4, "clientID": "c9"}
    found = status(None, status=said)
    assert (found.edition, found.client_id) == (4, "c9")
    assert found.rotation == RotationStatus(published_at=NOW, reasons=("Expiry",))


def test_paused_is_a_condition_of_its_own_as_long_as_it_is_so() -> None:
    paused = condition(ConditionType.PAUSED, status(shown(), annotations={PAUSED_ANNOTATION: "true"}))
    assert paused is not None
    assert (paused.status, paused.reason) == ("True", "Paused")
    assert condition(ConditionType.PAUSED, status(shown())) is None


@pytest.mark.parametrize("record", [registered_record(), begun(), promoted(), shown()])
def test_what_is_written_is_read_back(record: Record) -> None:
    found = status(record).rotation
    assert found is not None
    assert RotationStatus.parse({"rotation": found.to_json()}) == found


@pytest.mark.parametrize(
    "written", [None, "soon", {}, {"publishedAt": 1}, {"publishedAt": "soon"}, {"renewAt": "2026-01-01T12:00:00Z"}]
)
def test_what_is_malformed_counts_as_absent(written: Any) -> None:
    assert RotationStatus.parse({"rotation": written}) is None


def test_no_secret_and_no_token_stands_in_it() -> None:
    record = shown()
    client = published(record)
    shows = repr(status(record, QUOTA)) + repr(replace(record, rotate=None))
    for secret in (client.information.client_secret, client.information.registration_access_token):
        assert secret is not None
        assert f'"{secret.reveal()}"' not in shows
