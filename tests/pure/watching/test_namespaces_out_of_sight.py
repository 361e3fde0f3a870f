"""Namespaces that may not be listed for a while, and may again: who was judged, or waits, meanwhile is looked at."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any, Self

from oauthclient_operator.errors import RequestRefused
from oauthclient_operator.resource.key import Key, oauth_client
from oauthclient_operator.watching.watches import Watches
from tests.pure.virtual_time import in_virtual_time
from tests.pure.watching.issuers import BODY, client

SHOP = {"metadata": {"name": "shop", "uid": "n", "resourceVersion": "5", "labels": {"oauth": "corporate"}}}


class Connection:
    """An API server that may refuse namespaces, once the stream that is open has ended."""

    def __init__(self) -> None:
        self.refuses = self.refuses_watches = False
        self.ends = asyncio.Event()

    async def list_all(self, _target: Any, take: Any, **_: Any) -> int:
        self._may()
        take(SHOP)
        return 10

    async def newest_version(self, _target: Any) -> int:
        self._may()
        return 10

    async def watch(self, *_: Any, **__: Any) -> AsyncGenerator[Any, None]:
        if self.refuses_watches:
            raise RequestRefused("forbidden", status=403)
        await self.ends.wait()
        self.ends.clear()
        for event in tuple[Any, ...]():
            yield event

    def _may(self) -> None:
        if self.refuses:
            raise RequestRefused("forbidden", status=403)


class World:
    """The watches of a process over that, and who is to be looked at."""

    def __init__(self) -> None:
        self.connection = Connection()
        self.due: list[Key] = []
        connection: Any = self.connection
        self.watches = Watches(
            connection,
            namespaces=(),
            records_namespace="records",
            wake=lambda *_: None,
            disregard=lambda *_: None,
            wake_after=lambda key, _delay: self.due.append(key),
        )
        self.watches.issuers.take("ADDED", BODY)

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self.watches.namespaces.informer.run())
        await asyncio.sleep(5)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running

    async def may_list(self, may: bool) -> None:
        self.due.clear()
        self.connection.refuses = not may
        if not may:
            self.connection.ends.set()
        await asyncio.sleep(600)


def test_who_was_judged_while_labels_could_not_be_seen_is_judged_anew_when_they_can() -> None:
    async def main() -> None:
        async with World() as world:
            world.watches.take("ADDED", client("web"))
            assert world.watches.namespace_labels("shop") == {"oauth": "corporate"}
            await world.may_list(False)
            assert world.watches.namespace_labels("shop") is None
            assert world.due == [], "who was judged before goes on"
            await world.may_list(True)
            # Its watch was refused neither: it ends after five minutes at most.
            world.connection.ends.set()
            await asyncio.sleep(5)
            assert world.watches.namespace_labels("shop") == {"oauth": "corporate"}
            assert world.due == [oauth_client("shop", "web")]

    in_virtual_time(main())


def test_a_refusal_that_lasts_for_a_moment_hides_nothing() -> None:
    async def main() -> None:
        async with World() as world:
            world.watches.take("ADDED", client("web"))
            world.due.clear()
            # As of an API server that was begun anew, and has not read who has which rights.
            world.connection.refuses = True
            world.connection.ends.set()
            for _ in range(8):
                await asyncio.sleep(1)
                assert world.watches.namespace_labels("shop") == {"oauth": "corporate"}
            world.connection.refuses = False
            await asyncio.sleep(60)
            assert world.watches.namespace_labels("shop") == {"oauth": "corporate"}
            assert world.due == []

    in_virtual_time(main())


def test_who_waits_for_a_namespace_waits_no_longer_when_none_may_be_seen_any_more() -> None:
    async def main() -> None:
        async with World() as world:
            world.watches.take("ADDED", client("web", namespace="new"))
            assert world.watches.awaits_namespace("new")
            await world.may_list(False)
            assert not world.watches.awaits_namespace("new")
            assert world.due == [oauth_client("new", "web")]

    in_virtual_time(main())


def test_a_list_that_is_allowed_before_a_watch_that_is_not_wakes_nobody() -> None:
    async def main() -> None:
        async with World() as world:
            world.watches.take("ADDED", client("web"))
            world.connection.refuses_watches = True
            world.connection.ends.set()
            await asyncio.sleep(5)
            world.due.clear()
            await asyncio.sleep(3600)
            assert world.due == []

    in_virtual_time(main())
