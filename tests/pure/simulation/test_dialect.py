"""Servers that do otherwise than RFC 7591 and RFC 7592 say, and clients whose issuer says so: what they are told."""

from typing import Any

import pytest

from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.dialects import METADATA, READY, platform_with, published, settled
from tests.pure.simulation.platform import SPEC, Platform

ODD = {**METADATA, "scope": "openid", "x_shop": 1}


def deviations(platform: Platform) -> list[str]:
    resource = platform.api.get("oauthclients", "shop", "web")
    assert resource is not None
    found: list[str] = resource["status"]["registration"].get("deviations", [])
    return found


def test_what_a_server_refuses_is_not_sent_and_is_named() -> None:
    platform, server = platform_with({"scope": "Omit", "unknownMetadata": "Omit"}, clientMetadata=ODD)
    server.refuses_members = frozenset({"scope", "x_shop"})
    status, reason, message = settled(platform).said()
    assert (status, reason) == READY
    assert message.endswith("of clientMetadata these are not sent, as spec.dialect of the issuer has it: scope, x_shop")
    assert server.bodies == [METADATA]
    platform.apply(clientMetadata={**ODD, "client_name": "Shop"})
    assert settled(platform).said()[:2] == READY
    assert [{*body} & {"scope", "x_shop"} for body in server.bodies] == [set(), set()]
    assert server.calls == ["POST", "PUT"]


def test_a_dialect_that_comes_later_mends_what_the_server_refused_at_once() -> None:
    platform, server = platform_with({}, clientMetadata=ODD)
    server.refuses_members = frozenset({"x_shop"})
    assert settled(platform).said()[:2] == ("False", "RegistrationRejected")
    platform.apply_issuer({**SPEC, "dialect": {"unknownMetadata": "Omit"}})
    platform.wake(oauth_client("shop", "web"))
    assert settled(platform).said()[:2] == READY
    assert server.calls == ["POST", "POST"]


def test_a_scope_that_the_server_filled_in_is_not_sent_back() -> None:
    platform, server = platform_with({"scope": "Omit"})
    server.issued = {"scope": "openid", "x_server": 1}
    settled(platform)
    platform.apply(clientMetadata={**METADATA, "client_name": "Shop"})
    assert settled(platform).said()[:2] == READY
    assert ("scope" in server.bodies[1], server.bodies[1]["x_server"]) == (False, 1)


def test_a_dialect_that_changes_what_is_sent_leads_to_one_update_and_one_that_does_not_to_none() -> None:
    platform, server = platform_with({}, clientMetadata=ODD)
    settled(platform)
    platform.apply_issuer({**SPEC, "dialect": {"scope": "Omit", "keysPerClient": 1}})
    assert settled(platform).said()[:2] == READY
    assert server.calls == ["POST", "PUT"]
    assert "scope" not in server.bodies[1]
    assert platform.said()[2].endswith("as spec.dialect of the issuer has it: scope")
    platform.apply_issuer({**SPEC, "dialect": {"scope": "Omit", "unknownMetadata": "Send"}})
    platform.start()
    assert settled(platform).said()[:2] == READY
    assert server.calls == ["POST", "PUT"]
    platform.apply_issuer(SPEC)
    settled(platform)
    assert server.calls == ["POST", "PUT", "PUT"]
    assert server.bodies[2]["scope"] == "openid"


@pytest.mark.parametrize(("dialect", "left"), [({}, ["scope"]), ({"update": "Merge"}, [])], ids=["absent", "Merge"])
def test_what_is_taken_out_is_gone_at_a_server_that_merges_where_the_issuer_says_that_it_does(
    dialect: dict[str, Any], left: list[str]
) -> None:
    platform, server = platform_with(dialect, clientMetadata={**METADATA, "scope": "openid"})
    server.merges = True
    settled(platform)
    platform.apply()
    assert settled(platform).said()[:2] == READY
    (client,) = server.clients.values()
    assert [name for name in ("scope",) if client.get(name)] == left
    assert deviations(platform) == left
    platform.apply(clientMetadata={**METADATA, "client_name": "Shop"})
    settled(platform)
    assert "scope" not in server.bodies[2], "once is enough"


def test_a_server_that_wants_the_client_secret_with_each_update_gets_it_and_what_it_issues_is_published() -> None:
    platform, server = platform_with({"sendClientSecret": True, "secretRotation": "Immediate"})
    server.wants_secret = True
    settled(platform)
    for name in ("Shop", "Shops"):
        platform.apply(clientMetadata={**METADATA, "client_name": name})
        assert settled(platform).said()[:2] == READY
    (client,) = server.clients.values()
    assert [body.get("client_secret") for body in server.bodies] == [None, "secret-1", "secret-3"]
    assert published(platform)["client_secret"] == client["client_secret"] == "secret-5"
    assert server.calls == ["POST", "PUT", "PUT"]


def test_without_that_word_no_client_secret_is_sent() -> None:
    platform, server = platform_with({"sendClientSecret": False})
    settled(platform)
    platform.apply(clientMetadata={**METADATA, "client_name": "Shop"})
    settled(platform)
    assert [*server.calls, *("client_secret" in body for body in server.bodies)] == ["POST", "PUT", False, False]
