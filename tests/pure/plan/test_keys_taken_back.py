"""A second key that is not going to be published: taken back at its client's own server, wherever the spec points."""

from dataclasses import replace
from typing import Any, Final

import pytest

from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.outcome import Ambiguous
from oauthclient_operator.plan.action import FallBack, GiveUp, Update, Wait, Withdraw
from oauthclient_operator.plan.observed import Held, Unread
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.pairs import OwnKey, Pair
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.replacements import ReplacementReason
from oauthclient_operator.record.replacing import give_up
from oauthclient_operator.record.transitions import close
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.plan.replacing import OTHER, step
from tests.pure.record import key_records
from tests.pure.record.key_records import FIRST, METADATA, SECOND
from tests.pure.record.steps import LATER, failed, refused
from tests.pure.values import ISSUER, NOW, published

CANDIDATE: Final = Pair(client=1, credential=OwnKey(SECOND.kid))
AS_BEFORE: Final[dict[str, Any]] = {"clientMetadata": METADATA, "privateKey": {"algorithm": "ES256"}}
MOVED: Final[dict[str, Any]] = {**AS_BEFORE, "issuer": OTHER}
NOWHERE: Final[dict[str, Any]] = {**AS_BEFORE, "issuer": "not a URL"}
INVALID: Final[dict[str, Any]] = {**AS_BEFORE, "clientMetadata": {**METADATA, "redirect_uris": ["not a URI"]}}


def lost() -> Record:
    """Return a record whose update with both keys got no answer."""
    record = key_records.born()
    assert record.open is not None
    return close(record, record.open, Ambiguous(cause="timeout"), NOW)


def abandoned(record: Record, reason: ReplacementReason = ReplacementReason.REQUESTED) -> Record:
    """Return a record whose second key was given up."""
    assert record.replacement is not None
    return give_up(replace(record, replacement=replace(record.replacement, reasons=(reason,))), CANDIDATE)


@pytest.mark.parametrize("record", [key_records.both(), lost()], ids=["the server took both", "it may have"])
@pytest.mark.parametrize("spec", [MOVED, NOWHERE], ids=["another issuer", "no issuer"])
def test_it_is_taken_back_with_what_the_server_accepted_before(record: Record, spec: dict[str, Any]) -> None:
    record = abandoned(record)
    # What the metadata of another issuer say is of no use for it.
    action = step(record, seen={"server": Unread()}, spec=spec)
    assert isinstance(action, Update)
    assert (action.client.key, action.metadata.members, action.signing) == (published(record).key, METADATA, None)
    assert [key.kid for key in record.keys_of(action.client)] == [FIRST.kid]


def test_where_it_may_be_there_a_bad_edit_of_the_metadata_does_not_keep_it_there() -> None:
    action = step(abandoned(lost()), spec=INVALID)
    assert isinstance(action, Update)
    assert action.metadata.members == METADATA


def test_where_an_edit_says_the_keys_again_nothing_is_said_of_them_beside() -> None:
    action = step(abandoned(lost()), spec={**AS_BEFORE, "clientMetadata": {**METADATA, "client_name": "shop"}})
    assert isinstance(action, Update)
    assert action.metadata.members["client_name"] == "shop"


def test_a_key_that_waits_to_be_published_is_given_up_where_the_spec_names_no_issuer_any_more() -> None:
    # Until a person has corrected it the server may hold two, and accept neither.
    assert step(key_records.both(), spec={**NOWHERE, "privateKey": {"algorithm": "EdDSA"}}) == GiveUp(CANDIDATE)


def in_step(reason: ReplacementReason) -> Record:
    """Return a record whose second key was given up, and taken from the server."""
    record = abandoned(key_records.both(), reason)
    return record.with_client(replace(published(record), keys=(FIRST,), kids=(FIRST.kid,)))


def test_that_it_cannot_be_taken_back_is_said_before_what_waits_for_it() -> None:
    record = abandoned(key_records.both())
    values = {"client": 1, "kids": (FIRST.kid,), **key_records.BY_KEY}
    waits = step(failed(record, CallKind.UPDATE, refused(403, error="access_denied"), **values), LATER, spec=AS_BEFORE)
    assert isinstance(waits, Wait)
    assert waits.renewal is not None
    assert waits.renewal.verdict is not None
    assert waits.renewal.verdict.reason is Reason.RENEWAL_FAILED
    assert "is still registered at the server" in waits.renewal.verdict.message


def test_another_client_at_the_new_issuer_takes_the_place_that_a_person_asked_for() -> None:
    record = in_step(ReplacementReason.REQUESTED)
    assert record.replacement is not None
    assert step(record, spec=MOVED) == FallBack(record.replacement)


@pytest.mark.parametrize("reason", [ReplacementReason.INTERVAL, ReplacementReason.KEY_CHANGED], ids=str)
def test_what_nobody_asked_for_makes_room_for_the_move(reason: ReplacementReason) -> None:
    record = in_step(reason)
    assert record.replacement is not None
    assert step(record, spec={**MOVED, "rotation": {"interval": "48h"}}) == Withdraw(record.replacement)


def test_the_move_waits_for_no_key_that_cannot_be_taken_back() -> None:
    record, down = abandoned(key_records.both()), Held(Verdict(reason=Reason.ISSUER_UNAVAILABLE, message="down"))
    assert record.replacement is not None
    assert step(record, seen={"held_back": {ISSUER: down}}, spec=MOVED) == FallBack(record.replacement)
