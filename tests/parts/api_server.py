"""A Kubernetes API server with its etcd and its controller manager, as local processes."""

import secrets
import shutil
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .audit import AuditLog
from .certificates import Certificate, CertificateAuthority
from .kubeconfig import service_account_kubeconfig, write_kubeconfig
from .kubectl import Kubectl
from .ports import free_port, is_taken
from .processes import Process
from .programs import Programs

_AUDIT_POLICY = Path(__file__).with_name("audit-policy.yaml")
_ADMINISTRATOR = "admin"
_MANAGER = "system:kube-controller-manager"
_START = 60.0
"""Seconds that each part may take to be ready; on an idle machine all of them take five."""


@dataclass(frozen=True, slots=True, kw_only=True)
class APIServer:
    """A running API server; `kubectl` is its administrator's."""

    url: str
    directory: Path
    authority: Path
    kubectl: Kubectl
    audit: AuditLog

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.kubectl.kubeconfig

    def service_account_kubeconfig(self, namespace: str, name: str) -> Path:
        """Return a kubeconfig with a token of its own for a service account that exists."""
        file = self.directory / f"{namespace}.{name}.kubeconfig"
        return service_account_kubeconfig(self.kubectl, file, namespace=namespace, name=name)

    def apply(self, path: Path) -> str:
        """Apply a file or directory of manifests as the administrator."""
        return self.kubectl.apply(path)


@contextmanager
def api_server(
    directory: Path, programs: Programs, authority: CertificateAuthority | None = None
) -> Iterator[APIServer]:
    """Run an API server; all that it writes is in `directory`, of which only etcd's data are removed at the end.

    `authority` vouches for it, or one that is made for it alone.
    """
    with control_plane(directory, programs, authority) as plane:
        yield plane.server


@contextmanager
def control_plane(
    directory: Path, programs: Programs, authority: CertificateAuthority | None = None
) -> Iterator["ControlPlane"]:
    """Run the same, for who stops and starts it."""
    directory.mkdir(parents=True, exist_ok=True)
    plane = ControlPlane.made(directory, programs, authority)
    try:
        plane.start()
        yield plane
    finally:
        plane.stop()
    shutil.rmtree(plane.storage)


@dataclass(kw_only=True)
class ControlPlane:
    """The processes of one cluster: stopped and started again they are the same cluster, at the same addresses."""

    directory: Path
    programs: Programs
    certificates: CertificateAuthority
    serving: Certificate
    tokens: dict[str, str] = field(repr=False)
    ports: tuple[int, int, int]
    """The API server's, etcd's and that for etcd's peers."""
    running: list[Process] = field(default_factory=list)
    """In the order in which they were started: etcd, the API server, the controller manager."""
    more_flags: tuple[str, ...] = ()
    """Of the API server, from its next start."""
    users: ClassVar[tuple[str, ...]] = (_ADMINISTRATOR, _MANAGER)
    """Who has a token; each is an administrator."""
    addresses: ClassVar[tuple[str, ...]] = ("::1", "localhost", "127.0.0.1")
    """What its certificate is for. In this order no other part asks for them: it has files of its own."""

    @classmethod
    def made(cls, directory: Path, programs: Programs, authority: CertificateAuthority | None = None) -> Self:
        """Make what outlives the processes: keys, tokens, kubeconfigs and the choice of ports."""
        certificates = authority or CertificateAuthority.made(directory / "certificates")
        tokens = {user: secrets.token_urlsafe(32) for user in cls.users}
        _service_account_keys(directory)
        _token_file(directory, tokens)
        made = cls(
            directory=directory,
            programs=programs,
            certificates=certificates,
            serving=certificates.certificate(*cls.addresses),
            tokens=tokens,
            ports=(free_port(), free_port(), free_port()),
        )
        for name, user in (("admin", _ADMINISTRATOR), ("manager", _MANAGER)):
            made.write_kubeconfig(name, user)
        return made

    def write_kubeconfig(self, name: str, user: str) -> Path:
        """Write a kubeconfig of one of its users."""
        authority, file = self.certificates.bundle.read_bytes(), self.directory / f"{name}.kubeconfig"
        return write_kubeconfig(file, server=self.url, authority=authority, token=self.tokens[user])

    @property
    def url(self) -> str:
        """The API server's."""
        return f"https://127.0.0.1:{self.ports[0]}"

    @property
    def storage(self) -> Path:
        """Where etcd's data are."""
        return self.directory / "etcd"

    @property
    def server(self) -> APIServer:
        """The API server, for who uses it."""
        kubectl = Kubectl(program=self.programs.kubectl, kubeconfig=self.directory / "admin.kubeconfig")
        audit = AuditLog(file=self.directory / "audit.log")
        authority = self.certificates.bundle
        return APIServer(url=self.url, directory=self.directory, authority=authority, kubectl=kubectl, audit=audit)

    def start(self) -> None:
        """Start all of it, and return when the API server answers and the controllers run."""
        etcd = self._started("etcd", self.programs.etcd, *self._etcd_flags())
        # What stands for it (tests/kine.py) has no other interface than the one that the API server asks.
        etcd.wait_until(lambda: is_taken(self.ports[1]), within=_START)
        server = self._started("kube-apiserver", self.programs.kube_apiserver, *self._server_flags(self.ports[0]))
        authority, token = self.certificates.bundle, self.tokens[_ADMINISTRATOR]
        server.wait_until(lambda: _answers(f"{self.url}/readyz", authority, token), within=_START)
        manager = self._started(
            "kube-controller-manager", self.programs.kube_controller_manager, *self._manager_flags()
        )
        kubectl = self.server.kubectl
        # It makes this account in every namespace: when it is there, the controllers run.
        manager.wait_until(
            lambda: "default" in kubectl("get", "serviceaccounts", "-n", "default", "-o", "name"), within=_START
        )

    def restart_server(self) -> None:
        """Kill the API server and start it anew; return when it answers, whether or not it says that it is ready."""
        self.running[1].stop(within=0)
        name, log = self.running[1].name, self.running[1].log
        server = Process.start(name, self.programs.kube_apiserver, *self._server_flags(self.ports[0]), log=log)
        self.running[1] = server
        # What comes from a definition comes last.
        served = f"{self.url}/apis/oauth-operator.dev/v1alpha1/oauthclients"
        authority, token = self.certificates.bundle, self.tokens[_ADMINISTRATOR]
        server.wait_until(lambda: _answers(served, authority, token), within=_START)

    def start_second(self, port: int) -> Process:
        """Start another API server of this cluster, and return when it answers; who asks for it stops it."""
        flags, log = self._server_flags(port, "second-audit.log"), self.directory / "second-kube-apiserver.log"
        second = Process.start("kube-apiserver", self.programs.kube_apiserver, *flags, log=log)
        authority, token = self.certificates.bundle, self.tokens[_ADMINISTRATOR]
        try:
            second.wait_until(lambda: _answers(f"https://127.0.0.1:{port}/readyz", authority, token), within=_START)
        except BaseException:
            second.stop()
            raise
        return second

    def stop(self) -> None:
        """Stop what runs of it; etcd last, for without it the API server would keep its port and answer for minutes."""
        if len(self.running) > 1:
            # It waits for watches to end, and the controller manager's do when both are told at the same time.
            self.running[1].child.terminate()
        while self.running:
            self.running.pop().stop()

    def _started(self, name: str, *command: str | Path) -> Process:
        process = Process.start(name, *command, log=self.directory / f"{name}.log")
        self.running.append(process)
        return process

    @property
    def etcd_url(self) -> str:
        """Where etcd is asked, without a word of who asks."""
        return f"http://127.0.0.1:{self.ports[1]}"

    def _etcd_flags(self) -> list[str]:
        client, peer = self.etcd_url, f"http://127.0.0.1:{self.ports[2]}"
        return [
            f"--data-dir={self.storage}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            "--unsafe-no-fsync",
            "--log-level=warn",
        ]

    def _server_flags(self, port: int, audit: str = "audit.log") -> list[str]:
        return [
            f"--etcd-servers={self.etcd_url}",
            "--bind-address=127.0.0.1",
            # Nobody asks there. Without one it looks for a default route, which a machine may lack; loopback is refused.
            "--advertise-address=192.0.2.1",
            f"--secure-port={port}",
            f"--tls-cert-file={self.serving.chain}",
            f"--tls-private-key-file={self.serving.key}",
            f"--cert-dir={self.directory / 'certificates'}",
            f"--token-auth-file={self.directory / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            # Where its keys are found, for who takes the accounts' tokens; what it takes itself is as everywhere.
            f"--service-account-issuer={self.url}",
            f"--service-account-jwks-uri={self.url}/openid/v1/jwks",
            "--api-audiences=https://kubernetes.default.svc",
            f"--service-account-key-file={self.directory / 'service-account.pub'}",
            f"--service-account-signing-key-file={self.directory / 'service-account.key'}",
            "--service-cluster-ip-range=10.0.0.0/24",
            # It would refuse Pods without a mounted token; there are no Pods here.
            "--disable-admission-plugins=ServiceAccount",
            f"--audit-policy-file={_AUDIT_POLICY}",
            f"--audit-log-path={self.directory / audit}",
            # Megabytes. At 100 it would begin another file, and whoever counts since a mark would miss what went before.
            "--audit-log-maxsize=100000",
            # A request is answered when it is in the log, so that a test that has the answer can count it.
            "--audit-log-mode=blocking-strict",
            *self.more_flags,
        ]

    def _manager_flags(self) -> list[str]:
        return [
            f"--kubeconfig={self.directory / 'manager.kubeconfig'}",
            f"--service-account-private-key-file={self.directory / 'service-account.key'}",
            f"--root-ca-file={self.certificates.bundle}",
            "--leader-elect=false",
            "--secure-port=0",
            "--use-service-account-credentials=false",
            # There are no nodes.
            "--controllers=*,-nodeipam,-nodelifecycle",
        ]


def _service_account_keys(directory: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = directory / "service-account.key"
    private.touch(mode=0o600)
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    (directory / "service-account.pub").write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def _token_file(directory: Path, tokens: dict[str, str]) -> None:
    file = directory / "tokens.csv"
    file.touch(mode=0o600)
    file.write_text("".join(f'{token},{user},{user},"system:masters"\n' for user, token in tokens.items()))


def _answers(url: str, authority: Path | None = None, token: str = "") -> bool:
    context = ssl.create_default_context(cafile=authority)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        return httpx.get(url, headers=headers, verify=context, trust_env=False, timeout=5).is_success
    except httpx.HTTPError:
        return False
