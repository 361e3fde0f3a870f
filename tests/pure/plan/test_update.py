"""An update that was lost, refused or undone: what is done next, and why."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from oauthclient_operator.names import PUBLISHED_ENDPOINTS, Reason
from oauthclient_operator.oauth import rfc8705
from oauthclient_operator.oauth.judgement import ANSWER_LIMIT
from oauthclient_operator.oauth.outcome import Ambiguous
from oauthclient_operator.oauth.rfc7591 import ClientInformation
from oauthclient_operator.oauth.rfc8414 import URL_LIMIT, no_metadata
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import Deregister, Discover, Register, Update, Wait
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reconcile import intents
from oauthclient_operator.record.calls import Asked, Call, RegisterCall
from oauthclient_operator.record.clients import Client, Ended
from oauthclient_operator.record.envelope import RECORD_LIMIT, ROOM
from oauthclient_operator.record.transitions import absorb, open_call
from oauthclient_operator.record.wire import encode
from oauthclient_operator.verdict.records import record_full
from tests.pure.plan.upkeep import CLIENT, EDIT, LOST, RECORD, rejection, updated
from tests.pure.values import (
    ISSUER,
    METADATA,
    NOW,
    desired,
    information,
    metadata,
    observed,
    published,
    resource,
    server,
    stored,
)


def answering(answer: ClientInformation) -> Client:
    """Return the client as one whose newest answer is that."""
    return replace(CLIENT, answer=replace(CLIENT.answer, information=answer))


def test_a_lost_update_is_repeated_once_even_after_an_edit_back() -> None:
    record = updated(RECORD, LOST)
    ready = observed(record, server=server(), server_read_at=NOW, rehearsed=True)
    assert isinstance(plan(ready, desired(**EDIT), NOW), Update)
    assert isinstance(plan(ready, desired(), NOW), Update)


def test_an_update_that_was_lost_twice_is_tried_at_once_when_the_spec_changes() -> None:
    record = updated(RECORD, LOST, LOST)
    ready = observed(record, server=server(), server_read_at=NOW, rehearsed=True)
    assert isinstance(plan(ready, desired(), NOW), Update)


def test_a_token_that_was_saved_from_a_lost_answer_is_used_at_once_when_the_old_one_is_refused() -> None:
    saved = Ambiguous(cause="cut off", salvage={"registration_access_token": "r2"})
    record = updated(RECORD, saved, rejection(401, "invalid_token"))
    action = plan(observed(record, server=server(), server_read_at=NOW, rehearsed=True), desired(**EDIT), NOW)
    assert isinstance(action, Update)
    token = action.client.information.registration_access_token
    assert token is not None
    assert token.reveal() == "r2"


def test_a_digest_of_another_version_is_compared_by_values() -> None:
    record = RECORD.with_client(replace(CLIENT, confirmed=Asked("v0:whatever", METADATA)))
    action = plan(observed(record), desired(), NOW)
    assert isinstance(action, Wait)
    assert action.verdict.reason is Reason.REGISTERED
    assert plan(observed(record), desired(**EDIT), NOW) == Discover()


def test_an_edit_that_is_undone_does_not_undo_that_the_token_was_refused() -> None:
    record = updated(RECORD, rejection(401, "invalid_token"))
    ready = observed(record, server=server(), server_read_at=NOW, rehearsed=True)
    assert plan(ready, desired(), NOW) == Update(published(record), metadata())
    undone = updated(record, rejection(401, "invalid_token"), digest=metadata().digest(), metadata=METADATA)
    action = plan(replace(ready, record=stored(undone)), desired(), NOW)
    assert isinstance(action, Wait)
    slowly = NOW + timedelta(minutes=15)
    assert (action.verdict.reason, action.until) == (Reason.MANAGEMENT_LOST, slowly)
    assert plan(replace(ready, record=stored(undone)), desired(), slowly) == Update(published(undone), metadata())


@pytest.mark.parametrize(
    "discovery",
    [{"registrationEndpoint": f"{ISSUER}/elsewhere"}, {"url": f"{ISSUER}/metadata.json"}, {"form": "OAuth"}],
    ids=str,
)
def test_where_clients_are_registered_says_nothing_to_one_that_is(discovery: dict[str, str]) -> None:
    action = plan(observed(RECORD), desired(spec={"discovery": discovery}), NOW)
    assert isinstance(action, Wait)
    assert action.verdict.reason is Reason.REGISTERED


def test_metadata_that_are_gone_take_no_endpoint_from_an_app() -> None:
    known = {"token_endpoint": f"{ISSUER}/token"}
    assert CLIENT.endpoints == known
    assert intents.update(CLIENT, no_metadata(ISSUER), metadata(client_name="other")).endpoints == known
    moved = server(token_endpoint=f"{ISSUER}/v2/token")
    assert intents.update(CLIENT, moved, metadata(client_name="other")).endpoints == moved.endpoints


def test_a_secret_that_names_no_endpoints_is_explained() -> None:
    action = plan(
        observed(RECORD.with_client(replace(CLIENT, answer=replace(CLIENT.answer, endpoints={})))), desired(), NOW
    )
    assert isinstance(action, Wait)
    assert action.verdict.message == (
        'registered as client "c1"; the issuer publishes no endpoints, so its Secret names none'
    )


@pytest.mark.parametrize("size", [700_000, 800_000])
def test_nothing_is_called_whose_answer_the_record_could_not_keep(size: int) -> None:
    large = answering(information(client_name="x" * size))
    later = NOW + timedelta(hours=1)
    ready = {"server": server(), "server_read_at": later, "rehearsed": True}
    full = Wait(verdict=record_full(), until=later + Limits().retry_slowly)
    update = plan(observed(RECORD.with_client(large), **ready), desired(**EDIT), later)
    surplus = replace(RECORD.with_client(replace(large, end=Ended(at=NOW))), pair=None)
    registration = plan(observed(surplus, **ready), desired(), later)
    if size > RECORD_LIMIT - ROOM:
        assert isinstance(update, Wait)
        assert replace(update, renewal=None) == registration == full
    else:
        assert isinstance(update, Update)
        assert isinstance(registration, Register)


def test_the_room_that_is_kept_is_enough_for_the_largest_registration() -> None:
    url = f"{ISSUER}/{'a' * (URL_LIMIT - len(ISSUER) - 1)}"
    endpoints = rfc8705.with_aliases(
        server(**dict.fromkeys(PUBLISHED_ENDPOINTS, url), mtls_endpoint_aliases=dict.fromkeys(PUBLISHED_ENDPOINTS, url))
    )
    before = replace(RECORD, pair=None)
    call = Call(
        number=before.next_call,
        nonce="n" * 32,
        holder="operator-0",
        issuer=ISSUER,
        trust="system",
        endpoint=url,
        opened_at=NOW,
        deadline=NOW,
        what=RegisterCall(
            attempt=2,
            asked=Asked("d" * 64, {"client_name": "x" * (64 * 1024)}),
            proof_key="k" * 43,
        ),
    )
    answer = ClientInformation.parse({"client_id": "c2", "client_name": "x" * ANSWER_LIMIT})
    after = absorb(open_call(before, call), call, answer, endpoints, NOW)
    assert len(json.dumps(encode(after))) - len(json.dumps(encode(before))) < ROOM


def test_a_deregistration_needs_no_room() -> None:
    large = answering(information(client_name="x" * 800_000))
    gone = observed(RECORD.with_client(large), resource=resource(deleting=True), live=True)
    assert isinstance(plan(gone, desired(deleting=True), NOW), Deregister)
