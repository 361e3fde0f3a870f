"""kcadm.sh, which comes with Keycloak: what an administrator types, in a shell that is logged in."""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from .keycloak import ADMINISTRATOR, Keycloak, prepared
from .processes import run
from .toolchains import java

_NAME: Final = "kcadm.sh"
_TRUST_PASSWORD: Final = "for tests alone"
"""Java reads no truststore without one."""


def logged_in(directory: Path, server: Keycloak) -> Mapping[str, str]:
    """Return the environment of a shell in which kcadm.sh is found, and is logged in as the server's administrator."""
    programs = directory / "bin"
    programs.mkdir()
    program, user, password = programs / _NAME, *ADMINISTRATOR.values()
    # Its session is kept below Java's home of the user, which is not the shell's.
    options = f"-Duser.home={directory}"
    of_keycloak = prepared() / "bin" / _NAME
    program.write_text(f'#!/bin/sh\nexec env JAVA={shlex.quote(java())} KC_OPTS={options} sh {of_keycloak} "$@"\n')
    program.chmod(0o755)
    truststore = directory / "trust.p12"
    truststore.write_bytes(_truststore(server.trust))
    log = directory / "kcadm.log"
    run(_NAME, program, "config", "truststore", "--trustpass", _TRUST_PASSWORD, truststore, log=log)
    credentials = ("--server", server.origin, "--realm", "master", "--user", user, "--password", password)
    run(_NAME, program, "config", "credentials", *credentials, log=log)
    return {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}


def _truststore(bundle: Path) -> bytes:
    found = x509.load_pem_x509_certificates(bundle.read_bytes())
    entries = [pkcs12.PKCS12Certificate(certificate, b"authority-%d" % n) for n, certificate in enumerate(found)]
    return pkcs12.serialize_java_truststore(entries, BestAvailableEncryption(_TRUST_PASSWORD.encode()))
