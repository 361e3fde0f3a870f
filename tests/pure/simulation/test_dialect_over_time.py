"""Clients over months at servers that renew, end or hold otherwise, as their issuer says."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.names import ROTATE_ANNOTATION
from tests.pure.simulation.dialects import METADATA, READY, lived, platform_with, published

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


KEYED = {"clientMetadata": {**METADATA, "token_endpoint_auth_method": "private_key_jwt"}, "privateKey": {}}
PUBLIC = {"clientMetadata": {**METADATA, "token_endpoint_auth_method": "none"}}


@pytest.mark.parametrize("spec", [{}, PUBLIC, KEYED], ids=["secret", "public", "key"])
@pytest.mark.parametrize("says", ["Client", None])
def test_clients_that_end_are_replaced_before_they_do_where_the_issuer_says_that_they_end(
    spec: dict[str, Any], says: str | None
) -> None:
    async def main() -> None:
        platform, server = platform_with({} if says is None else {"secretExpiry": says}, **spec)
        server.expires_at = lambda: int((platform.clock.now() + MONTH).timestamp())
        await platform.settle()
        lives, outage = set(), 0
        for _ in range(100):
            await lived(platform, timedelta(days=1), step=timedelta(days=1))
            now = platform.clock.now().timestamp()
            for client_id, client in [*server.clients.items()]:
                if client["client_secret_expires_at"] <= now:
                    del server.clients[client_id]
            lives.add(published(platform)["client_id"])
            outage += published(platform)["client_id"] not in server.clients
        if says is None and spec:
            assert (len(lives), outage) == (1, 71)
            return
        assert (outage, platform.said()[:2]) == (0, READY)
        assert abs(len(lives) - 5) <= 1

    asyncio.run(main())


def test_a_client_that_has_ended_says_so_and_when_it_was_going_to() -> None:
    async def main() -> None:
        platform, server = platform_with({"secretExpiry": "Client"}, **PUBLIC, policy={"expiry": "Report"})
        server.expires_at = lambda: int((platform.clock.now() + MONTH).timestamp())
        await platform.settle()
        resource = platform.api.get("oauthclients", "shop", "web")
        assert resource is not None
        assert resource["status"]["registration"]["secretExpiresAt"] == "2026-01-31T00:00:00Z"
        await lived(platform, MONTH + timedelta(days=1), step=timedelta(days=1))
        status, reason, message = platform.said()
        assert (status, reason) == ("False", "SecretExpired")
        assert message.startswith('client "client-1" has ended by the server\'s word, and apps that use it are refused')

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
