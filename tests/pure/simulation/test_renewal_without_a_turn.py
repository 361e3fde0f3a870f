"""Beside an edit that has a client replaced in its turn, what expires, an interval and a request wait for no turn."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.exchange import Answer, Incomplete, Purpose, Request, Response
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.reconcile.fleet import FIRST_PAUSE
from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.expiring import MONTH, SLOWLY, expiring, left
from tests.pure.simulation.lives import EDITED, METADATA, Life, said_of
from tests.pure.simulation.operator_process import NAMESPACE
from tests.pure.simulation.phases import DAY, MINUTE

POLICY = {"unmanageable": "Reregister"}
HOUR = timedelta(hours=1)
TOO_SOON = FIRST_PAUSE - 2 * MINUTE
"""After so long an operator is restarted: it has no turn to give by then."""


async def edited(lifetime: timedelta, **rotation: Any) -> Life:
    """Return a life whose edit its server takes by no update, so that another client has to, in its turn."""
    server = AuthorizationServer()
    server.refuses = Response(status=405)
    life = expiring(server, lifetime, overlap=timedelta(hours=12))
    life.apply(policy=POLICY, rotation={"overlap": "12h", **rotation})
    await life.live(HOUR)
    life.process = life.world.start()
    life.apply(clientMetadata=EDITED)
    await life.live(MINUTE)
    assert life.world.condition("Renewing") == ("True", "Renewing")
    assert life.shown() == (ISSUER, "client-1"), "a process that begins waits a whole pause"
    return life


@pytest.mark.parametrize(
    ("lifetime", "rotation"),
    [
        pytest.param(DAY, {}, id="a secret that expires"),
        pytest.param(MONTH, {"interval": "24h", "strategy": "Reregister"}, id="an interval"),
    ],
)
def test_an_operator_that_has_no_turn_for_it_all_day_renews_in_time(
    lifetime: timedelta, rotation: dict[str, Any]
) -> None:
    async def main() -> None:
        life = await edited(lifetime, **rotation)
        for _ in range(DAY // TOO_SOON):
            await life.live(TOO_SOON)
            life.process = life.world.start()
            assert left(life) > timedelta(), said_of(life, "Renewing")
        assert life.server.calls.count("POST") == 2
        assert life.shown() == (ISSUER, "client-2")
        assert life.world.condition() == ("True", "Registered")

    asyncio.run(main())


def test_an_interval_that_has_nothing_replaced_here_has_nothing_replaced_before_its_turn() -> None:
    async def main() -> None:
        server = AuthorizationServer()
        server.refuses = Response(status=405)
        life = expiring(server)
        keyed = {**METADATA, "token_endpoint_auth_method": "private_key_jwt"}
        life.apply(clientMetadata=keyed, privateKey={}, policy=POLICY, rotation={"interval": "24h"})
        # No other key can be brought to the client, and another client costs consents.
        await life.live(2 * DAY)
        assert life.world.condition("Renewing") == ("False", "RenewalFailed")
        life.process = life.world.start()
        life.apply(clientMetadata={**keyed, "client_name": "shop"})
        await life.live(FIRST_PAUSE / 2)
        assert life.server.calls.count("POST") == 1
        await life.live(FIRST_PAUSE)
        assert life.shown() == (ISSUER, "client-2"), said_of(life, "Renewing")

    asyncio.run(main())


def test_who_asks_gets_another_client_at_once() -> None:
    async def main() -> None:
        life = await edited(MONTH)
        life.rotate("x")
        await life.live(MINUTE)
        assert life.shown() == (ISSUER, "client-2"), said_of(life, "Renewing")

    asyncio.run(main())


def test_what_waits_for_no_turn_takes_none_from_others() -> None:
    async def main() -> None:
        loses: list[str] = []

        async def fault(label: str, call: Any) -> Any:
            return Incomplete(cause="cut off") if label == "exchange:POST" and loses else await call()

        life = await edited(MONTH)
        life.fault = fault
        spec, beside = {**life.spec, "clientMetadata": METADATA}, oauth_client(NAMESPACE, "beside")
        life.world.api.apply(NAMESPACE, "beside", spec)
        await life.process.reconcile(beside)
        loses.append("every registration")
        life.rotate("x")
        await life.live(MINUTE)
        assert life.server.calls[-1] == "PUT", "its registrations are lost"
        assert life.status()["rotation"]["strategy"] == "Reregister"
        loses.clear()
        life.world.clock.time += FIRST_PAUSE - 2 * MINUTE
        life.world.api.apply(NAMESPACE, "beside", {**spec, "clientMetadata": EDITED})
        for _ in range(5):
            await life.process.reconcile(beside)
            life.world.clock.time += MINUTE
        clients = [c["client_name"] for c in life.server.clients.values()]
        assert clients.count("shop") == 1, "it is replaced in its turn, which nobody else has"

    asyncio.run(main())


class TakesNoEdit(AuthorizationServer):
    """Takes no update, and has nobody registered by the name of the edit."""

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if request.method == "POST" and b'"shop"' in (request.body or b"") and request.purpose is Purpose.REGISTER:
            return Response(status=400, body=b'{"error": "invalid_client_metadata"}')
        return await super().exchange(request, issuer, **options)


def test_a_refused_edit_is_told_no_more_often_for_restarts_and_known_to_be_refused_when_the_secret_expires() -> None:
    async def main() -> None:
        server = TakesNoEdit()
        server.refuses = Response(status=405)
        life = expiring(server, DAY)
        life.apply(policy=POLICY)
        await life.live(HOUR)
        life.apply(clientMetadata=EDITED)
        await life.live(MINUTE)
        assert life.status()["rotation"]["reasons"] == ["Unmanageable"]
        for _ in range((DAY - HOUR) // TOO_SOON):
            life.process = life.world.start()
            await life.live(TOO_SOON)
            assert left(life) > timedelta(), said_of(life, "Renewing")
        # Once as an edit and once before each registration that would take its place, which has a time of its own.
        assert server.calls.count("PUT") <= 2 * (DAY / SLOWLY.retry_slowly + 1)
        assert server.calls.count("POST") == 2

    asyncio.run(main())
