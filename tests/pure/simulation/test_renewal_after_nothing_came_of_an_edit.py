"""What nothing came of is tried later each time; what asks for something else is not kept waiting by that."""

import asyncio
from typing import Any

from tests.pure.simulation.authorization_server import AuthorizationServer
from tests.pure.simulation.expiring import MONTH, expiring, left
from tests.pure.simulation.lives import METADATA, Life
from tests.pure.simulation.phases import DAY, MINUTE
from tests.pure.simulation.two_issuers import OTHER, TwoIssuers

KEYED = {**METADATA, "token_endpoint_auth_method": "private_key_jwt"}


def without_keys(metadata: dict[str, Any]) -> dict[str, Any]:
    metadata = {**metadata, "token_endpoint_auth_method": "client_secret_basic"}
    metadata.pop("jwks", None)
    return metadata


class WithoutKeys(AuthorizationServer):
    """Whatever is asked, it registers clients with a secret."""

    def _made(self, metadata: dict[str, Any]) -> dict[str, Any]:
        return super()._made(without_keys(metadata))


class BothWithoutKeys(TwoIssuers):
    """Neither has keys at the first of them."""

    def _made(self, metadata: dict[str, Any]) -> dict[str, Any]:
        return super()._made(without_keys(metadata))


async def in_vain(life: Life, days: int = 10) -> None:
    """Ask for a key for so long that the next try is days away."""
    life.apply()
    await life.live(DAY)
    life.apply(clientMetadata=KEYED, privateKey={})
    await life.live(days * DAY)
    ended = life.record().without_effect
    assert ended is not None
    assert ended.times > 5


def test_an_edit_that_is_corrected_days_before_the_secret_ends() -> None:
    async def main() -> None:
        life = expiring(WithoutKeys())
        await in_vain(life, 26)
        life.apply(clientMetadata=METADATA, privateKey=None)
        await life.live(4 * DAY)
        assert left(life) > DAY

    asyncio.run(main())


def test_a_secret_that_expires_is_renewed_when_it_always_is() -> None:
    async def main() -> None:
        life = expiring(WithoutKeys())
        await in_vain(life)
        asked_at = life.record().without_effect
        await life.live(10 * DAY)
        assert left(life) > MONTH - 4 * DAY
        # And the key is asked for as seldom as before.
        ended = life.record().without_effect
        assert asked_at is not None
        assert ended is not None
        assert asked_at.times <= ended.times <= asked_at.times + 2

    asyncio.run(main())


def test_a_move_is_made_at_once() -> None:
    async def main() -> None:
        life = expiring(BothWithoutKeys())
        await in_vain(life)
        life.apply(issuer=OTHER)
        await life.live(MINUTE)
        assert life.shown() == (OTHER, "client-1")
        assert life.world.condition() == ("True", "Registered")

    asyncio.run(main())


def test_an_edit_that_takes_the_reason_away_leaves_nothing_to_be_said() -> None:
    async def main() -> None:
        life = expiring(WithoutKeys())
        await in_vain(life)
        assert life.world.condition("Renewing") == ("False", "RenewalFailed")
        life.apply(clientMetadata=METADATA, privateKey=None)
        await life.live(MINUTE)
        assert life.world.condition() == ("True", "Registered")
        assert "Renewing" not in {condition["type"] for condition in life.status()["conditions"]}

    asyncio.run(main())
