"""node-oidc-provider (npm): strict, rotates the registration access token with every update."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx

from .cache import cache_directory, made_once
from .certificates import CertificateAuthority
from .issuer_log import IssuerLog
from .processes import Process, run
from .progress import step
from .toolchains import MODULES, node

_SOURCES = MODULES / "node"
_START = 30.0
"""Seconds; on an idle machine it takes one."""
SecretPolicy = Literal["expiring", "renewing"]
"""A secret expires in 30 days; or it does, and an update gives another one, in whose place the one before is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeOIDCProvider:
    """A running server; what it keeps is gone when it stops."""

    issuer: str
    address: str
    """The origin at which it listens itself; the issuer's, where nothing stands before it."""
    trust: Path
    """The PEM bundle to trust it by."""
    log: IssuerLog
    process: Process
    admin: httpx.Client

    def initial_access_token(self, policy: SecretPolicy | None = None) -> str:
        """Mint a token that registers any number of clients; a policy says what becomes of their secrets."""
        path = "/initial-access-tokens" + (f"/{policy}" if policy is not None else "")
        token: str = self.admin.post(path).raise_for_status().json()["token"]
        return token

    def clients(self) -> dict[str, dict[str, Any]]:
        """Return the clients that the server knows, by client_id; their secrets left out."""
        listed = self.admin.get("/clients").raise_for_status().json()
        return {client["client_id"]: client for client in listed}

    def change(self, client_id: str, **metadata: Any) -> None:
        """Change a client behind everybody's back."""
        self.admin.patch(f"/clients/{client_id}", json=metadata).raise_for_status()

    def forget(self, client_id: str) -> None:
        """Remove a client behind everybody's back."""
        self.admin.delete(f"/clients/{client_id}").raise_for_status()

    def saved(self) -> bytes:
        """Return all that it keeps, clients and tokens, as a backup of its database would."""
        return self.admin.get("/entries").raise_for_status().content

    def restore(self, saved: bytes) -> None:
        """Let it keep what was saved, and nothing else."""
        self.admin.put("/entries", content=saved).raise_for_status()


@contextmanager
def node_oidc_provider(
    directory: Path,
    authority: CertificateAuthority,
    *,
    host: str = "127.0.0.1",
    listen: str = "127.0.0.1",
    port: int = 0,
    initial_access_token: bool = True,
    registration: bool = True,
    management: bool = True,
    rotation: bool = True,
    dpop: bool = False,
    logins: bool = False,
    behind: str | None = None,
) -> Iterator[NodeOIDCProvider]:
    """Run a server on the address `listen` whose issuer is `https://HOST:PORT`, with its files in `directory`.

    `initial_access_token` false opens registration to everyone; `registration` false has neither RFC 7591 nor RFC 7592,
    `management` false leaves out RFC 7592; `rotation` false keeps the registration access token over updates; `dpop`
    takes DPoP proofs at the token endpoint, with a nonce; `logins` has its own pages for users, of whom it knows everyone
    (`alice` as alice@example.com); `behind` is the origin of what stands before it, which is the issuer then.
    """
    modules = installed()
    directory.mkdir(parents=True, exist_ok=True)
    certificate = authority.certificate(host)
    log = IssuerLog(file=directory / "requests.jsonl")
    options = {
        "host": host,
        "listen": listen,
        "port": port,
        "issuer": behind,
        "certificate": str(certificate.chain),
        "key": str(certificate.key),
        "clientAuthority": str(authority.bundle),
        "log": str(log.file),
        "initialAccessToken": initial_access_token,
        "registration": registration,
        "management": registration and management,
        "rotation": rotation,
        "dpop": dpop,
        "logins": logins,
    }
    process = Process.start(
        "node-oidc-provider",
        node().node,
        modules / "server.mjs",
        json.dumps(options),
        log=directory / "node-oidc-provider.log",
    )
    try:
        process.wait_until(lambda: _ready_line(process.log) is not None, within=_START)
        ready = json.loads(_ready_line(process.log) or "")
        with httpx.Client(base_url=ready["admin"], trust_env=False) as admin:
            yield NodeOIDCProvider(
                issuer=ready["issuer"],
                address=ready["address"],
                trust=authority.bundle,
                log=log,
                process=process,
                admin=admin,
            )
    finally:
        process.stop()


def _ready_line(log: Path) -> str | None:
    for line in log.read_text().splitlines(keepends=True):
        if line.startswith("READY ") and line.endswith("\n"):
            return line.removeprefix("READY ")
    return None


def installed() -> Path:
    """Return the directory of its packages, made once."""
    # Named by all that is in it, so that an older checkout and a newer one do not share a directory.
    names = ("package.json", "package-lock.json", "server.mjs")
    digest = hashlib.sha256(b"".join((_SOURCES / name).read_bytes() for name in names)).hexdigest()
    return made_once(cache_directory() / f"node-{digest[:16]}", _install)


def _install(into: Path) -> None:
    for source in _SOURCES.iterdir():
        if source.is_file():
            shutil.copy(source, into)
    with step("Installing node-oidc-provider (seconds)"):
        # Exactly what the lock file names, by its hashes; no package runs a script of its own.
        command = [*node().npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        run("npm ci", *command, log=into / "npm.log", directory=into)
