"""What is handed over without a token does to a record: published as it is, or refused, and what was there is kept."""

from dataclasses import replace
from typing import Any, Final

import pytest

from oauthclient_operator.record.adopting import refuse_unproven, take_up_unproven
from oauthclient_operator.record.adoptions import Refused, Taken
from oauthclient_operator.record.calls import Asked, CallKind
from oauthclient_operator.record.clients import Adopted, Spare
from oauthclient_operator.record.doubts import Doubts
from oauthclient_operator.record.record import Record, ReleaseOutcome
from oauthclient_operator.record.transitions import open_call, release
from tests.pure.record.adoptions import ENDPOINTS, HANDED_ID, UNMANAGED, handed, not_taken, offered, proven, taken
from tests.pure.record.steps import LATER
from tests.pure.records import METADATA, NOW, call, empty_record, metadata, published
from tests.pure.records import registered_record as registered

ASKED: Final = Asked(metadata().digest(), METADATA)
NO_TOKEN: Final[dict[str, Any]] = {"registration_access_token": None, "registration_client_uri": None}
OPEN: Final = open_call(registered(), call(registered(), CallKind.UPDATE, client=1))
RELEASED: Final = release(registered(), ReleaseOutcome.UNCONFIRMED, NOW)


def unproven(record: Record, fingerprint: str = "f1") -> Record:
    told = replace(UNMANAGED, fingerprint=fingerprint)
    return take_up_unproven(record, told, ASKED, ENDPOINTS, "system", 2, LATER)


def test_what_cannot_be_read_is_published_as_it_is() -> None:
    after = unproven(empty_record())
    client = published(after)
    assert (client.origin, client.confirmed, after.edition) == (Adopted(at=LATER), ASKED, 2)
    assert (after.adoption, client.key, after.next_call) == (Taken(fingerprint="f1"), 1, 2)


def test_of_a_client_that_is_known_the_secret_is_taken_and_the_token_stays() -> None:
    after = unproven(registered(client_id=HANDED_ID))
    (client,) = after.clients
    assert (client.manageable, client.credential_at, after.next_call) == (True, LATER, 2)
    assert client.information.client_secret is not None
    assert client.information.client_secret.reveal() == "by-hand-secret"


DOUBTED: Final = Doubts(count=3, first_at=NOW, last_at=NOW)


def doubted(**members: Any) -> Record:
    record = registered(client_id=HANDED_ID, **members)
    return record.with_client(replace(published(record), doubts=DOUBTED))


def test_the_client_secret_in_whose_place_another_one_comes_is_kept_and_what_was_doubted_of_it_forgotten() -> None:
    before = doubted()
    client = published(unproven(before))
    assert client.spares == (Spare(call=1, client_secret=published(before).information.client_secret),)
    assert client.doubts is None


def test_the_very_client_secret_of_the_record_changes_nothing_of_it() -> None:
    before = doubted(client_secret="by-hand-secret")
    client = published(unproven(before))
    assert (client.spares, client.credential_at, client.doubts) == ((), None, DOUBTED)


def test_of_many_that_were_handed_over_the_newest_are_kept() -> None:
    record = registered(client_id=HANDED_ID)
    for number in range(12):
        told = handed(fingerprint=str(number), client_secret=str(number), **NO_TOKEN)
        record = take_up_unproven(record, told, ASKED, ENDPOINTS, "system", 2, LATER)
    kept = [spare.client_secret.reveal() for spare in published(record).spares if spare.client_secret is not None]
    assert kept == [str(number) for number in range(3, 11)]


@pytest.mark.parametrize("record", [registered(), offered(), not_taken(), taken()], ids=["none", "1", "2", "3"])
def test_a_client_secret_that_is_not_proven_is_refused_whatever_was_handed_over_before(record: Record) -> None:
    after = refuse_unproven(record, "f9", LATER)
    assert after.adoption == Refused(fingerprint="f9", at=LATER, unproven=True)
    assert (after.clients, after.pair) == (record.clients, record.pair)


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(OPEN, id="a call is open"),
        pytest.param(RELEASED, id="the resource was let go"),
        pytest.param(proven(), id="another is proven"),
    ],
)
def test_a_record_that_has_moved_on_refuses_no_client_secret(record: Record) -> None:
    assert refuse_unproven(record, "f9", LATER) == record


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(OPEN, id="a call is open"),
        pytest.param(RELEASED, id="the resource was let go"),
        pytest.param(unproven(empty_record()), id="it was taken up"),
    ],
)
def test_it_is_not_published_unproven(record: Record) -> None:
    assert unproven(record) == record
