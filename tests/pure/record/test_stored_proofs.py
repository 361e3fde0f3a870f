"""What is stored of proofs, to the letter; what is written is read back, and what is not understood is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oauthclient_operator.errors import UnreadableRecord
from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.oauth.proof.probes import Probe, ProbeAudience, ProbeForm, ProbeKind
from oauthclient_operator.oauth.proof.results import Answered, Calibrated, NotProvable, Obstacle, Untimely, Valid
from oauthclient_operator.record.calibration import Calibration
from oauthclient_operator.record.doubts import Doubts
from oauthclient_operator.record.proving import judged
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.wire import decode, encode
from oauthclient_operator.record.wire.reader import Reader
from oauthclient_operator.record.wire.schema2.proofs import (
    read_calibration,
    read_doubts,
    write_calibration,
    write_doubts,
)
from tests.pure.records import published, registered_record

AT = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
WRITTEN_AT = "2026-11-28T12:00:00+00:00"
REFUSED, OK = Answered(status=401, error="invalid_client"), Answered(status=200)
CALIBRATIONS: dict[str, tuple[Calibration, dict[str, JSON]]] = {
    "by revocation": (
        Calibration(
            method="client_secret_basic",
            at=AT,
            found=Calibrated(probe=Probe(kind=ProbeKind.REVOCATION), control=REFUSED, accepted=OK),
        ),
        {
            "method": "client_secret_basic",
            "at": WRITTEN_AT,
            "probe": {"kind": "revocation"},
            "control": {"status": 401, "error": "invalid_client"},
            "accepted": {"status": 200},
        },
    ),
    "by the token endpoint, with a key": (
        Calibration(
            method="private_key_jwt",
            at=AT,
            found=Calibrated(
                probe=Probe(kind=ProbeKind.TOKEN, audience=ProbeAudience.ENDPOINT),
                control=Answered(status=400, error="invalid_client"),
                accepted=Answered(status=400, error="invalid_grant"),
                untimely=Untimely.OTHERWISE,
            ),
        ),
        {
            "method": "private_key_jwt",
            "at": WRITTEN_AT,
            "probe": {"kind": "token", "audience": "endpoint"},
            "control": {"status": 400, "error": "invalid_client"},
            "accepted": {"status": 400, "error": "invalid_grant"},
            "tellsUntimely": True,
        },
    ),
    "by introspection, for the issuer": (
        Calibration(
            method="client_secret_jwt",
            at=AT,
            found=Calibrated(
                probe=Probe(kind=ProbeKind.INTROSPECTION, audience=ProbeAudience.ISSUER),
                control=REFUSED,
                accepted=OK,
                untimely=Untimely.AS_NOBODY,
            ),
        ),
        {
            "method": "client_secret_jwt",
            "at": WRITTEN_AT,
            "probe": {"kind": "introspection", "audience": "issuer"},
            "control": {"status": 401, "error": "invalid_client"},
            "accepted": {"status": 200},
            "tellsUntimely": False,
        },
    ),
    "with the client in the form": (
        Calibration(
            method="client_secret_basic",
            at=AT,
            found=Calibrated(
                probe=Probe(kind=ProbeKind.REVOCATION, form=ProbeForm.CLIENT_ID), control=REFUSED, accepted=OK
            ),
        ),
        {
            "method": "client_secret_basic",
            "at": WRITTEN_AT,
            "probe": {"kind": "revocation", "form": "client_id"},
            "control": {"status": 401, "error": "invalid_client"},
            "accepted": {"status": 200},
        },
    ),
    **{
        f"not provable: {word}": (
            Calibration(method="none", at=AT, found=NotProvable(why)),
            {"method": "none", "at": WRITTEN_AT, "notProvable": word},
        )
        for why, word in {
            Obstacle.NO_KEY: "no_key",
            Obstacle.NO_SECRET: "no_secret",
            Obstacle.NO_ENDPOINT: "no_endpoint",
            Obstacle.ELSEWHERE: "elsewhere",
            Obstacle.NO_PROBE: "no_probe",
        }.items()
    },
}
DOUBTS: dict[str, tuple[Doubts, dict[str, JSON]]] = {
    "once": (
        Doubts(count=1, first_at=AT, last_at=AT),
        {"count": 1, "firstAt": WRITTEN_AT, "lastAt": WRITTEN_AT},
    ),
    "confirmed, of a client that the server answered for": (
        Doubts(count=3, first_at=AT, last_at=AT + timedelta(minutes=10), configuration_answered=True),
        {
            "count": 3,
            "firstAt": WRITTEN_AT,
            "lastAt": "2026-11-28T12:10:00+00:00",
            "configurationAnswered": True,
        },
    ),
    "confirmed, with all that can be said": (
        Doubts(count=3, first_at=AT, last_at=AT + timedelta(minutes=10), configuration_refused=True, known=True),
        {
            "count": 3,
            "firstAt": WRITTEN_AT,
            "lastAt": "2026-11-28T12:10:00+00:00",
            "configurationRefused": True,
            "known": True,
        },
    ),
}


@pytest.mark.parametrize("name", CALIBRATIONS)
def test_a_calibration_is_stored_so_and_read_back(name: str) -> None:
    calibration, stored = CALIBRATIONS[name]
    assert write_calibration(calibration) == stored
    reader = Reader(stored, "client.calibration")
    assert read_calibration(reader) == calibration
    reader.end()


@pytest.mark.parametrize("name", DOUBTS)
def test_doubts_are_stored_so_and_read_back(name: str) -> None:
    doubts, stored = DOUBTS[name]
    assert write_doubts(doubts) == stored
    reader = Reader(stored, "client.doubts")
    assert read_doubts(reader) == doubts
    reader.end()


def test_every_word_that_is_stored_is_in_the_files_above() -> None:
    whole = str([stored for _, stored in CALIBRATIONS.values()])
    words = {*ProbeKind, *ProbeAudience, ProbeForm.CLIENT_ID, *Obstacle}
    assert [word for word in words if f"'{word.value}'" not in whole] == []


@pytest.mark.parametrize("change", [{"probe": None}, {"probe": {"kind": "guess"}}, {"control": {}}, {"at": "soon"}])
def test_what_is_not_understood_is_refused(change: dict[str, JSON]) -> None:
    stored = {**CALIBRATIONS["by revocation"][1], **change}
    with pytest.raises(UnreadableRecord):
        read_calibration(Reader(stored, "client.calibration"))


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_calibration_is_good_for_its_method_alone(method: str) -> None:
    calibration, _ = CALIBRATIONS["by revocation"]
    assert calibration.of(method) == (calibration.found if method == "client_secret_basic" else None)
    not_provable, _ = CALIBRATIONS["not provable: no_probe"]
    assert not_provable.of("none") is None


def by_key(untimely: Untimely, kind: ProbeKind = ProbeKind.REVOCATION) -> Calibrated:
    return Calibrated(probe=Probe(kind=kind), control=REFUSED, accepted=OK, untimely=untimely)


def proven_by(found: Calibrated) -> Record:
    record = registered_record()
    calibration = Calibration(method="private_key_jwt", at=AT, found=found)
    return record.with_client(replace(published(record), calibration=calibration))


@pytest.mark.parametrize(
    ("untimely", "reader"), [(Untimely.OTHERWISE, 8), (Untimely.AS_NOBODY, 8), (Untimely.UNKNOWN, 3)]
)
def test_a_reader_that_does_not_know_how_a_key_is_refused_for_the_time_leaves_a_record_with_that_alone(
    untimely: Untimely, reader: int
) -> None:
    record = proven_by(by_key(untimely))
    assert encode(record)["minReader"] == reader
    assert decode(encode(record)) == record


@pytest.mark.parametrize("untimely", [Untimely.OTHERWISE, Untimely.AS_NOBODY])
def test_what_a_proof_found_out_beside_is_written_down_once(untimely: Untimely) -> None:
    record = proven_by(by_key(Untimely.UNKNOWN))
    client = published(record)
    told = judged(record, client.key, Valid(learned=by_key(untimely)), AT)
    assert told == proven_by(by_key(untimely))
    assert judged(told, client.key, Valid(), AT) is told


@pytest.mark.parametrize(
    "known",
    [
        pytest.param(by_key(Untimely.UNKNOWN, ProbeKind.TOKEN), id="it is proven otherwise by now"),
        pytest.param(by_key(Untimely.OTHERWISE), id="another process has found it out"),
    ],
)
def test_but_not_of_what_the_record_has_not_any_more(known: Calibrated) -> None:
    record = proven_by(known)
    assert judged(record, published(record).key, Valid(learned=by_key(Untimely.AS_NOBODY)), AT) is record
