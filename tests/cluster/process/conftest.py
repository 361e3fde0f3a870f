"""Several processes of the operator at once: each with its log, what it answers on its port, and a way to its end."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.cluster.scenarios.conftest import administrator, issuer, make_issuer, operators, room
from tests.cluster.scenarios.operators import QUICK
from tests.parts.certificates import CertificateAuthority
from tests.parts.installation import loopback_issuer, operator
from tests.parts.processes import Process

__all__ = ["administrator", "issuer", "make_issuer", "operators", "room"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """One process and its log."""

    process: Process

    @property
    def log(self) -> str:
        return self.process.log.read_text()

    def until_logged(self, what: str, *, within: float = 30) -> None:
        self.process.wait_until(lambda: what in self.log, within=within)

    def until_standby(self) -> None:
        self.until_logged("lease is held by another process")

    def until_leader(self, *, within: float = 30) -> None:
        self.until_logged("the operator is at work", within=within)

    def get(self, path: str) -> httpx.Response:
        """Ask it on the port that its log names."""
        found = re.search(r'"message": "listening", "port": ([0-9]+)', self.log)
        assert found is not None
        return httpx.get(f"http://127.0.0.1:{found[1]}{path}", trust_env=False)

    def metric(self, name: str) -> float | None:
        """Return the value of one sample, by its name with labels."""
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.get("/metrics").text, flags=re.MULTILINE)
        return None if found is None else float(found[1])

    def tell_to_stop(self) -> None:
        self.process.child.terminate()

    def ended(self, *, within: float = 20) -> int:
        """Wait for its end and return the exit status."""
        return self.process.child.wait(within)


StartReplica = Callable[[], Replica]


@pytest.fixture
def start_replica(
    operator_kubeconfig: Path, certificate_authority: CertificateAuthority, tmp_path: Path
) -> Iterator[StartReplica]:
    """Start another process of the operator; all are stopped at the end, the last one first."""
    with ExitStack() as running:
        count = 0

        def start() -> Replica:
            nonlocal count
            count += 1
            options = (*loopback_issuer(certificate_authority.bundle), *QUICK)
            log = tmp_path / f"operator-{count}.log"
            replica = Replica(process=running.enter_context(operator(operator_kubeconfig, *options, log=log)))
            replica.until_logged('"listening"')
            return replica

        yield start
