"""What a record at rest has to tell, and that a status which tells it is known to do so."""

from dataclasses import replace

import pytest

from oauthclient_operator.names import TOLD_ANNOTATION, Reason
from oauthclient_operator.oauth.proof.results import NotProvable, Obstacle
from oauthclient_operator.plan.ladder import is_at_rest
from oauthclient_operator.record.calibration import Calibration
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.doubts import Doubts
from oauthclient_operator.record.management import Way
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.summary import annotations, at_rest
from oauthclient_operator.record.told import told, told_by
from oauthclient_operator.resource.status import SecretReference, Status
from oauthclient_operator.status import project
from oauthclient_operator.verdict.reading import read_failed
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.record.steps import LATER, answered, failed, of, refused
from tests.pure.values import NOW, desired, published, registered_record, resource
from tests.pure.values import at_rest as resting

REGISTERED = registered_record()
NOTHING_PROVES = Calibration(method="client_secret_basic", at=NOW, found=NotProvable(Obstacle.NO_ENDPOINT))


def changed(**values: object) -> Record:
    return REGISTERED.with_client(replace(published(REGISTERED), **values))  # type: ignore[arg-type] # members by name


RECORDS = {
    "registered": REGISTERED,
    "another edition": replace(REGISTERED, edition=2),
    "a secret that expires": registered_record(client_secret_expires_at=int(LATER.timestamp())),
    "a member that the server made another": registered_record(client_name="other"),
    "a member that the server kept": changed(kept=("logo_uri",)),
    "nothing that proves it": changed(calibration=NOTHING_PROVES),
    "a read that was refused": failed(REGISTERED, CallKind.READ, refused(status=403), **of(REGISTERED)),
}


def status_of(record: Record) -> Status:
    """Return the status that is written of a record at rest."""
    client = published(record)
    last = record.last(CallKind.READ, client.key)
    verdict = Verdict(reason=Reason.REGISTERED, message="registered" if last is None else f"; {read_failed(last)}")
    secret = SecretReference(name="web", uid="secret-uid", resource_version="9")
    return project(resource(), verdict, record, secret, way=Way.TOKEN, now=NOW, desired=desired())


@pytest.mark.parametrize("name", RECORDS)
def test_the_status_of_a_record_tells_what_there_is_to_tell_of_it(name: str) -> None:
    record = RECORDS[name]
    assert at_rest(published(record), record), "of others nothing is compared"
    assert told_by(Status.parse(status_of(record).to_json())) == told(record, published(record))


@pytest.mark.parametrize("name", RECORDS)
def test_a_status_of_another_record_tells_something_else(name: str) -> None:
    record = RECORDS[name]
    others = [status_of(other) for known, other in RECORDS.items() if known != name]
    assert told(record, published(record)) not in [told_by(status) for status in others]


def test_a_doubt_that_is_over_is_told_of_no_more() -> None:
    doubts = Doubts(count=1, first_at=NOW, last_at=NOW)
    assert told_by(status_of(changed(doubts=doubts))) != told(REGISTERED, published(REGISTERED))


def test_a_read_that_succeeds_takes_back_the_word_of_one_that_was_refused() -> None:
    read = answered(RECORDS["a read that was refused"], CallKind.READ, of(REGISTERED))
    assert told(read, published(read)) == told(REGISTERED, published(REGISTERED))


def test_an_older_operators_status_or_record_is_not_compared() -> None:
    assert told_by(replace(status_of(REGISTERED), edition=None)) is None
    seen = resting(REGISTERED)
    assert seen.summary is not None
    of_another = replace(resource(), status=status_of(RECORDS["another edition"]))
    assert not is_at_rest(seen, of_another, desired(), NOW)
    assert is_at_rest(replace(seen, summary=replace(seen.summary, told=None)), of_another, desired(), NOW)


def test_a_record_that_has_something_left_to_do_has_nothing_to_tell_yet() -> None:
    assert TOLD_ANNOTATION in annotations(REGISTERED)
    assert TOLD_ANNOTATION not in annotations(replace(REGISTERED, secrets=("web", "old")))


@pytest.mark.parametrize(
    ("status", "record", "rests"),
    [
        pytest.param(REGISTERED, REGISTERED, True, id="what is recorded is told"),
        pytest.param(REGISTERED, RECORDS["another edition"], False, id="another edition is not published"),
        pytest.param(REGISTERED, RECORDS["nothing that proves it"], False, id="what came of a proof is not told"),
        pytest.param(REGISTERED, RECORDS["a read that was refused"], False, id="what came of a read is not told"),
    ],
)
def test_what_is_not_told_is_no_rest(status: Record, record: Record, rests: bool) -> None:
    assert is_at_rest(resting(record), replace(resource(), status=status_of(status)), desired(), NOW) is rests
