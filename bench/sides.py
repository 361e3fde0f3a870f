"""The two sides of the comparison, each as a process under the operator's own account, and what is measured on it."""

import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from oauthclient_operator import names
from tests.parts.api_server import APIServer
from tests.parts.audit import Mark
from tests.parts.installation import OPERATOR_USER, loopback_issuer
from tests.parts.node_oidc_provider import NodeOIDCProvider
from tests.parts.processes import Process, wait_for

from . import usage
from .api import API
from .load import Times, clear, load
from .measured_operator import COLLECTED
from .script import FLOOR_LABEL, Script

AT_ONCE = 16
"""Exchanges at once with the issuer: the operator's default."""
_OWN = "the side itself"
_START = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One load on one side: its times, the requests it took, and the seconds of CPU of each part meanwhile."""

    count: int
    times: Times
    requests: Counter[str]
    posts: int
    cpu: usage.CPU
    """Seconds by part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What both sides stand on."""

    server: APIServer
    issuer: NodeOIDCProvider
    kubeconfig: Path
    """The operator's account."""
    api: API
    """The administrator's."""

    async def measure(self, side: Process, namespace: str, count: int) -> Measured:
        """Load a side with new clients in an empty namespace."""
        mark, log = self.server.audit.mark(), self.issuer.log.mark()
        before = usage.cpu_by_part({side.child.pid: _OWN})
        times = await load(self.api, namespace, count, self.issuer.issuer)
        after = usage.cpu_by_part({side.child.pid: _OWN})
        return Measured(
            count=count,
            times=times,
            requests=self.requests(mark),
            posts=self.issuer.log.counts(since=log)["POST"],
            cpu={part: after[part] - before.get(part, 0.0) for part in after},
        )

    def requests(self, since: Mark, *, without: tuple[str, ...] = ()) -> Counter[str]:
        """Return what the account asked for since then, Leases left out, and objects whose names begin so."""
        asked = self.server.audit.requests(OPERATOR_USER, since=since)
        return Counter(str(r) for r in asked if r.resource != "leases" and not (without and r.name.startswith(without)))

    @contextmanager
    def operator(self, name: str) -> Iterator[Process]:
        """Run the operator, from when it is at work to when it has stopped."""
        log = self.server.directory / f"{name}.log"
        command = (sys.executable, "-m", "bench.measured_operator", "run", f"--kubeconfig={self.kubeconfig}")
        # All clients are in one namespace here.
        options = (*loopback_issuer(self.issuer.trust), "--records-per-namespace=999999")
        process = Process.start("operator", *command, *options, log=log)
        try:
            process.wait_until(lambda: "the operator is at work" in log.read_text(), within=_START)
            yield process
        finally:
            process.stop(within=60)

    async def floor(self, script: Script, namespace: str, count: int) -> Measured:
        """Measure the bare client, and remove what it made: to an operator these would be clients of its own."""
        directory = self.server.directory
        file, log = directory / "script.json", directory / f"{namespace}.log"
        script.write(file)
        arguments = (self.kubeconfig, file, namespace, self.issuer.trust, str(AT_ONCE))
        process = Process.start("floor", sys.executable, "-m", "bench.floor", *arguments, log=log)
        try:
            process.wait_until(lambda: "READY" in log.read_text(), within=_START)
            measured = await self.measure(process, namespace, count)
        finally:
            process.stop()
        await clear(self.api, namespace, FLOOR_LABEL, names.RECORDS_NAMESPACE)
        return measured


def resident(process: Process) -> int:
    """Return the bytes that the operator holds when it has collected its garbage."""
    before = process.log.read_text().count(COLLECTED)
    process.child.send_signal(signal.SIGUSR1)
    wait_for(lambda: process.log.read_text().count(COLLECTED) > before, "the garbage is collected", within=30)
    return usage.memory(process.child.pid)[0]
