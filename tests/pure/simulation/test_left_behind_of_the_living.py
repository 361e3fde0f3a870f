"""A client that was replaced and left behind, for its server was away: ended once that is back, without a person."""

import asyncio
import base64
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.exchange import Answer, Incomplete, NotSent, Request, Response
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.record.clients import LeftBehind
from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.lives import METADATA, Life
from tests.pure.simulation.operator_process import NAMESPACE
from tests.pure.simulation.phases import DAY, MINUTE
from tests.pure.simulation.two_issuers import OTHER, TwoIssuers

HOUR = timedelta(hours=1)


class Away(AuthorizationServer):
    """Ends no client while it `says` something else."""

    says: Answer | None = None

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if request.method == "DELETE" and self.says is not None and issuer.issuer == ISSUER:
            self.calls.append("DELETE")
            return self.says
        return await super().exchange(request, issuer, **options)


class AwayAndAnother(Away, TwoIssuers):
    """The first of two."""


def told(life: Life) -> list[str]:
    """Return what Events told of ends."""
    return [e["reason"] for e in life.world.api.events if e["reason"] in ("LeftBehind", "Deregistered")]


@pytest.mark.parametrize(
    "says",
    [Response(status=405), Response(status=503), NotSent(cause="no route"), Incomplete(cause="no answer")],
    ids=["not supported", "away", "out of reach", "lost"],
)
@pytest.mark.parametrize("moves", [False, True], ids=["a rotation", "a move"])
def test_it_is_tried_once_a_day_and_ended_when_the_server_takes_it(says: Answer, moves: bool) -> None:
    async def main() -> None:
        server = AwayAndAnother() if moves else Away()
        life = Life(server=server, limits=Limits(retry_slowly=HOUR / 4))
        life.apply()
        await life.live(MINUTE)
        server.says = says
        if moves:
            life.apply(issuer=OTHER)
        else:
            life.rotate("1")
        await life.live(1.5 * DAY)
        assert isinstance(life.record().clients[0].end, LeftBehind)
        assert told(life) == ["LeftBehind"]
        before = server.calls.count("DELETE")
        await life.live(5 * DAY)
        assert 4 <= server.calls.count("DELETE") - before <= 5
        assert isinstance(life.record().clients[0].end, LeftBehind)
        assert told(life) == ["LeftBehind"]
        assert life.world.condition() == ("True", "Registered")
        server.says = None
        await life.live(1.2 * DAY)
        assert told(life) == ["LeftBehind", "Deregistered"]
        assert len(life.living()) == 1
        life.check()

    asyncio.run(main())


def test_between_two_tries_nothing_is_asked_of_the_api_server() -> None:
    asked: list[str] = []

    async def note(label: str, call: Any) -> Any:
        asked.append(label)
        return await call()

    async def main() -> None:
        server = Away()
        life = Life(server=server, fault=note)
        life.apply()
        await life.live(MINUTE)
        server.says = Response(status=405)
        life.rotate("1")
        await life.live(1.5 * DAY)
        assert isinstance(life.record().clients[0].end, LeftBehind)
        asked.clear()
        await life.live(HOUR)
        assert asked == []
        # A live look at the resource, the record, the Secret; the call written down, made, and closed.
        await life.live(1.1 * DAY)
        assert asked.count("exchange:DELETE") == 1
        assert len(asked) < 10

    asyncio.run(main())


def test_what_another_resource_took_up_as_it_is_is_not_ended_under_it() -> None:
    async def main() -> None:
        server = Away()
        life = Life(server=server, limits=Limits(retry_slowly=HOUR / 4))
        life.apply()
        await life.live(MINUTE)
        server.says = Response(status=405)
        life.rotate("1")
        await life.live(1.5 * DAY)
        handed = {"issuer": ISSUER, "client_id": "client-1", "client_secret": "secret-1"}
        data = {name: base64.b64encode(value.encode()).decode() for name, value in handed.items()}
        metadata = {"namespace": NAMESPACE, "name": "handed", "uid": "uid-handed"}
        kind = names.CLIENT_INFORMATION_TYPE
        life.world.api.put(("secrets", NAMESPACE, "handed"), {"type": kind, "metadata": metadata, "data": data})
        adopts = {"issuer": ISSUER, "clientMetadata": METADATA, "adopt": {"secretRef": {"name": "handed"}}}
        life.world.api.apply(NAMESPACE, "b", adopts)
        for _ in range(6):
            await life.process.reconcile(oauth_client(NAMESPACE, "b"))
        published = life.world.api.get("secrets", NAMESPACE, "b")
        assert published is not None
        assert published["data"]["client_id"] == data["client_id"]
        server.says = None
        await life.live(5 * DAY)
        assert "client-1" in server.clients

    asyncio.run(main())
