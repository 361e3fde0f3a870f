"""Both keys of a client are proven before the second is published, and none is born where nothing could prove it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.errors import Retry
from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.proof.probes import Probe, ProbeAudience, ProbeKind
from oauthclient_operator.oauth.proof.results import (
    Answered,
    Calibrated,
    Doubt,
    NotKnown,
    NotProvable,
    Obstacle,
    Refused,
    Unavailable,
    Valid,
)
from oauthclient_operator.plan.action import Calibrate, Check, Discover, GiveUp, Promote, Register, Update, Wait
from oauthclient_operator.plan.observed import Held, Problem, ProofResult, Unanswered, Unread
from oauthclient_operator.record.calibration import Calibration
from oauthclient_operator.record.pairs import OwnKey, Pair
from oauthclient_operator.record.proving import key_judged
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.signing_keys import SigningKey
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.plan.replacing import step
from tests.pure.record import key_records
from tests.pure.record.key_records import FIRST, METADATA, SECOND
from tests.pure.values import NOW, published

FOUND: Final = Calibrated(
    probe=Probe(kind=ProbeKind.TOKEN, audience=ProbeAudience.ENDPOINT),
    control=Answered(status=401, error="invalid_client"),
    accepted=Answered(status=400, error="invalid_grant"),
)
ASKED: Final[dict[str, Any]] = {"spec": {"clientMetadata": METADATA, "privateKey": {"algorithm": "EdDSA"}}}
TOLD: Final[dict[str, Any]] = {"spec": {**ASKED["spec"], "rotation": {"strategy": "Keys"}}}
CANDIDATE: Final = Pair(client=1, credential=OwnKey(SECOND.kid))
BORN: Final = SECOND.born_at
REFUSED: Final = Refused(known=True)
FAILS: Final = Unavailable(why="the answer was HTTP 500", of_client=True)
DOWN: Final = Problem(Verdict(reason=Reason.PENDING, message="the metadata cannot be fetched"), Retry.BACKOFF)


def calibrated(record: Record, found: Calibrated | NotProvable) -> Record:
    calibration = Calibration(method="private_key_jwt", at=NOW, found=found)
    return record.with_client(replace(published(record), calibration=calibration))


def both() -> Record:
    """Return a record of two keys that the server took, of whose client it is known what proves it."""
    return calibrated(key_records.both(), FOUND)


def proven(**results: ProofResult) -> dict[str, Any]:
    """Return what proofs of the keys came to, and that nothing else proves the client."""
    keys = {"first": FIRST.kid, "second": SECOND.kid}
    found = {keys[name]: result for name, result in results.items()}
    return {"key_proofs": found, "proofs": {1: NotProvable(Obstacle.NO_PROBE)}}


def test_the_second_is_asked_for_and_then_the_first_and_then_the_second_is_promoted() -> None:
    assert step(both(), BORN, **ASKED) == Check(1, FOUND, SECOND.kid)
    assert step(both(), BORN, proven(second=Valid()), **ASKED) == Check(1, FOUND, FIRST.kid)
    assert step(both(), BORN, proven(second=Valid(), first=Valid()), **ASKED) == Promote(CANDIDATE)


@pytest.mark.parametrize(
    "results",
    [
        pytest.param(proven(second=REFUSED), id="the second is refused"),
        pytest.param(proven(second=Valid(), first=REFUSED), id="the first is refused since there are two"),
        pytest.param(proven(second=Valid(), first=FAILS), id="the server fails over the first"),
        pytest.param(proven(second=NotKnown(Doubt.UNEXPECTED)), id="the second is answered as no key should be"),
    ],
)
def test_one_that_is_not_accepted_is_asked_again_for_a_minute_and_then_the_second_is_taken_back(
    results: dict[str, Any],
) -> None:
    soon = step(both(), BORN, results, **ASKED)
    assert isinstance(soon, Wait)
    assert soon.until == BORN + timedelta(seconds=20)
    assert soon.renewal is not None
    assert soon.renewal.verdict is not None
    assert soon.renewal.verdict.reason is Reason.RENEWING
    assert step(both(), BORN + timedelta(minutes=1), results, **ASKED) == GiveUp(CANDIDATE, one_key=True)
    # Who says that the server holds two is not believed more than the server.
    assert step(both(), BORN + timedelta(minutes=1), results, **TOLD) == GiveUp(CANDIDATE, one_key=True)


@pytest.mark.parametrize("why", [Doubt.CONTROL_DIFFERS, Doubt.NO_ENDPOINT])
def test_where_the_server_was_upgraded_it_is_found_out_anew_what_proves_the_client_once_in_a_pass(why: Doubt) -> None:
    seen = {**proven(second=NotKnown(why)), "proofs": {}}
    assert step(both(), BORN, seen, **ASKED) == Calibrate(1, "private_key_jwt")
    assert isinstance(step(both(), BORN, {**seen, "server": DOWN}, **ASKED), Wait)
    assert isinstance(step(both(), BORN, proven(second=NotKnown(why)), **ASKED), Wait)


UNKNOWN: Final = [NotKnown(Doubt.CONTROL_DIFFERS), Unavailable(why="no answer")]


@pytest.mark.parametrize("result", UNKNOWN, ids=str)
def test_where_nobody_can_say_nothing_is_published_and_the_second_is_taken_back_after_ten_minutes(
    result: ProofResult,
) -> None:
    seen = proven(second=result, first=result)
    soon = step(both(), BORN, seen, **ASKED)
    assert isinstance(soon, Wait)
    assert soon.until == BORN + timedelta(minutes=1)
    # That says nothing of how many keys the server holds.
    assert step(both(), BORN + timedelta(minutes=10), seen, **ASKED) == GiveUp(CANDIDATE)


@pytest.mark.parametrize("result", UNKNOWN, ids=str)
def test_where_somebody_says_that_the_server_holds_two_what_says_nothing_holds_nobody_up(result: ProofResult) -> None:
    assert step(both(), BORN, proven(second=result, first=result), **TOLD) == Promote(CANDIDATE)


@pytest.mark.parametrize("result", UNKNOWN, ids=str)
@pytest.mark.parametrize("key", [FIRST, SECOND], ids=["the first", "the second"])
def test_a_key_that_was_refused_holds_all_up_until_it_is_accepted_whatever_anybody_says(
    key: SigningKey, result: ProofResult
) -> None:
    record = key_judged(both(), key.kid, Refused(known=False))
    action = step(record, BORN, proven(second=result, first=result), **TOLD)
    assert isinstance(action, Wait)
    assert action.until == BORN + timedelta(minutes=1)
    assert isinstance(step(record, BORN, {"server": DOWN}, **TOLD), Wait)
    accepted = key_judged(record, key.kid, Valid())
    assert step(accepted, BORN, proven(second=result, first=result), **TOLD) == Promote(CANDIDATE)


def test_the_metadata_are_fetched_first_and_without_them_nobody_can_say() -> None:
    assert step(both(), BORN, {"server": Unread()}, **ASKED) == Discover()
    assert isinstance(step(both(), BORN, {"server": DOWN}, **ASKED), Wait)
    assert step(both(), BORN, {"server": DOWN}, **TOLD) == Promote(CANDIDATE)


def test_what_proves_the_first_is_found_out_before_the_second_is_born() -> None:
    record = key_records.registered()
    assert step(record, **ASKED) == Calibrate(1, "private_key_jwt")
    later = step(record, NOW, {"proofs": {1: Unavailable(why="no answer")}}, **ASKED)
    assert isinstance(later, Wait)
    assert later.until == NOW + timedelta(minutes=1)
    # Who says that the server holds two needs no proof.
    assert isinstance(step(record, NOW, {"proofs": {1: Unavailable(why="no answer")}}, **TOLD), Update)
    assert isinstance(step(calibrated(record, FOUND), **ASKED), Update)


@pytest.mark.parametrize(
    ("minutes", "pause", "reason"),
    [
        (0, 1, Reason.RENEWING),
        (8, 2, Reason.RENEWING),
        (60, 15, Reason.RENEWAL_FAILED),
        (14_400, 360, Reason.RENEWAL_FAILED),
    ],
)
def test_it_is_asked_less_and_less_often_while_nobody_can_say_and_that_is_a_failure_after_ten_minutes(
    minutes: int, pause: int, reason: Reason
) -> None:
    at, again = NOW + timedelta(minutes=minutes), NOW + timedelta(minutes=minutes + pause)
    seen = {"proven_at": at, "unanswered": Unanswered(NOW, "the answer was HTTP 503")}
    waits = step(key_records.registered(), at, seen, **ASKED)
    assert isinstance(waits, Wait)
    assert waits.until == again
    assert waits.renewal is not None
    assert waits.renewal.verdict is not None
    assert waits.renewal.verdict.reason is reason
    assert "the answer was HTTP 503" in waits.renewal.verdict.message
    assert step(key_records.registered(), again, seen, **ASKED) == Calibrate(1, "private_key_jwt")
    assert isinstance(step(key_records.registered(), at, seen, **TOLD), Update)


def test_where_the_server_cannot_be_asked_at_all_it_is_said_why() -> None:
    waits = step(key_records.registered(), NOW, {"server": DOWN}, **ASKED)
    assert isinstance(waits, Wait)
    assert (waits.failed, waits.renewal and waits.renewal.verdict) == (DOWN, DOWN.verdict)
    held = step(key_records.registered(), NOW, {"held": Held(DOWN.verdict, BORN)}, **ASKED)
    assert isinstance(held, Wait)
    assert (held.failed, held.renewal and held.renewal.verdict) == (None, DOWN.verdict)


def test_where_nothing_proves_a_key_another_client_is_registered_unless_somebody_says_that_the_server_holds_two() -> (
    None
):
    record = calibrated(key_records.registered(), NotProvable(Obstacle.NO_PROBE))
    assert isinstance(step(record, **ASKED), Register)
    assert isinstance(step(record, **TOLD), Update)
