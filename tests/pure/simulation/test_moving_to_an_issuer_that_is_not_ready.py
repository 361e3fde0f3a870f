"""A client whose spec names an issuer that cannot be used is renewed at its own, by that one's terms, while it waits."""

import asyncio
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.resource.key import cluster_issuer
from tests.pure.simulation.platform import SPEC, Platform

LIFE = timedelta(days=30)
B = {"kind": names.ISSUER_KIND, "name": "b"}
PLACE = ("secrets", names.SYSTEM_NAMESPACE, "idp-access")
BY_TOKEN = {**SPEC, "access": {"initialAccessToken": {"secretRef": {"name": "idp-access"}}}}


def expiring() -> Platform:
    """Return a platform whose client, let in by the issuer's token, has a secret that expires in thirty days."""
    platform = Platform()
    platform.server.expires_at = lambda: int((platform.clock.now() + LIFE).timestamp())
    platform.server.takes = lambda token: token == "let-me-in"
    platform.api.put(
        PLACE,
        {
            "metadata": {"name": "idp-access", "namespace": names.SYSTEM_NAMESPACE, "uid": "t"},
            "type": names.INITIAL_ACCESS_TOKEN_TYPE,
            "data": {
                n: b64encode(v.encode()).decode() for n, v in (("issuer", SPEC["issuer"]), ("token", "let-me-in"))
            },
        },
    )
    platform.apply_issuer(BY_TOKEN)
    platform.apply()
    asyncio.run(platform.settle())
    assert platform.said()[:2] == ("True", "Registered")
    return platform


def published(platform: Platform) -> Any:
    return platform.api.get("oauthclients", "shop", "web")["status"]


def moved(platform: Platform) -> None:
    platform.apply(issuerRef=B)
    asyncio.run(platform.settle())
    assert platform.said()[:2] == ("False", "IssuerNotReady")


def days(platform: Platform, count: int) -> None:
    for _ in range(count * 8):
        platform.clock.time += timedelta(hours=3)
        for key in [key for key, at in platform.due.items() if at <= platform.clock.now()]:
            platform.wake(key)
        asyncio.run(platform.settle())


@pytest.mark.parametrize("restarts", [False, True])
def test_its_secret_is_renewed_at_its_own_issuer_in_time_and_by_its_terms(restarts: bool) -> None:
    platform = expiring()
    first = published(platform)["clientID"]
    moved(platform)
    if restarts:
        platform.start()
        asyncio.run(platform.settle())
    days(platform, 25)
    status = published(platform)
    assert status["clientID"] != first, "it was renewed, and not in the last hour"
    assert (status["issuer"]["name"], platform.said()[1]) == ("corporate", "IssuerNotReady")
    assert platform.server.shown == ["let-me-in"] * 2
    days(platform, 30)
    assert len(platform.server.shown) > 2, "and again"
    assert {*platform.server.shown} == {"let-me-in"}
    assert published(platform)["registration"]["secretExpiresAt"] > platform.clock.now().isoformat()


def test_when_the_other_issuer_is_there_it_moves() -> None:
    platform = expiring()
    moved(platform)
    days(platform, 25)
    platform.apply_issuer({**BY_TOKEN, "issuer": SPEC["issuer"]}, name="b")
    asyncio.run(platform.settle())
    assert platform.said()[:2] == ("True", "Registered")
    assert published(platform)["issuer"]["name"] == "b"


def test_where_its_own_issuer_is_gone_too_nothing_is_begun() -> None:
    platform = expiring()
    moved(platform)
    del platform.api.objects["clusteroauthissuers", "", "corporate"]
    platform.start()
    asyncio.run(platform.settle())
    days(platform, 28)
    assert platform.server.shown == ["let-me-in"]
    assert platform.said("Renewing")[0] == "False"


@pytest.mark.parametrize("restarts", [False, True])
def test_its_secret_is_renewed_at_its_own_issuer_too_where_the_other_does_not_allow_it(restarts: bool) -> None:
    platform = expiring()
    first = published(platform)["clientID"]
    nobody = {**SPEC["allowed"], "namespaces": {"selector": {"matchLabels": {"oauth": "nobody"}}}}
    platform.apply_issuer({**SPEC, "issuer": "https://b.example", "allowed": nobody}, name="b")
    platform.apply(issuerRef=B)
    platform.wake(cluster_issuer("b"))
    asyncio.run(platform.settle())
    assert platform.said()[:2] == ("False", "NotAllowedByIssuer")
    if restarts:
        platform.start()
        asyncio.run(platform.settle())
    days(platform, 25)
    assert published(platform)["clientID"] != first
    assert published(platform)["issuer"]["name"] == "corporate"
    assert {*platform.server.shown} == {"let-me-in"}
