"""What an attack is made on: an operator on one core, a good tenant, and somebody who asks for /livez."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bench import usage
from bench.api import API, resources
from bench.load import Times, is_ready, manifest
from tests.parts.api_server import APIServer
from tests.parts.certificates import Certificate
from tests.parts.installation import loopback_issuer, operator
from tests.parts.processes import Process

MEMORY = 512 << 20
"""Bytes; the Deployment's limit."""
_PROBE_EVERY = 0.5
_PROBE_PATIENCE = 5.0
_START = 120.0
_ONE = 60.0
"""Seconds after which a client of the good tenant counts as never Ready."""
_PAUSE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What attacker and good tenant share."""

    server: APIServer
    kubeconfig: Path
    """The operator's account."""
    issuer: str
    """The good tenant's."""
    trust: Path
    certificate: Certificate
    """The hostile servers'."""
    api: API
    """The administrator's, who stands in for both tenants."""

    @contextmanager
    def operator(self, name: str, listen: int) -> Iterator[Process]:
        """Run an operator on one core, from when it is at work to when it has stopped."""
        log = self.server.directory / f"{name}.log"
        log.write_text("")
        options = (*loopback_issuer(self.trust), f"--listen=127.0.0.1:{listen}", "--records-per-namespace=100000")
        with operator(self.kubeconfig, *options, log=log) as process:
            os.sched_setaffinity(process.child.pid, {0})
            process.wait_until(lambda: "the operator is at work" in log.read_text(), within=_START)
            yield process


@dataclass(slots=True)
class Probes:
    """How long /livez took, in seconds; one that was not answered counts as its patience."""

    each: list[float] = field(default_factory=list)

    @property
    def longest(self) -> float:
        """The longest of all."""
        return max(self.each, default=0.0)


@asynccontextmanager
async def probing(listen: int) -> AsyncIterator[Probes]:
    """Ask for /livez as a kubelet does, each time on a new connection, while the block runs."""
    probes = Probes()

    async def ask() -> None:
        timeout = aiohttp.ClientTimeout(total=_PROBE_PATIENCE)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True), timeout=timeout) as session:
            while True:
                began = time.monotonic()
                try:
                    async with session.get(f"http://127.0.0.1:{listen}/livez") as answer:
                        answer.raise_for_status()
                    probes.each.append(time.monotonic() - began)
                except (aiohttp.ClientError, TimeoutError):
                    probes.each.append(_PROBE_PATIENCE)
                await asyncio.sleep(_PROBE_EVERY)

    task = asyncio.create_task(ask())
    try:
        yield probes
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def good_tenant(ground: Ground, namespace: str, count: int) -> Times:
    """Apply one resource after the other and wait for each to be Ready; what never is counts as long as was waited."""
    await ground.api.request("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
    applied: dict[str, float] = {}
    ready: dict[str, float] = {}
    for number in range(count):
        name = f"good-{number:03}"
        applied[name] = time.monotonic()
        await ground.api.request("POST", resources(namespace), manifest(namespace, name, ground.issuer))
        while not is_ready(await ground.api.request("GET", resources(namespace, name))):
            if time.monotonic() - applied[name] > _ONE:
                break
            await asyncio.sleep(_PAUSE / 4)
        ready[name] = time.monotonic()
        await asyncio.sleep(_PAUSE)
    return Times.of(applied, ready)


def peak(process: Process) -> int:
    """Return the most bytes that a process ever held."""
    return usage.memory(process.child.pid)[1]
