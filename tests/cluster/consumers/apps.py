"""The apps of examples/consumers as programs: what stands for their image, and where they listen in the place of a pod."""

import base64
import secrets
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from oauthclient_operator import names
from tests.cluster.consumers.pods import Container
from tests.cluster.scenarios.room import Body
from tests.parts.installation import ROOT
from tests.parts.node_oidc_provider import installed
from tests.parts.oauth2_proxy import oauth2_proxy
from tests.parts.ports import free_port
from tests.parts.processes import Process
from tests.parts.toolchains import node

EXAMPLES = ROOT / "examples" / "consumers"
_START = 60.0
"""Seconds; on an idle machine none takes more than five."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What is run, and which variables stand for what its image and its pod's network have."""

    command: tuple[str | Path, ...]
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One of the examples, and how its image would start: in a directory, with what the pod gets, on a port."""

    file: str
    program: Callable[[Container, int, Path], Program]
    trusts_by: str
    """The variable that names the authorities of its image."""
    own: Mapping[str, Mapping[str, str]]
    """Secrets of the user's own that the Deployment refers to."""

    def documents(self) -> dict[str, Body]:
        """Return what is in its file, by kind."""
        return {found["kind"]: found for found in yaml.safe_load_all((EXAMPLES / f"{self.file}.yaml").read_text())}

    @property
    def host(self) -> str:
        """The host name at which its users find it."""
        metadata: Any = self.documents()[names.KIND]["spec"]["clientMetadata"]
        return urlsplit(metadata["redirect_uris"][0]).hostname or ""

    @contextmanager
    def running(self, container: Container, trust: Path, directory: Path) -> Iterator[int]:
        """Run it with what a pod gets, and return its port when it listens there."""
        port, directory = free_port(), directory / secrets.token_hex(4)
        directory.mkdir()
        program = self.program(container, port, directory)
        process = Process.start(
            self.file,
            *program.command,
            log=directory / f"{self.file}.log",
            environment={**program.environment, self.trusts_by: str(trust), **container.environment},
            ours=False,
        )
        try:
            process.wait_until(lambda: _listens(port), within=_START)
            yield port
        finally:
            process.stop(within=5)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _node_app(_: Container, port: int, directory: Path) -> Program:
    # Node looks for packages beside the file, wherever it really is.
    (directory / "app.mjs").write_bytes((EXAMPLES / "app.mjs").read_bytes())
    (directory / "node_modules").symlink_to(installed() / "node_modules")
    return Program(command=(node().node, directory / "app.mjs"), environment={"HOST": "127.0.0.1", "PORT": str(port)})


def _python_app(_: Container, port: int, directory: Path) -> Program:
    command = (sys.executable, "-m", "flask", "--app", EXAMPLES / "app.py", "run", "--host=127.0.0.1", f"--port={port}")
    return Program(command=command, environment={"HOME": str(directory)})


def _oauth2_proxy(upstream: Callable[[], str]) -> Callable[[Container, int, Path], Program]:
    def program(container: Container, port: int, _: Path) -> Program:
        # The addresses are a pod's.
        here = {"0.0.0.0:4180": f"127.0.0.1:{port}", "http://shop.shop.svc:8080": upstream()}
        arguments = list(container.arguments)
        for address, ours in here.items():
            arguments = [argument.replace(address, ours) for argument in arguments]
        assert arguments != [*container.arguments]
        return Program(command=(oauth2_proxy(), *arguments), environment={})

    return program


def python_app() -> App:
    """The app in Python."""
    return App(file="app", program=_python_app, trusts_by="REQUESTS_CA_BUNDLE", own={})


def node_app() -> App:
    """The app in Node."""
    return App(file="app", program=_node_app, trusts_by="NODE_EXTRA_CA_CERTS", own={})


def proxy(upstream: Callable[[], str]) -> App:
    """oauth2-proxy, with somebody behind it."""
    # As the example says how to make it.
    cookie = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return App(
        file="oauth2-proxy",
        program=_oauth2_proxy(upstream),
        trusts_by="SSL_CERT_FILE",
        own={"shop-cookie": {"secret": cookie}},
    )
