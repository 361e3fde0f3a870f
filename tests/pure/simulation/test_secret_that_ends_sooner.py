"""A later answer tells that the published secret ends within minutes, or has ended: it lived before, and is renewed."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.plan.observed import Limits
from tests.pure.simulation.adopting import HANDED, METADATA, World
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.expiring import MONTH
from tests.pure.simulation.lives import EDITED, Life, said_of
from tests.pure.simulation.operator_process import NAME, NAMESPACE, no_fault
from tests.pure.simulation.phases import DAY, MINUTE

MINUTES = pytest.mark.parametrize("minutes", [-5, 5, 9, 20], ids=lambda minutes: f"{minutes} minutes left")


def expires_in(life: Life, lifetime: timedelta) -> int:
    return int((life.world.clock.now() + lifetime).timestamp())


def refresh(life: Life, value: str = "x") -> None:
    life.world.api.annotate(NAMESPACE, NAME, {names.REFRESH_ANNOTATION: value})


@MINUTES
@pytest.mark.parametrize("strategy", ["Auto", "Server"])
@pytest.mark.parametrize("how", ["a read", "an update"])
def test_of_a_secret_that_was_to_live_for_ever(how: str, strategy: str, minutes: int) -> None:
    async def main() -> None:
        life = Life()
        life.apply(rotation={"strategy": strategy})
        await life.live(40 * DAY)
        life.server.clients["client-1"]["client_secret_expires_at"] = expires_in(life, minutes * MINUTE)
        life.server.expires_at = lambda: expires_in(life, MONTH)
        if how == "a read":
            refresh(life)
        else:
            life.apply(clientMetadata=EDITED)
        await life.live(25 * MINUTE)
        assert life.shown() != (ISSUER, "client-1"), said_of(life, "Ready")
        assert life.world.condition() == ("True", "Registered")
        assert life.server.calls.count("POST") == 2
        # The edit, and tries of the server's own renewal, each of them a tenth of what was left after the one before.
        assert life.server.calls.count("PUT") <= 6

    asyncio.run(main())


@MINUTES
def test_of_one_that_was_handed_over_and_is_read_when_its_token_comes(minutes: int) -> None:
    async def main() -> None:
        server = AuthorizationServer()
        life = Life(server=server)
        server.expires_at = lambda: expires_in(life, MONTH)
        client = server.made(METADATA)
        client["client_secret_expires_at"] = expires_in(life, 2 * DAY + minutes * MINUTE)
        world = World(fault=no_fault, api=life.world.api, server=server, clock=life.world.clock)
        world.hand_over({k: v for k, v in client.items() if not k.startswith("registration_")})
        life.apply(adopt={"secretRef": {"name": HANDED}})
        await life.live(2 * DAY)
        assert life.shown() == (ISSUER, "client-1")
        world.hand_over(client)
        life.world.api.annotate(NAMESPACE, NAME, {names.RETRY_ANNOTATION: "x"})
        for _ in range(25):
            await life.live(MINUTE)
        assert life.shown() == (ISSUER, "client-2"), said_of(life, "Ready")

    asyncio.run(main())


def test_a_server_that_prolongs_one_secret_by_minutes_with_each_update_is_not_asked_without_end() -> None:
    async def main() -> None:
        life = Life(server=AuthorizationServer(), limits=Limits())
        life.apply(rotation={"strategy": "Server"})
        await life.live(40 * DAY)
        _prolong(life.server, life)
        refresh(life)
        await life.live(DAY)
        assert life.shown() != (ISSUER, "client-1")
        assert life.server.calls.count("PUT") <= 2
        assert life.server.calls.count("POST") == 2

    asyncio.run(main())


def _prolong(server: AuthorizationServer, life: Life) -> None:
    """Have each answer say that the client secret ends in five minutes."""
    answered, server.expires_at = server._updated, lambda: expires_in(life, MONTH)
    client = server.clients["client-1"]
    client["client_secret_expires_at"] = expires_in(life, 5 * MINUTE)

    def updated(client: dict[str, Any], body: dict[str, Any]) -> Any:
        client["client_secret_expires_at"] = expires_in(life, 5 * MINUTE)
        return answered(client, body)

    server._updated = updated  # type: ignore[method-assign]


def test_one_that_is_issued_for_minutes_is_still_not_chased() -> None:
    async def main() -> None:
        life = Life()
        life.server.expires_at = lambda: expires_in(life, 5 * MINUTE)
        life.apply()
        await life.live(2 * DAY)
        assert life.server.calls == ["POST"]
        assert life.world.condition() == ("False", "SecretExpired")

    asyncio.run(main())
