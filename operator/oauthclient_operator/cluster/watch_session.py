"""The HTTP session over which another client, kopf, lists and watches our kinds, so that it meets our bounds, too.

kopf reads a page of a list whole and keeps every object of it at once, with a task for each, ends where an object is
nested deeper than its parser goes, and goes on from a resourceVersion that lies in the future of a storage that was
restored; of what went while it did not watch it says nothing. It ends in the middle of its work where a definition is
gone, or where its token is not taken and no other one is there yet, and without a word it never watches a kind that it
does not find when it begins. What it reads through it are lists without their items, which are taken one by one while
they come, with what is missing among them, and events of bounded length and depth.
"""

import asyncio
import logging
import re
import ssl
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, Final

import aiohttp

from ..errors import ClusterError, MalformedObject, StorageRestored
from ..oauth.json_object import JSON
from ..resource.json_path import child, text
from .connection import Connection
from .followed import Followed
from .informer import not_restored
from .list_reader import ListReader
from .listing import Listing, Listings
from .metadata import Key, identity
from .page_timeout import SILENCE, page_timeout
from .sockets import watched_over
from .watch_events import WatchEvents
from .watch_pace import WatchPace

_LOG = logging.getLogger(__name__)
_IN_NAMESPACE: Final = re.compile(r"/namespaces/([^/]+)/[^/]+\Z")
"""Ends the path of a list that is of one namespace."""


BEGINS_WITHIN: Final = 60.0
"""Seconds in which each list is asked for: at once, or after kopf has tried as long as it does to find the kinds."""


class Arrivals:
    """What has come of the lists that kopf makes, so that one can tell when all have."""

    def __init__(self, lists: int) -> None:
        self.listings = Listings()
        self._lists = lists
        self._asked: set[str] = set()
        self._listed: set[str] = set()
        self._complete = asyncio.Event()
        self._not_served = asyncio.Event()
        self._restored: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def asked(self, place: str) -> None:
        """Take note that the list of that place, or a page of it, is asked for."""
        self._asked.add(place)

    def not_served(self) -> None:
        """Take note that the API server says that it has no such kind."""
        self._not_served.set()

    async def kind_missed(self) -> None:
        """Wait until the API server says so, after this was awaited the last time."""
        await self._not_served.wait()
        self._not_served.clear()

    def listed(self, place: str) -> None:
        """Take note that the list of that place is complete."""
        self._listed.add(place)
        if len(self._listed) >= self._lists:
            self._complete.set()

    async def complete(self) -> None:
        """Wait until each list came once.

        Raises:
            ClusterError: one of them is asked for by nobody, and never will be.
        """
        try:
            async with asyncio.timeout(BEGINS_WITHIN):
                await self._complete.wait()
        except TimeoutError:
            if len(self._asked) < self._lists:
                raise ClusterError(
                    f"not all that is to be watched is asked for after {BEGINS_WITHIN:g} s: a definition was not "
                    "served, or could not be looked for; this process ends and starts anew"
                ) from None
        await self._complete.wait()

    def restored(self, error: StorageRestored) -> None:
        """Take the news that what kopf knows is not so any more."""
        if not self._restored.done():
            self._restored.set_exception(error)

    @property
    def was_restored(self) -> bool:
        """Whether that has come."""
        return self._restored.done()

    async def unless_restored(self) -> None:
        """Wait for that.

        Raises:
            StorageRestored: when it has come.
        """
        await self._restored


def watch_session(
    connection: Connection,
    followed: Collection[Followed],
    arrivals: Arrivals,
    *,
    ssl_context: ssl.SSLContext,
    headers: Mapping[str, str],
    proxy: str | None,
) -> aiohttp.ClientSession:
    """Return a session for lists and watches of those kinds; `connection` is asked where the API server is."""
    kinds = {kind.target.resource: kind for kind in followed}
    just_listed: dict[str, str] = {}
    paces: defaultdict[str, WatchPace] = defaultdict(WatchPace)

    def kind_at(path: str) -> Followed | None:
        return kinds.get(path.rpartition("/")[2])

    async def settle(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        since, kind = request.url.query.get("resourceVersion", ""), kind_at(request.url.path)
        if (pause := paces[request.url.path].pause()) > 0:
            await asyncio.sleep(pause)
        if kind is not None and request.url.query.get("watch") == "true" and since.isdecimal():
            try:
                if just_listed.pop(request.url.path, None) != since:
                    not_restored(kind.target, await connection.newest_version(kind.target), int(since))
            except StorageRestored as error:
                arrivals.restored(error)
            except ClusterError:
                pass  # The watch fails by itself, or tells of what comes.
        elif kind is not None:
            arrivals.asked(request.url.path)
        try:
            fresh = (await connection.login()).authorization
        except ClusterError as error:
            raise aiohttp.ClientConnectionError(str(error)) from None
        if fresh is not None:
            request.headers["Authorization"] = fresh.reveal()
        async with asyncio.timeout(SILENCE):
            response = await send(request)
        # What follows passes: kopf, which would end, tries again what broke off.
        if response.status == 401:
            response.close()
            raise aiohttp.ClientConnectionError("the API server does not take our token (401 Unauthorized)")
        if kind is not None and response.status == 404:
            response.close()
            arrivals.not_served()
            raise aiohttp.ClientConnectionError(f"the API server has no {kind.target} (404)")
        if kind is not None and response.status == 410 and request.url.query.get("watch") != "true":
            # Not to be tried again, but to be begun anew; a watch would go on from the same version, without end.
            response.close()
            raise aiohttp.ClientPayloadError(f"the list of {kind.target} is too old to be gone on with (410)")
        return response

    class Response(aiohttp.ClientResponse):
        """A list without its items, or a watch of events that can be read."""

        async def start(self, connection: Any) -> aiohttp.ClientResponse:  # noqa: ANN401 - aiohttp's own
            await super().start(connection)
            kind = kind_at(self.url.path)
            if kind is not None and self.url.query.get("watch") == "true" and self.status == 200:
                events = WatchEvents(self.content, kind, paces[self.url.path])
                self.content = events  # type: ignore[assignment] # it has all that the other has
            return self

        async def json(self, **named: Any) -> Any:  # noqa: ANN401 - aiohttp's own
            kind = kind_at(self.url.path)
            if self.status != 200 or kind is None:
                return await super().json(**named)
            path = self.url.path
            listing = arrivals.listings.page(
                path, self.url.query.get("continue", ""), partial(kind.sink.known, _namespace_of(path))
            )
            items = _Items(kind, arrivals, listing)
            reader = ListReader(items.take)
            try:
                async with page_timeout() as came:
                    async for chunk in self.content.iter_any():
                        reader.feed(chunk)
                        came()
                body = reader.end()
            except ValueError as error:
                # What kopf knows and waits out; not chained, for it may quote what was received.
                raise aiohttp.ClientPayloadError(type(error).__name__) from None
            if "items" in body:
                if body["items"] is not None:
                    listing.came(None)  # It was no list.
                body["items"] = []
                about = child(body, "metadata")
                shown = text(about, "resourceVersion") or ""
                just_listed[path] = shown
                items.none_set_back(shown)
                listing.shows(shown)
                if onward := about.get("continue"):
                    arrivals.listings.goes_on(path, str(onward), listing)
                else:
                    items.tell_missing()
                    arrivals.listed(path)
            return body

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ssl=ssl_context, socket_factory=watched_over),
        headers=headers,
        proxy=proxy,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        response_class=Response,
        middlewares=(settle,),
    )


class _Items:
    """The items of one page, each cut to what we keep, and compared with what was seen of it before.

    A restored storage may be at a later version than the one that was lost: `etcdutl snapshot restore --bump-revision`.
    But no object in a list is older than what was seen of it up to the version that the list shows.
    """

    def __init__(self, kind: Followed, arrivals: Arrivals, listing: Listing) -> None:
        self._kind = kind
        self._arrivals = arrivals
        self._listing = listing
        self._behind: list[tuple[Key, int, int]] = []

    def take(self, item: JSON) -> None:
        """Take one item; what is no object of the API server is nobody's."""
        whole = item if isinstance(item, dict) else {}
        # Before all else: what cannot be kept is there all the same.
        self._listing.came(self._kind.key(child(whole, "metadata")))
        try:
            body = self._kind.keep(whole)
            key, _, version = identity(child(body, "metadata"))
        except MalformedObject:
            return
        seen = self._kind.sink.reached(*key)
        if seen is not None and version < seen:
            self._behind.append((key, version, seen))
        failed = "an object cannot be taken from a list, and is not looked at until it changes"
        self._each(key, partial(self._kind.sink.take, None, body), failed)

    def tell_missing(self) -> None:
        """Tell what is gone, once the list is complete."""
        if self._arrivals.was_restored:
            return  # What a restored storage lacks may be all that came after its backup; this process ends.
        for key, at in self._listing.missing():
            self._each(key, partial(self._kind.sink.gone, *key, at), "an object that is gone cannot be forgotten")

    def _each(self, key: Key, tell: Callable[[], None], failed: str) -> None:
        try:
            tell()
        except Exception as error:  # noqa: BLE001 - one object must not keep the others from being known
            # Neither message nor traceback: nobody knows what they quote.
            what = {"resource": str(self._kind.target), "key": _name(key), "error": type(error).__name__}
            _LOG.error(failed, extra=what)

    def none_set_back(self, shown: str) -> None:
        """Tell if one is older than what the list, which shows that version, should have."""
        for key, version, seen in self._behind:
            if shown.isdecimal() and seen <= int(shown):
                self._arrivals.restored(
                    StorageRestored(
                        f"the API server lists {self._kind.target} {_name(key)} at resourceVersion {version} and has "
                        f"had it at {seen}: its storage was restored from a backup; this process ends and starts anew, "
                        "with what there is now"
                    )
                )


def _namespace_of(path: str) -> str | None:
    """Return the namespace that the list at a path is of, None where it is of all."""
    match = _IN_NAMESPACE.search(path)
    return None if match is None else match.group(1)


def _name(key: Key) -> str:
    return "/".join(part for part in key if part)
