"""Servers that do otherwise than RFC 7591 and RFC 7592 say, and clients whose issuer says so."""

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.exchange import Answer, Request
from oauthclient_operator.names import ROTATE_ANNOTATION
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.platform import CLIENT, SPEC, Platform, Server

METADATA = CLIENT["clientMetadata"]
ODD = {**METADATA, "scope": "openid", "x_shop": 1}
READY = ("True", "Registered")


class Particular(Server):
    """It keeps what it is sent; as Keycloak it refuses what it does not know, as IBM an update without its secret."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[dict[str, Any]] = []
        """What registrations and updates said."""
        self.refuses_members: frozenset[str] = frozenset()
        self.wants_secret = False
        self.merges = False

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if request.method in ("POST", "PUT") and request.url != f"{self.issuer}/token":
            body = json.loads(request.body or b"{}")
            self.bodies.append(body)
            if self.refuses_members & body.keys():
                self.calls.append(request.method)
                return self._answer(400, {"error": "invalid_client_metadata"})
            client = self.clients.get(request.url.rpartition("/")[2])
            if request.method == "PUT" and self.wants_secret and client is not None:
                if body.get("client_secret") != client["client_secret"]:
                    self.calls.append("PUT")
                    return self._answer(400, {"error": "invalid_request"})
                self.renews = lambda _: True
            if request.method == "PUT" and self.merges and client is not None:
                self.answers = {n: v for n, v in {**client, **body}.items() if n in client and n not in body}
                self.answers = {n: v for n, v in self.answers.items() if not n.startswith(("client_", "registration_"))}
        return await super().exchange(request, issuer, **options)


def platform_with(dialect: dict[str, Any], **client: Any) -> tuple[Platform, Particular]:
    server = Particular()
    platform = Platform(server=server)
    platform.apply_issuer({**SPEC, "dialect": dialect})
    platform.apply(**client)
    return platform, server


def settled(platform: Platform) -> Platform:
    asyncio.run(platform.settle())
    return platform


async def lived(platform: Platform, time: timedelta, *, step: timedelta = timedelta(hours=6)) -> None:
    """Let time pass, and have the client looked at from time to time, as it is due."""
    until = platform.clock.now() + time
    while platform.clock.now() < until:
        await platform.clock.sleep(step.total_seconds())
        platform.wake(oauth_client("shop", "web"))
        await platform.settle()


def published(platform: Platform) -> dict[str, str]:
    secret = platform.api.get("secrets", "shop", "web")
    assert secret is not None
    return {name: base64.b64decode(value).decode() for name, value in secret["data"].items()}


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


MONTH = timedelta(days=30)


@pytest.mark.parametrize(
    ("dialect", "clients"),
    [({"secretRotation": "Overlap"}, 1), ({"secretRotation": "Immediate"}, 6), ({}, 6)],
    ids=["Overlap", "Immediate", "absent"],
)
def test_secrets_that_expire_are_renewed_at_one_client_where_the_issuer_says_that_updates_do_that_with_an_overlap(
    dialect: dict[str, Any], clients: int
) -> None:
    async def main() -> None:
        platform, server = platform_with(dialect)
        server.expires_at = lambda: int((platform.clock.now() + MONTH).timestamp())
        server.renews = lambda _: True
        await platform.settle()
        secrets = set()
        for _ in range(120):
            await lived(platform, timedelta(days=1), step=timedelta(days=1))
            secrets.add(published(platform)["client_secret"])
            assert platform.said()[:2] == READY
        assert abs(len(secrets) - 6) <= 1
        assert abs(server.calls.count("POST") - clients) <= clients // 6
        assert ("PUT" in server.calls) is (clients == 1)

    asyncio.run(main())


@pytest.mark.parametrize("most", [2, 3])
def test_no_more_keys_are_registered_than_the_issuer_says_that_its_server_holds(most: int) -> None:
    async def main() -> None:
        own = {**METADATA, "token_endpoint_auth_method": "private_key_jwt"}
        platform, server = platform_with({"keysPerClient": most}, clientMetadata=own, privateKey={})
        await platform.settle()
        shown, most_held = [published(platform)["key_id"]], 0
        for value in ("once", "twice"):
            platform.api.annotate("shop", "web", {ROTATE_ANNOTATION: value})
            await lived(platform, timedelta(hours=6))
            shown.append(published(platform)["key_id"])
            most_held = max(most_held, *(len(client["jwks"]["keys"]) for client in server.clients.values()))
        assert most_held == most
        assert (shown[2] == shown[1]) is (most == 2)
        if most == 2:
            assert "holds no more than its 2 keys" in platform.said("Renewing")[2]
        await lived(platform, timedelta(days=3))
        assert published(platform)["key_id"] not in shown[:2]
        (client,) = server.clients.values()
        assert [key["kid"] for key in client["jwks"]["keys"]] == [published(platform)["key_id"]]
        assert platform.said()[:2] == READY

    asyncio.run(main())


def test_where_the_issuer_says_that_one_key_is_held_no_second_one_is_tried() -> None:
    async def main() -> None:
        own = {**METADATA, "token_endpoint_auth_method": "private_key_jwt"}
        platform, server = platform_with({"keysPerClient": 1}, clientMetadata=own, privateKey={})
        await platform.settle()
        platform.api.annotate("shop", "web", {ROTATE_ANNOTATION: "once"})
        await lived(platform, timedelta(days=3))
        assert server.calls == ["POST", "POST", "DELETE"]
        assert {len(body["jwks"]["keys"]) for body in server.bodies} == {1}

    asyncio.run(main())
