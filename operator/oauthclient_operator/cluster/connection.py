"""The one connection to the API server: its address and credentials, single requests, and watch streams.

It sends JSON as dictionaries through the `ApiClient` of `kubernetes.aio`, and not through its generated models: they
have no OAuthClient, drop the members that they do not know, and cannot ask for metadata only. What the library does
for us is to read kubeconfigs and service account tokens and to keep them fresh. It is
told not to retry and not to read proxies from the environment. (aiohttp repeats a GET, PUT or DELETE once where a
kept connection turns out to be closed: our PUTs and DELETEs carry a resourceVersion, so the repetition is harmless.)
"""

import asyncio
import json
import math
from collections.abc import AsyncGenerator, Collection, Mapping
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlencode

import aiohttp
from kubernetes.aio.client.api_client import ApiClient
from kubernetes.aio.client.configuration import Configuration
from kubernetes.aio.client.exceptions import OpenApiException
from kubernetes.aio.client.rest import RESTResponse
from kubernetes.aio.config import ConfigException

from .. import names
from ..errors import ClusterError, MalformedObject, Unanswered
from ..oauth.json_object import JSON
from .credentials import Login, configure, login
from .elapsed import elapsed
from .failures import failure
from .target import Target
from .throttle import Throttle

REQUEST_TIMEOUT: Final = 10.0
"""Seconds for one request with its answer."""
_CONNECT_TIMEOUT = 5.0
_FAILURES = (aiohttp.ClientError, OpenApiException, ConfigException, OSError, ValueError)

JSON_TYPE: Final = "application/json"
# Neither of the two names plain JSON as a second choice: that would be the whole Secrets.
METADATA: Final = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
METADATA_LIST: Final = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
MERGE_PATCH: Final = "application/merge-patch+json"


class Connection:
    """Requests to one API server; close it at the end. Everything that it raises is a ClusterError."""

    def __init__(self, configuration: Configuration, throttle: Throttle | None = None) -> None:
        self._configuration = configuration
        self._throttle = throttle or Throttle()
        self._client = ApiClient(configuration)
        self._client.user_agent = names.OPERATOR
        self._answered_at = -math.inf

    @classmethod
    async def open(
        cls, kubeconfig: Path | None, environ: Mapping[str, str], *, throttle: Throttle | None = None
    ) -> Self:
        """Read the kubeconfig, or else the service account of the pod we are in; nothing is sent yet.

        Raises:
            ClusterError: there is neither, or it cannot be read.
        """
        return cls(await configure(kubeconfig, environ), throttle)

    async def close(self) -> None:
        """Close all connections; requests and watches in flight fail."""
        await self._client.close()

    def silence(self) -> float:
        """Return for how many seconds the API server has given no answer but that it failed; infinite at first."""
        return elapsed() - self._answered_at

    async def login(self) -> Login:
        """Return who we are there, fresh, for another client."""
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
        within: float = REQUEST_TIMEOUT,
        urgent: bool = False,
    ) -> dict[str, JSON]:
        """Send one request and return the object that came back; an urgent one does not wait for its turn.

        Raises:
            ClusterError: see `failures`; Unanswered where no complete answer came `within` seconds of its turn.
        """
        try:
            async with self._throttle.turn(urgent=urgent), asyncio.timeout(within):
                headers = {"Content-Type": content_type, "Accept": accept}
                answer = await self._send(method, target, query, headers, body=body, silence=None)
                async with answer.response:
                    content = await answer.response.read()
            if not 200 <= answer.status <= 299:
                seconds = answer.headers.get("Retry-After")
                error = failure(method, target, answer.status, content, retry_after=seconds, confidential=confidential)
                self._heed(answer.status, error)
                raise error
            return _object(content)
        except TimeoutError:
            raise Unanswered(f"{method} {target}: no complete answer within {within:g} s") from None
        except _FAILURES as error:
            # Not chained: some of these quote what was sent or received.
            raise Unanswered(f"{method} {target}: no complete answer ({type(error).__name__})") from None

    async def watch(
        self, target: Target, *, query: Mapping[str, str], accept: str, silence: float
    ) -> AsyncGenerator[tuple[str, dict[str, JSON]], None]:
        """Yield type and object of each event until the server ends the stream; close the iterator (`aclosing`).

        Raises:
            ClusterError: refused (`status` 410: too old a resourceVersion), broken, or silent for `silence` seconds.
        """
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT):
                answer = await self._send("GET", target, query, {"Accept": accept}, body=None, silence=silence)
            async with answer.response:
                if answer.status != 200:
                    async with asyncio.timeout(REQUEST_TIMEOUT):
                        content = await answer.response.read()
                    error = failure(
                        "watch", target, answer.status, content, retry_after=answer.headers.get("Retry-After")
                    )
                    self._heed(answer.status, error)
                    raise error
                async for line in answer.response.content:
                    event = _object(line)
                    kind, thing = event.get("type"), event.get("object")
                    if not isinstance(kind, str) or not isinstance(thing, dict):
                        raise Unanswered(f"watch {target}: an event without type or object")
                    if kind == "ERROR":
                        code = thing.get("code")
                        raise failure(
                            "watch", target, code if isinstance(code, int) else 500, json.dumps(thing).encode()
                        )
                    yield kind, thing
        except TimeoutError:
            raise Unanswered(f"watch {target}: no answer, or silence for {silence:g} s") from None
        except _FAILURES as error:
            raise Unanswered(f"watch {target}: the stream broke ({type(error).__name__})") from None

    def _heed(self, status: int, error: ClusterError) -> None:
        if status == 429 or (status == 503 and error.retry_after is not None):
            self._throttle.pause(error.retry_after)

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
        url = self._configuration.host + target.path
        answer = await self._client.call_api(
            method,
            f"{url}?{urlencode(query)}" if query else url,
            header_params=headers,
            body=body,
            _request_timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_TIMEOUT, sock_read=silence),
        )
        if answer.status < 500:
            self._answered_at = elapsed()
        return answer


def _object(content: bytes) -> dict[str, JSON]:
    value = json.loads(content)
    if not isinstance(value, dict):
        raise MalformedObject("no JSON object")
    return value
