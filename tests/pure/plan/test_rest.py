"""What rests by metadata alone, and what ends the rest."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.names import Reason
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import (
    Discover,
    ReadRecord,
    Rest,
    Wait,
)
from oauthclient_operator.plan.observed import Missing, Observed
from oauthclient_operator.resource.oauth_client import OAuthClient
from oauthclient_operator.resource.secret import SecretMetadata
from oauthclient_operator.resource.status import SuspectedOrphan
from oauthclient_operator.status import REPORTED_ORPHANS
from tests.pure.plan.test_upkeep import RECORD
from tests.pure.values import (
    ISSUER,
    METADATA,
    NOW,
    UID,
    at_rest,
    desired,
    observed,
    registered_record,
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


def watched(**values: str) -> Observed:
    known = {"name": "web", "uid": "secret-uid", "resource_version": "9", **values}
    return replace(RESTS, secret_metadata={"web": SecretMetadata(**known, owner_uids=frozenset({UID}))})


MANY = tuple(range(1, REPORTED_ORPHANS + 3))


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(RESTS, id="registered, published and reported"),
        pytest.param(with_summary(due=NOW + timedelta(seconds=1)), id="and not due"),
        pytest.param(with_suspects((1, 2), (2, 1)), id="with suspects that are reported"),
        pytest.param(with_suspects(MANY, MANY[2:]), id="with more suspects than are reported"),
        pytest.param(with_suspects((1, 2), (1, 2), f"{UID}/9"), id="with another attempt's word"),
        pytest.param(with_suspects((1, 2), (1, 2), "other/2"), id="with another resource's word"),
    ],
)
def test_what_rests(seen: Observed) -> None:
    assert plan(seen, desired(), NOW) == Rest(until=seen.summary.due if seen.summary else None)


@pytest.mark.parametrize(
    ("seen", "asks"),
    [
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
        pytest.param(replace(RESTS, secret_metadata={}), {}, id="a Secret that is gone"),
        pytest.param(watched(uid="other"), {}, id="a Secret that was made anew"),
        pytest.param(watched(resource_version="10"), {}, id="a Secret that was changed"),
        pytest.param(watched(name="other"), {}, id="a Secret of another name"),
    ],
)
def test_what_ends_the_rest(seen: Observed, asks: dict[str, Any]) -> None:
    assert plan(seen, desired(**asks), NOW) == ReadRecord()


def test_no_record_known_to_the_watch_ends_the_rest() -> None:
    assert plan(replace(RESTS, summary=None), desired(), NOW) == ReadRecord()
    read = replace(RESTS, record=stored(RECORD), secret=secret(RECORD))
    assert isinstance(plan(read, desired(), NOW), Wait), "what was read is judged, and not rested upon"


def test_an_expiry_wakes_a_resource_at_rest() -> None:
    expiry = NOW + timedelta(days=1)
    record = registered_record(client_secret_expires_at=int(expiry.timestamp()))
    seen = at_rest(record)
    assert plan(seen, desired(), NOW) == Rest(until=expiry)
    assert plan(seen, desired(), expiry) == ReadRecord()


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
