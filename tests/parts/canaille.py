"""Canaille (PyPI): merges updates, never rotates, says 400 where others say 401, one initial access token per client."""

import json
import sqlite3
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from .certificates import CertificateAuthority
from .front import Front
from .issuer_log import IssuerLog
from .ports import free_port
from .processes import Process

_PROGRAM = Path(sys.prefix, "bin", "canaille")
_START = 110.0
"""Seconds; on an idle machine it takes four."""
_TOKEN_LIFETIME = 24 * 3600
_DATABASE = "canaille.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Canaille:
    """A running server; what it keeps is gone when it stops."""

    issuer: str
    trust: Path
    """The PEM bundle to trust it by."""
    log: IssuerLog
    process: Process
    key: RSAKey
    database: Path

    def save(self, into: Path) -> None:
        """Make a backup of its database."""
        with closing(sqlite3.connect(self.database)) as now, closing(sqlite3.connect(into)) as backup:
            now.backup(backup)

    def restore(self, saved: Path) -> None:
        """Bring its database back to a backup, while it runs."""
        with closing(sqlite3.connect(saved)) as backup, closing(sqlite3.connect(self.database)) as now:
            backup.backup(now)

    def initial_access_token(self) -> str:
        """Mint a token that registers one client, as `canaille jwt registration` does: it names the client to come."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": self.issuer,
            "sub": str(uuid.uuid4()),
            "jti": str(uuid.uuid4()),
            "iat": now,
            "exp": now + _TOKEN_LIFETIME,
            "scope": "client:register",
        }
        return jwt.encode({"alg": "RS256"}, claims, self.key)


@contextmanager
def canaille(
    directory: Path,
    authority: CertificateAuthority,
    *,
    host: str = "localhost",
    initial_access_token: bool = True,
    front: Front | None = None,
) -> Iterator[Canaille]:
    """Run a server on 127.0.0.1 whose issuer is `https://HOST:PORT`, with its files in `directory`.

    `initial_access_token` false opens registration to everyone. With a `front` it is reached by that alone.
    """
    directory.mkdir(parents=True, exist_ok=True)
    port = free_port()
    at = f"{host}:{port}"
    if front is not None:
        front.target, at = f"https://{at}", f"{host}:{front.server.port}"
    key = RSAKey.generate_key(2048, auto_kid=True)
    log = IssuerLog(file=directory / "requests.jsonl")
    file = directory / "canaille.toml"
    file.touch(mode=0o600)
    file.write_text(
        _configuration(directory, authority, key, host=at, port=port, log=log.file)
        + f"DYNAMIC_CLIENT_REGISTRATION_OPEN = {str(not initial_access_token).lower()}\n"
    )
    process = Process.start(
        "canaille",
        # Its database is made by a command of its own, and only then can it serve.
        "sh",
        "-c",
        '"$0" install && exec "$0" run',
        _PROGRAM,
        log=directory / "canaille.log",
        environment={"CANAILLE_CONFIG": str(file)},
    )
    issuer = f"https://{at}"
    try:
        process.wait_until(lambda: _answers(issuer), within=_START)
        yield Canaille(
            issuer=issuer,
            trust=authority.bundle,
            log=log,
            process=process,
            key=key,
            database=directory / _DATABASE,
        )
    finally:
        # It would wait for every idle connection, and has nothing to save.
        process.stop(within=0.5)


def _configuration(
    directory: Path, authority: CertificateAuthority, key: RSAKey, *, host: str, port: int, log: Path
) -> str:
    certificate = authority.certificate()
    # A JSON string is a TOML string.
    jwk = ", ".join(f"{name} = {json.dumps(value)}" for name, value in key.as_dict(private=True).items())
    access = '{"method":"%(m)s","path":"%(U)s","status":"%(s)s"}'
    return f"""
SECRET_KEY = "for tests alone"
SERVER_NAME = {json.dumps(host)}
PREFERRED_URL_SCHEME = "https"
[CANAILLE]
DATABASE = "sql"
[CANAILLE_SQL]
DATABASE_URI = {json.dumps(f"sqlite:///{directory / _DATABASE}")}
[CANAILLE_HYPERCORN]
BIND = ["127.0.0.1:{port}"]
# In this process: a worker would outlive it when it is killed.
WORKERS = 0
CERTFILE = {json.dumps(str(certificate.chain))}
KEYFILE = {json.dumps(str(certificate.key))}
ACCESSLOG = {json.dumps(str(log))}
ACCESS_LOG_FORMAT = {json.dumps(access)}
[CANAILLE_OIDC]
ACTIVE_JWKS = [ {{ {jwk} }} ]
"""


def _answers(issuer: str) -> bool:
    # Whether it is up, no more: whom to trust is for those who test it.
    try:
        return httpx.get(f"{issuer}/.well-known/openid-configuration", verify=False, trust_env=False).is_success
    except httpx.HTTPError:
        return False
