"""What rests by metadata alone, and what ends the rest."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.names import Reason
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import (
    Claim,
    Discover,
    ReadRecord,
    Rest,
    Wait,
)
from oauthclient_operator.plan.observed import Missing, Observed
from oauthclient_operator.plan.reasons import renew_at
from oauthclient_operator.record.clients import CLOCKS_DIFFER, Adopted
from oauthclient_operator.resource.oauth_client import OAuthClient
from oauthclient_operator.resource.rotation_status import LeavingStatus, RotationStatus
from oauthclient_operator.resource.secret import SecretMetadata
from oauthclient_operator.resource.served import Served
from oauthclient_operator.resource.status import SuspectedOrphan
from oauthclient_operator.status import REPORTED_ORPHANS
from tests.pure.plan.upkeep import RECORD
from tests.pure.values import (
    ISSUER,
    METADATA,
    NOW,
    UID,
    at_rest,
    desired,
    observed,
    registered_record,
    resource,
    secret,
    stored,
)

RESTS = at_rest(RECORD)


def with_summary(**values: Any) -> Observed:
    assert RESTS.summary is not None
    return replace(RESTS, summary=replace(RESTS.summary, **values))


def with_status(**values: Any) -> Observed:
    assert isinstance(RESTS.resource, OAuthClient)
    return replace(RESTS, resource=replace(RESTS.resource, status=replace(RESTS.resource.status, **values)))


def with_resource(**values: Any) -> Observed:
    assert isinstance(RESTS.resource, OAuthClient)
    return replace(RESTS, resource=replace(RESTS.resource, **values))


def orphan(attempt: int) -> SuspectedOrphan:
    return SuspectedOrphan(attempt=attempt, issuer=ISSUER, sent_at=NOW, until=NOW)


def with_suspects(recorded: tuple[int, ...], reported: tuple[int, ...], resolve: str | None = None) -> Observed:
    seen = with_status(suspected_orphans=tuple(orphan(n) for n in reported))
    assert isinstance(seen.resource, OAuthClient)
    return replace(
        seen, summary=with_summary(suspects=recorded).summary, resource=replace(seen.resource, resolve=resolve)
    )


def with_rotation(*leaving: timedelta | None, **values: Any) -> Observed:
    pairs = tuple(LeavingStatus(client_id="before", until=None if at is None else NOW + at) for at in leaving)
    return with_status(rotation=RotationStatus(published_at=NOW, leaving=pairs, **values))


def watched(**values: str) -> Observed:
    known = {"name": "web", "uid": "secret-uid", "resource_version": "9", **values}
    return replace(RESTS, secret_metadata={"web": SecretMetadata(**known, owner_uids=frozenset({UID}))})


MANY = tuple(range(1, REPORTED_ORPHANS + 3))


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(RESTS, id="registered, published and reported"),
        pytest.param(with_summary(due=NOW + timedelta(seconds=1)), id="and not due"),
        pytest.param(with_rotation(timedelta(hours=1)), id="with a pair that leaves later"),
        pytest.param(with_suspects((1, 2), (2, 1)), id="with suspects that are reported"),
        pytest.param(with_suspects(MANY, MANY[2:]), id="with more suspects than are reported"),
        pytest.param(with_suspects((), (), "other/2"), id="with another resource's word, and nothing to settle"),
        pytest.param(with_summary(identifier_labels=frozenset()), id="with an older operator's word of its addresses"),
    ],
)
def test_what_rests(seen: Observed) -> None:
    assert plan(seen, desired(), NOW) == Rest(until=seen.summary.due if seen.summary else None)


@pytest.mark.parametrize(
    ("seen", "asks"),
    [
        pytest.param(with_suspects((1, 2), (1, 2), f"{UID}/9"), {}, id="with another attempt's word"),
        pytest.param(with_suspects((1, 2), (1, 2), "other/2"), {}, id="with another resource's word"),
        pytest.param(RESTS, {"spec": {"clientMetadata": {**METADATA, "client_name": "other"}}}, id="an edit"),
        pytest.param(RESTS, {"spec": {"clientMetadata": {"client_id": "x"}}}, id="an edit that cannot be honoured"),
        pytest.param(RESTS, {"spec": {"secret": {"name": "A"}}}, id="nothing that can be published"),
        pytest.param(RESTS, {"spec": {"secret": {"name": "other"}}}, id="another Secret's name"),
        pytest.param(with_resource(finalizers=()), {}, id="a finalizer that was taken away"),
        pytest.param(with_resource(generation=2), {}, id="a generation that is not reported"),
        pytest.param(with_status(conditions=()), {}, id="a condition that was taken away"),
        pytest.param(with_status(secret=None), {}, id="no word of the Secret"),
        pytest.param(with_summary(state="Open"), {}, id="another state of the record"),
        pytest.param(with_summary(open_call="2:update"), {}, id="an open call"),
        pytest.param(with_summary(confirmed=None), {}, id="something that is not confirmed"),
        pytest.param(with_summary(confirmed="v1:other"), {}, id="other metadata that are confirmed"),
        pytest.param(with_summary(due=NOW), {}, id="a time that has come"),
        pytest.param(with_suspects((1, 2), (1,)), {}, id="a suspect that is not reported"),
        pytest.param(with_suspects((1,), (1, 2)), {}, id="a suspect that is reported and settled"),
        pytest.param(with_suspects((1, 2), (1, 2), f"{UID}/2"), {}, id="a person's word on a suspect"),
        pytest.param(with_rotation(timedelta()), {}, id="a pair that is said to leave, and its date has come"),
        pytest.param(with_rotation(timedelta(hours=1), None), {}, id="a pair that is said to leave some day"),
        pytest.param(with_summary(prove="served"), {}, id="an annotation that was served, and is not said to be"),
        pytest.param(with_status(served=Served(retry="before")), {}, id="one that is said to be, and is not the last"),
        pytest.param(with_rotation(reasons=("Requested",)), {}, id="a replacement that is said to be under way"),
        pytest.param(replace(RESTS, secret_metadata={}), {}, id="a Secret that is gone"),
        pytest.param(watched(uid="other"), {}, id="a Secret that was made anew"),
        pytest.param(watched(resource_version="10"), {}, id="a Secret that was changed"),
        pytest.param(watched(name="other"), {}, id="a Secret of another name"),
        pytest.param(
            with_summary(identifier_labels=frozenset(), client_labels={}), {}, id="no word that the client is held"
        ),
        pytest.param(with_summary(identifier_labels=frozenset({"of-another"})), {}, id="word of another one alone"),
    ],
)
def test_what_ends_the_rest(seen: Observed, asks: dict[str, Any]) -> None:
    assert plan(seen, desired(**asks), NOW) == ReadRecord()


@pytest.mark.parametrize(
    ("proven", "said", "version", "claims"),
    [
        pytest.param(False, False, "8", True, id="an older operator did not say it"),
        pytest.param(False, True, "8", False, id="it is said"),
        pytest.param(False, False, "7", False, id="the watch is behind, and nobody knows"),
        pytest.param(True, False, "8", False, id="it is proven: that goes with the next change"),
    ],
)
def test_others_are_told_what_is_held_unproven(proven: bool, said: bool, version: str, claims: bool) -> None:
    record = RECORD.with_client(replace(RECORD.clients[0], origin=Adopted(at=NOW, proven=proven)))
    written = at_rest(record).summary
    assert written is not None
    labels = written.identifier_labels if said else frozenset()
    seen = with_summary(identifier_labels=labels, resource_version=version)
    read = replace(stored(record), resource_version="8")
    step = plan(replace(seen, record=read, secret=secret(record)), desired(), NOW)
    assert (step == Claim()) is claims


def test_no_record_known_to_the_watch_ends_the_rest() -> None:
    assert plan(replace(RESTS, summary=None), desired(), NOW) == ReadRecord()
    read = replace(RESTS, record=stored(RECORD), secret=secret(RECORD))
    assert isinstance(plan(read, desired(), NOW), Wait), "what was read is judged, and not rested upon"


def test_an_expiry_wakes_a_resource_at_rest() -> None:
    expiry = NOW + timedelta(days=1)
    record = registered_record(client_secret_expires_at=int(expiry.timestamp()))
    seen = at_rest(record)
    reported = desired(spec={"policy": {"expiry": "Report"}})
    assert plan(seen, reported, NOW) == Rest(until=expiry)
    assert plan(seen, reported, expiry) == ReadRecord()
    renewal = renew_at(record.clients[0], resource(), desired())
    assert renewal is not None
    assert plan(seen, desired(), NOW) == Rest(until=renewal)
    assert plan(seen, desired(), renewal) == ReadRecord()


def test_where_a_clock_that_was_ahead_dated_it_the_record_has_to_tell_when_it_is_due() -> None:
    record = registered_record(client_secret_expires_at=int((NOW + timedelta(days=30)).timestamp()))
    seen = at_rest(record)
    soon, ahead = CLOCKS_DIFFER / 2, CLOCKS_DIFFER * 2
    assert isinstance(plan(seen, desired(), NOW - soon), Rest)
    assert plan(seen, desired(), NOW - ahead) == ReadRecord()
    # Of one that does not expire it is since when it is published.
    published = with_status(rotation=RotationStatus(published_at=NOW))
    assert isinstance(plan(published, desired(), NOW - soon), Rest)
    assert plan(published, desired(), NOW - ahead) == ReadRecord()


def test_a_changed_secret_ends_the_rest() -> None:
    watched = SecretMetadata(name="web", uid="secret-uid", resource_version="10", owner_uids=frozenset())
    assert plan(replace(at_rest(RECORD), secret_metadata={"web": watched}), desired(), NOW) == ReadRecord()


def test_a_secret_of_its_own_without_a_record_is_a_record_that_is_missing() -> None:
    owned = SecretMetadata(name="web", uid="secret-uid", resource_version="9", owner_uids=frozenset({UID}))
    seen = observed(Missing(), secret_metadata={"web": owned})
    action = plan(seen, desired(), NOW)
    assert isinstance(action, Wait)
    assert action.verdict.reason is Reason.RECORD_MISSING
    other = SecretMetadata(name="web", uid="secret-uid", resource_version="9", owner_uids=frozenset({"another"}))
    assert plan(observed(Missing(), secret_metadata={"web": other}), desired(), NOW) == Discover()


def test_what_an_operator_left_at_rest_that_knew_of_no_templates_is_looked_at_for_theirs() -> None:
    asked = desired(spec={"secret": {"template": {"a": "{{ .client_id }}"}}})
    assert plan(with_status(edition=None), desired(), NOW) == Rest()
    assert plan(with_status(edition=None), asked, NOW) == ReadRecord()
    assert plan(with_status(edition=1), asked, NOW) == Rest()
