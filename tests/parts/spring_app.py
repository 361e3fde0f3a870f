"""An app of Spring Boot (Maven Central) that logs its users in as its properties say, with Spring Cloud Bindings or without."""

import hashlib
import os
import tomllib
from pathlib import Path

from .cache import cache_directory, made_once
from .progress import step
from .spring_authorization_server import CLASSES, JVM, built, compile_java, library
from .toolchains import MODULES, java

TRUST_STORE_PASSWORD = b"changeit"
"""Java's own default; what is in there is no secret."""
_PINS = MODULES / "spring_app.toml"
_SOURCE = MODULES / "SpringApp.java"
_BINDINGS = "bindings"
_OF_THE_SERVER = "authorization-server"
"""In the names of what would make an authorization server of it."""


def command(*, bindings: bool, trust: Path) -> tuple[str, ...]:
    """Return how it is started, without a port; `trust` is a PKCS #12 file, `bindings` puts Spring Cloud Bindings beside it."""
    app = spring_app()
    beside = [app / _BINDINGS / "*"] if bindings else []
    path = os.pathsep.join(map(str, (app / CLASSES, app / "*", *beside, *_of_the_server())))
    trusted = (
        f"-Djavax.net.ssl.trustStore={trust}",
        f"-Djavax.net.ssl.trustStorePassword={TRUST_STORE_PASSWORD.decode()}",
    )
    return (java(), *JVM, *trusted, "-cp", path, _SOURCE.stem)


def spring_app() -> Path:
    """Return a directory with the app, compiled, and with the libraries that the authorization server lacks; made once."""
    recipe = repr((_PINS.read_text(), _SOURCE.read_text(), built().name)).encode()
    return made_once(cache_directory() / f"spring-app-{hashlib.sha256(recipe).hexdigest()[:16]}", _build)


def _build(into: Path) -> None:
    pins = tomllib.loads(_PINS.read_text())
    (into / _BINDINGS).mkdir()
    with step("Fetching what an app of Spring Boot has beside (2 MB)"):
        for place, sha512 in pins["sha512"].items():
            directory = into / _BINDINGS if place == pins["bindings"] else into
            library(place, sha512).fetch(directory / Path(place).name)
    compile_java(_SOURCE, (*sorted(into.glob("*.jar")), *_of_the_server()), into)


def _of_the_server() -> list[Path]:
    return [jar for jar in sorted(built().glob("*.jar")) if _OF_THE_SERVER not in jar.name]
