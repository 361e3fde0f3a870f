"""An update that was lost, refused or undone: what is done next, and why."""

from dataclasses import replace

import pytest

from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.outcome import Ambiguous
from oauthclient_operator.oauth.rfc8414 import no_metadata
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import Discover, Update, Wait
from oauthclient_operator.reconcile import intents
from tests.pure.plan.test_upkeep import CLIENT, EDIT, LOST, RECORD, rejection, updated
from tests.pure.values import ISSUER, NOW, desired, metadata, observed, server


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
    record = RECORD.with_client(replace(CLIENT, confirmed_digest="v0:whatever"))
    action = plan(observed(record), desired(), NOW)
    assert isinstance(action, Wait)
    assert action.verdict.reason is Reason.REGISTERED
    assert plan(observed(record), desired(**EDIT), NOW) == Discover()


def test_an_edit_that_is_undone_does_not_undo_that_the_token_was_refused() -> None:
    record = updated(RECORD, rejection(401, "invalid_token"))
    action = plan(observed(record), desired(), NOW)
    assert isinstance(action, Wait)
    assert (action.verdict.reason, action.until) == (Reason.MANAGEMENT_LOST, None)


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
    action = plan(observed(RECORD.with_client(replace(CLIENT, endpoints={}))), desired(), NOW)
    assert isinstance(action, Wait)
    assert action.verdict.message == (
        'registered as client "c1"; the issuer publishes no endpoints, so its Secret names none'
    )
