"""What becomes of a candidate: brought to the spec, promoted, or given up."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.proof.probes import Probe, ProbeKind
from oauthclient_operator.oauth.proof.results import (
    Answered,
    Calibrated,
    Doubt,
    NotKnown,
    NotProvable,
    Obstacle,
    Unavailable,
    Valid,
)
from oauthclient_operator.oauth.rfc7591 import token_endpoint_auth_method
from oauthclient_operator.plan.action import (
    Check,
    Discover,
    GiveUp,
    Promote,
    Rehearse,
    Update,
    Wait,
)
from oauthclient_operator.plan.observed import Problem, ProofResult, Unread
from oauthclient_operator.record.calibration import Calibration
from oauthclient_operator.record.calls import Asked
from oauthclient_operator.record.doubts import Doubts
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.replacements import ReplacementReason, WithoutEffect
from oauthclient_operator.record.replacing import promote
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.plan.replacing import ASKS, DAY, OTHER, step
from tests.pure.record import replacements
from tests.pure.record.replacements import begun, candidate
from tests.pure.values import METADATA, NOW, published, registered_record, resource

RECORD: Final = registered_record()
EXPIRING: Final = registered_record(client_secret_expires_at=int((NOW + 30 * DAY).timestamp()))
EXPIRY: Final = (ReplacementReason.EXPIRY,)
DUE: Final = NOW + 20 * DAY
INVALID: Final[dict[str, Any]] = {"spec": {"clientMetadata": {**METADATA, "redirect_uris": ["not a URI"]}}}
EDITED: Final[dict[str, Any]] = {"spec": {"clientMetadata": {**METADATA, "client_name": "shop"}}}
HOURLY: Final[dict[str, Any]] = {"spec": {"rotation": {"interval": "1h", "strategy": "Reregister"}}}


def waiting(record: Record | None = None, reasons: tuple[ReplacementReason, ...] = EXPIRY, **members: Any) -> Record:
    """Return a record whose candidate waits to be promoted."""
    record = begun(EXPIRING if record is None else record, reasons, at=DUE)
    return replacements.answered(record, at=DUE, **members)


def test_a_candidate_that_is_what_the_spec_asks_is_promoted() -> None:
    record = waiting()
    assert step(record, DUE) == Promote(candidate(record), None)


def test_whoever_asked_meanwhile_is_served_by_it() -> None:
    record = waiting()
    assert step(record, DUE, **ASKS) == Promote(candidate(record), resource(**ASKS).rotate)


def test_it_is_not_promoted_where_the_secret_cannot_be_written() -> None:
    assert isinstance(step(waiting(), DUE, seen={"rehearsed": False}), Rehearse)


def test_a_candidate_is_brought_to_an_edit_first() -> None:
    record = waiting()
    action = step(record, DUE, **EDITED)
    assert isinstance(action, Update)
    assert action.client.key == candidate(record).client


def test_the_metadata_are_fetched_before_a_candidate_is_proven_and_a_server_without_any_holds_nobody_up() -> None:
    record = waiting()
    client = published(record)
    found = Calibrated(
        probe=Probe(kind=ProbeKind.REVOCATION),
        control=Answered(status=401, error="invalid_client"),
        accepted=Answered(status=200),
    )
    method = token_endpoint_auth_method(client.accepted, client.information)
    record = record.with_client(replace(client, calibration=Calibration(method=method, at=NOW, found=found)))
    down = Problem(Verdict(reason=Reason.PENDING, message="the metadata cannot be fetched"))
    assert step(record, DUE) == Check(candidate(record).client, found)
    assert step(record, DUE, seen={"server": Unread()}) == Discover()
    assert step(record, DUE, seen={"server": down}) == Promote(candidate(record), None)


def refused(record: Record) -> Record:
    """Return that record when a proof refused its candidate once."""
    client = record.client(candidate(record).client)
    assert client is not None
    return record.with_client(replace(client, doubts=Doubts(count=1, first_at=DUE, last_at=DUE)))


@pytest.mark.parametrize(
    "result", [Unavailable(why="no answer"), NotKnown(Doubt.CONTROL_DIFFERS), NotProvable(Obstacle.NO_PROBE)], ids=str
)
def test_a_candidate_that_was_refused_is_given_up_for_lack_of_an_answer_after_ten_minutes(result: ProofResult) -> None:
    record = refused(waiting())
    proven = {"proofs": {candidate(record).client: result}}
    for after, until in ((0, 1), (9, 10)):
        action = step(record, DUE + timedelta(minutes=after), seen=proven)
        assert isinstance(action, Wait)
        assert action.until == DUE + timedelta(minutes=until)
    # What is published may expire before anybody answers.
    assert step(record, DUE + timedelta(minutes=10), seen=proven) == GiveUp(candidate(record))
    accepted = {"proofs": {candidate(record).client: Valid()}}
    assert isinstance(step(waiting(), DUE, seen=accepted), Promote)


def test_a_candidate_that_was_refused_is_not_promoted_where_nobody_can_be_asked() -> None:
    down = Problem(Verdict(reason=Reason.PENDING, message="the metadata cannot be fetched"))
    assert isinstance(step(refused(waiting()), DUE, seen={"server": down}), Wait)


def test_a_bad_edit_since_it_was_registered_does_not_keep_a_candidate() -> None:
    record = waiting()
    assert step(record, DUE, **INVALID) == Promote(candidate(record), None)
    edited = replace(published(record), confirmed=Asked("v1:other"))
    assert step(record.with_client(edited), DUE, **INVALID) == Promote(candidate(record), None)


def test_a_candidate_that_cannot_be_brought_to_an_edit_is_given_up() -> None:
    no_way: dict[str, Any] = {"registration_client_uri": None, "registration_access_token": None}
    record = waiting(**no_way)
    assert step(record, DUE, **EDITED) == GiveUp(candidate(record))


def at(days: float) -> int:
    return int((NOW + days * DAY).timestamp())


@pytest.mark.parametrize(
    ("expires", "reasons", "promotes"),
    [
        pytest.param(at(50), EXPIRY, True, id="expires later"),
        pytest.param(0, EXPIRY, True, id="never expires"),
        pytest.param(at(30), EXPIRY, False, id="expires with the published one, which is why it is there"),
        pytest.param(at(30), replacements.REQUESTED, True, id="expires with the published one, and was asked for"),
        pytest.param(at(29), replacements.REQUESTED, False, id="expires sooner"),
        pytest.param(at(19), EXPIRY, False, id="has expired"),
    ],
)
def test_a_candidate_is_promoted_only_if_it_is_better(
    expires: int, reasons: tuple[ReplacementReason, ...], promotes: bool
) -> None:
    record = waiting(reasons=reasons, client_secret_expires_at=expires)
    assert isinstance(step(record, DUE), Promote if promotes else GiveUp)


KEYED: Final[dict[str, Any]] = {
    "spec": {"clientMetadata": {**METADATA, "token_endpoint_auth_method": "private_key_jwt"}, "privateKey": {}}
}


@pytest.mark.parametrize(
    ("reasons", "expires", "promotes"),
    [
        pytest.param((ReplacementReason.KEY_CHANGED,), at(50), True, id="expires later, and the secret is expiring"),
        pytest.param((ReplacementReason.KEY_CHANGED,), at(30), False, id="expires with the published one"),
        pytest.param((ReplacementReason.KEY_CHANGED,), at(29), False, id="expires sooner"),
    ],
)
def test_a_candidate_that_lacks_what_the_published_one_lacks_is_better_than_a_secret_that_dies(
    reasons: tuple[ReplacementReason, ...], expires: int, promotes: bool
) -> None:
    record = waiting(reasons=reasons, client_secret_expires_at=expires)
    action = step(record, DUE, **KEYED)
    assert action == (Promote(candidate(record), None, reasons) if promotes else GiveUp(candidate(record)))
    # Before it expires such a one is of no use.
    assert step(record, NOW, **KEYED) == GiveUp(candidate(record))


def test_what_was_tried_in_vain_for_what_a_candidate_lacks_is_not_forgotten() -> None:
    ended = WithoutEffect(times=3, at=NOW, reasons=(ReplacementReason.KEY_CHANGED,))
    record = replace(waiting(client_secret_expires_at=at(50)), without_effect=ended)
    action = step(record, DUE, **KEYED)
    assert isinstance(action, Promote)
    assert promote(record, action.pair, action.rotate, DUE, action.lacking).without_effect == ended


def test_a_candidate_that_has_expired_is_not_promoted_over_one_that_expired_before() -> None:
    record = waiting(client_secret_expires_at=at(31))
    assert step(record, NOW + 32 * DAY) == GiveUp(candidate(record))


def test_a_candidate_of_the_issuer_before_is_given_up() -> None:
    record = waiting(RECORD, (ReplacementReason.MOVED,))
    assert step(record, DUE, spec={"issuer": OTHER}) == GiveUp(candidate(record))


def test_a_candidate_that_is_not_good_enough_to_use_is_given_up() -> None:
    record = waiting(token_endpoint_auth_method="client_secret_basic", client_secret=None)
    assert step(record, DUE) == GiveUp(candidate(record))
