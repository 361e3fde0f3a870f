"""A client that is handed over without a token where the record has another client secret of it: who says which holds."""

from dataclasses import replace
from typing import Any, Final

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.proof.probes import Probe, ProbeKind
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
from oauthclient_operator.plan.action import Calibrate, Check, RefuseUnproven, TakeUpUnproven, Wait
from oauthclient_operator.plan.observed import ProofResult, Unread
from oauthclient_operator.record.adopting import refuse_unproven
from oauthclient_operator.record.calibration import Calibration
from oauthclient_operator.record.clients import Spare
from oauthclient_operator.record.record import Record
from tests.pure.plan.adopting import AGAIN, SLOWLY, step
from tests.pure.plan.upkeep import EDIT
from tests.pure.record.adoptions import handed
from tests.pure.values import NOW, metadata, published, registered_record, server

NO_TOKEN: Final[dict[str, Any]] = {"registration_access_token": None, "registration_client_uri": None}
OTHER: Final = handed("c1", client_secret="other", **NO_TOKEN)
FOUND: Final = Calibrated(
    probe=Probe(kind=ProbeKind.REVOCATION),
    control=Answered(status=401, error="invalid_client"),
    accepted=Answered(status=200),
)
NOTHING: Final = NotProvable(Obstacle.NO_PROBE)
GATEWAY: Final = NotKnown(Doubt.CONTROL_DIFFERS)
DOWN: Final = Unavailable(why="HTTP 503")
BASIC: Final = "client_secret_basic"
CHECK: Final = Check(1, FOUND, handed=OTHER)
CALIBRATE: Final = Calibrate(1, BASIC, handed=OTHER)
TAKEN_UP: Final = TakeUpUnproven(OTHER, metadata(), server().endpoints, 2)
REFUSED: Final = RefuseUnproven("f1")


def record(found: Calibrated | NotProvable | None = None, *, renewed: bool = False, **members: Any) -> Record:
    """Return the record of a client that cannot be managed; `renewed` says that its server gave it another secret."""
    made = registered_record(client_secret="s1", **NO_TOKEN, **members)
    calibration = None if found is None else Calibration(method=BASIC, at=NOW, found=found)
    client = replace(published(made), calibration=calibration, credential_at=NOW if renewed else None)
    return made.with_client(client)


@pytest.mark.parametrize(
    ("known", "proofs", "expected"),
    [
        pytest.param(record(FOUND), {}, CHECK, id="by what proves the record's own"),
        pytest.param(record(), {}, Calibrate(1, BASIC), id="which is found out first"),
        pytest.param(record(), {"proofs": {1: NOTHING}}, CALIBRATE, id="nothing did: the other one is tried itself"),
        pytest.param(record(NOTHING), {}, CALIBRATE, id="as was known before"),
        pytest.param(
            record(), {"proofs": {1: DOWN}}, CALIBRATE, id="nobody answered of the record's: it is asked once"
        ),
    ],
)
def test_it_is_proven_before_it_takes_the_place_of_the_other(
    known: Record, proofs: dict[str, Any], expected: Calibrate | Check
) -> None:
    assert step(known, handed_over=OTHER, **proofs) == expected


@pytest.mark.parametrize(
    ("renewed", "result", "expected"),
    [
        pytest.param(True, Valid(), TAKEN_UP, id="accepted, and the record's is from the server: it is the newer one"),
        pytest.param(False, Valid(), TAKEN_UP, id="accepted"),
        pytest.param(True, FOUND, TAKEN_UP, id="something proves it"),
        pytest.param(False, Refused(known=True), REFUSED, id="refused"),
        pytest.param(False, Refused(known=False, alone=False), REFUSED, id="refused, maybe for the time"),
        pytest.param(False, DOWN, TAKEN_UP, id="nobody answers: who wrote it says so"),
        pytest.param(True, DOWN, REFUSED, id="nobody answers, and the server gave the record's later than the first"),
        pytest.param(False, NOTHING, TAKEN_UP, id="nothing proves anything: who wrote it says so"),
        pytest.param(False, GATEWAY, TAKEN_UP, id="an answer that does not tell"),
        pytest.param(True, NOTHING, REFUSED, id="nothing does, and the server gave the record's later than the first"),
        pytest.param(True, GATEWAY, REFUSED, id="an answer that does not tell, likewise"),
    ],
)
def test_what_follows_from_what_is_said_of_it(renewed: bool, result: ProofResult, expected: Any) -> None:
    known = record(renewed=renewed)
    assert step(known, handed_over=OTHER, handed_proof=result) == expected


def test_one_that_was_handed_over_since_is_not_the_server_s_word() -> None:
    known = record(renewed=True)
    client = published(known)
    before = Spare(call=client.answer.call, client_secret=Confidential("the server's"))
    known = known.with_client(replace(client, spares=(before,)))
    assert step(known, handed_over=OTHER, handed_proof=NOTHING) == TAKEN_UP


def test_a_hash_that_the_server_answered_with_was_handed_over_by_nobody() -> None:
    known = record(renewed=True)
    client = published(known)
    masked = Spare(call=client.answer.call, client_secret=Confidential("********"))
    known = known.with_client(replace(client, spares=(masked,)))
    assert step(known, handed_over=OTHER, handed_proof=NOTHING) == REFUSED


@pytest.mark.parametrize(
    ("known", "given"),
    [
        pytest.param(record(FOUND), handed("c1", client_secret="s1", **NO_TOKEN), id="it is the record's own"),
        pytest.param(record(FOUND), handed("c1", client_secret=None, **NO_TOKEN), id="there is none in the Secret"),
        pytest.param(record(FOUND), handed("c2", client_secret="other", **NO_TOKEN), id="it is another client's"),
        pytest.param(
            record(token_endpoint_auth_method="none"), OTHER, id="the client authenticates by no client secret"
        ),
    ],
)
def test_no_proof_is_asked_for(known: Record, given: Any) -> None:
    assert isinstance(step(known, handed_over=given), TakeUpUnproven)


def test_who_else_has_the_client_is_looked_for_before_its_secret_is_sent_anywhere() -> None:
    found = step(record(FOUND), handed_over=OTHER, held_by_other_live=Unread())
    assert not isinstance(found, Check | TakeUpUnproven)


def test_what_was_refused_is_said_and_asked_about_again_slowly_or_when_a_person_says() -> None:
    known = refuse_unproven(record(FOUND), "f1", NOW)
    waits = step(known, handed_over=OTHER, **EDIT)
    assert isinstance(waits, Wait)
    assert waits.verdict.reason is Reason.UPDATE_UNSUPPORTED
    assert "the client secret that Secret web-client hands over is another one" in waits.verdict.message
    assert waits.until == SLOWLY
    assert step(known, handed_over=OTHER, now=SLOWLY) == CHECK
    assert step(known, handed_over=OTHER, **EDIT, **AGAIN) == CHECK


def test_a_person_who_asks_again_is_served_by_the_answer() -> None:
    known = refuse_unproven(record(FOUND), "f1", NOW)
    found = step(known, handed_over=OTHER, handed_proof=Refused(known=True), **EDIT, **AGAIN)
    assert isinstance(found, RefuseUnproven)
    assert found.retry is not None
