"""A pair that a person asked to have replaced, while its server lets nobody in: it is not said to be served."""

import asyncio
import hashlib
import json
from typing import Any, Final

import pytest

from oauthclient_operator.exchange import Answer, Incomplete, NotSent, Request, Response
from oauthclient_operator.kubectl_plugin import waiting
from oauthclient_operator.reach import IssuerAddress
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.lives import Life
from tests.pure.simulation.phases import DAY, MINUTE

ASKED: Final = waiting.Asked(verb="rotate", value=hashlib.sha256(b"now").hexdigest()[:16], edition=1)


class RegistersNobody(AuthorizationServer):
    """Answers every registration with that, once it has been told to."""

    instead: Answer | None = None

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if request.method == "POST" and self.instead is not None:
            return self.instead
        return await super().exchange(request, issuer, **options)


REFUSED: Final = Response(
    status=400, headers={"content-type": "application/json"}, body=b'{"error": "invalid_client_metadata"}'
)
FAILURES: Final[list[Answer]] = [
    REFUSED,
    Response(status=500),
    Response(status=503),
    NotSent(cause="nobody listens"),
    Incomplete(cause="it broke off"),
]


def ended(life: Life) -> waiting.Outcome | None:
    return waiting.outcome("rotate", life.world.resource() or {}, ASKED)


async def failing(answer: Answer) -> tuple[Life, RegistersNobody]:
    server = RegistersNobody()
    life = Life(server=server)
    life.apply()
    await life.live(MINUTE)
    server.instead = answer
    life.rotate("now")
    await life.live(MINUTE)
    return life, server


@pytest.mark.parametrize("answer", FAILURES, ids=["400", "500", "503", "not sent", "lost"])
def test_a_rotation_whose_registration_fails_is_not_served(answer: Answer) -> None:
    async def main() -> None:
        life, _ = await failing(answer)
        assert life.shown() == (ISSUER, "client-1")
        assert life.world.condition() == ("True", "Registered")
        assert life.world.condition("Renewing") == ("False", "RenewalFailed")
        assert "rotate" not in life.status().get("served", {})
        assert ended(life) is None

    asyncio.run(main())


def test_a_rotation_is_served_once_the_other_pair_is_published_and_none_is_begun_twice() -> None:
    async def main() -> None:
        life, server = await failing(REFUSED)
        server.instead = None
        await life.live(DAY / 2)
        assert life.shown() == (ISSUER, "client-2")
        assert life.status()["served"]["rotate"] == ASKED.value
        found = ended(life)
        assert found is not None
        assert found.done
        await life.live(DAY / 2)
        assert life.status()["edition"] == 2

    asyncio.run(main())


def test_a_rotation_that_brought_the_same_client_came_to_nothing() -> None:
    async def main() -> None:
        life, server = await failing(NotSent(cause="nobody listens"))
        server.instead = Response(
            status=201,
            headers={"content-type": "application/json"},
            body=json.dumps(server.clients["client-1"]).encode(),
        )
        await life.live(DAY / 2)
        assert life.shown() == (ISSUER, "client-1")
        assert life.status()["served"]["rotate"] == ASKED.value
        found = ended(life)
        assert found is not None
        assert not found.done
        assert "answered with nothing better" in found.said

    asyncio.run(main())
