"""Clients that are managed by an access token: a registration access token that is lost costs nothing, a 404 tells."""

import json
import logging
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.exchange import Response
from oauthclient_operator.record.record import ReleaseOutcome
from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.managed import (
    ADDRESS,
    BY_ACCESS,
    BY_TOKEN,
    ManagedPlatform,
    managed,
)

UNAUTHORIZED = Response(status=401, headers={"content-type": "application/json"}, body=b'{"error": "invalid_token"}')
FORBIDDEN = Response(status=403, headers={"content-type": "application/json"}, body=b'{"error": "insufficient_scope"}')
PAGE = Response(status=404, headers={"content-type": "text/html"}, body=b"<h1>Not found</h1>")
GOES: dict[str, Any] = {"policy": {"gone": "Reregister"}}


def is_gone(platform: ManagedPlatform, name: str = "web") -> bool:
    return platform.api.get("oauthclients", "shop", name) is None


def is_confirmed(platform: ManagedPlatform) -> bool:
    """Whether the one record tells that its clients are known to be gone."""
    (record,) = platform.records()
    return record.released is not None and record.released.outcome is ReleaseOutcome.CONFIRMED


def test_a_client_is_edited_and_deleted_by_access_and_its_lost_token_costs_nothing() -> None:
    platform = managed()
    client_id = platform.client_id()
    platform.edit("Shop")
    assert platform.server.clients[client_id]["client_name"] == "Shop"
    platform.server.lose_token(client_id)
    platform.edit("Shop again")
    assert platform.is_ready()
    assert platform.server.clients[client_id]["client_name"] == "Shop again"
    assert (platform.issuer() or {})["metadata"]["finalizers"]
    platform.delete()
    platform.settled()
    assert is_gone(platform)
    assert platform.server.clients == {}
    uri = f"/register/{client_id}"
    assert platform.server.managed == [f"PUT {uri}", f"PUT {uri}", f"DELETE {uri}"]
    assert platform.server.by_token == []
    assert len(platform.server.tokens) == 1, "one token for all"


def test_a_client_is_read_by_access() -> None:
    platform = managed()
    client_id = platform.client_id()
    platform.server.lose_token(client_id)
    platform.server.clients[client_id]["client_secret"] = "set by an administrator"
    platform.api.annotate("shop", "web", {names.REFRESH_ANNOTATION: "now"})
    platform.wake(oauth_client("shop", "web"))
    platform.settled()
    assert platform.server.managed == [f"GET /register/{client_id}"]
    assert platform.is_ready()


def test_a_token_that_is_refused_once_is_replaced_at_once() -> None:
    platform = managed()
    platform.server.objects = lambda token: UNAUTHORIZED if token == "access-token-1" else None
    platform.edit("Shop")
    assert platform.is_ready()
    assert platform.server.clients[platform.client_id()]["client_name"] == "Shop"
    assert (len(platform.server.managed), len(platform.server.tokens)) == (2, 2)


@pytest.mark.parametrize(
    ("refusal", "calls"), [pytest.param(UNAUTHORIZED, 2, id="401"), pytest.param(FORBIDDEN, 1, id="403")]
)
def test_where_access_is_refused_that_is_said_of_access_and_the_client_loses_nothing(
    refusal: Response, calls: int
) -> None:
    platform = managed()
    client_id = platform.client_id()
    platform.server.objects = lambda _token: refusal
    platform.edit("Shop")
    status, reason, message = platform.said()
    assert (status, reason) == ("False", "AccessDenied"), message
    assert len(platform.server.managed) == calls
    (client,) = platform.records()[0].clients
    assert (client.refused, client.doubts, client.spares) == (frozenset(), None, ())
    assert platform.server.by_token == []
    platform.later(timedelta(minutes=5))
    assert len(platform.server.managed) == calls, "it is not asked all the time"
    platform.server.objects = lambda _token: None
    platform.later(timedelta(hours=2))
    assert platform.is_ready()
    assert platform.server.clients[client_id]["client_name"] == "Shop"


def test_that_there_is_no_such_client_is_the_servers_word_to_access() -> None:
    platform = managed()
    del platform.server.clients[platform.client_id()]
    platform.edit("Shop")
    assert platform.said()[:2] == ("False", "ClientGone")
    assert platform.said("CredentialsValid")[:2] == ("False", "ClientGone")
    assert len(platform.server.managed) == 1
    platform.later(timedelta(minutes=5))
    assert len(platform.server.managed) == 1


def test_another_client_takes_the_place_of_one_that_is_gone_where_the_spec_says_so() -> None:
    platform = managed()
    gone = platform.client_id()
    del platform.server.clients[gone]
    platform.edit("Shop", **GOES)
    for _ in range(4):
        platform.later()
    assert platform.is_ready()
    assert platform.client_id() != gone
    assert platform.server.clients[platform.client_id()]["client_name"] == "Shop"


def test_a_client_that_comes_back_is_managed_again() -> None:
    platform = managed()
    client_id = platform.client_id()
    known = platform.server.clients.pop(client_id)
    platform.edit("Shop")
    platform.server.clients[client_id] = known
    platform.later()
    assert platform.is_ready()
    assert platform.server.clients[client_id]["client_name"] == "Shop"


def test_a_client_that_is_gone_already_keeps_no_resource() -> None:
    platform = managed()
    platform.server.clients.clear()
    platform.delete()
    platform.settled()
    assert is_gone(platform)
    assert is_confirmed(platform)


def test_a_deletion_whose_answer_was_lost_is_confirmed_by_the_next() -> None:
    platform = managed()
    uri = f"/register/{platform.client_id()}"
    platform.server.loses = ["DELETE"]
    platform.delete()
    platform.settled()
    platform.later(timedelta(minutes=1))
    assert is_gone(platform)
    assert platform.server.managed == [f"DELETE {uri}"] * 2
    assert is_confirmed(platform)


def test_an_edit_whose_answer_was_lost_is_made_again() -> None:
    platform = managed()
    platform.server.loses = ["PUT"]
    platform.edit("Shop")
    platform.later(timedelta(minutes=1))
    assert platform.is_ready()
    uri = f"/register/{platform.client_id()}"
    assert platform.server.managed == [f"PUT {uri}", f"GET {uri}", f"PUT {uri}"], "it is looked at first"


def test_a_server_that_fails_at_an_update_of_what_it_does_not_have_is_asked_whether_it_has_it() -> None:
    platform = managed()
    client_id = platform.client_id()
    known = platform.server.clients.pop(client_id)
    # As Keycloak: an update of a client that is not there is answered with HTTP 500.
    platform.server.fails_at_updates = True
    platform.edit("Shop")
    platform.later(timedelta(minutes=1))
    assert platform.said()[:2] == ("False", "ClientGone")
    assert platform.server.managed == [f"PUT /register/{client_id}", f"GET /register/{client_id}"]
    platform.later(timedelta(minutes=5))
    assert len(platform.server.managed) == 2
    platform.server.clients[client_id], platform.server.fails_at_updates = known, False
    platform.later()
    assert platform.is_ready()
    assert platform.server.clients[client_id]["client_name"] == "Shop"


def test_a_process_that_begins_ends_a_client_by_access() -> None:
    platform = managed()
    platform.server.lose_token(platform.client_id())
    platform.start()
    platform.delete()
    platform.settled()
    assert (is_gone(platform), platform.server.clients, platform.server.by_token) == (True, {}, [])


def test_what_another_client_replaced_leaves_by_access() -> None:
    platform = managed()
    before = platform.client_id()
    platform.server.lose_token(before)
    platform.api.annotate("shop", "web", {names.ROTATE_ANNOTATION: "now"})
    for _ in range(4):
        platform.later(timedelta(days=2))
    assert platform.is_ready()
    assert [*platform.server.clients] == [platform.client_id()] != [before]
    assert platform.server.managed == [f"DELETE /register/{before}"]


def test_a_page_that_is_not_there_says_nothing_of_the_client() -> None:
    platform = managed()
    platform.server.objects = lambda _token: PAGE
    platform.edit("Shop")
    assert platform.said()[1] == "UpdateUnsupported"
    assert "CredentialsValid" not in str(platform.api.get("oauthclients", "shop", "web"))
    platform.delete()
    platform.settled()
    assert not is_gone(platform)
    platform.server.objects = lambda _token: None
    platform.later()
    assert is_gone(platform)
    assert platform.server.clients == {}


def test_a_wrong_address_in_an_answer_is_no_word_on_the_client() -> None:
    platform = managed()
    client_id = platform.client_id()
    # As Keycloak 21.0 to 22.0.5.
    platform.server.wrong_address = f"{ADDRESS}/{client_id}/{client_id}"
    platform.edit("Shop")
    platform.edit("Shop again")
    assert platform.is_ready()
    assert platform.server.clients[client_id]["client_name"] == "Shop again"
    platform.delete()
    platform.settled()
    platform.later(timedelta(minutes=1))
    assert is_gone(platform)
    assert platform.server.clients == {}


def test_a_lost_token_is_told_again_where_the_issuer_is_changed_back_and_mended_by_access() -> None:
    platform = managed()
    client_id = platform.client_id()
    platform.server.lose_token(client_id)
    platform.apply_issuer(BY_TOKEN)
    platform.edit("Shop")
    assert platform.said()[:2] == ("False", "ManagementLost")
    platform.apply_issuer(BY_ACCESS)
    platform.later(timedelta())
    assert platform.is_ready()
    assert platform.server.clients[client_id]["client_name"] == "Shop"
    status = (platform.api.get("oauthclients", "shop", "web") or {})["status"]
    assert status["registration"]["manageable"] is True


def test_where_no_token_is_to_be_had_an_edit_waits_and_a_deletion_takes_the_clients_own() -> None:
    platform = managed()
    client_id = platform.client_id()
    platform.server.gives = Response(status=400, headers={}, body=b'{"error": "unauthorized_client"}')
    platform.clock.time += timedelta(hours=1)
    platform.edit("Shop")
    assert platform.said()[:2] == ("False", "AccessDenied")
    assert platform.server.managed == []
    platform.delete()
    platform.later(timedelta(hours=2))
    assert is_gone(platform)
    assert platform.server.by_token == [f"DELETE /register/{client_id}"]


def test_who_may_not_delete_by_access_deletes_by_the_clients_own_token() -> None:
    platform = managed()
    client_id = platform.client_id()
    platform.server.objects = lambda _token: FORBIDDEN
    platform.delete()
    platform.settled()
    platform.later(timedelta(minutes=1))
    assert is_gone(platform)
    assert (platform.server.managed, platform.server.by_token) == (
        [f"DELETE /register/{client_id}"],
        [f"DELETE /register/{client_id}"],
    )


def test_no_access_token_is_in_a_status_a_log_or_a_record(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    platform = managed()
    platform.server.objects = lambda token: Response(
        status=403, headers={"content-type": "application/json"}, body=json.dumps({"error": token}).encode()
    )
    platform.edit("Shop")
    platform.delete()
    platform.settled()
    texts = [json.dumps([*key, body]) for key, body in platform.api.objects.items()]
    texts += [*(repr(vars(record)) for record in caplog.records), repr(platform.records())]
    assert not [text for text in texts if any(token in text for token in platform.server.tokens)]
