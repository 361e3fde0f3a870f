"""`--tenant-issuers=Deny`: nothing new at an issuer that a client names itself, and all that is registered goes on."""

import asyncio
from datetime import timedelta

import pytest

from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.expiring import expiring, left
from tests.pure.simulation.lives import EDITED, METADATA, Life, said_of
from tests.pure.simulation.two_issuers import OTHER, TwoIssuers

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
REFUSED = ("False", "InvalidSpec")
READY = ("True", "Registered")


def begins_again(life: Life, *, denied: bool) -> None:
    """Start the operator with that option; what the process before remembered is gone."""
    life.world.tenant_issuers = not denied
    life.process = life.world.start()


async def denied_later(life: Life) -> Life:
    """Register a client while that is allowed, and have it denied afterwards."""
    life.apply()
    await life.live(MINUTE)
    assert life.world.condition() == READY
    begins_again(life, denied=True)
    await life.live(MINUTE)
    return life


def test_a_new_client_is_refused_before_any_call_or_write_and_told_what_to_write() -> None:
    async def main() -> None:
        life = Life()
        begins_again(life, denied=True)
        life.apply()
        await life.live(DAY)
        assert life.world.condition() == REFUSED
        message = said_of(life, "Ready")
        assert "--tenant-issuers=Deny" in message
        assert "write spec.issuerRef, which names a ClusterOAuthIssuer" in message
        assert (life.server.calls, life.server.clients, life.world.records()) == ([], {}, [])
        assert life.world.secret() is None
        assert "finalizers" not in (life.world.api.get("oauthclients", "shop", "web") or {})["metadata"]

    asyncio.run(main())


@pytest.mark.parametrize("edited", [False, True], ids=["as it is", "with an edit"])
def test_what_is_registered_stays_as_it_is_and_can_be_deleted(*, edited: bool) -> None:
    async def main() -> None:
        life = await denied_later(Life())
        before = life.secret()
        if edited:
            life.apply(clientMetadata=EDITED)
        await life.live(DAY)
        assert life.world.condition() == REFUSED
        assert (life.secret(), life.server.calls) == (before, ["POST"])
        assert [client["client_name"] for client in life.server.clients.values()] == [METADATA["client_name"]]
        life.check()
        life.delete()
        await life.live(MINUTE)
        assert (life.world.resource(), life.server.clients) == (None, {})

    asyncio.run(main())


def test_what_expires_is_renewed_in_time_and_unchanged() -> None:
    async def main() -> None:
        life = await denied_later(expiring(AuthorizationServer()))
        life.apply(clientMetadata=EDITED)
        for _ in range(90):
            await life.live(DAY)
            assert left(life) > DAY
        assert life.shown() != (ISSUER, "client-1"), "it was renewed"
        assert {client["client_name"] for client in life.server.clients.values()} == {METADATA["client_name"]}
        assert life.world.condition() == REFUSED
        life.check()

    asyncio.run(main())


def test_a_person_may_have_it_rotated() -> None:
    async def main() -> None:
        life = await denied_later(Life())
        life.rotate("now")
        await life.live(2 * DAY)
        assert life.shown() == (ISSUER, "client-2")
        assert set(life.server.clients) == {"client-2"}, "the one before has left"
        life.check()

    asyncio.run(main())


def test_it_is_not_moved_to_another_issuer_that_it_names_itself() -> None:
    async def main() -> None:
        server = TwoIssuers()
        life = await denied_later(Life(server=server))
        life.apply(issuer=OTHER)
        await life.live(DAY)
        assert life.world.condition() == REFUSED
        assert server.other.calls == []
        assert life.shown() == (ISSUER, "client-1")

    asyncio.run(main())


def test_where_it_is_allowed_again_what_waited_goes_on() -> None:
    async def main() -> None:
        life = await denied_later(Life())
        life.apply(clientMetadata=EDITED)
        await life.live(MINUTE)
        assert life.world.condition() == REFUSED
        begins_again(life, denied=False)
        await life.live(MINUTE)
        assert life.world.condition() == READY
        assert life.server.calls == ["POST", "PUT"]
        (client,) = life.server.clients.values()
        assert client["client_name"] == EDITED["client_name"]

    asyncio.run(main())
