"""Access tokens that the operator obtains: once for many clients, once more where refused, and never said anywhere."""

import asyncio
import base64
import json
import logging
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.errors import IssuerUnavailable
from oauthclient_operator.exchange import Response
from oauthclient_operator.plan.action import ObtainAccess
from oauthclient_operator.reconcile.passes import BEGINNINGS
from oauthclient_operator.resource.access import ServiceAccountToken, TokenUse
from oauthclient_operator.resource.key import cluster_issuer, oauth_client
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.platform import JWT, SPEC, Platform

READY = ("True", "Registered")
SECRET = "client-secret-of-the-registrar"
BY_SECRET: dict[str, Any] = {"clientCredentials": {"secretRef": {"name": "idp-client"}, "scope": "client.create"}}
BY_ACCOUNT: dict[str, Any] = {"serviceAccountToken": {"method": "ClientAssertion"}}
WAYS = pytest.mark.parametrize("access", [BY_SECRET, BY_ACCOUNT], ids=["client credentials", "a service account's"])


def let_in_by(access: dict[str, Any], clients: int = 1) -> Platform:
    platform = Platform()
    platform.server.takes = lambda token: token == platform.server.tokens[-1]
    put_credentials(platform)
    platform.apply_issuer({**SPEC, "access": access})
    for number in range(clients):
        platform.apply(f"web-{number}")
    return platform


def put_credentials(platform: Platform, issuer: str = ISSUER) -> None:
    held = {"issuer": issuer, "client_id": "registrar", "client_secret": SECRET}
    data = {key: base64.b64encode(value.encode()).decode() for key, value in held.items()}
    body = {"metadata": {"name": "idp-client", "uid": "s"}, "type": names.CLIENT_CREDENTIALS_TYPE, "data": data}
    platform.api.put(("secrets", names.SYSTEM_NAMESPACE, "idp-client"), body)


def settled(platform: Platform) -> Platform:
    asyncio.run(platform.settle())
    return platform


def later(platform: Platform, by: timedelta) -> None:
    """Let time pass, and have all looked at."""
    platform.clock.time += by
    for kind, namespace, name in list(platform.api.objects):
        if kind == "oauthclients":
            platform.wake(oauth_client(namespace, name))
    platform.wake(cluster_issuer("corporate"))
    settled(platform)


@WAYS
def test_a_token_is_obtained_once_for_all_clients_and_for_saying_that_the_issuer_is_ready(
    access: dict[str, Any],
) -> None:
    platform = settled(let_in_by(access, clients=5))
    assert {platform.said(name=f"web-{number}")[:2] for number in range(5)} == {READY}
    assert platform.said(name=None)[:2] == ("True", "Ready")
    assert platform.server.shown == ["access-token-1"] * 5
    (form,) = platform.server.forms
    assert form["grant_type"] == "client_credentials"


@WAYS
@pytest.mark.parametrize(("clients", "most"), [(1, 1), (2, 2), (3, 3), (5, 5)])
def test_one_token_registers_no_more_clients_than_the_issuer_says(
    access: dict[str, Any], clients: int, most: int
) -> None:
    platform = let_in_by(access, clients=5)
    platform.server.takes = lambda token: platform.server.shown.count(token) <= most
    platform.apply_issuer({**SPEC, "access": access, "dialect": {"clientsPerToken": clients}})
    settled(platform)
    assert {platform.said(name=f"web-{number}")[:2] for number in range(5)} == {READY}
    assert platform.server.calls == ["POST"] * 5, "none was shown in vain"
    assert max(map(platform.server.shown.count, platform.server.shown)) == most
    assert len({*platform.server.shown}) == -(-5 // most)


def test_a_service_accounts_token_is_for_the_issuer_alone() -> None:
    platform = settled(let_in_by(BY_ACCOUNT))
    assert platform.server.forms[0]["client_assertion"] == f"{JWT}.{ISSUER}"


def test_a_service_accounts_token_is_the_access_token_itself_where_the_issuer_says_so() -> None:
    platform = let_in_by({"serviceAccountToken": {"method": "Bearer"}})
    platform.server.takes = lambda token: token == f"{JWT}.{ISSUER}"
    assert settled(platform).said(name="web-0")[:2] == READY
    assert platform.server.forms == []


@WAYS
def test_one_that_was_withdrawn_is_thrown_away_and_another_is_obtained_at_once(access: dict[str, Any]) -> None:
    platform = settled(let_in_by(access))
    platform.server.takes = lambda token: token == "access-token-2"
    platform.apply("web-1")
    settled(platform)
    assert platform.said(name="web-1")[:2] == READY
    assert platform.server.shown == ["access-token-1"] * 2 + ["access-token-2"]
    assert platform.server.calls == ["POST", "401", "POST"]


@WAYS
def test_where_the_second_is_refused_too_it_waits_and_says_so_also_after_a_restart(access: dict[str, Any]) -> None:
    platform = let_in_by(access)
    platform.server.takes = lambda _token: False
    settled(platform)
    status, reason, message = platform.said(name="web-0")
    assert (status, reason) == ("False", "RegistrationUnauthorized")
    assert "as spec.access of the ClusterOAuthIssuer says" in message
    assert platform.server.shown == ["access-token-1", "access-token-2"]
    platform.start()
    settled(platform)
    assert platform.server.calls == ["401"] * 2, "a restart begins nothing"
    platform.server.takes = lambda _token: True
    later(platform, timedelta(hours=2))
    assert platform.said(name="web-0")[:2] == READY


@WAYS
def test_where_the_token_endpoint_gives_none_nothing_is_registered_and_it_is_said_and_cured(
    access: dict[str, Any],
) -> None:
    platform = let_in_by(access, clients=3)
    said = json.dumps({"error": "unauthorized_client", "error_description": f"not {JWT}.{ISSUER} nor {SECRET}"})
    platform.server.gives = Response(status=400, headers={"content-type": "application/json"}, body=said.encode())
    settled(platform)
    for name in ("web-0", "web-1", "web-2", None):
        status, reason, message = platform.said(name=name)
        assert (status, reason) == ("False", "AccessDenied")
        assert "the token endpoint answers" in message
        assert "unauthorized_client" in message
    assert platform.server.calls == []
    assert len(platform.server.forms) == 1, "who is denied is denied for all"
    platform.server.gives = None
    later(platform, timedelta(hours=2))
    assert platform.said(name=None)[:2] == ("True", "Ready")
    assert {platform.said(name=f"web-{number}")[:2] for number in range(3)} == {READY}


def test_a_secret_for_another_issuer_is_shown_to_nobody_and_the_right_one_is_taken_at_once() -> None:
    platform = let_in_by(BY_SECRET)
    put_credentials(platform, issuer="https://another.example")
    settled(platform)
    assert platform.said(name="web-0")[:2] == ("False", "AccessDenied")
    assert platform.said(name=None)[:2] == ("False", "AccessDenied")
    assert "names another issuer" in platform.said(name=None)[2]
    assert platform.server.forms == []
    put_credentials(platform)
    later(platform, timedelta())
    assert platform.said(name="web-0")[:2] == READY


def test_a_corrected_scope_is_tried_at_once() -> None:
    platform = let_in_by(BY_SECRET)
    platform.server.takes = lambda _token: platform.server.forms[-1]["scope"] == "dcr"
    settled(platform)
    assert platform.said(name="web-0")[:2] == ("False", "RegistrationUnauthorized")
    platform.apply_issuer({**SPEC, "access": {"clientCredentials": {**BY_SECRET["clientCredentials"], "scope": "dcr"}}})
    assert settled(platform).said(name="web-0")[:2] == READY


@WAYS
def test_no_token_is_in_a_status_a_log_an_event_or_a_record(
    access: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    platform = let_in_by(access)
    # It echoes what it was shown.
    platform.server.takes = lambda _token: False
    settled(platform)
    platform.server.takes = lambda _token: True
    later(platform, timedelta(hours=2))
    assert platform.said(name="web-0")[:2] == READY
    written = {key: body for key, body in platform.api.objects.items() if key[2] != "idp-client"}
    texts = [json.dumps([[*key, body] for key, body in written.items()]), *(repr(vars(r)) for r in caplog.records)]
    secrets = [body["data"] for (kind, _, _), body in written.items() if kind == "secrets"]
    texts += [base64.b64decode(value).decode(errors="replace") for data in secrets for value in data.values()]
    for hidden in (JWT, SECRET, *platform.server.tokens):
        assert not [text for text in texts if hidden in text], hidden


def asked_to_retry(platform: Platform, value: str, name: str | None = "web-0") -> None:
    """Have a person annotate a client, or the issuer where none is named."""
    place = ("clusteroauthissuers", "", "corporate") if name is None else ("oauthclients", "shop", name)
    body = platform.api.get(*place)
    body["metadata"].setdefault("annotations", {})[names.RETRY_ANNOTATION] = value
    platform.api.put(place, body)
    platform.wake(cluster_issuer("corporate") if name is None else oauth_client("shop", name))
    settled(platform)


def denied(clients: int = 2) -> Platform:
    """Return a platform whose server denied the operator a token, and would give it one now."""
    platform = let_in_by(BY_SECRET, clients)
    platform.server.gives = Response(status=401, body=b'{"error": "invalid_client"}')
    settled(platform)
    assert platform.said(name="web-0")[1] == "AccessDenied"
    assert len(platform.server.forms) == 1
    platform.server.gives = None
    return platform


@pytest.mark.parametrize("name", ["web-0", None], ids=["a client's", "the issuer's"])
def test_a_persons_word_has_another_token_asked_for_after_a_denial(name: str | None) -> None:
    platform = denied()
    platform.clock.time += timedelta(seconds=1)
    asked_to_retry(platform, "1", name)
    assert len(platform.server.forms) == 2
    assert platform.said(name=name)[0] == "True"


def test_a_persons_word_counts_also_where_the_issuer_was_not_to_be_reached_when_the_process_began() -> None:
    platform = denied()
    discover = platform.server.discover

    async def unreachable(*_: Any, **__: Any) -> Any:
        raise IssuerUnavailable("no route")

    platform.start()
    platform.wakes_issuer = False
    platform.server.discover = unreachable  # type: ignore[method-assign] # for now
    platform.server.gives = Response(status=401, body=b'{"error": "invalid_client"}')
    settled(platform)
    platform.server.discover = discover  # type: ignore[method-assign] # again
    platform.wake(oauth_client("shop", "web-0"))
    for name in ("web-0", "web-1"):
        # Each as it is tried again, before the issuer is.
        platform.apply(name, secret={"name": f"{name}-app"})
        del platform.woken[cluster_issuer("corporate")]
    settled(platform)
    assert platform.said(name="web-0")[1] == "AccessDenied"
    asked = len(platform.server.forms)
    platform.server.gives = None
    platform.clock.time += timedelta(seconds=40)
    asked_to_retry(platform, "1", None)
    assert len(platform.server.forms) == asked + 1


def test_it_is_no_way_to_have_the_server_asked_over_and_over() -> None:
    platform = denied()
    platform.server.gives = Response(status=401, body=b'{"error": "invalid_client"}')
    for number in range(20):
        platform.clock.time += timedelta(seconds=2)
        asked_to_retry(platform, str(number), f"web-{number % 2}")
    assert len(platform.server.forms) == 3, "at once, and then once in half a minute, whoever says so"


def test_a_word_of_before_the_process_began_asks_for_nothing() -> None:
    platform = denied()
    asked_to_retry(platform, "1")
    platform.start()
    platform.server.gives = Response(status=401, body=b'{"error": "invalid_client"}')
    settled(platform)
    asked = len(platform.server.forms)
    platform.clock.time += timedelta(seconds=40)
    platform.wake(oauth_client("shop", "web-0"))
    settled(platform)
    assert len(platform.server.forms) == asked


def test_none_is_asked_for_by_a_process_that_is_told_to_stop() -> None:
    assert isinstance(ObtainAccess(ServiceAccountToken(use=TokenUse.BEARER)), BEGINNINGS)
