"""A published Secret that lost our label, by which it is watched, and is in the way: when it goes, it is noticed."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from oauthclient_operator.resource.key import Key, oauth_client
from oauthclient_operator.watching.watches import Watches
from tests.pure.virtual_time import in_virtual_time

SECRET: dict[str, Any] = {"metadata": {"namespace": "shop", "name": "web", "uid": "s", "resourceVersion": "7"}}


class Cluster:
    """The watches of one process, and the Secret that its one resource has published."""

    def __init__(self, reason: str, published: str = "web") -> None:
        self.there: dict[str, Any] | None = SECRET
        self.reads = 0
        self.woken: list[Key] = []
        unused: Any = None
        self.watches = Watches(
            unused,
            namespaces=(),
            records_namespace="records",
            wake=lambda key, _because: self.woken.append(key),
            disregard=lambda *_: None,
        )
        self.watches.secrets._read = self._read
        status: dict[str, Any] = {
            "secret": {"name": published, "uid": "s", "resourceVersion": "7"},
            "conditions": [{"type": "Ready", "status": "False", "reason": reason}],
        }
        about: dict[str, Any] = {"namespace": "shop", "name": "web", "uid": "u", "resourceVersion": "1"}
        self.watches.take("ADDED", {"metadata": about, "spec": {}, "status": status})

    async def _read(self, _namespace: str, _name: str) -> dict[str, Any] | None:
        self.reads += 1
        return self.there

    async def looks(self, seconds: float = 60.0) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.watches.secrets.strays.run()


@pytest.mark.parametrize("reason", ["SecretNotPublishable", "RecordOutdated", "SecretNotOwned"])
def test_its_deletion_wakes_the_resource_whose_message_asks_for_that(reason: str) -> None:
    async def main() -> None:
        cluster = Cluster(reason)
        await cluster.looks()
        cluster.woken.clear()
        cluster.there = None
        await cluster.looks()
        assert cluster.woken == [oauth_client("shop", "web")]

    in_virtual_time(main())


@pytest.mark.parametrize(
    ("reason", "published"),
    [
        pytest.param("Registered", "web", id="nothing is amiss"),
        pytest.param("SecretNotPublishable", "before", id="none was published under that name yet"),
    ],
)
def test_nothing_is_asked_for_where_none_is_in_the_way(reason: str, published: str) -> None:
    async def main() -> None:
        cluster = Cluster(reason, published)
        await cluster.looks()
        assert cluster.reads == 0

    in_virtual_time(main())


def test_nothing_is_asked_for_while_the_watch_tells_of_it() -> None:
    async def main() -> None:
        cluster = Cluster("SecretNotPublishable")
        cluster.watches.secrets._published.offer(SECRET)
        await cluster.looks()
        assert cluster.reads == 0
        assert cluster.watches.secrets._published._known.remove(("shop", "web"), "s", 8), "its label is taken away"
        await cluster.looks()
        assert cluster.reads > 0
        cluster.woken.clear()
        cluster.there = None
        await cluster.looks()
        assert cluster.woken == [oauth_client("shop", "web")]

    in_virtual_time(main())
