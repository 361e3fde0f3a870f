"""From a client secret to keys of the user's own, and back: what running pods hold is good for an overlap."""

import asyncio
from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.oauth.jose import generate
from tests.pure.simulation.lives import METADATA, Life
from tests.pure.simulation.phases import DAY, MINUTE
from tests.pure.simulation.test_keys import BY_SECRET
from tests.pure.simulation.test_keys import METADATA as BY_KEY

OWN_KEYS: Final[dict[str, Any]] = {**BY_KEY, "jwks": {"keys": [dict(generate("ES256").public_jwk)]}}


async def edited(before: dict[str, Any], after: dict[str, Any], **spec: Any) -> Life:
    life = Life()
    life.apply(clientMetadata=before, **spec)
    await life.live(MINUTE)
    life.apply(clientMetadata=after)
    await life.live(MINUTE)
    return life


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(BY_SECRET, OWN_KEYS, id="to keys"),
        pytest.param(OWN_KEYS, BY_SECRET, id="to a client secret"),
    ],
)
def test_another_client_is_published_and_the_one_before_leaves(before: dict[str, Any], after: dict[str, Any]) -> None:
    async def main() -> None:
        life = await edited(before, after)
        assert life.server.calls == ["POST", "POST"]
        assert (life.shown() or ("", ""))[1] == "client-2"
        assert life.leaving() == ["client-1"]
        assert life.server.clients["client-1"]["token_endpoint_auth_method"] == before["token_endpoint_auth_method"]
        assert life.world.condition() == ("True", "Registered")
        await life.live(DAY + MINUTE)
        assert [*life.server.clients] == ["client-2"]

    asyncio.run(main())


def test_back_within_the_overlap_returns_to_the_client_of_before() -> None:
    async def main() -> None:
        life = await edited(BY_SECRET, OWN_KEYS)
        life.apply(clientMetadata=BY_SECRET)
        await life.live(MINUTE)
        assert (life.shown() or ("", ""))[1] == "client-1"
        assert life.server.calls == ["POST", "POST"]

    asyncio.run(main())


def test_who_keeps_the_client_has_it_updated_in_place() -> None:
    async def main() -> None:
        life = await edited(BY_SECRET, OWN_KEYS, rotation={"strategy": "Server"})
        assert life.server.calls == ["POST", "PUT"]
        assert (life.shown() or ("", ""))[1] == "client-1"
        assert "client_secret" not in (life.secret() or {})
        assert life.world.condition() == ("True", "Registered")
        life.apply(clientMetadata=BY_SECRET)
        await life.live(timedelta(hours=1))
        assert life.server.calls == ["POST", "PUT", "PUT"]
        assert "client_secret" in (life.secret() or {})

    asyncio.run(main())


def test_another_way_to_present_the_client_secret_is_an_update() -> None:
    async def main() -> None:
        life = await edited(BY_SECRET, {**BY_SECRET, "token_endpoint_auth_method": "client_secret_post"})
        assert life.server.calls == ["POST", "PUT"]

    asyncio.run(main())


def test_a_public_client_holds_nothing_that_could_be_refused_and_is_updated() -> None:
    async def main() -> None:
        life = await edited({**METADATA, "token_endpoint_auth_method": "none"}, METADATA)
        assert life.server.calls == ["POST", "PUT"]

    asyncio.run(main())
