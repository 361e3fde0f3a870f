"""Keycloak (Maven Central): counts the uses of initial access tokens, has policies on who may register what, and rotates."""

import hashlib
import shutil
import ssl
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from .archive import Archive
from .cache import cache_directory, made_once
from .certificates import CertificateAuthority
from .issuer_log import IssuerLog
from .ports import free_port
from .processes import Process, run
from .progress import step
from .toolchains import MODULES, java

_PINS = MODULES / "keycloak.toml"
_REALMS = ("shop", "moving")
"""As Keycloak makes a realm: its own policies on client registration, with no trusted host."""
_DATABASE = "data/h2/keycloakdb.mv.db"
ADMINISTRATOR = {"KC_BOOTSTRAP_ADMIN_USERNAME": "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD": "for tests alone"}
_BUILD = ("build", "--db=dev-file", "--features=client-secret-rotation")
"""The executor that rotates client secrets is a preview of Keycloak's."""
_IMPORT = ("import", "--optimized", "--cache=local")
_START = 120.0
"""Seconds; on an idle machine it takes six."""
_THREADS = "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory"
_JVM = (
    # Nothing here runs long enough to repay what the second compiler and the parallel collectors cost.
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-Xmx512m",
    # As bin/kc.sh has them. It is not used itself: a shell would stand between us and the server, and outlive or leave it.
    "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
    f"-Djava.util.concurrent.ForkJoinPool.common.threadFactory={_THREADS}",
    *(f"--add-opens=java.base/java.{name}=ALL-UNNAMED" for name in ("util", "util.concurrent", "security", "lang")),
    "--enable-native-access=ALL-UNNAMED",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keycloak:
    """A server that was started; what it keeps is gone when it stops."""

    origin: str
    trust: Path
    """The PEM bundle to trust it by."""
    log: IssuerLog
    process: Process
    http: httpx.Client

    def wait_until_ready(self) -> None:
        """Return when it answers."""
        self.process.wait_until(self._answers, within=_START)

    def realm(self, name: str) -> "Realm":
        """Return one of its realms."""
        assert name in _REALMS
        return Realm(name=name, server=self)

    def make_realm(self, name: str) -> "Realm":
        """Make a realm as Keycloak does by itself, with keys and policies of its own."""
        self.administer("POST", "", realm=name, enabled=True)
        return Realm(name=name, server=self)

    def administer(
        self, method: str, path: str, items: list[dict[str, Any]] | None = None, /, **body: Any
    ) -> httpx.Response:
        """Call the admin REST API below a realm, with a list or an object."""
        user, password = ADMINISTRATOR.values()
        form = {"grant_type": "password", "client_id": "admin-cli", "username": user, "password": password}
        # It is good for a minute, so each call has one of its own.
        answer = self.http.post("/realms/master/protocol/openid-connect/token", data=form).raise_for_status()
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        return self.http.request(
            method, f"/admin/realms/{path}".rstrip("/"), headers=headers, json=items or body or None
        ).raise_for_status()

    def _answers(self) -> bool:
        try:
            return self.http.get(f"/realms/{_REALMS[0]}").is_success
        except httpx.HTTPError:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Realm:
    """One realm: an issuer with a path of its own."""

    name: str
    server: Keycloak

    @property
    def issuer(self) -> str:
        """The issuer identifier, until the realm is moved."""
        return f"{self.server.origin}/realms/{self.name}"

    @property
    def trust(self) -> Path:
        """The PEM bundle to trust it by."""
        return self.server.trust

    def initial_access_token(self, *, uses: int = 100) -> str:
        """Mint a token that registers so many clients."""
        body = {"count": uses, "expiration": 3600}
        token: str = self.server.administer("POST", f"{self.name}/clients-initial-access", **body).json()["token"]
        return token

    def make_client(self, client_id: str, **representation: Any) -> dict[str, Any]:
        """Make a client by hand, as an administrator does, and return it with its secret."""
        self.server.administer("POST", f"{self.name}/clients", clientId=client_id, **representation)
        return self.client(client_id) or {}

    def let_register(self, client_id: str, *, role: str = "create-client") -> None:
        """Let the service account of a client register others with its own access tokens, or do what another role says."""
        self._map_role("POST", client_id, role)

    def take_away(self, client_id: str, *, role: str) -> None:
        """Take a role from the service account of a client; what it was given before says so until it expires."""
        self._map_role("DELETE", client_id, role)

    def _map_role(self, method: str, client_id: str, role: str) -> None:
        client, management = (self.client(c) or {} for c in (client_id, "realm-management"))
        account = self.server.administer("GET", f"{self.name}/clients/{client['id']}/service-account-user").json()
        found = self.server.administer("GET", f"{self.name}/clients/{management['id']}/roles/{role}").json()
        self.server.administer(
            method, f"{self.name}/users/{account['id']}/role-mappings/clients/{management['id']}", [found]
        )

    def trust_service_accounts(self, alias: str, issuer: str) -> None:
        """Take tokens of a cluster's service accounts, whose keys are found at that URL, as client assertions."""
        path = f"{self.name}/identity-provider/instances"
        configuration = {"issuer": issuer}
        self.server.administer("POST", path, alias=alias, providerId="kubernetes", enabled=True, config=configuration)

    def change_client(self, client_id: str, **members: Any) -> None:
        """Change a client, as an administrator does."""
        known = self.client(client_id) or {}
        self.server.administer("PUT", f"{self.name}/clients/{known['id']}", **{**known, **members})

    def registration_access_token(self, client_id: str) -> str:
        """Mint a client another registration access token; the one before is refused from then on."""
        known = self.client(client_id) or {}
        path = f"{self.name}/clients/{known['id']}/registration-access-token"
        token: str = self.server.administer("POST", path).json()["registrationAccessToken"]
        return token

    def configuration_endpoint(self, client_id: str) -> str:
        """Return the registration_client_uri of a client."""
        return f"{self.issuer}/clients-registrations/openid-connect/{client_id}"

    def replace_keys(self) -> None:
        """Throw its keys away; it makes others, and takes no token of before."""
        components = self.server.administer("GET", f"{self.name}/components?type=org.keycloak.keys.KeyProvider").json()
        for component in components:
            self.server.administer("DELETE", f"{self.name}/components/{component['id']}")

    def rotate_secrets(self, *, lifetime: int, overlap: int) -> None:
        """Let secrets live for so many seconds, and each update bring another; the one before lives for `overlap`."""
        configuration = {
            "expiration-period": lifetime,
            "rotated-expiration-period": overlap,
            "remaining-rotation-period": lifetime,
        }
        profile = {"name": "rotation", "executors": [{"executor": "secret-rotation", "configuration": configuration}]}
        policy = {
            "name": "rotation",
            "enabled": True,
            "conditions": [{"condition": "any-client", "configuration": {}}],
            "profiles": ["rotation"],
        }
        self.server.administer("PUT", f"{self.name}/client-policies/profiles", profiles=[profile])
        self.server.administer("PUT", f"{self.name}/client-policies/policies", policies=[policy])

    def client(self, client_id: str) -> dict[str, Any] | None:
        """Return what the server knows of a client, or None."""
        found = self.server.administer("GET", f"{self.name}/clients?clientId={client_id}").json()
        return found[0] if found else None

    def move(self, origin: str) -> None:
        """Give the realm another host name from now on (its frontend URL); it is reached by the old one, too."""
        self.server.administer("PUT", self.name, realm=self.name, attributes={"frontendUrl": origin})

    def calls(self, client_id: str = "") -> list[str]:
        """Return method and status of the calls to its registration endpoint and to clients below it, or one's alone."""
        below = f"/realms/{self.name}/clients-registrations/openid-connect{client_id and f'/{client_id}'}"
        return [f"{r.method} {r.status}" for r in self.server.log.requests() if r.path.startswith(below)]


@contextmanager
def keycloak(directory: Path, authority: CertificateAuthority) -> Iterator[Keycloak]:
    """Start a server on 127.0.0.1, with its files in `directory`; it is ready when `wait_until_ready` returns."""
    home = _home(directory, prepared())
    # These names are asked for by no other part: files of its own, for it reads them while others are made.
    port, certificate = free_port(), authority.certificate("localhost", "127.0.0.1")
    origin = f"https://127.0.0.1:{port}"
    options = (
        "--optimized",
        "--cache=local",
        # Whom it fetches others' keys from.
        f"--truststore-paths={authority.bundle}",
        "--http-host=127.0.0.1",
        f"--https-port={port}",
        f"--https-certificate-file={certificate.chain}",
        f"--https-certificate-key-file={certificate.key}",
        f"--hostname={origin}",
        "--http-access-log-enabled=true",
        "--http-access-log-file-enabled=true",
        "--http-access-log-file-rotate=false",
        '--http-access-log-pattern={"method":"%m","path":"%R","status":"%s"}',
    )
    process = Process.start("keycloak", *_command(home, "start", *options), log=directory / "keycloak.log")
    log = IssuerLog(file=home / "data" / "log" / "keycloak-http-access.log")
    context = ssl.create_default_context(cafile=authority.bundle)
    try:
        with httpx.Client(base_url=origin, verify=context, trust_env=False, timeout=30) as http:
            yield Keycloak(origin=origin, trust=authority.bundle, log=log, process=process, http=http)
    finally:
        # It would settle its caches, and has nothing to save.
        process.stop(within=0)


def prepared() -> Path:
    """Return a server that is built and has its realms, made once: the first start would take half a minute each time."""
    recipe = repr((_PINS.read_text(), _REALMS, ADMINISTRATOR, _BUILD, _IMPORT)).encode()
    return made_once(cache_directory() / f"keycloak-{hashlib.sha256(recipe).hexdigest()[:16]}", _prepare)


def _prepare(into: Path) -> None:
    pins = tomllib.loads(_PINS.read_text())
    with step("Fetching Keycloak (180 MB)"):
        Archive(url=pins["url"].format(version=pins["version"]), sha512=pins["sha512"]).unpack_whole(into)
    realms = into / "realms"
    realms.mkdir()
    for name in _REALMS:
        (realms / f"{name}-realm.json").write_text(f'{{"realm": "{name}", "enabled": true}}')
    with step("Building Keycloak and its realms (a minute)"):
        run("keycloak build", *_command(into, *_BUILD), log=into / "build.log")
        command = _command(into, *_IMPORT, f"--dir={realms}")
        run("keycloak import", *command, log=into / "import.log", environment=ADMINISTRATOR)


def _home(directory: Path, server: Path) -> Path:
    home = directory / "home"
    (home / _DATABASE).parent.mkdir(parents=True)
    (home / "lib").symlink_to(server / "lib")
    shutil.copy(server / _DATABASE, home / _DATABASE)
    return home


def _command(home: Path, *arguments: str) -> tuple[str, ...]:
    main = ("-cp", str(home / "lib" / "quarkus-run.jar"), "io.quarkus.bootstrap.runner.QuarkusEntryPoint")
    return (java(), *_JVM, f"-Dkc.home.dir={home}", *main, *arguments)
