"""Secrets that are looked at in turn, and what came of it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from oauthclient_operator.plan.observed import Unread
from oauthclient_operator.resource.secret import SecretMetadata
from oauthclient_operator.watching.checks import SecretChecks
from tests.pure.virtual_time import now

EVERY = 60.0
COUNT = 200


class World:
    """Secrets of the namespace shop, each published by the resource of its name."""

    def __init__(self, count: int = 1) -> None:
        self.there: dict[str, dict[str, Any]] = {f"web-{n}": body(f"web-{n}") for n in range(count)}
        self.reads: list[tuple[float, str]] = []
        self.told: list[str] = []
        self.fault: Exception | None = None
        self.meanwhile: Callable[[], None] | None = None
        """Happens while a look is under way."""
        self.checks = SecretChecks(self.read, interval=EVERY, on_change=lambda _, name: self.told.append(name))

    async def read(self, namespace: str, name: str) -> dict[str, Any] | None:
        self.reads.append((now(), name))
        await asyncio.sleep(0.01)
        if self.fault is not None:
            raise self.fault
        found = self.there.get(name)
        if self.meanwhile is not None:
            act, self.meanwhile = self.meanwhile, None
            act()
        return found

    def follow(self, name: str, version: int | None = 1) -> None:
        said = None if version is None else metadata(name, version)
        self.checks.follow(("shop", name), {("shop", name): said})

    def known(self, name: str) -> SecretMetadata | Unread | None:
        return self.checks.get("shop", name)

    async def passes(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.checks.run()


def body(name: str, version: int = 1) -> dict[str, Any]:
    about = {"namespace": "shop", "name": name, "uid": f"uid-{name}", "resourceVersion": str(version)}
    return {"metadata": {**about, "ownerReferences": [{"uid": f"owner-{name}"}]}}


def metadata(name: str, version: int = 1) -> SecretMetadata:
    owners = frozenset({f"owner-{name}"})
    return SecretMetadata(name=name, uid=f"uid-{name}", resource_version=str(version), owner_uids=owners)
