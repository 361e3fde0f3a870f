"""The one connection to the API server: its address and credentials, single requests, and watch streams.

It sends JSON as dictionaries through the `ApiClient` of `kubernetes.aio`, and not through its generated models: they
have no OAuthClient, drop the members that they do not know, and cannot ask for metadata only. What the library does
for us is to read kubeconfigs and service account tokens and to keep them fresh. It is told not to retry and to read no
proxies from the environment. (aiohttp repeats a GET, PUT or DELETE once where a kept connection turns out to be closed:
our PUTs and DELETEs carry a resourceVersion, so the repetition is harmless.)
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlencode

import aiohttp
from kubernetes.aio.client.api_client import ApiClient
from kubernetes.aio.client.configuration import Configuration
from kubernetes.aio.client.rest import RESTClientObject, RESTResponse

from .. import names
from ..errors import ClusterError, MalformedObject, RequestRefused, Unanswered
from ..oauth.json_object import JSON
from .causes import CONNECT_TIMEOUT, answered, cause
from .contact import Contact
from .credentials import Login, configure, login
from .elapsed import elapsed
from .event_lines import EventLines
from .failures import failure, failure_in_event
from .list_reader import ListReader
from .outline import outlined, parse
from .page_timeout import page_timeout
from .pages import Pages
from .rate_limiter import RateLimiter
from .server_clock import ServerClock
from .slow_writes import HELD, SlowWrites
from .sockets import watched_over
from .target import Target

REQUEST_TIMEOUT: Final = 10.0
"""Seconds for one request with its answer, unless it writes."""
WRITE_TIMEOUT: Final = 35.0
"""Seconds for one that does. Each admission webhook may hold it for up to 30 s, by default for 10, and where it says
`failurePolicy: Ignore` the API server then does what was asked: who did not wait so long would never write again."""

JSON_TYPE: Final = "application/json"
# Neither of the two names plain JSON as a second choice: that would be the whole Secrets.
METADATA: Final = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
METADATA_LIST: Final = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
MERGE_PATCH: Final = "application/merge-patch+json"


class _Requests(RESTClientObject):
    def _create_connector(self) -> aiohttp.TCPConnector:
        return aiohttp.TCPConnector(limit=self.maxsize, ssl=self.ssl_context, socket_factory=watched_over)


class Connection:
    """Requests to one API server; close it at the end. Everything that it raises is a ClusterError."""

    def __init__(
        self, configuration: Configuration, rate_limiter: RateLimiter | None = None, *, of_operator: bool = False
    ) -> None:
        self._configuration = configuration
        self._said = partial(failure, of_operator=of_operator)
        self._rate_limiter = rate_limiter or RateLimiter()
        self._client = ApiClient(configuration)
        self._client.rest_client = _Requests(configuration)
        self._client.user_agent = names.OPERATOR
        self.clock = ServerClock(own=partial(datetime.now, UTC) if of_operator else None)
        self.contact = Contact()
        self._slow_writes = SlowWrites()

    @classmethod
    async def open(
        cls,
        kubeconfig: Path | None,
        environ: Mapping[str, str],
        *,
        rate_limiter: RateLimiter | None = None,
        context: str | None = None,
        of_operator: bool = False,
    ) -> Self:
        """Read the kubeconfig, or else the service account of the pod we are in; nothing is sent yet.

        `of_operator` says that what is refused is the operator's to do, and not a person's.

        Raises:
            ClusterError: there is neither, or it cannot be read.
        """
        configuration = await configure(kubeconfig, environ, context=context)
        return cls(configuration, rate_limiter, of_operator=of_operator)

    @property
    def is_behind(self) -> bool:
        """Whether requests wait for their turns, and not for their answers."""
        return self._rate_limiter.is_behind

    async def close(self) -> None:
        """Close all connections; requests and watches in flight fail."""
        await self._client.close()

    async def login(self) -> Login:
        """Return who we are there, fresh, for another client; a ClusterError where that cannot be read."""
        return await login(self._configuration)

    async def request(
        self,
        method: str,
        target: Target,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, JSON] | None = None,
        content_type: str = JSON_TYPE,
        accept: str = JSON_TYPE,
        confidential: Collection[str] = (),
        within: float | None = None,
        urgent: bool = False,
        most: int | None = None,
    ) -> dict[str, JSON]:
        """Send one request and return the object that came back; an urgent one does not wait for its turn.

        Raises:
            RequestRefused: the object is of more than `most` bytes, or no answer can be had any more.
            ClusterError: see `failures`; Unanswered where no complete answer came `within` seconds of its turn, if
                those are given, or in as many as a request of that kind has.
        """
        asked, writes = f"{method} {target}", method != "GET"
        limit = within or (WRITE_TIMEOUT if writes else REQUEST_TIMEOUT)
        content = bytearray()

        def read(chunk: bytes) -> None:
            content.extend(chunk)
            if most is not None and len(content) > most:
                raise RequestRefused(f"{asked}: it has more than {most} bytes, and is not read")

        headers = {"Content-Type": content_type, "Accept": accept}
        late = f"no complete answer within {limit:g} s{f'; {HELD}' if writes and limit == WRITE_TIMEOUT else ''}"
        with answered(asked, late, never=lambda: self.contact.is_lost), self._noticing():
            async with self._rate_limiter.turn(urgent=urgent), asyncio.timeout(limit):
                with self._slow_writes.timed(asked) if writes else nullcontext():
                    await self._receive(method, target, query, headers, read, body, confidential)
            return _object(bytes(content), outlined if target.resource == names.PLURAL else parse)

    async def list_all(
        self,
        target: Target,
        take: Callable[[JSON], None],
        *,
        selectors: Mapping[str, str] | None = None,
        accept: str,
    ) -> int:
        """Give each item of a list to `take` as it comes, page by page, and return the version that the list shows.

        Raises:
            ClusterError: as `request`. Items may have come before that: they say nothing then.
        """
        pages = Pages(selectors)
        while True:
            body, size = await self._page(target, take, pages.query(), accept)
            try:
                if not pages.follows(body, size):
                    return pages.version
            except MalformedObject as error:
                raise Unanswered(f"list {target}: {error}") from None

    async def newest_version(self, target: Target) -> int:
        """Return the resourceVersion that the API server is at, by a list of a single item.

        Raises:
            ClusterError: as `request`.
        """
        body, size = await self._page(target, lambda _: None, {"limit": "1"}, METADATA_LIST)
        pages = Pages()
        try:
            pages.follows(body, size)
        except MalformedObject as error:
            raise Unanswered(f"list {target}: {error}") from None
        return pages.version

    async def _page(
        self, target: Target, take: Callable[[JSON], None], query: Mapping[str, str], accept: str
    ) -> tuple[dict[str, JSON], int]:
        reader = ListReader(take)
        with answered(f"list {target}", "no complete answer in time"), self._noticing():
            async with self._rate_limiter.turn(urgent=False), page_timeout() as came:

                def read(chunk: bytes) -> None:
                    reader.feed(chunk)
                    came()

                await self._receive("GET", target, query, {"Accept": accept}, read)
            return reader.end(), reader.size

    async def watch(
        self, target: Target, *, query: Mapping[str, str], accept: str, silence: float
    ) -> AsyncGenerator[tuple[str, dict[str, JSON]], None]:
        """Yield type and object of each event until the server ends the stream; close the iterator (`aclosing`).

        Raises:
            ClusterError: refused (`status` 410: too old a resourceVersion), broken, or silent for `silence` seconds.
        """
        late = f"no answer, or silence for {silence:g} s"
        with answered(f"watch {target}", late, broke="the stream broke"), self._noticing():
            async with asyncio.timeout(REQUEST_TIMEOUT):
                answer = await self._send("GET", target, query, {"Accept": accept}, body=None, silence=silence)
            async with answer.response:
                if answer.status != 200:
                    async with asyncio.timeout(REQUEST_TIMEOUT):
                        content = await answer.response.read()
                    raise self._failure("watch", target, answer, content)
                lines = EventLines()
                async for chunk in answer.response.content.iter_any():
                    for line in lines.feed(chunk):
                        yield _event(target, line)

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        """Take note where nobody is there, or no longer: a watch that breaks may be all that tells of it."""
        try:
            yield
        except aiohttp.ClientError:
            self.contact.failed()
            raise

    def _failure(
        self, method: str, target: Target, answer: RESTResponse, content: bytes, confidential: Collection[str] = ()
    ) -> ClusterError:
        """Return the error for an answer that is no success, once what it asks us to wait is heeded."""
        seconds, begins = answer.headers.get("Retry-After"), self.contact.begins
        error = self._said(
            method, target, answer.status, content, retry_after=seconds, confidential=confidential, begins=begins
        )
        self._rate_limiter.heed(error)
        return error

    async def _receive(
        self,
        method: str,
        target: Target,
        query: Mapping[str, str] | None,
        headers: dict[str, str],
        into: Callable[[bytes], None],
        body: Mapping[str, JSON] | None = None,
        confidential: Collection[str] = (),
    ) -> None:
        """Send one request and give the content of a success to `into` as it comes."""
        answer = await self._send(method, target, query, headers, body=body, silence=None)
        async with answer.response:
            if 200 <= answer.status <= 299:
                async for chunk in answer.response.content.iter_any():
                    into(chunk)
                return
            content = await answer.response.read()
        raise self._failure(method, target, answer, content, confidential)

    async def _send(
        self,
        method: str,
        target: Target,
        query: Mapping[str, str] | None,
        headers: dict[str, str],
        *,
        body: Mapping[str, JSON] | None,
        silence: float | None,
    ) -> RESTResponse:
        token = await self._configuration.get_api_key_with_prefix("BearerToken")
        if token:
            headers["Authorization"] = token
        headers["User-Agent"] = self._client.user_agent
        url, began = self._configuration.host + target.path, elapsed()
        try:
            answer = await self._client.call_api(
                method,
                f"{url}?{urlencode(query)}" if query else url,
                header_params=headers,
                body=body,
                _request_timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT, sock_read=silence),
            )
        except aiohttp.ClientConnectorCertificateError as error:
            self.contact.distrusted(cause(error))
            raise
        self.contact.answered(answer.status)
        if answer.status < 500:
            self.clock.heard(answer.headers.get("Date"), elapsed() - began)
        return answer


def _object(content: bytes, read: Callable[[str], JSON]) -> dict[str, JSON]:
    value = read(content.decode())
    if not isinstance(value, dict):
        raise MalformedObject("no JSON object")
    return value


def _event(target: Target, line: bytes) -> tuple[str, dict[str, JSON]]:
    event = _object(line, outlined)
    kind, thing = event.get("type"), event.get("object")
    if not isinstance(kind, str) or not isinstance(thing, dict):
        raise Unanswered(f"watch {target}: an event without type or object")
    if kind == "ERROR":
        raise failure_in_event(target, thing)
    return kind, thing
