"""New resources, applied as fast as the API server takes them, and when each of them was seen to be Ready."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from math import ceil
from typing import Self

from oauthclient_operator import names

from .api import API, Body, resources

APPLIERS = 8
"""Resources that are being applied at once."""
METADATA = {
    "client_name": "Web shop",
    "redirect_uris": ["https://shop.example.com/callback"],
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "client_secret_basic",
    "scope": "openid profile",
}
_PER_CLIENT = 0.5
"""Seconds after which a load has failed, for each client; a hundred times what one takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How long a load took: in all, from the first apply to the last Ready, and for each client by itself."""

    total: float
    first: float
    """From the first apply to the first Ready."""
    each: Sequence[float]

    @classmethod
    def of(cls, applied: dict[str, float], ready: dict[str, float]) -> Self:
        """Take the difference between two series of moments."""
        each = sorted(ready[name] - began for name, began in applied.items())
        began = min(applied.values())
        return cls(total=max(ready.values()) - began, first=min(ready.values()) - began, each=each)

    def percentile(self, percent: int) -> float:
        """Return the time within which so many of the clients were Ready."""
        return self.each[ceil(len(self.each) * percent / 100) - 1]


def manifest(namespace: str, name: str, issuer: str) -> Body:
    """Return an OAuthClient as a tenant applies it."""
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"issuer": issuer, "clientMetadata": METADATA},
    }


def is_ready(resource: Body) -> bool:
    """Tell whether the status says Ready."""
    conditions = resource.get("status", {}).get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def referring(namespace: str, name: str, issuer: str) -> Body:
    """Return an OAuthClient as a tenant applies it that refers to an issuer resource of that name."""
    reference = {"kind": names.ISSUER_KIND, "name": issuer}
    return {**manifest(namespace, name, ""), "spec": {"issuerRef": reference, "clientMetadata": METADATA}}


async def load(
    api: API, namespace: str, count: int, issuer: str, make: Callable[[str, str, str], Body] = manifest
) -> Times:
    """Apply `count` resources in an empty namespace and wait until the watch has shown each of them to be Ready."""
    applied: dict[str, float] = {}
    ready: dict[str, float] = {}
    version = (await api.request("GET", resources(namespace)))["metadata"]["resourceVersion"]
    waiting = iter([f"client-{number:05}" for number in range(count)])

    async def apply() -> None:
        for name in waiting:
            applied[name] = time.monotonic()
            await api.request("POST", resources(namespace), make(namespace, name, issuer))

    async def see() -> None:
        async with aclosing(api.watch(resources(namespace), version)) as events:
            async for at, event in events:
                if is_ready(event["object"]):
                    ready.setdefault(event["object"]["metadata"]["name"], at)
                if len(ready) == count:
                    return

    async with asyncio.timeout(60 + count * _PER_CLIENT), asyncio.TaskGroup() as group:
        group.create_task(see())
        for _ in range(APPLIERS):
            group.create_task(apply())
    return Times.of(applied, ready)


async def clear(api: API, namespace: str, selector: str, records_namespace: str) -> None:
    """Remove a namespace's resources, their Secrets and the records that the label marks, so that none is left over."""
    await api.request("DELETE", f"/api/v1/namespaces/{records_namespace}/secrets", labelSelector=selector)
    await api.request("DELETE", f"/api/v1/namespaces/{namespace}/secrets")
    await api.request("DELETE", resources(namespace), propagationPolicy="Background")
    left = (await api.request("GET", resources(namespace)))["items"]
    places = asyncio.Semaphore(APPLIERS)

    async def release(name: str) -> None:
        async with places:
            await api.request("PATCH", resources(namespace, name), {"metadata": {"finalizers": None}})

    await asyncio.gather(*(release(resource["metadata"]["name"]) for resource in left))
