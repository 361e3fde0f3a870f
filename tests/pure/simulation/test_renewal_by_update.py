"""`spec.rotation.strategy: Server`: the published client itself gets another credential, by an update."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from oauthclient_operator.exchange import Answer, Incomplete, Request, Response
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reach import IssuerAddress
from tests.pure.simulation.authorization_server import AuthorizationServer
from tests.pure.simulation.lives import METADATA, NOT_MANAGED, Life, said_of
from tests.pure.simulation.phases import DAY, MINUTE
from tests.pure.simulation.test_keys import published

MONTH = timedelta(days=30)
SERVER = {"rotation": {"strategy": "Server"}}


def expiring(
    *, window: timedelta | None, limits: Limits | None = None, server: AuthorizationServer | None = None, **issued: Any
) -> Life:
    """Return a life at a server whose client secrets live for a month, and are renewed by an update near their end."""
    server = server or AuthorizationServer()
    server.issued = issued
    life = Life(server=server, limits=limits or Limits())
    clock = life.world.clock
    server.expires_at = lambda: int((clock.now() + MONTH).timestamp())
    if window is not None:
        server.renews = lambda client: (
            client["client_secret_expires_at"] - clock.now().timestamp() < window.total_seconds()
        )
    return life


def left(life: Life) -> timedelta:
    """Return how long the published client secret is still good."""
    shown = life.shown()
    assert shown is not None
    return timedelta(seconds=life.server.clients[shown[1]]["client_secret_expires_at"]) - timedelta(
        seconds=life.world.clock.now().timestamp()
    )


@pytest.mark.parametrize("days", [3, 6, 15])
def test_a_year_at_a_server_that_renews_secrets_by_updates_near_their_end_keeps_one_client(days: int) -> None:
    async def main() -> None:
        life = expiring(window=timedelta(days=days))
        life.apply(**SERVER)
        shortest, secrets = MONTH, set()
        for _ in range(365):
            await life.live(DAY)
            life.check()
            shortest = min(shortest, left(life))
            secrets.add(published(life.world)["client_secret"])
            assert life.world.condition() == ("True", "Registered")
        assert life.server.calls.count("POST") == 1
        assert [*life.server.clients] == ["client-1"]
        assert 12 <= len(secrets) <= 22
        assert shortest > timedelta(days=1)
        # Each try risks the token: they are few.
        renewed = len(secrets) - 1
        assert life.server.calls.count("PUT") <= (1 if days == 15 else 5) * (renewed + 1)
        assert life.status()["edition"] == len(secrets)
        assert "leaving" not in life.status()["rotation"]

    asyncio.run(main())


class Paged(AuthorizationServer):
    """Whose gateway answers so many updates with a page that says 200, and does not pass them on."""

    pages = 0

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if request.method == "PUT" and self.pages:
            self.pages -= 1
            self.calls.append("a page")
            return Response(status=200, headers={"content-type": "text/html"}, body=b"<html>We are back soon</html>")
        return await super().exchange(request, issuer, **options)


@pytest.mark.parametrize(("pages", "clients"), [(1, 1), (2, 1), (1000, 2)])
def test_a_page_in_the_place_of_an_answer_costs_no_renewal(pages: int, clients: int) -> None:
    """It may be a gateway's: the server is asked again in time, and in the end another client takes the place."""

    async def main() -> None:
        server = Paged()
        life = expiring(window=timedelta(days=15), server=server)
        life.apply(**SERVER)
        await life.live(DAY)
        server.pages = pages
        for _ in range(45):
            await life.live(DAY)
            assert left(life) > timedelta(days=1)
        assert life.server.calls.count("POST") == clients
        assert 1 <= life.server.calls.count("a page") <= 6

    asyncio.run(main())


def test_before_its_time_the_server_is_asked_again_later_and_that_is_said() -> None:
    async def main() -> None:
        life = expiring(window=timedelta(days=3))
        life.apply(**SERVER)
        await life.live(MINUTE)
        renew_at = datetime.fromisoformat(life.status()["rotation"]["renewAt"])
        await life.live(renew_at - life.world.clock.now() + timedelta(hours=1))
        assert life.server.calls == ["POST", "PUT"]
        assert life.world.condition("Renewing") == ("True", "Renewing")
        assert life.status()["rotation"]["strategy"] == "Server"
        assert life.status()["rotation"]["reasons"] == ["Expiry"]
        said = said_of(life, "Renewing")
        assert "an update brought the same one" in said
        await life.live(timedelta(days=13))
        assert life.server.calls[0] == "POST"
        assert life.server.calls.count("POST") == 1
        assert "strategy" not in life.status()["rotation"]

    asyncio.run(main())


@pytest.mark.parametrize(
    ("window", "issued"),
    [
        pytest.param(None, {}, id="a server that never renews"),
        pytest.param(timedelta(days=15), NOT_MANAGED, id="a server without management"),
    ],
)
def test_where_no_update_brings_another_secret_another_client_takes_the_place_in_time(
    window: timedelta | None, issued: dict[str, Any]
) -> None:
    async def main() -> None:
        life = expiring(window=window, **issued)
        life.apply(**SERVER)
        for _ in range(70):
            await life.live(DAY)
            life.check()
            assert left(life) > timedelta()
            assert life.world.condition() == ("True", "Registered")
        assert life.server.calls.count("POST") >= 3
        assert life.server.calls.count("PUT") <= (0 if issued else 5 * life.server.calls.count("POST"))

    asyncio.run(main())


def test_a_try_whose_answer_is_lost_with_the_token_is_followed_by_another_client() -> None:
    async def main() -> None:
        lost: list[str] = []

        async def fault(label: str, call: Any) -> Any:
            answer = await call()
            if label == "exchange:PUT" and not lost:
                lost.append(label)
                return Incomplete(cause="the connection broke")
            return answer

        life = expiring(window=timedelta(days=15))
        life.fault = fault
        life.apply(**SERVER)
        for _ in range(30):
            await life.live(DAY)
            life.check()
            assert left(life) > timedelta()
        assert lost
        assert life.server.calls.count("POST") == 2
        assert [*life.server.clients][-1] == published(life.world)["client_id"]
        assert life.world.condition() == ("True", "Registered")

    asyncio.run(main())


def test_an_ordinary_edit_inside_the_window_renews_as_well_and_no_other_update_follows() -> None:
    async def main() -> None:
        life = expiring(window=timedelta(days=15))
        life.apply(**SERVER)
        await life.live(timedelta(days=16))
        before = published(life.world)
        assert life.server.calls == ["POST"]
        life.apply(clientMetadata={**METADATA, "client_name": "shop"})
        await life.live(timedelta(days=8))
        assert life.server.calls == ["POST", "PUT"]
        assert published(life.world)["client_secret"] != before["client_secret"]

    asyncio.run(main())


def test_a_bad_edit_that_lies_around_stops_no_renewal_and_is_no_try_of_it() -> None:
    async def main() -> None:
        # What is refused is tried again, each six hours here: more often than the secret is asked for.
        life = expiring(window=timedelta(days=3), limits=Limits(retry_slowly=timedelta(hours=6)))
        life.apply(**SERVER)
        await life.live(DAY)
        life.server.refuses_named = "unwanted"
        life.apply(clientMetadata={**METADATA, "client_name": "unwanted"})
        await life.live(DAY)
        assert life.world.condition() == ("False", "UpdateRejected")
        for _ in range(27):
            await life.live(DAY)
            life.check()
            assert left(life) > timedelta()
        assert life.server.calls.count("POST") == 1
        assert life.status()["edition"] == 2
        assert 1 <= life.server.updates <= 5
        assert life.world.condition() == ("False", "UpdateRejected")

    asyncio.run(main())
