"""A client is handed over with a key: what is asked before it is published, and where a newer key is not overwritten."""

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.proof.results import ProofResult, Refused, Valid
from oauthclient_operator.plan.action import (
    Calibrate,
    Check,
    Offer,
    RefuseAdoption,
    RefuseUnproven,
    TakeUp,
    TakeUpUnproven,
    Wait,
)
from oauthclient_operator.record.adopting import refuse_unproven
from oauthclient_operator.record.calibration import Calibration
from oauthclient_operator.record.clients import LeftBehind, Registered
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.signing_keys import SigningKey
from oauthclient_operator.resource.secret import Secret
from tests.pure.plan.adopting import step
from tests.pure.plan.test_adopting_unproven import DOWN, FOUND, NOTHING
from tests.pure.record import key_records
from tests.pure.record.adoptions import key_of
from tests.pure.record.key_records import FIRST, METADATA, SECOND
from tests.pure.record.test_adopting_keys import by, jwks, read
from tests.pure.values import NOW, published, secret

BY_KEY: Final[dict[str, Any]] = {"clientMetadata": METADATA, "privateKey": {}}
NO_TOKEN: Final[dict[str, Any]] = {"registration_access_token": None, "registration_client_uri": None}
UNPROVEN: Final = by(SECOND, **NO_TOKEN)


def without_management(found: Any = None, *, rotated: bool = False) -> Record:
    """Return the record of a client with a key that cannot be managed."""
    record = key_records.registered()
    client = published(record)
    information = client.information.without_metadata()
    members = {n: v for n, v in information.members.items() if not n.startswith("registration_")}
    return record.with_client(
        replace(
            client,
            answer=replace(client.answer, information=type(information)(members)),
            origin=Registered(attempt=1, at=NOW - timedelta(days=1) if rotated else NOW),
            calibration=None if found is None else Calibration(method="private_key_jwt", at=NOW, found=found),
        )
    )


def planned(record: Record | None, handed: Any, **given: Any) -> Any:
    return step(record, spec=BY_KEY, handed_over=handed, **given)


@pytest.mark.parametrize(
    ("record", "handed", "proofs", "expected"),
    [
        pytest.param(
            without_management(FOUND), UNPROVEN, {}, Check(1, FOUND, handed=UNPROVEN), id="another: it is proven"
        ),
        pytest.param(
            without_management(), UNPROVEN, {}, Calibrate(1, "private_key_jwt"), id="by what proves the record's own"
        ),
        pytest.param(
            without_management(NOTHING),
            UNPROVEN,
            {},
            Calibrate(1, "private_key_jwt", handed=UNPROVEN),
            id="or by itself",
        ),
    ],
)
def test_another_key_than_the_recorded_one_is_proven_first(
    record: Record, handed: Any, proofs: dict[str, Any], expected: Any
) -> None:
    assert planned(record, handed, **proofs) == expected


@pytest.mark.parametrize(
    ("rotated", "result", "expected"),
    [
        pytest.param(True, Valid(), TakeUpUnproven, id="accepted"),
        pytest.param(False, Refused(known=True), RefuseUnproven, id="refused"),
        pytest.param(False, DOWN, TakeUpUnproven, id="nobody answers: who wrote it says so"),
        pytest.param(True, DOWN, RefuseUnproven, id="nobody answers, and the record's was made later than the first"),
        pytest.param(True, NOTHING, RefuseUnproven, id="nothing proves anything, likewise"),
    ],
)
def test_what_follows_from_what_is_said_of_it(rotated: bool, result: ProofResult, expected: type[object]) -> None:
    assert isinstance(planned(without_management(FOUND, rotated=rotated), UNPROVEN, handed_proof=result), expected)


def test_the_recorded_key_is_taken_up_without_a_question() -> None:
    assert isinstance(planned(without_management(FOUND), by(FIRST, **NO_TOKEN)), TakeUpUnproven)
    assert isinstance(planned(None, by(FIRST, **NO_TOKEN)), TakeUpUnproven)


def test_a_refused_key_is_said_to_be_one() -> None:
    waits = planned(refuse_unproven(without_management(FOUND), "f1", NOW), UNPROVEN)
    assert isinstance(waits, Wait)
    assert "the private key that Secret web-client hands over is another one" in waits.verdict.message


def test_of_a_client_that_authenticates_by_a_secret_a_key_without_a_token_is_not_taken_up() -> None:
    record = without_management()
    left = LeftBehind(at=NOW)
    client = replace(published(record), keys=(), kids=(), confirmed=None, end=left)
    members = {**client.information.members, "client_secret": "s1", "token_endpoint_auth_method": "client_secret_basic"}
    information = type(client.information)(members)
    client = replace(client, answer=replace(client.answer, information=information))
    record = replace(record, clients=(client,), pair=None)
    waits = planned(record, by(FIRST, **NO_TOKEN))
    assert isinstance(waits, Wait)
    assert "is known here to authenticate otherwise" in waits.verdict.message


def shows(key: SigningKey, *, listed: bool = True) -> Secret:
    """Return the published Secret of the second edition with that key; a user's own key is not `listed`."""
    record = key_records.registered()
    found = secret(replace(record, edition=2))
    annotation = "oauth-operator.dev/keys"
    data = {**found.data, "key_id": base64.b64encode(key.kid.encode()).decode()}
    assert annotation in found.annotations
    ours = [name for name in found.annotations[annotation].split(",") if name != "key_id" or listed]
    return replace(found, data=data, annotations={**found.annotations, annotation: ",".join(ours)})


OUTDATED: Final[dict[str, Any]] = {"status": {"clientID": "c1", "edition": 2}}


@pytest.mark.parametrize(
    ("shown", "handed", "taken"),
    [
        pytest.param(shows(SECOND), by(SECOND), True, id="the published key"),
        pytest.param(shows(SECOND), by(FIRST), False, id="the recorded key, and a newer one is published"),
        pytest.param(shows(SECOND), by(None), False, id="no key, and a newer one is published"),
        pytest.param(shows(FIRST), by(None), True, id="no key, and the recorded one is published"),
        pytest.param(shows(SECOND, listed=False), by(FIRST), True, id="what is there is the user's own"),
    ],
)
def test_a_record_that_is_older_takes_up_the_published_key_alone(shown: Secret, handed: Any, taken: bool) -> None:
    found = planned(key_records.registered(), handed, secret=shown, **OUTDATED)
    assert isinstance(found, Offer) is taken
    if not taken:
        assert isinstance(found, Wait)
        assert found.verdict.reason is Reason.RECORD_OUTDATED
        assert "put private_key and key_id of the published Secret into it" in found.verdict.message


@pytest.mark.parametrize(("key", "expected"), [(SECOND, TakeUp), (FIRST, RefuseAdoption)], ids=["that", "another"])
def test_what_is_proven_takes_the_place_of_no_newer_key(key: SigningKey, expected: type[object]) -> None:
    record = read(key, key_records.registered(), **jwks(FIRST, SECOND))
    assert key_of(record) == 1
    assert isinstance(planned(record, by(key), secret=shows(SECOND), **OUTDATED), expected)
