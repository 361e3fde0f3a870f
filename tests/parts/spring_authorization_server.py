"""Spring Authorization Server (Maven Central): an access token of scope client.create registers one client, and no other."""

import hashlib
import os
import secrets
import ssl
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from .archive import Archive
from .cache import cache_directory, made_once
from .certificates import CertificateAuthority
from .ports import free_port
from .processes import Process, run
from .progress import step
from .toolchains import MODULES, java

CLIENT_ID = "registrar"
SCOPE = "client.create"
_PINS = MODULES / "spring_authorization_server.toml"
_SOURCE = MODULES / "SpringAuthorizationServer.java"
CLASSES = "classes"
"""Where in a directory is what was compiled."""
_START = 110.0
"""Seconds; on an idle machine it takes seven."""
JVM = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m")
"""Nothing here runs long enough to repay what the second compiler and the parallel collectors cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpringAuthorizationServer:
    """A running server; what it keeps is gone when it stops."""

    issuer: str
    trust: Path
    """The PEM bundle to trust it by."""
    secret: str = field(repr=False)
    """That of the client that may register others."""
    process: Process


@contextmanager
def spring_authorization_server(
    directory: Path, authority: CertificateAuthority
) -> Iterator[SpringAuthorizationServer]:
    """Start a server on 127.0.0.1, with its log in `directory`, and return when it answers."""
    # In this order no other part asks for them: files of its own, for it reads them while others are made.
    port, certificate = free_port(), authority.certificate("127.0.0.1", "::1")
    issuer, secret, server = f"https://127.0.0.1:{port}", secrets.token_urlsafe(32), built()
    process = Process.start(
        "spring-authorization-server",
        java(),
        *JVM,
        "-cp",
        os.pathsep.join((str(server / CLASSES), str(server / "*"))),
        _SOURCE.stem,
        "--server.address=127.0.0.1",
        f"--server.port={port}",
        f"--server.ssl.certificate={certificate.chain}",
        f"--server.ssl.certificate-private-key={certificate.key}",
        f"--spring.security.oauth2.authorizationserver.issuer={issuer}",
        "--spring.main.banner-mode=off",
        log=directory / "spring-authorization-server.log",
        environment={"REGISTRAR_SECRET": secret},
    )
    context = ssl.create_default_context(cafile=authority.bundle)
    try:
        process.wait_until(lambda: _answers(issuer, context), within=_START)
        yield SpringAuthorizationServer(issuer=issuer, trust=authority.bundle, secret=secret, process=process)
    finally:
        process.stop(within=0)


def built() -> Path:
    """Return a directory with its libraries and the server itself, compiled; made once."""
    recipe = repr((_PINS.read_text(), _SOURCE.read_text())).encode()
    entry = cache_directory() / f"spring-authorization-server-{hashlib.sha256(recipe).hexdigest()[:16]}"
    return made_once(entry, _build)


def _build(into: Path) -> None:
    pins = tomllib.loads(_PINS.read_text())
    with step("Fetching Spring Authorization Server (30 MB)"):
        for place, sha512 in pins["sha512"].items():
            if place != pins["compiler"]:
                library(place, sha512).fetch(into / Path(place).name)
    compile_java(_SOURCE, sorted(into.glob("*.jar")), into)


def library(place: str, sha512: str) -> Archive:
    """Return a library by its place on Maven Central."""
    return Archive(url=tomllib.loads(_PINS.read_text())["url"].format(path=place), sha512=sha512)


def compile_java(source: Path, libraries: Iterable[Path], into: Path) -> None:
    """Compile one file of Java by a compiler that is fetched for it: the Java of a wheel has none."""
    pins = tomllib.loads(_PINS.read_text())
    compiler = into / Path(pins["compiler"]).name
    library(pins["compiler"], pins["sha512"][pins["compiler"]]).fetch(compiler)
    options = ("-17", "-proc:none", "-cp", os.pathsep.join(map(str, libraries)), "-d", into / CLASSES)
    run("ecj", java(), "-jar", compiler, *options, source, log=into / "build.log")
    compiler.unlink()


def _answers(issuer: str, context: ssl.SSLContext) -> bool:
    try:
        url = f"{issuer}/.well-known/openid-configuration"
        return httpx.get(url, verify=context, trust_env=False, timeout=5).is_success
    except httpx.HTTPError:
        return False
