"""`rotation.strategy: Server` at Keycloak, whose client policy renews a client secret by an update near its end."""

import asyncio
import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.scenarios.apps import BY_SECRET, gets_token
from tests.cluster.scenarios.in_process import Account, InProcessOperator
from tests.cluster.scenarios.issuer_resources import issuer_resource
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import Room, condition
from tests.parts.certificates import CertificateAuthority
from tests.parts.keycloak import Keycloak, Realm

LIFETIME, OVERLAP = timedelta(hours=2), timedelta(hours=1)
"""Of a client secret, and how long Keycloak takes the one before as well."""
MakeRealm = Callable[[timedelta], Realm]


@pytest.fixture
def operator(
    room: Room, operators: Operators, operator_kubeconfig: Path, certificate_authority: CertificateAuthority
) -> InProcessOperator:
    operators.stop()
    account = Account(kubeconfig=operator_kubeconfig, trust=certificate_authority.bundle, namespace=room.namespace)
    return InProcessOperator(account=account)


@pytest.fixture
def renewing(keycloak_server: Keycloak) -> MakeRealm:
    """Make a realm whose secrets are renewed by an update as long before their end."""

    def make(window: timedelta) -> Realm:
        name = f"renewing-{secrets.token_hex(4)}"
        keycloak_server.administer("POST", "", realm=name, enabled=True)
        periods = {
            "expiration-period": LIFETIME,
            "rotated-expiration-period": OVERLAP,
            "remaining-rotation-period": window,
        }
        executor = {
            "executor": "secret-rotation",
            "configuration": {name: int(period.total_seconds()) for name, period in periods.items()},
        }
        profile = {"name": "renewing", "executors": [executor]}
        keycloak_server.administer("PUT", f"{name}/client-policies/profiles", profiles=[profile])
        everybody = {"condition": "any-client", "configuration": {}}
        policy = {"name": "renewing", "enabled": True, "conditions": [everybody], "profiles": ["renewing"]}
        keycloak_server.administer("PUT", f"{name}/client-policies/policies", policies=[policy])
        return Realm(name=name, server=keycloak_server)

    return make


def settled(operator: InProcessOperator, *, later: timedelta = timedelta()) -> None:
    operator.clock.skipped += later
    asyncio.run(operator.settle("web"))


def accepted(found: dict[str, str], realm: Realm) -> bool:
    return asyncio.run(gets_token(found, realm.trust))


def registered(room: Room, operator: InProcessOperator, realm: Realm) -> dict[str, str]:
    """Register a client, and go on to when its secret begins to be renewed."""
    room.put_token("idp-token", realm.issuer, realm.initial_access_token())
    room.apply("web", realm.issuer, metadata=BY_SECRET, token="idp-token", rotation={"strategy": "Server"})
    return renewed(room, operator, realm)


def renewed(room: Room, operator: InProcessOperator, realm: Realm) -> dict[str, str]:
    """Have what was applied registered, and return that after the time at which its secret is renewed."""
    settled(operator)
    found = room.secret("web")
    assert accepted(found, realm)
    # Keycloak's clock, which nobody skips, tells whole seconds: two of them later one is over in any case.
    later = time.time() + 2
    room.wait_until(lambda: time.time() > later, "a second of the secret's life is over", within=5)
    renew_at = datetime.fromisoformat(rotation(room)["renewAt"])
    settled(operator, later=renew_at - operator.clock.now() + timedelta(seconds=1))
    return found


def rotation(room: Room) -> dict[str, Any]:
    found: dict[str, Any] = room.read("web")["status"]["rotation"]
    return found


def test_inside_its_window_the_same_client_has_another_secret_and_both_are_good(
    room: Room, operator: InProcessOperator, renewing: MakeRealm
) -> None:
    # The window is open once a second of the secret's life is over.
    realm = renewing(LIFETIME - timedelta(seconds=1))
    before = registered(room, operator, realm)
    after = room.secret("web")
    assert realm.calls() == ["POST 201", "PUT 200"]
    assert after["client_id"] == before["client_id"]
    assert after["client_secret"] != before["client_secret"]
    assert accepted(after, realm)
    assert accepted(before, realm)
    resource = room.read("web")
    assert (condition(resource)["reason"], resource["status"]["edition"]) == ("Registered", 2)
    assert not condition(resource, "Renewing")
    assert "strategy" not in rotation(room)


def test_where_its_issuer_says_that_updates_renew_secrets_nobody_has_to_name_it(
    room: Room, operator: InProcessOperator, renewing: MakeRealm
) -> None:
    realm = renewing(LIFETIME - timedelta(seconds=1))
    with issuer_resource(room, realm.issuer) as issuer:
        issuer.put_access(issuer.name, realm.initial_access_token())
        access = {"initialAccessToken": {"secretRef": {"name": issuer.name}}}
        issuer.apply(access=access, dialect={"secretRotation": "Overlap"})
        operator.account.issuers = (issuer.name,)
        issuer.apply_client(metadata=BY_SECRET)
        before = renewed(room, operator, realm)
        after = room.secret("web")
        assert realm.calls() == ["POST 201", "PUT 200"]
        assert after["client_id"] == before["client_id"]
        assert after["client_secret"] != before["client_secret"]
        assert accepted(after, realm)
        assert accepted(before, realm)
        assert condition(room.read("web"))["reason"] == "Registered"


def test_outside_it_the_same_secret_comes_back_and_it_is_said_when_it_is_asked_again(
    room: Room, operator: InProcessOperator, renewing: MakeRealm
) -> None:
    realm = renewing(timedelta(minutes=1))
    before = registered(room, operator, realm)
    assert realm.calls() == ["POST 201", "PUT 200"]
    assert room.secret("web") == before
    said = condition(room.read("web"), "Renewing")
    assert (said["status"], said["reason"]) == ("True", "Renewing")
    assert "an update brought the same one, so the server does not renew it yet" in said["message"]
    assert (rotation(room)["strategy"], rotation(room)["reasons"]) == ("Server", ["Expiry"])
    assert accepted(before, realm)
