"""A Secret without our label, by which it is watched, that is in the way: what becomes of it is noticed."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from oauthclient_operator.resource.key import Key, oauth_client
from tests.pure.virtual_time import in_virtual_time
from tests.pure.watching.issuers import watches

SECRET: dict[str, Any] = {"metadata": {"namespace": "shop", "name": "web", "uid": "s", "resourceVersion": "7"}}
CHANGED: dict[str, Any] = {"metadata": {**SECRET["metadata"], "resourceVersion": "8"}}


class Cluster:
    """The watches of one process, and the Secret that its one resource has published."""

    def __init__(self, reason: str, published: str | None = "web") -> None:
        self.there: dict[str, Any] | None = SECRET
        self.reads = 0
        self.woken: list[Key] = []
        self.watches = watches(self.woken)
        self.watches.secrets.strays._read = self._read
        status: dict[str, Any] = {"conditions": [{"type": "Ready", "status": "False", "reason": reason}]}
        if published is not None:
            status["secret"] = {"name": published, "uid": "s", "resourceVersion": "7"}
        about: dict[str, Any] = {"namespace": "shop", "name": "web", "uid": "u", "resourceVersion": "1"}
        self.watches.take("ADDED", {"metadata": about, "spec": {}, "status": status})

    async def _read(self, _namespace: str, _name: str) -> dict[str, Any] | None:
        self.reads += 1
        return self.there

    async def looks(self, seconds: float = 60.0) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.watches.secrets.strays.run()


@pytest.mark.parametrize(
    ("reason", "published", "becomes"),
    [
        pytest.param("SecretNotPublishable", "web", None, id="an immutable one is deleted"),
        pytest.param("SecretNotPublishable", "before", None, id="and what is published still has another name"),
        pytest.param("SecretNotPublishable", "web", CHANGED, id="a key is taken out"),
        pytest.param("RecordOutdated", "web", CHANGED, id="its edition is put right"),
        pytest.param("SecretNotOwned", None, None, id="somebody else's is deleted"),
    ],
)
def test_what_becomes_of_it_wakes_the_resource(
    reason: str, published: str | None, becomes: dict[str, Any] | None
) -> None:
    async def main() -> None:
        cluster = Cluster(reason, published)
        await cluster.looks()
        cluster.woken.clear()
        cluster.there = becomes
        await cluster.looks()
        assert cluster.woken == [oauth_client("shop", "web")]

    in_virtual_time(main())


@pytest.mark.parametrize(
    ("reason", "published"),
    [
        pytest.param("Registered", "web", id="nothing is amiss"),
        pytest.param("SecretNotPublishable", None, id="none was published yet"),
    ],
)
def test_nothing_is_asked_for_where_none_is_in_the_way(reason: str, published: str | None) -> None:
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


def test_those_of_which_the_watch_tells_take_no_turn_from_others() -> None:
    async def main() -> None:
        cluster = Cluster("SecretNotOwned", None)
        for number in range(600):
            about = {"namespace": f"n{number}", "name": "web", "uid": f"u{number}", "resourceVersion": "1"}
            published: dict[str, Any] = {"name": "web", "uid": "s", "resourceVersion": "7"}
            condition: dict[str, Any] = {"type": "Ready", "status": "False", "reason": "SecretNotPublishable"}
            cluster.watches.secrets._published.offer({"metadata": {**SECRET["metadata"], "namespace": f"n{number}"}})
            body: dict[str, Any] = {"metadata": about, "spec": {}}
            cluster.watches.take("ADDED", {**body, "status": {"secret": published, "conditions": [condition]}})
        await cluster.looks(900)
        cluster.woken.clear()
        cluster.there = None
        await cluster.looks(11)
        assert cluster.woken == [oauth_client("shop", "web")]

    in_virtual_time(main())
