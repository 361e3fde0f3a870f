"""Another issuer and a client of it in one edit: that client is adopted there, and none is registered."""

import asyncio
import base64
from typing import Any, Final

from oauthclient_operator import names
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.lives import METADATA, Life
from tests.pure.simulation.operator_process import NAMESPACE
from tests.pure.simulation.phases import DAY, MINUTE
from tests.pure.simulation.two_issuers import OTHER, TwoIssuers

NAME: Final = "web-client"
ADOPT: Final[dict[str, Any]] = {"issuer": OTHER, "adopt": {"secretRef": {"name": NAME}}}
KEYS: Final = ("client_id", "client_secret", "registration_access_token", "registration_client_uri")


def hand_over(life: Life, client: dict[str, Any], issuer: str = OTHER, **more: Any) -> None:
    values = {"issuer": issuer, **{key: client[key] for key in KEYS}, **more}
    data = {k: base64.b64encode(v.encode()).decode() for k, v in values.items()}
    metadata = {"namespace": NAMESPACE, "name": NAME, "uid": "uid"}
    life.world.api.put(
        ("secrets", NAMESPACE, NAME), {"type": names.CLIENT_INFORMATION_TYPE, "metadata": metadata, "data": data}
    )


async def published() -> tuple[Life, TwoIssuers, dict[str, Any]]:
    """Return a life whose client is published at the first issuer, and one that a person made at the other."""
    server = TwoIssuers()
    life = Life(server=server)
    life.apply()
    await life.live(DAY)
    return life, server, server.other.made(METADATA)


def test_the_client_is_adopted_at_the_new_issuer_and_the_one_before_leaves_at_its_own() -> None:
    async def main() -> None:
        life, server, made = await published()
        hand_over(life, made)
        life.apply(**ADOPT)
        await life.live(MINUTE)
        assert life.shown() == (OTHER, made["client_id"])
        assert life.world.condition() == ("True", "Registered")
        assert "POST" not in server.other.calls
        assert server.clients.keys() == {"client-1"}
        await life.live(2 * DAY)
        assert server.clients == {}
        assert server.other.clients.keys() == {made["client_id"]}
        life.check()

    asyncio.run(main())


def test_whatever_fails_none_is_registered_and_what_is_published_stays() -> None:
    async def main() -> None:
        life, server, made = await published()
        life.apply(**ADOPT)
        await life.live(DAY)
        assert life.world.condition() == ("False", "AdoptionFailed")
        assert life.world.condition("Renewing") == ("False", "RenewalFailed")
        hand_over(life, made, issuer=ISSUER)
        await life.live(DAY)
        hand_over(life, made, registration_access_token="stale")
        await life.live(DAY)
        assert life.shown() == (ISSUER, "client-1")
        message = next(c["message"] for c in life.status()["conditions"] if c["type"] == "Ready")
        assert message.endswith("no other client is registered while spec.adopt is there")
        assert "POST" not in server.other.calls
        hand_over(life, made)
        await life.live(MINUTE)
        assert life.shown() == (OTHER, made["client_id"])

    asyncio.run(main())


def test_without_adopt_one_is_registered_there_and_what_was_offered_is_nobodys() -> None:
    async def main() -> None:
        life, server, made = await published()
        hand_over(life, made, registration_access_token="stale")
        life.apply(**ADOPT)
        await life.live(DAY)
        life.apply(adopt=None)
        await life.live(MINUTE)
        assert server.other.calls.count("POST") == 1
        assert life.world.condition() == ("True", "Registered")
        assert made["client_id"] in server.other.clients

    asyncio.run(main())


def test_what_was_registered_there_before_and_leaves_gives_way_and_what_was_adopted_there_is_returned_to() -> None:
    async def main() -> None:
        life, server, made = await published()
        life.apply(issuer=OTHER)
        await life.live(MINUTE)
        registered = life.shown()
        assert registered not in (None, (OTHER, made["client_id"]))
        life.apply(issuer=ISSUER)
        await life.live(MINUTE)
        hand_over(life, made)
        life.apply(**ADOPT)
        await life.live(MINUTE)
        assert life.shown() == (OTHER, made["client_id"])
        life.apply(issuer=ISSUER, adopt=None)
        await life.live(MINUTE)
        assert life.shown() == (ISSUER, "client-1")
        # The very values that were taken up before.
        life.apply(**ADOPT)
        await life.live(MINUTE)
        assert life.shown() == (OTHER, made["client_id"])
        assert server.other.calls.count("POST") == 1

    asyncio.run(main())
