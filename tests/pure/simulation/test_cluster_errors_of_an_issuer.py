"""What the API server fails or refuses of a ClusterOAuthIssuer: its status says so, and that passes."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.errors import NotDecrypted, RequestRefused, Unanswered
from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.platform import SPEC, Platform

REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "the ConfigMap of its authorities": ("read_config_map", {"trust": {"caBundleRef": {"name": "idp-ca"}}}),
    "its finalizer": ("patch_cluster_issuer", {}),
    "the Secret of its access": (
        "read_secret",
        {"access": {"initialAccessToken": {"secretRef": {"name": "idp-access"}}}},
    ),
}


@pytest.mark.parametrize(("verb", "spec"), REFUSED.values(), ids=REFUSED)
def test_what_the_api_server_refuses_is_said_in_the_issuers_status_and_passes(verb: str, spec: dict[str, Any]) -> None:
    platform = Platform()
    allowed = getattr(platform.api, verb)

    async def refused(*_: Any, **__: Any) -> Any:
        raise RequestRefused(f"{verb} is forbidden: HTTP 403", status=403)

    setattr(platform.api, verb, refused)
    platform.apply_issuer({**SPEC, **spec})
    platform.apply()
    platform.woken.pop(oauth_client("shop", "web"))
    asyncio.run(platform.settle())
    assert platform.said(name=None) == ("False", "ClusterUnavailable", f"{verb} is forbidden: HTTP 403")
    setattr(platform.api, verb, allowed)
    asyncio.run(platform.after(timedelta(minutes=5)))
    assert platform.said(name=None)[1] != "ClusterUnavailable"


def test_an_access_that_cannot_be_decrypted_is_said_in_the_issuers_status_and_passes() -> None:
    platform = Platform()
    read = platform.api.read_secret

    async def fails(*_: Any) -> Any:
        raise NotDecrypted("500: it cannot be decrypted", status=500)

    platform.api.read_secret = fails
    platform.apply_issuer({**SPEC, **REFUSED["the Secret of its access"][1]})
    asyncio.run(platform.settle())
    said = "500: it cannot be decrypted; it is tried again by itself, within five minutes"
    assert platform.said(name=None) == ("False", "ClusterUnavailable", said)
    platform.api.read_secret = read
    asyncio.run(platform.after(timedelta(minutes=5)))
    assert platform.said(name=None)[1] == "InitialAccessTokenMissing"
    assert "does not exist in the operator's namespace; create it with type" in platform.said(name=None)[2]


@pytest.mark.parametrize(("verb", "spec"), REFUSED.values(), ids=REFUSED)
def test_an_error_that_passes_by_itself_mostly_is_said_once_it_lasts(verb: str, spec: dict[str, Any]) -> None:
    platform = Platform()
    began, allowed = platform.clock.now(), getattr(platform.api, verb)

    async def fails(*_: Any, **__: Any) -> Any:
        if platform.clock.now() < began + timedelta(minutes=2):
            found = platform.issuer()
            assert found is not None
            assert not found["status"]
        raise Unanswered("500 InternalError", status=500)

    setattr(platform.api, verb, fails)
    platform.apply_issuer({**SPEC, **spec})
    platform.apply()
    platform.woken.pop(oauth_client("shop", "web"))
    asyncio.run(platform.settle())
    said = ("False", "ClusterUnavailable", "500 InternalError; it is tried again by itself, within five minutes")
    assert platform.said(name=None) == said
    asyncio.run(platform.after(timedelta(minutes=10)))
    assert platform.said(name=None) == said
    setattr(platform.api, verb, allowed)
    asyncio.run(platform.after(timedelta(minutes=5)))
    assert platform.said(name=None)[1] != "ClusterUnavailable"
