"""Why what is published is to become another pair: by its expiry, by the calendar, by a word, by another issuer."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from oauthclient_operator.names import ROTATE_ANNOTATION
from oauthclient_operator.plan.reasons import is_mistrusted, next_at, of_pair, of_published, renew_at, rotate_at
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.management import Way
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.replacements import ReplacementReason
from oauthclient_operator.record.transitions import serve
from oauthclient_operator.resource.desired import Desired
from oauthclient_operator.resource.oauth_client import OAuthClient
from oauthclient_operator.resource.terms import IssuerTerms
from tests.pure.record.replacements import promoted
from tests.pure.record.steps import answered, failed, given_up, refused, update
from tests.pure.values import METADATA, NOW, body, desired, published, registered_record, resource

DAY: Final = timedelta(days=1)
MONTH: Final = 30 * DAY
HOURLY: Final[dict[str, Any]] = {"spec": {"rotation": {"interval": "1h", "strategy": "Reregister"}}}


def expiring(after: timedelta, **members: Any) -> Record:
    return registered_record(client_secret_expires_at=int((NOW + after).timestamp()), **members)


def renewal(record: Record, **spec: Any) -> timedelta | None:
    """Return how long after it was issued a secret begins to be renewed."""
    at = renew_at(published(record), resource(), desired(spec=spec))
    return None if at is None else at - NOW


def why(record: Record, at: datetime, **options: Any) -> list[str]:
    found = of_published(record, published(record), resource(**options), desired(**options), at, way=Way.TOKEN)
    return [reason.value for reason in found]


@pytest.mark.parametrize(
    "lifetime",
    [timedelta(minutes=10), timedelta(minutes=90), MONTH, 3650 * DAY],
    ids=["ten minutes", "an hour and a half", "a month", "ten years"],
)
def test_a_secret_is_renewed_after_two_thirds_of_its_life_less_up_to_a_tenth(lifetime: timedelta) -> None:
    after = renewal(expiring(lifetime))
    assert after is not None
    assert lifetime * (2 / 3 - 1 / 10) <= after <= lifetime * 2 / 3


@pytest.mark.parametrize(
    "lifetime",
    [timedelta(minutes=9, seconds=59), timedelta(seconds=1), timedelta(), -MONTH],
    ids=["under ten minutes", "a second", "none", "over before it began"],
)
def test_a_secret_that_lives_too_short_is_not_chased(lifetime: timedelta) -> None:
    record = expiring(lifetime)
    assert renewal(record) is None
    assert why(record, NOW + MONTH) == []


@pytest.mark.parametrize("written", [0, None], ids=["zero", "absent"])
def test_a_secret_that_never_expires_is_never_renewed(written: int | None) -> None:
    record = registered_record(client_secret_expires_at=written)
    assert renewal(record) is None
    assert next_at(record, published(record), resource(), desired(), NOW) is None


def test_an_expiry_in_milliseconds_is_the_time_that_is_meant() -> None:
    seconds = int((NOW + MONTH).timestamp())
    assert renewal(registered_record(client_secret_expires_at=seconds * 1000)) == renewal(expiring(MONTH))


@pytest.mark.parametrize("method", ["none", "private_key_jwt", "tls_client_auth"])
def test_a_secret_that_is_given_to_a_client_which_never_uses_it_makes_nothing_expire(method: str) -> None:
    record = expiring(MONTH, token_endpoint_auth_method=method)
    assert renewal(record) is None
    assert why(record, NOW + MONTH) == []


def test_where_the_policy_says_report_nothing_is_renewed() -> None:
    assert renewal(expiring(MONTH), policy={"expiry": "Report"}) is None


def test_a_fleet_that_was_made_at_once_is_not_renewed_at_once() -> None:
    record, seen = expiring(MONTH), set[datetime]()
    for number in range(1000):
        other = body()
        other["metadata"]["uid"] = str(UUID(int=number * 7919))
        at = renew_at(published(record), OAuthClient.parse(other), desired())
        assert at is not None
        seen.add(at)
    assert len(seen) > 990
    tenths = [int((at - NOW - MONTH * (2 / 3 - 1 / 10)) / (MONTH / 100)) for at in seen]
    # A tenth of a month, in ten parts: none is empty, and none has more than twice its share.
    assert all(50 < tenths.count(part) < 200 for part in range(10))


def test_the_same_resource_has_the_same_time_each_time_it_is_asked() -> None:
    assert renewal(expiring(MONTH)) == renewal(expiring(MONTH))


def test_an_update_that_brings_another_expiry_begins_its_life_anew() -> None:
    record, later = expiring(MONTH), NOW + 10 * DAY
    longer = int((later + MONTH).timestamp())
    record = answered(record, CallKind.UPDATE, update(record, at=later), client_secret_expires_at=longer)
    at = renew_at(published(record), resource(), desired())
    assert at is not None
    assert later + MONTH / 2 < at < later + MONTH


def test_an_update_that_changes_neither_secret_nor_expiry_does_not() -> None:
    record = expiring(MONTH)
    members = {"client_secret_expires_at": int((NOW + MONTH).timestamp())}
    changed = answered(record, CallKind.UPDATE, update(record, at=NOW + 10 * DAY), **members)
    assert renewal(changed) == renewal(record)


def test_expiry_is_a_reason_from_its_time_on() -> None:
    record = expiring(MONTH)
    at = renew_at(published(record), resource(), desired())
    assert at is not None
    assert why(record, at - timedelta(seconds=1)) == []
    assert why(record, at) == ["Expiry"]
    assert why(record, NOW + 2 * MONTH) == ["Expiry"]


def test_another_issuer_is_a_reason_at_once() -> None:
    moved = desired(spec={"issuer": "https://other.example"})
    assert of_pair(published(registered_record()), resource(), moved, NOW) == (ReplacementReason.MOVED,)


def test_a_request_is_a_reason_until_it_was_served_and_an_annotation_that_is_gone_asks_for_nothing() -> None:
    record, asks = registered_record(), {"annotations": {ROTATE_ANNOTATION: "now"}}
    asked = resource(**asks).rotate
    assert why(record, NOW, **asks) == ["Requested"]
    served = serve(record, rotate=asked)
    assert why(served, NOW, **asks) == []
    assert why(served, NOW) == []
    assert why(served, NOW, annotations={ROTATE_ANNOTATION: "again"}) == ["Requested"]


def test_an_interval_counts_from_when_the_pair_was_published_less_up_to_a_tenth() -> None:
    record, later = registered_record(), NOW + 5 * DAY
    at = rotate_at(record, resource(), desired(**HOURLY))
    assert at is not None
    assert NOW + timedelta(minutes=54) <= at <= NOW + timedelta(hours=1)
    assert why(record, at, **HOURLY) == ["Interval"]
    newest = rotate_at(promoted(at=later), resource(), desired(**HOURLY))
    assert newest is not None
    assert newest - later == at - NOW


@pytest.mark.parametrize(
    "rotation",
    [
        pytest.param({}, id="no interval"),
        pytest.param({"interval": "1h"}, id="no word for another client_id"),
        pytest.param({"interval": "30m", "strategy": "Reregister"}, id="under an hour"),
        pytest.param({"interval": "3h", "overlap": "2h", "strategy": "Reregister"}, id="under twice the overlap"),
    ],
)
def test_an_interval_that_is_not_valid_asks_for_nothing(rotation: dict[str, Any]) -> None:
    assert rotate_at(registered_record(), resource(), desired(spec={"rotation": rotation})) is None


def lost_for_good(record: Record) -> Record:
    """Return the record after an update without an answer, whose repetition had the token refused."""
    record, _ = given_up(record, CallKind.UPDATE, **update(record))
    return failed(record, CallKind.UPDATE, refused(), **update(record))


@pytest.mark.parametrize("policy", ["Report", "Reregister"])
def test_an_update_that_is_lost_for_good_casts_doubt_on_a_secret_that_expires(policy: str) -> None:
    by_policy: dict[str, Any] = {"spec": {"policy": {"gone": policy}}}
    doubted = ["Doubtful"] if policy == "Reregister" else []
    assert why(lost_for_good(expiring(MONTH)), NOW, **by_policy) == doubted
    assert why(lost_for_good(registered_record()), NOW, **by_policy) == [], "a secret that never expires stays"


@pytest.mark.parametrize("reason", [*ReplacementReason])
def test_what_a_server_or_what_stands_before_it_may_say_of_all_clients_is_mistrusted(reason: ReplacementReason) -> None:
    said_of_one = {ReplacementReason.GONE, ReplacementReason.DOUBTFUL, ReplacementReason.UNMANAGEABLE}
    assert is_mistrusted((reason,)) is (reason in said_of_one)


@pytest.mark.parametrize("reason", [*ReplacementReason])
def test_what_waits_for_nobodys_word_does_not_wait_for_it_beside_another_reason_either(
    reason: ReplacementReason,
) -> None:
    for_itself = {ReplacementReason.EXPIRY, ReplacementReason.INTERVAL, ReplacementReason.REQUESTED}
    assert is_mistrusted((ReplacementReason.GONE, reason)) is (reason not in for_itself)


def test_all_reasons_are_named_together() -> None:
    record = expiring(MONTH)
    options: dict[str, Any] = {
        "spec": {**HOURLY["spec"], "issuer": "https://other.example"},
        "annotations": {ROTATE_ANNOTATION: "now"},
    }
    assert why(record, NOW + MONTH, **options) == ["Moved", "Expiry", "Requested", "Interval"]


def test_the_next_time_is_the_sooner_of_both_that_is_still_to_come() -> None:
    record, client = expiring(MONTH), published(expiring(MONTH))
    renews, rotates = renew_at(client, resource(), desired()), rotate_at(record, resource(), desired(**HOURLY))
    assert next_at(record, client, resource(), desired(), NOW) == renews
    assert next_at(record, client, resource(), desired(**HOURLY), NOW) == rotates
    assert rotates is not None
    assert next_at(record, client, resource(), desired(**HOURLY), rotates) == renews
    assert renews is not None
    assert next_at(record, client, resource(), desired(**HOURLY), renews) is None


def test_a_spec_that_is_invalid_elsewhere_is_renewed_all_the_same() -> None:
    asks: Desired = Desired.of(
        resource(spec={"clientMetadata": {**METADATA, "redirect_uris": ["not a URI"]}}),
        IssuerTerms.of_spec({"issuer": "https://issuer.example"}),
    )
    assert asks.problem is not None
    assert renew_at(published(expiring(MONTH)), resource(), asks) is not None
