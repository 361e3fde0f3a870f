"""A platform whose issuer changes, and how far that has come with its clients."""

import asyncio
from datetime import timedelta
from typing import Any

from oauthclient_operator import names
from oauthclient_operator.exchange import Response
from tests.pure.simulation.platform import CLIENT, SPEC, Platform

READY = ("True", "Registered")
CHANGED = {**SPEC, "clientMetadata": {"fixed": {"require_pushed_authorization_requests": True}}}
CHANGED_AGAIN = {**SPEC, "clientMetadata": {"fixed": {"contacts": ["identity@example.com"]}}}
NO = Response(status=400, body=b'{"error": "invalid_client_metadata"}')
SPACES = ("shop", "billing", "search", "mail")


def of(namespace: str) -> dict[str, Any]:
    written = {**CLIENT["clientMetadata"], "redirect_uris": [f"https://web.{namespace}.example.com/callback"]}
    return {"namespace": namespace, "clientMetadata": written}


def with_clients(namespaces: tuple[str, ...], *, each: int = 1) -> Platform:
    platform = Platform()
    for namespace in namespaces:
        platform.namespace(namespace, {"oauth": "corporate"})
    platform.apply_issuer()
    for namespace in namespaces:
        for number in range(each):
            platform.apply(f"web-{number}", **of(namespace))
    asyncio.run(platform.settle())
    platform.server.calls.clear()
    platform.passes.clear()
    return platform


def change(platform: Platform, spec: dict[str, Any] | None = None) -> None:
    platform.apply_issuer(spec or CHANGED)
    asyncio.run(platform.settle())


def restarted(platform: Platform) -> None:
    platform.start()
    asyncio.run(platform.settle())


def later(platform: Platform, **time: float) -> None:
    asyncio.run(platform.after(timedelta(**time)))


def generations(platform: Platform) -> list[int]:
    found = (b for k, b in sorted(platform.api.objects.items()) if k[0] == "oauthclients")
    return [body["status"]["issuer"]["generation"] for body in found]


def writes(platform: Platform) -> dict[tuple[str, str], str]:
    return {k[1:]: b["metadata"]["resourceVersion"] for k, b in platform.api.objects.items() if k[0] == "oauthclients"}


def applied(platform: Platform) -> tuple[str, str, str]:
    return platform.said(names.ConditionType.APPLIED, name=None)
