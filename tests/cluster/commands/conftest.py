"""What tests of the commands stand on: a cluster of their own, for `uninstall` empties a whole one."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from oauthclient_operator.command_line import main
from oauthclient_operator.plan.observed import Limits
from tests.cluster.commands.team import Team, team_of
from tests.cluster.conftest import installed, kubectl, operator_kubeconfig
from tests.cluster.scenarios.conftest import administrator, issuer, make_issuer, operators
from tests.cluster.scenarios.conftest import room as scenario_room
from tests.cluster.scenarios.in_process import Account, InProcessOperator
from tests.cluster.scenarios.room import Room
from tests.parts.api_server import APIServer
from tests.parts.api_server import api_server as run_api_server
from tests.parts.certificates import CertificateAuthority
from tests.parts.installation import loopback_issuer
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.programs import programs

__all__ = (
    "administrator",
    "installed",
    "issuer",
    "kubectl",
    "make_issuer",
    "operator_kubeconfig",
    "operators",
    "scenario_room",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A command that has ended."""

    status: int
    said: str
    complained: str


Command = Callable[..., Ran]


@pytest.fixture(scope="session")
def api_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIServer]:
    with run_api_server(tmp_path_factory.mktemp("api-server-of-commands"), programs()) as server:
        yield server


@pytest.fixture
def room(scenario_room: Room) -> Room:
    """A namespace of the test's own, without a running operator."""
    return scenario_room


@pytest.fixture
def team(room: Room, tmp_path: Path) -> Team:
    return team_of(room, tmp_path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """The operator in this process, at work only when it is told: a process would have to be started and stopped."""

    in_process: InProcessOperator
    room: Room

    def settle(self, name: str = "web") -> None:
        """Look after a resource until nothing is left to do for it."""

        async def settled() -> None:
            await self.in_process.settle(name)
            # aiohttp closes TLS connections behind our back, and the loop must not end before.
            await asyncio.sleep(0.1)

        asyncio.run(settled())

    def register(self, issuer: MisbehavingIssuer, name: str = "web") -> str:
        """Apply a resource, see it registered, and return its UID."""
        uid = self.room.apply(name, issuer.issuer)
        self.settle(name)
        self.room.wait_for(name, "Registered")
        return uid


@pytest.fixture
def operator(room: Room, operator_kubeconfig: Path, certificate_authority: CertificateAuthority) -> Operator:
    return operator_of(room, operator_kubeconfig, certificate_authority.bundle)


def operator_of(room: Room, kubeconfig: Path, trust: Path) -> Operator:
    """Return the operator of one namespace."""
    limits = Limits(release_after=timedelta(seconds=2))
    account = Account(kubeconfig=kubeconfig, trust=trust, namespace=room.namespace, limits=limits)
    return Operator(in_process=InProcessOperator(account=account), room=room)


@pytest.fixture
def command(
    installed: APIServer, certificate_authority: CertificateAuthority, capfd: pytest.CaptureFixture[str]
) -> Command:
    """Run a command as the cluster's administrator."""
    return command_of(installed, certificate_authority, capfd)


def command_of(server: APIServer, authority: CertificateAuthority, capfd: pytest.CaptureFixture[str]) -> Command:
    """Return how commands are run as the administrator of a cluster."""

    def run(name: str, *arguments: str) -> Ran:
        capfd.readouterr()
        options = (f"--kubeconfig={server.kubeconfig}", *loopback_issuer(authority.bundle))
        # What another test left, at an issuer that is gone with it, must not hold this one up.
        patience = ("--release-after=1s",) if name == "uninstall" else ()
        try:
            status = main([name, *options, "--exchange-timeout=3s", *patience, *arguments])
        except SystemExit as refused:
            status = int(str(refused.code))
        said, complained = capfd.readouterr()
        return Ran(status=status, said=said, complained=complained)

    return run
