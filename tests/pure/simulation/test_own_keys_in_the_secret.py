"""A user's own key in the published Secret has a name that the operator comes to need: it stays, and that is said."""

import asyncio
from base64 import b64encode
from typing import Any, Final

import pytest

from tests.pure.simulation.lives import Life, said_of
from tests.pure.simulation.operator_process import NAME, NAMESPACE
from tests.pure.simulation.phases import MINUTE

_OWN: Final = b64encode(b"mine").decode()


async def with_own(key: str) -> Life:
    """Return a client that is Ready, whose user has written a key of its own into the Secret."""
    life = Life()
    life.apply()
    await life.live(MINUTE)
    put(life, key, _OWN)
    await life.live(MINUTE)
    assert life.world.condition() == ("True", "Registered")
    return life


def put(life: Life, key: str, value: str | None) -> None:
    body: Any = life.world.api.objects["secrets", NAMESPACE, NAME]
    body = {**body, "data": {**body["data"]}}
    if value is None:
        del body["data"][key]
    else:
        body["data"][key] = value
    life.world.api.put(("secrets", NAMESPACE, NAME), body)


def held(life: Life, key: str) -> str | None:
    data: dict[str, str] = life.world.api.objects["secrets", NAMESPACE, NAME]["data"]
    return data.get(key)


@pytest.mark.parametrize("key", ["end_session_endpoint", "private_key", "mine"])
def test_one_that_is_of_no_use_here_stays(key: str) -> None:
    async def main() -> None:
        life = await with_own(key)
        life.rotate("now")
        await life.live(MINUTE)
        assert (life.shown() or ("", ""))[1] == "client-2"
        assert (held(life, key), life.world.condition()) == (_OWN, ("True", "Registered"))

    asyncio.run(main())


@pytest.mark.parametrize(
    ("fact", "published"),
    [
        pytest.param("client_secret", False, id="of the credentials none is published without the other"),
        pytest.param("token_endpoint_auth_method", True, id="all else is published"),
    ],
)
def test_one_in_the_place_of_ours_is_not_written_over(fact: str, published: bool) -> None:
    async def main() -> None:
        life = await with_own("OIDC_VALUE")
        life.apply(secret={"keys": {fact: "OIDC_VALUE", "token_endpoint": "TOKEN"}})
        await life.live(MINUTE)
        assert held(life, "OIDC_VALUE") == _OWN
        assert (held(life, "TOKEN") is not None) is published
        assert life.world.condition() == ("False", "SecretNotPublishable")
        assert "OIDC_VALUE" in said_of(life, "Ready")
        put(life, "OIDC_VALUE", None)
        await life.live(MINUTE)
        assert held(life, "OIDC_VALUE") not in (None, _OWN)
        assert life.world.condition() == ("True", "Registered")

    asyncio.run(main())
