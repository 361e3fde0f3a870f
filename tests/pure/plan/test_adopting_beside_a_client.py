"""An adoption where a client is published already, a record is lost, or the spec names another issuer."""

from typing import Any, Final

import pytest

from oauthclient_operator.names import PAUSED_ANNOTATION, Reason
from oauthclient_operator.plan.action import (
    Action,
    Offer,
    Read,
    ReadClientInformation,
    RefuseAdoption,
    Register,
    TakeUp,
    Wait,
)
from oauthclient_operator.plan.observed import Held, Missing, Unread
from oauthclient_operator.record.record import Record
from oauthclient_operator.resource.secret import SecretMetadata
from oauthclient_operator.resource.status import shown_client_id
from tests.pure.plan.adopting import BROKEN, GONE, OTHER, SLOWLY, said, step
from tests.pure.plan.upkeep import EDIT, rejection, updated
from tests.pure.record.adoptions import (
    HANDED_ID,
    UNMANAGED,
    handed,
    key_of,
    offered,
    proven,
)
from tests.pure.values import registered_record, resource, secret

# Where a client is published.


LOST_MANAGEMENT: Final = updated(registered_record(), rejection(401, "invalid_token"))
BY_NOBODY: Final = registered_record(registration_access_token=None, registration_client_uri=None)


@pytest.mark.parametrize(
    ("record", "given", "expected"),
    [
        pytest.param(registered_record(), {}, Wait, id="what is managed needs no adoption"),
        pytest.param(LOST_MANAGEMENT, {"spec": EDIT["spec"]}, Offer, id="management is lost"),
        pytest.param(BY_NOBODY, {}, Offer, id="it cannot be managed"),
        pytest.param(BY_NOBODY, {"handed_over": Unread()}, ReadClientInformation, id="the Secret is read"),
        pytest.param(BY_NOBODY, {"annotations": {PAUSED_ANNOTATION: "true"}}, Wait, id="paused"),
        pytest.param(BY_NOBODY, {"held": Held(BROKEN.verdict)}, Wait, id="something failed a moment ago"),
        pytest.param(
            BY_NOBODY, {"secret": Missing(), "publication": BROKEN}, Wait, id="something failed in this very pass"
        ),
        pytest.param(BY_NOBODY, {"spec": {"policy": {"gone": "?"}}}, Wait, id="the spec is invalid"),
        pytest.param(offered(registered_record()), {}, Read, id="one is under way"),
        pytest.param(proven(registered_record()), {}, TakeUp, id="one is proven"),
    ],
)
def test_beside_a_client_that_is_published(record: Record, given: dict[str, Any], expected: type[Action]) -> None:
    assert isinstance(step(record, **given), expected)


def test_the_same_client_stays_the_same_edition() -> None:
    record = proven(registered_record(client_id=HANDED_ID))
    assert step(record) == TakeUp(key_of(record), 1)


def test_the_same_client_of_an_older_record_is_a_later_edition_than_what_is_shown() -> None:
    record = proven(registered_record(client_id=HANDED_ID))
    assert step(record, status={"clientID": HANDED_ID, "edition": 3}) == TakeUp(key_of(record), 4)


def test_what_keeps_a_cure_is_said_beside_what_it_would_cure() -> None:
    action = step(BY_NOBODY, handed_over=GONE, spec=EDIT["spec"])
    assert isinstance(action, Wait)
    assert action.verdict.reason is Reason.UPDATE_UNSUPPORTED
    assert action.verdict.message.endswith("; spec.adopt: Secret web-client does not exist")


def test_the_sooner_of_both_waits_counts() -> None:
    action = step(BY_NOBODY, held_by_other=True)
    assert isinstance(action, Wait)
    assert action.until == SLOWLY


MISSING: Final[dict[str, Any]] = {"status": {"observedGeneration": 1, "clientID": HANDED_ID}}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param({"status": {"clientID": "c9"}}, 'client "c9" is published here', id="another client is published"),
        pytest.param({"handed_over": UNMANAGED, **MISSING}, "nobody can tell whether", id="it cannot be proven"),
    ],
)
def test_where_the_last_copy_of_credentials_may_be_published(given: dict[str, Any], words: str) -> None:
    action = step(**given)
    assert isinstance(action, Wait)
    assert action.verdict.reason is Reason.RECORD_MISSING
    assert words in action.verdict.message


def test_the_very_client_that_is_published_is_adopted_where_its_record_is_gone() -> None:
    assert isinstance(step(**MISSING), Offer)


def test_an_identifier_that_a_status_shows_otherwise_is_that_of_the_client_all_the_same() -> None:
    odd = "by\thand"
    assert shown_client_id(odd) != odd
    assert isinstance(step(status={"clientID": shown_client_id(odd)}, handed_over=handed(odd)), Offer)


def test_a_client_that_was_proven_before_the_record_was_stored_and_is_published_no_more_is_not_taken_up() -> None:
    outdated: dict[str, Any] = {"status": {"clientID": "c9", "edition": 3}}
    assert isinstance(step(proven(registered_record()), **outdated), RefuseAdoption)
    outdated = {"status": {"clientID": HANDED_ID, "edition": 3}}
    assert isinstance(step(proven(registered_record()), **outdated), TakeUp)


def test_of_a_record_that_is_older_all_that_the_status_knows_is_written_down_with_the_offer() -> None:
    older = step(registered_record(), status={"clientID": HANDED_ID, "edition": 3})
    assert isinstance(older, Offer)
    assert older.outdated
    newest = step(BY_NOBODY)
    assert isinstance(newest, Offer)
    assert not newest.outdated


def test_without_a_status_the_secret_tells_which_one_is_published() -> None:
    record = registered_record()
    watched = {"web": watched_of(record)}
    shows = handed("c1")
    assert isinstance(step(secret=secret(record), secret_metadata=watched, handed_over=shows), Offer)
    other = step(secret=secret(record), secret_metadata=watched)
    assert isinstance(other, Wait)
    assert "another client is published here" in other.verdict.message


def watched_of(record: Record) -> Any:
    shows = secret(record)
    return SecretMetadata(name="web", uid=shows.uid, resource_version="9", owner_uids=frozenset({resource().uid}))


# Where the spec names another issuer.


MOVED: Final[dict[str, Any]] = {"spec": {"issuer": OTHER}}


@pytest.mark.parametrize(
    ("record", "given", "expected"),
    [
        pytest.param(registered_record(), {"handed_over": Unread()}, ReadClientInformation, id="the Secret is read"),
        pytest.param(registered_record(), {"handed_over": handed(issuer=OTHER)}, Offer, id="its client is offered"),
        pytest.param(registered_record(), {"handed_over": GONE}, Wait, id="there is none: no other one is registered"),
        pytest.param(offered(registered_record(), handed(issuer=OTHER)), {}, Read, id="it is read there"),
        pytest.param(proven(registered_record(), handed(issuer=OTHER)), {}, TakeUp, id="it is published"),
        pytest.param(registered_record(), {"spec": {"issuer": OTHER, "adopt": None}}, Register, id="without adopt"),
    ],
)
def test_a_move(record: Record, given: dict[str, Any], expected: type[Action]) -> None:
    given = {"handed_over": handed(issuer=OTHER), **MOVED, **given}
    assert isinstance(step(record, **given), expected)


@pytest.mark.parametrize("record", [registered_record(), BY_NOBODY], ids=["managed", "managed by nobody"])
def test_why_it_does_not_move_is_what_ready_and_renewing_say_and_once(record: Record) -> None:
    action = step(record, handed_over=GONE, **MOVED)
    assert isinstance(action, Wait)
    assert said(action) == "Secret web-client does not exist; no other client is registered while spec.adopt is there"
    assert action.renewal is not None
    assert action.renewal.verdict == action.verdict
