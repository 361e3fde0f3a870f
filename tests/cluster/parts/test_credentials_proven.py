"""Whether real servers accept a client's credentials: what proves it at each, and what is found out then."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.oauth.proof.probes import Probe, ProbeAudience, ProbeKind
from oauthclient_operator.oauth.proof.results import Doubt, NotKnown, Refused, Unavailable, Untimely, Valid
from tests.cluster.parts.proving import registered
from tests.parts.canaille import Canaille
from tests.parts.keycloak import Realm

REVOCATION, TOKEN = Probe(kind=ProbeKind.REVOCATION), Probe(kind=ProbeKind.TOKEN)
ISSUER, ENDPOINT = ProbeAudience.ISSUER, ProbeAudience.ENDPOINT
UNKNOWN, KNOWN = Refused(known=False), Refused(known=True)
# Without a Date in its answers nobody knows whether a key was refused for the time, unless that is answered otherwise.
KNOWN_UNDATED = Refused(known=True, alone=False)
BY_KEY = Probe(kind=ProbeKind.REVOCATION, audience=ISSUER)
TABLE: list[tuple[str, str, Probe, Any, Any]] = [
    ("node_provider", "client_secret_basic", REVOCATION, UNKNOWN, UNKNOWN),
    ("node_provider", "client_secret_post", REVOCATION, UNKNOWN, UNKNOWN),
    ("node_provider", "client_secret_jwt", BY_KEY, UNKNOWN, UNKNOWN),
    ("node_provider", "private_key_jwt", BY_KEY, UNKNOWN, UNKNOWN),
    ("node_provider", "none", REVOCATION, None, UNKNOWN),
    ("canaille", "client_secret_basic", REVOCATION, UNKNOWN, UNKNOWN),
    ("canaille", "client_secret_post", TOKEN, KNOWN, UNKNOWN),
    ("canaille", "private_key_jwt", Probe(kind=ProbeKind.TOKEN, audience=ENDPOINT), UNKNOWN, UNKNOWN),
    ("canaille", "none", TOKEN, None, UNKNOWN),
    ("keycloak", "client_secret_basic", REVOCATION, KNOWN, UNKNOWN),
    ("keycloak", "client_secret_post", REVOCATION, KNOWN, UNKNOWN),
    ("keycloak", "private_key_jwt", BY_KEY, KNOWN_UNDATED, UNKNOWN),
    ("keycloak", "none", TOKEN, None, UNKNOWN),
]


@pytest.mark.parametrize(
    ("server", "method", "probe", "wrong", "gone"), TABLE, ids=[f"{server}: {method}" for server, method, *_ in TABLE]
)
async def test_a_client_is_proven_from_its_registration_to_its_end(
    server: str, method: str, probe: Probe, wrong: Any, gone: Any, request: pytest.FixtureRequest
) -> None:
    async with registered(request.getfixturevalue(server), method) as client:
        found = await client.calibrated()
        assert found.probe == probe
        assert await client.check(found) == Valid()
        assert len(client.seen) == 2
        if wrong is not None:
            assert await client.check_wrong(found) == wrong
        # No lockout comes of it.
        assert await client.check(found) == Valid()
        assert await client.deregister() == 204
        assert await client.check(found) == gone


async def test_a_client_that_a_server_fails_over_is_not_refused(canaille: Canaille) -> None:
    """Its token endpoint does not get over a client that was registered without grant_types."""
    async with registered(canaille, "client_secret_post", without=("grant_types",)) as client:
        assert await client.calibrate() == Unavailable(why="the answer was HTTP 500")


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none", "private_key_jwt"])
async def test_a_keycloak_realm_that_is_switched_off_says_nothing_of_its_clients(method: str, keycloak: Realm) -> None:
    async with registered(keycloak, method) as client:
        found = await client.calibrated()
        with switched_off(keycloak):
            assert await client.check(found) == NotKnown(Doubt.CONTROL_DIFFERS)
        assert await client.check(found) == Valid()


@pytest.mark.parametrize("off", [-86400, -3600, -600, -120, -70, 40, 120, 600, 3600, 86400])
async def test_keycloak_refuses_a_key_for_the_time_otherwise_than_nobodys(off: int, keycloak: Realm) -> None:
    async with registered(keycloak, "private_key_jwt") as client:
        found = await client.calibrated()
        assert found.untimely is Untimely.OTHERWISE
        assert await client.check(found, off=timedelta(seconds=off)) == KNOWN_UNDATED
        assert await client.check(found) == Valid()


async def test_where_that_is_not_known_a_later_proof_asks_keycloak_while_the_key_is_good(keycloak: Realm) -> None:
    async with registered(keycloak, "private_key_jwt") as client:
        found = await client.calibrated()
        not_asked = replace(found, untimely=Untimely.UNKNOWN)
        assert await client.check(not_asked, off=timedelta(hours=1)) == KNOWN_UNDATED
        assert await client.check(not_asked) == Valid(learned=found)
        assert await client.check(found) == Valid()


@pytest.mark.parametrize("method", ["client_secret_basic", "none", "private_key_jwt"])
async def test_a_keycloak_client_that_an_administrator_disabled_is_refused_as_a_deleted_one(
    method: str, keycloak: Realm
) -> None:
    async with registered(keycloak, method) as client:
        found = await client.calibrated()
        known = keycloak.client(client.information.client_id)
        assert known is not None
        path = f"{keycloak.name}/clients/{known['id']}"
        keycloak.server.administer("PUT", path, **{**known, "enabled": False})
        assert await client.check(found) == UNKNOWN
        keycloak.server.administer("PUT", path, **{**known, "enabled": True})
        assert await client.check(found) == Valid()


async def test_a_secret_that_an_administrator_made_anew_is_a_wrong_one(keycloak: Realm) -> None:
    async with registered(keycloak, "client_secret_basic") as client:
        found = await client.calibrated()
        known = keycloak.client(client.information.client_id)
        assert known is not None
        keycloak.server.administer("POST", f"{keycloak.name}/clients/{known['id']}/client-secret")
        assert await client.check(found) == KNOWN


@contextmanager
def switched_off(realm: Realm) -> Iterator[None]:
    realm.server.administer("PUT", realm.name, realm=realm.name, enabled=False)
    try:
        yield
    finally:
        realm.server.administer("PUT", realm.name, realm=realm.name, enabled=True)
