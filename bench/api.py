"""JSON to and from the API server with as little as it takes, for the bare client and for who applies resources."""

import asyncio
import base64
import json
import ssl
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

Body = dict[str, Any]
RESOURCES = "/apis/oauth-operator.dev/v1alpha1"
MERGE_PATCH = "application/merge-patch+json"
_LINE = 1 << 20
"""Bytes of the longest event of a watch."""


class Refused(RuntimeError):
    """The API server did not do what it was asked for."""

    def __init__(self, status: int, what: str) -> None:
        super().__init__(what)
        self.status = status


class API:
    """One user's connections to the API server, as many as there are requests at once."""

    def __init__(self, kubeconfig: Path) -> None:
        content = json.loads(kubeconfig.read_text())
        cluster, user = content["clusters"][0]["cluster"], content["users"][0]["user"]
        context = ssl.create_default_context(cadata=_pem(cluster["certificate-authority-data"]))
        self._session = aiohttp.ClientSession(
            base_url=cluster["server"],
            headers={"Authorization": f"Bearer {user['token']}"},
            connector=aiohttp.TCPConnector(ssl=context, limit=0),
            read_bufsize=_LINE,
        )

    async def __aenter__(self) -> Self:
        """Return itself; the end of the block closes the connections."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self._session.close()

    async def request(self, method: str, path: str, body: Body | None = None, **query: str) -> Body:
        """Send one request; raise Refused where it is."""
        kind = MERGE_PATCH if method == "PATCH" else "application/json"
        content = None if body is None else json.dumps(body)
        while True:
            headers = {"Content-Type": kind}
            async with self._session.request(method, path, data=content, params=query, headers=headers) as answer:
                text = await answer.read()
            if answer.ok:
                found: Body = json.loads(text)
                return found
            if answer.status == 504 and method == "DELETE":
                # Of a collection too large for one request a part is gone; the rest is asked for again.
                continue
            if answer.status != 429:
                raise Refused(answer.status, f"{method} {path}: {answer.status} {text[:500].decode()}")
            # A resource that has just been defined is not served from the first moment.
            await asyncio.sleep(float(answer.headers.get("Retry-After", "1")))

    async def watch(self, path: str, version: str, **query: str) -> AsyncGenerator[tuple[float, Body], None]:
        """Yield each event since `version` with the time at which it came (`time.monotonic`), without an end.

        The API server ends a stream that does not keep up; then the next one goes on from there.
        """
        while True:
            asked = {**query, "watch": "true", "resourceVersion": version}
            async with self._session.get(path, params=asked, timeout=aiohttp.ClientTimeout(total=None)) as answer:
                answer.raise_for_status()
                async for line in answer.content:
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        raise RuntimeError(f"watch {path}: {event}")
                    version = event["object"]["metadata"]["resourceVersion"]
                    yield time.monotonic(), event


def resources(namespace: str, name: str = "", subresource: str = "") -> str:
    """Return the path of OAuthClients, or of one."""
    return "/".join(p for p in (f"{RESOURCES}/namespaces/{namespace}/oauthclients", name, subresource) if p)


def secrets(namespace: str, name: str = "") -> str:
    """Return the path of Secrets, or of one."""
    return "/".join(p for p in (f"/api/v1/namespaces/{namespace}/secrets", name) if p)


def _pem(data: str) -> str:
    return base64.b64decode(data).decode()
