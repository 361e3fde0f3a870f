"""What issuers refer to in the operator's own namespace, and who is woken when it changes."""

import asyncio
from typing import Any

import pytest

from oauthclient_operator.plan.observed import Unread
from oauthclient_operator.watching.issuer_sources import IssuerSources, sources

SPEC: dict[str, Any] = {
    "trust": {"caBundleRef": {"name": "ca", "key": "ca.crt"}},
    "access": {"clientCredentials": {"secretRef": {"name": "way-in"}}},
}


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ({}, set()),
        (SPEC, {("configmaps", "ca"), ("secrets", "way-in")}),
        ({"access": {"initialAccessToken": {"secretRef": {"name": "token"}}}}, {("secrets", "token")}),
        ({"access": {"serviceAccountToken": {}}, "trust": {"caBundle": "-----BEGIN"}}, set()),
    ],
    ids=["nothing", "authorities and client credentials", "an initial access token", "what is no object"],
)
def test_what_an_issuer_refers_to(spec: dict[str, Any], found: set[tuple[str, str]]) -> None:
    assert sources(spec) == found


async def test_what_an_issuer_refers_to_is_looked_at_and_its_change_wakes_the_issuer() -> None:
    versions = {("configmaps", "ca"): 1, ("secrets", "way-in"): 1}
    changed: asyncio.Queue[str] = asyncio.Queue()

    async def read(resource: str, name: str) -> dict[str, Any] | None:
        if (version := versions.get((resource, name))) is None:
            return None
        return {"metadata": {"namespace": "system", "name": name, "uid": "u", "resourceVersion": str(version)}}

    watched = IssuerSources(read, on_change=changed.put_nowait, interval=0.01)
    watched.follow("corporate", SPEC)
    assert isinstance(watched.version("configmaps", "ca"), Unread)
    looking = asyncio.create_task(watched.run())
    async with asyncio.timeout(10):
        assert [await changed.get(), await changed.get()] == ["corporate"] * 2, "each was seen"
        assert watched.version("configmaps", "ca") == "u/1"
        versions["configmaps", "ca"] = 2
        assert await changed.get() == "corporate"
        assert watched.version("configmaps", "ca") == "u/2"
        del versions["secrets", "way-in"]
        assert await changed.get() == "corporate"
        assert watched.version("secrets", "way-in") is None
    watched.follow("corporate", {})
    assert isinstance(watched.version("configmaps", "ca"), Unread), "nobody looks at it any more"
    looking.cancel()
    await asyncio.wait([looking])
