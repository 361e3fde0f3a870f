"""A client secret that expires is renewed in time, without being asked for, whatever else lies around."""

import asyncio
import base64
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.exchange import Purpose, Response
from oauthclient_operator.names import PROVE_ANNOTATION
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.record.clients import LeftBehind
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.lives import EDITED, METADATA, NOT_MANAGED, Life
from tests.pure.simulation.operator_process import NAME, NAMESPACE
from tests.pure.simulation.phases import DAY, MINUTE

MONTH = timedelta(days=30)
REFUSED = Response(status=400, body=b'{"error": "invalid_client_metadata"}')
UNWANTED = {**METADATA, "client_name": "unwanted"}


def expiring(lifetime: timedelta = MONTH, **options: Any) -> Life:
    """Return a life at a server whose client secrets live that long."""
    server = AuthorizationServer()
    server.issued = options.pop("issued", {})
    life = Life(server=server, **options)
    server.expires_at = lambda: int((life.world.clock.now() + lifetime).timestamp())
    return life


def left(life: Life) -> timedelta:
    """Return how long the published client secret is still good."""
    shown = life.shown()
    assert shown is not None
    expires_at = life.server.clients[shown[1]]["client_secret_expires_at"]
    return timedelta(seconds=expires_at - life.world.clock.now().timestamp())


def test_a_year_at_a_server_whose_secrets_live_for_a_month_and_that_has_no_management() -> None:
    async def main() -> None:
        life = expiring(issued=NOT_MANAGED)
        life.apply()
        shortest = MONTH
        for _ in range(73):
            await life.live(timedelta(days=5))
            life.check()
            shortest = min(shortest, left(life))
            assert life.world.condition() == ("True", "Registered")
        assert shortest > timedelta(days=9)
        # After two thirds of a month, less up to a tenth of it.
        renewed = life.server.calls.count("POST") - 1
        assert 365 // 20 <= renewed <= 365 // 17
        assert life.server.calls == ["POST"] * (renewed + 1)
        told = [event["note"] for event in life.world.api.events if event["reason"] == "LeftBehind"]
        assert len(told) == renewed - len(life.record().leaving)
        # What has expired is known to nobody any more.
        left_behind = [client for client in life.record().clients if isinstance(client.end, LeftBehind)]
        assert len(left_behind) <= 2
        # The newest is made smaller with the next call.
        assert len([client for client in left_behind if client.information.client_secret]) <= 1

    asyncio.run(main())


class Lagging(AuthorizationServer):
    """A replica refuses the second client once, and from then on nobody answers a proof."""

    silent = False

    async def exchange(self, request: Any, issuer: IssuerAddress, **options: Any) -> Any:
        if request.purpose is not Purpose.PROVE or len(self.clients) < 2:
            return await super().exchange(request, issuer, **options)
        authorization = base64.b64decode(request.authorization.credentials.reveal())
        if not self.silent and authorization.startswith(b"client%2D2:"):
            self.silent = True
            body = b'{"error": "invalid_client"}'
            return Response(status=401, headers={"content-type": "application/json"}, body=body)
        return Response(status=404) if self.silent else await super().exchange(request, issuer, **options)


def test_one_refusal_of_a_new_client_that_nobody_takes_back_ends_no_renewal() -> None:
    async def main() -> None:
        server = Lagging()
        server.metadata = {"revocation_endpoint": f"{ISSUER}/revoke"}
        life = Life(server=server)
        server.expires_at = lambda: int((life.world.clock.now() + MONTH).timestamp())
        life.apply()
        await life.live(MINUTE)
        life.world.api.annotate(NAMESPACE, NAME, {PROVE_ANNOTATION: "1"})
        for _ in range(80):
            await life.live(DAY)
            assert left(life) > 9 * DAY
        assert server.silent
        assert "client-2" not in server.clients, "it was given up for another one"

    asyncio.run(main())


def test_it_is_said_when_it_will_be_renewed() -> None:
    async def main() -> None:
        life = expiring()
        life.apply()
        await life.live(MINUTE)
        said = life.status()["rotation"]["renewAt"]
        assert "2026-01-18" <= said <= "2026-01-21"

    asyncio.run(main())


class Particular(AuthorizationServer):
    """Takes no client of that name."""

    async def exchange(self, request: Any, issuer: IssuerAddress, **options: Any) -> Any:
        if request.body and b'"unwanted"' in request.body:
            self.calls.append(f"{request.method} refused")
            return REFUSED
        return await super().exchange(request, issuer, **options)


@pytest.mark.parametrize("issued", [{}, NOT_MANAGED], ids=["managed", "not managed"])
def test_an_edit_that_the_server_refuses_lies_around_while_the_secret_is_renewed(issued: dict[str, Any]) -> None:
    async def main() -> None:
        server = Particular()
        server.issued = issued
        life = Life(server=server, limits=Limits(retry_slowly=timedelta(hours=12)))
        server.expires_at = lambda: int((life.world.clock.now() + MONTH).timestamp())
        life.apply()
        await life.live(DAY)
        life.apply(clientMetadata=UNWANTED)
        await life.live(MINUTE)
        before = life.world.condition()
        assert before[0] == "False"
        for _ in range(15):
            await life.live(4 * DAY)
            life.check()
            assert left(life) > timedelta(days=9)
            assert life.world.condition() == before
        assert life.record().edition >= 3
        shown = life.shown()
        assert shown is not None
        assert server.clients[shown[1]]["client_name"] == "web"
        # One try with what the spec asks for each renewal, and no more.
        assert server.calls.count("POST refused") == life.record().edition - 1

    asyncio.run(main())


def test_an_invalid_edit_lies_around_while_the_secret_is_renewed() -> None:
    async def main() -> None:
        life = expiring()
        life.apply()
        await life.live(DAY)
        life.apply(clientMetadata={**METADATA, "redirect_uris": ["not a URI"]})
        for _ in range(15):
            await life.live(4 * DAY)
            life.check()
            assert left(life) > timedelta(days=9)
            assert life.world.condition() == ("False", "InvalidSpec")
        life.apply(clientMetadata=EDITED)
        await life.live(MINUTE)
        shown = life.shown()
        assert shown is not None
        assert life.server.clients[shown[1]]["client_name"] == "shop"
        assert life.world.condition() == ("True", "Registered")

    asyncio.run(main())


def test_where_the_policy_says_report_it_is_not_renewed_and_expires() -> None:
    async def main() -> None:
        life = expiring(spec={"policy": {"expiry": "Report"}})
        life.apply()
        await life.live(timedelta(days=29))
        assert life.world.condition() == ("True", "Registered")
        await life.live(2 * DAY)
        assert life.world.condition() == ("False", "SecretExpired")
        assert life.server.calls == ["POST"]
        life.apply(policy=None)
        await life.live(MINUTE)
        assert left(life) > timedelta(days=29)
        assert life.world.condition() == ("True", "Registered")

    asyncio.run(main())


def test_a_secret_that_lives_for_minutes_is_reported_and_not_chased() -> None:
    async def main() -> None:
        life = expiring(timedelta(minutes=5))
        life.apply()
        await life.live(DAY)
        assert life.server.calls == ["POST"]
        assert life.world.condition() == ("False", "SecretExpired")

    asyncio.run(main())


def test_a_public_client_that_is_given_a_secret_that_expires_is_never_renewed() -> None:
    async def main() -> None:
        life = expiring(spec={"clientMetadata": {**METADATA, "token_endpoint_auth_method": "none"}})
        life.apply()
        await life.live(2 * MONTH)
        assert life.server.calls == ["POST"]
        assert life.world.condition() == ("True", "Registered")

    asyncio.run(main())


def test_a_server_whose_secrets_all_end_on_one_day_is_asked_less_and_less_often_and_nothing_piles_up() -> None:
    async def main() -> None:
        life = expiring()
        end = int((life.world.clock.now() + MONTH).timestamp())
        life.server.expires_at = lambda: end
        life.apply()
        await life.live(timedelta(days=29))
        life.check()
        assert life.world.condition("Renewing") == ("False", "RenewalFailed")
        assert life.record().edition == 1
        assert len(life.living()) == 1
        # Three candidates each time, after half of what is left of the secret at the latest.
        assert life.server.calls.count("POST") < 40
        # A person who asks for another gets one all the same: it is no worse.
        life.rotate("now")
        await life.live(MINUTE)
        assert life.record().edition == 2

    asyncio.run(main())
