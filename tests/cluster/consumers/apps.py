"""The apps of examples/consumers as programs: what stands for their image, and where they listen in the place of a pod."""

import base64
import secrets
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12Certificate, serialize_java_truststore
from cryptography.x509 import load_pem_x509_certificates

from oauthclient_operator import names
from tests.cluster.consumers.pods import Container
from tests.cluster.scenarios.room import Body
from tests.parts.installation import ROOT
from tests.parts.node_oidc_provider import installed
from tests.parts.oauth2_proxy import oauth2_proxy
from tests.parts.ports import free_port
from tests.parts.processes import Process
from tests.parts.spring_app import TRUST_STORE_PASSWORD, command
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
class Place:
    """Where a program runs: with a directory of its own, on a port, and with the authorities that it trusts."""

    directory: Path
    port: int
    trust: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One of the examples, and how its image would start."""

    file: str
    program: Callable[[Container, Place], Program]
    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
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
        place = Place(directory=directory / secrets.token_hex(4), port=free_port(), trust=trust)
        place.directory.mkdir()
        program = self.program(container, place)
        process = Process.start(
            self.file,
            *program.command,
            log=place.directory / f"{self.file}.log",
            environment={**program.environment, **container.environment},
            ours=False,
        )
        try:
            process.wait_until(lambda: _listens(place.port), within=_START)
            yield place.port
        finally:
            process.stop(within=5)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def in_node(container: Container, place: Place) -> Program:
    """Run the app in Node; where a directory with `.env` is mounted, Node reads its variables from that."""
    # Node looks for packages beside the file, wherever it really is.
    app = place.directory / "app.mjs"
    app.write_bytes((EXAMPLES / "app.mjs").read_bytes())
    (place.directory / "node_modules").symlink_to(installed() / "node_modules")
    environment = {"HOST": "127.0.0.1", "PORT": str(place.port), "NODE_EXTRA_CA_CERTS": str(place.trust)}
    files = [f"--env-file={found / '.env'}" for found in container.mounts.values()]
    return Program(command=(node().node, *files, app), environment=environment)


def in_python(_: Container, place: Place) -> Program:
    """Run the app in Python."""
    at = ("--host=127.0.0.1", f"--port={place.port}")
    command = (sys.executable, "-m", "flask", "--app", EXAMPLES / "app.py", "run", *at)
    return Program(command=command, environment={"REQUESTS_CA_BUNDLE": str(place.trust)})


def in_java(*, bindings: bool) -> Callable[[Container, Place], Program]:
    """Run an app of Spring Boot, with Spring Cloud Bindings or without."""

    def program(_: Container, place: Place) -> Program:
        store = place.directory / "trust.p12"
        authorities = [PKCS12Certificate(found, None) for found in load_pem_x509_certificates(place.trust.read_bytes())]
        store.write_bytes(serialize_java_truststore(authorities, BestAvailableEncryption(TRUST_STORE_PASSWORD)))
        at = ("--server.address=127.0.0.1", f"--server.port={place.port}", "--spring.main.banner-mode=off")
        return Program(command=(*command(bindings=bindings, trust=store), *at), environment={})

    return program


def oauth2_proxy_before(upstream: str) -> Callable[[Container, Place], Program]:
    """Run oauth2-proxy with somebody behind it."""

    def program(container: Container, place: Place) -> Program:
        # The addresses are a pod's.
        here = {"0.0.0.0:4180": f"127.0.0.1:{place.port}", "http://shop.shop.svc:8080": upstream}
        written = "\n".join(container.arguments)
        for address, ours in here.items():
            assert address in written
            written = written.replace(address, ours)
        environment = {"SSL_CERT_FILE": str(place.trust)}
        return Program(command=(oauth2_proxy(), *written.split("\n")), environment=environment)

    return program


def cookie_secret() -> str:
    """Return what oauth2-proxy wants beside the published Secret, as the example says how to make it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
