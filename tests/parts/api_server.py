"""A Kubernetes API server with its etcd and its controller manager, as local processes."""

import secrets
import shutil
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .audit import AuditLog
from .certificates import CertificateAuthority
from .kubeconfig import service_account_kubeconfig, write_kubeconfig
from .kubectl import Kubectl
from .ports import free_port
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
def api_server(directory: Path, programs: Programs) -> Iterator[APIServer]:
    """Run an API server; all that it writes is in `directory`, of which only etcd's data are removed at the end."""
    directory.mkdir(parents=True, exist_ok=True)
    certificates = CertificateAuthority.made(directory / "certificates")
    authority = certificates.bundle
    tokens = {user: secrets.token_urlsafe(32) for user in (_ADMINISTRATOR, _MANAGER)}
    _service_account_keys(directory)
    _token_file(directory, tokens)
    with ExitStack() as parts:
        etcd = _etcd(directory, programs, parts)
        port = free_port()
        url = f"https://127.0.0.1:{port}"
        server = Process.start(
            "kube-apiserver",
            programs.kube_apiserver,
            *_server_flags(directory, certificates, etcd=etcd, port=port),
            log=directory / "kube-apiserver.log",
        )
        parts.callback(server.stop)
        server.wait_until(lambda: _answers(f"{url}/readyz", authority, tokens[_ADMINISTRATOR]), within=_START)
        administrators, managers = (
            write_kubeconfig(
                directory / f"{name}.kubeconfig", server=url, authority=authority.read_bytes(), token=token
            )
            for name, token in (("admin", tokens[_ADMINISTRATOR]), ("manager", tokens[_MANAGER]))
        )
        kubectl = Kubectl(program=programs.kubectl, kubeconfig=administrators)
        manager = Process.start(
            "kube-controller-manager",
            programs.kube_controller_manager,
            *_manager_flags(directory, managers, authority),
            log=directory / "kube-controller-manager.log",
        )
        parts.callback(_stop_together, server, manager)
        # It makes this account in every namespace: when it is there, the controllers run.
        manager.wait_until(
            lambda: "default" in kubectl("get", "serviceaccounts", "-n", "default", "-o", "name"), within=_START
        )
        audit = AuditLog(file=directory / "audit.log")
        yield APIServer(url=url, directory=directory, authority=authority, kubectl=kubectl, audit=audit)
    shutil.rmtree(directory / "etcd")


def _stop_together(server: Process, manager: Process) -> None:
    # The API server before etcd: without etcd it would keep its port and answer for minutes. It waits for watches to
    # end, and the controller manager's do when both are told at the same time.
    server.child.terminate()
    manager.stop()
    server.stop()


def _etcd(directory: Path, programs: Programs, parts: ExitStack) -> str:
    client, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    process = Process.start(
        "etcd",
        programs.etcd,
        f"--data-dir={directory / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync",
        "--log-level=warn",
        log=directory / "etcd.log",
    )
    parts.callback(process.stop)
    process.wait_until(lambda: _answers(f"{client}/readyz"), within=_START)
    return client


def _server_flags(directory: Path, certificates: CertificateAuthority, *, etcd: str, port: int) -> list[str]:
    serving = certificates.certificate()
    return [
        f"--etcd-servers={etcd}",
        "--bind-address=127.0.0.1",
        # Nobody asks there. Without one it looks for a default route, which a machine may lack; loopback is refused.
        "--advertise-address=192.0.2.1",
        f"--secure-port={port}",
        f"--tls-cert-file={serving.chain}",
        f"--tls-private-key-file={serving.key}",
        f"--cert-dir={directory / 'certificates'}",
        f"--token-auth-file={directory / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={directory / 'service-account.pub'}",
        f"--service-account-signing-key-file={directory / 'service-account.key'}",
        "--service-cluster-ip-range=10.0.0.0/24",
        # It would refuse Pods without a mounted token; there are no Pods here.
        "--disable-admission-plugins=ServiceAccount",
        f"--audit-policy-file={_AUDIT_POLICY}",
        f"--audit-log-path={directory / 'audit.log'}",
        # A request is answered when it is in the log, so that a test that has the answer can count it.
        "--audit-log-mode=blocking-strict",
    ]


def _manager_flags(directory: Path, kubeconfig: Path, authority: Path) -> list[str]:
    return [
        f"--kubeconfig={kubeconfig}",
        f"--service-account-private-key-file={directory / 'service-account.key'}",
        f"--root-ca-file={authority}",
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
