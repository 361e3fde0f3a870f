"""What stands before a server and terminates TLS: it hands on what comes, and can lose answers to what was done."""

import asyncio
import ssl
from pathlib import Path

import httpx

from .certificates import Certificate
from .misbehaving import MisbehavingServer, Received, reset, send

_HOP_BY_HOP = frozenset({"connection", "content-length", "transfer-encoding", "content-encoding", "keep-alive"})


class Front:
    """Stands before `target`, an origin; `loses` are the methods whose answers do not get through, `calls` its log."""

    def __init__(self, certificate: Certificate, trust: Path) -> None:
        self.server = MisbehavingServer(self._behave, certificate=certificate)
        self.target = ""
        self.loses: set[str] = set()
        self.calls: list[str] = []
        """Method, path and status of what the server was asked to change, as it was answered."""
        self._trust = ssl.create_default_context(cafile=trust)

    async def _behave(self, received: Received, writer: asyncio.StreamWriter) -> None:
        headers = {name: value for name, value in received.headers.items() if name not in _HOP_BY_HOP}
        async with httpx.AsyncClient(verify=self._trust, trust_env=False, timeout=30) as client:
            answer = await client.request(
                received.method, f"{self.target}{received.target}", headers=headers, content=received.body
            )
        if received.method != "GET":
            self.calls.append(f"{received.method} {received.target} {answer.status_code}")
        if received.method in self.loses:
            await reset(received, writer)
            return
        kept = [f"{name}: {value}" for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP]
        length = [] if answer.status_code == 204 else [f"Content-Length: {len(answer.content)}"]
        head = "\r\n".join([f"HTTP/1.1 {answer.status_code} Whatever", *kept, *length, "Connection: close", "", ""])
        await send(head.encode("latin-1") + answer.content)(received, writer)
