"""Management by access tokens, attacked: by who has no client any more, by who is given one twice, and by lost answers."""

import base64
from datetime import timedelta

import pytest

from oauthclient_operator import names
from oauthclient_operator.exchange import Incomplete, Response
from oauthclient_operator.record.record import ReleaseOutcome
from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.managed import BY_ACCESS, ManagedPlatform, managed

JSON = {"content-type": "application/json"}
UNAUTHORIZED = Response(status=401, headers=JSON, body=b'{"error": "invalid_token"}')
DENIED = Response(status=400, headers={}, body=b'{"error": "unauthorized_client"}')


def is_there(platform: ManagedPlatform) -> bool:
    return platform.api.get("oauthclients", "shop", "web") is not None


def asked_to_try(platform: ManagedPlatform, value: str) -> None:
    platform.api.annotate("shop", "web", {names.RETRY_ANNOTATION: value})
    platform.wake(oauth_client("shop", "web"))
    platform.settled()


def test_who_has_no_client_any_more_locks_nobody_else_out() -> None:
    platform = managed(clients=2)
    # RFC 7592 section 2.2: "If the client does not exist on this server, the server MUST respond with HTTP 401".
    platform.server.no_such_client = UNAUTHORIZED
    del platform.server.clients[platform.client_id()]
    platform.edit("Shop")
    for word in ("now", "and now", "and once more"):
        asked_to_try(platform, word)
    platform.later(timedelta(minutes=1))
    assert platform.said()[:2] == ("False", "AccessDenied")
    platform.apply("web-2")
    platform.edit("Shop", "web-1")
    assert platform.is_ready("web-2")
    assert platform.is_ready("web-1")
    assert platform.server.clients[platform.client_id("web-1")]["client_name"] == "Shop"


def test_a_lost_deregistration_by_access_is_not_confirmed_by_what_the_clients_own_token_is_refused() -> None:
    platform = managed()
    client_id = platform.client_id()
    # Nobody has noticed: that costs nothing as long as access is to be had.
    platform.server.lose_token(client_id)
    platform.server.objects = lambda _token: Incomplete(cause="lost on its way")
    platform.delete()
    platform.settled()
    platform.server.gives = DENIED
    platform.later(timedelta(minutes=6))
    platform.later(timedelta(minutes=5))
    assert platform.server.by_token == [f"DELETE /register/{client_id}"]
    (record,) = platform.records()
    assert [client.alive for client in record.clients] == [True]
    platform.server.gives, platform.server.objects = None, lambda _token: None
    platform.later()
    assert (is_there(platform), platform.server.clients) == (False, {})


def locked_out(by: timedelta = timedelta()) -> ManagedPlatform:
    """Return a platform with a client that has no token of its own, deleted so long before anybody looks at it."""
    platform = managed(clients=0)
    platform.server.issued = {"registration_access_token": None}
    platform.apply()
    platform.settled()
    assert platform.is_ready()
    platform.server.gives = DENIED
    platform.clock.time += timedelta(hours=1)
    platform.delete()
    platform.clock.time += by
    platform.settled()
    return platform


def test_where_nobody_is_let_in_for_good_a_resource_goes_and_its_client_is_reported() -> None:
    platform = locked_out()
    platform.later(timedelta(minutes=30))
    assert is_there(platform), "it is waited for as long as for any other deregistration"
    platform.later(timedelta(minutes=40))
    assert not is_there(platform)
    (record,) = platform.records()
    assert record.released is not None
    assert record.released.outcome is ReleaseOutcome.UNCONFIRMED
    assert platform.server.managed == []


@pytest.mark.parametrize("restarts", [False, True], ids=["in one process", "in another process"])
def test_where_somebody_is_let_in_again_in_time_the_client_ends(*, restarts: bool) -> None:
    platform = locked_out()
    if restarts:
        platform.start()
    platform.server.gives = None
    platform.later(timedelta(minutes=30))
    assert (is_there(platform), platform.server.clients) == (False, {})


def test_how_long_is_waited_counts_from_a_try_and_not_from_the_deletion() -> None:
    platform = locked_out(timedelta(days=2))
    platform.later(timedelta(minutes=30))
    assert is_there(platform)
    platform.server.gives = None
    platform.later(timedelta(minutes=15))
    assert (is_there(platform), platform.server.clients) == (False, {})


def test_what_the_server_gave_to_another_record_later_is_neither_read_nor_changed_by_access() -> None:
    platform = managed()
    client_id = platform.client_id()
    renewed = {"client_secret": "of the second", "registration_access_token": "of the second"}
    platform.server.clients[client_id] |= renewed
    platform.server.gives_out_again = client_id
    platform.later()
    platform.apply("web-2")
    platform.settled()
    assert platform.is_ready("web-2")
    platform.api.annotate("shop", "web", {names.REFRESH_ANNOTATION: "now"})
    platform.later()
    platform.edit("Mine")
    assert platform.server.managed == []
    assert platform.server.clients[client_id]["client_name"] == "Web"
    secret = platform.api.get("secrets", "shop", "web") or {}
    second = platform.api.get("secrets", "shop", "web-2") or {}
    assert secret["data"]["client_secret"] != second["data"]["client_secret"]
    platform.edit("Theirs", "web-2")
    assert platform.server.managed == [f"PUT /register/{client_id}"]


def test_a_token_for_one_use_is_shown_once_whatever_it_is_used_for() -> None:
    platform = managed({**BY_ACCESS, "dialect": {"management": "Access", "clientsPerToken": 1}})
    shown = list(platform.server.shown)

    def notes(token: str) -> None:
        shown.append(token)

    platform.server.objects = notes
    platform.server.loses = ["PUT"]
    platform.edit("Shop")
    platform.later()
    platform.api.annotate("shop", "web", {names.REFRESH_ANNOTATION: "now"})
    platform.later()
    assert platform.is_ready()
    platform.server.loses = ["DELETE"]
    platform.delete()
    platform.settled()
    platform.later()
    assert not is_there(platform)
    called = [what.partition(" ")[0] for what in platform.server.managed]
    # After the lost answer the client is looked at, and the update made again.
    assert called == ["PUT", "GET", "PUT", "GET", "DELETE", "DELETE"]
    assert (len(shown), len({*shown})) == (7, 7), "the registration and six more"


def test_a_secret_that_a_lost_update_renewed_is_not_said_to_work_and_comes_with_a_read() -> None:
    said = {"management": "Access", "sendClientSecret": True, "secretRotation": "Immediate"}
    platform = managed({**BY_ACCESS, "dialect": said})
    client_id = platform.client_id()
    platform.server.loses = ["PUT"]
    platform.edit("Shop")
    # RFC 7592 section 2.2: what is said "MUST match the currently issued client secret".
    platform.server.clients[client_id]["client_secret"] = "renewed"
    platform.server.refuses = Response(status=400, headers=JSON, body=b'{"error": "invalid_client_metadata"}')
    platform.later(timedelta(minutes=1))
    assert platform.said()[:2] == ("False", "UpdateAmbiguous")
    platform.server.refuses = None
    platform.api.annotate("shop", "web", {names.REFRESH_ANNOTATION: "now"})
    platform.later()
    assert platform.is_ready()
    assert platform.server.clients[client_id]["client_secret"] == "renewed"
    secret = platform.api.get("secrets", "shop", "web") or {}
    assert base64.b64decode(secret["data"]["client_secret"]) == b"renewed"
