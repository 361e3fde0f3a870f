"""One operator with an installation and two issuers of its own, whose every request goes through a relay.

Several lanes work side by side: most of what a killed process leaves is waited for, by its own deadlines.
"""

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from oauthclient_operator import names
from tests.cluster.crash.points import CLUSTER, ISSUER, Watchman
from tests.cluster.deploy.installations import Installation, rename
from tests.cluster.scenarios.conftest import administrator_of
from tests.cluster.scenarios.operators import AT_WORK, Operators
from tests.cluster.scenarios.room import Room
from tests.parts.api_server import APIServer
from tests.parts.certificates import CertificateAuthority
from tests.parts.kubeconfig import write_kubeconfig
from tests.parts.node_oidc_provider import NodeOIDCProvider, node_oidc_provider
from tests.parts.relay import Relay, relaying

_PROGRAM: Final = (sys.executable, "-P", Path(__file__).with_name("program.py"))
_LATE: Final = 11.0
"""Seconds: longer than a request to the API server may take."""
_LATE_AT_ISSUER: Final = 8.0
"""Seconds: longer than an exchange may take, and shorter than it together with the margin that is waited for."""
_START: Final = 60.0


@dataclass(kw_only=True)
class Lane:
    """What one resource after the other lives in."""

    room: Room
    provider: NodeOIDCProvider
    other: NodeOIDCProvider
    """Where clients move to."""
    watchman: Watchman
    system: str
    """The namespace of the operator's own."""

    def begin(self) -> None:
        """Start the operator anew; it has not begun to work yet. What a dead process left is free at once."""
        # A Lease runs out: nothing of it is waited for here, and the dead are known to be dead.
        self.room.operators.stop()
        lease = f"/apis/coordination.k8s.io/v1/namespaces/{self.system}/leases/{names.OPERATOR}"
        self.room.api.delete(lease)
        options = (f"--namespace={self.room.namespace}", f"--records-namespace={self.room.records}")
        process = self.room.operators.begin(*options, f"--lease-namespace={self.system}")
        self.watchman.pid = process.child.pid

    def at_work(self) -> bool:
        """Tell whether the operator is there and has begun to work."""
        return self.running() and AT_WORK in self.room.operators.log()

    def running(self) -> bool:
        """Tell whether the operator is there."""
        process = self.room.operators.process
        return process is not None and process.running()

    def until_at_work(self) -> None:
        """Start the operator unless it runs, and wait for it."""
        if not self.running():
            self.begin()
        self.room.wait_until(self.at_work, "the operator is at work", within=_START)

    def stop(self) -> None:
        """Tell the operator to end; what is in flight is finished."""
        self.room.operators.stop()


@contextmanager
def lane(server: APIServer, authority: CertificateAuthority, directory: Path, number: int) -> Iterator[Lane]:
    """Make a lane; the operator is not started."""
    prefix = f"lane-{number}"
    rename(directory / "installation", prefix, [], [])
    installation = Installation(server=server, directory=directory / "installation")
    installation.apply()
    system, account = installation.named()
    records = installation.environment()["OAUTHCLIENT_OPERATOR_RECORDS_NAMESPACE"]
    certificate, logs = authority.certificate(), directory / "operator"
    logs.mkdir()
    watchman = Watchman(records=records)
    cluster = Relay(name=CLUSTER, certificate=certificate, trust=server.authority, delay=_LATE, target=server.url)
    issuer, another = (
        Relay(name=ISSUER, certificate=certificate, trust=authority.bundle, delay=_LATE_AT_ISSUER) for _ in range(2)
    )
    kubeconfig = write_kubeconfig(
        directory / "operator.kubeconfig",
        server=cluster.url,
        authority=authority.bundle.read_bytes(),
        token=server.kubectl("create", "token", account, "--namespace", system, "--duration=24h").strip(),
    )
    namespace = f"{prefix}-{secrets.token_hex(4)}"
    with (
        node_oidc_provider(directory / "issuer", authority, behind=issuer.url) as provider,
        node_oidc_provider(directory / "another-issuer", authority, behind=another.url) as other,
        administrator_of(server) as api,
    ):
        issuer.target, another.target = provider.address, other.address
        with relaying(watchman, cluster, issuer, another):
            api.post("/api/v1/namespaces", json={"metadata": {"name": namespace}}).raise_for_status()
            operators = Operators(kubeconfig, authority.bundle, logs, program=_PROGRAM)
            room = Room(namespace=namespace, kubectl=server.kubectl, api=api, operators=operators, records=records)
            try:
                yield Lane(room=room, provider=provider, other=other, watchman=watchman, system=system)
                assert operators.mishaps() == []
            finally:
                operators.stop()
