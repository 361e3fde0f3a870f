"""What the demo plays on: a cluster, an issuer, the operator installed and running, the examples for that issuer."""

import base64
import json
import os
import shlex
import shutil
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.parts.api_server import api_server
from tests.parts.certificates import CertificateAuthority
from tests.parts.installation import install, loopback_issuer, operator, operator_kubeconfig
from tests.parts.kubectl import Kubectl, KubectlError
from tests.parts.node_oidc_provider import NodeOIDCProvider, node_oidc_provider
from tests.parts.processes import Process, ProcessError
from tests.parts.programs import programs
from tests.parts.progress import say, step

_EXAMPLES = Path(__file__).parent
_NAMESPACE = "oauthclient-demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What is up, and where."""

    kubectl: Kubectl
    issuer: NodeOIDCProvider
    operator: Process
    samples: Path
    """The examples as a kustomization for this issuer."""
    namespace: str = _NAMESPACE

    def show(self, *arguments: str) -> None:
        """Run kubectl as a person would, and show both."""
        say(f"$ kubectl {shlex.join(arguments)}")
        say(self.kubectl(*arguments).rstrip())

    def wait_ready(self, *what: str) -> None:
        """Wait as a person would, by `kubectl wait`; raise ProcessError where the operator ends or 60 s pass."""
        command = ["wait", "--for=condition=Ready", *what, "-n", self.namespace]
        say(f"$ kubectl {shlex.join(command)}")

        def ready() -> bool:
            try:
                say(self.kubectl(*command, "--timeout=5s").rstrip())
            except KubectlError:
                return False
            return True

        try:
            self.operator.wait_until(ready, within=60)
        except ProcessError:
            self.show("get", "oauthclients", "-n", self.namespace, "-o", "wide")
            raise

    def client_id(self, name: str) -> str:
        """Return the client_id that the resource's status carries."""
        status = self.kubectl.json("get", "oauthclient", name, "-n", self.namespace)["status"]
        return str(status["clientID"])

    def secret(self, name: str) -> dict[str, str]:
        """Return what an app finds when it mounts the Secret."""
        data = self.kubectl.json("get", "secret", name, "-n", self.namespace)["data"]
        return {key: base64.b64decode(value).decode() for key, value in data.items()}


def set_up(parts: ExitStack, directory: Path) -> Stage:
    """Start everything, newest part stopped first; what each writes is in `directory`."""
    say("── Parts: a Kubernetes API server, an authorization server, and the operator")
    kubectl = _cluster(parts, directory)
    authority = CertificateAuthority.made(directory / "certificates")
    with step("Starting node-oidc-provider"):
        issuer = parts.enter_context(node_oidc_provider(directory / "issuer", authority))
    with step("Installing the CRD, the operator's rights and its fence"):
        install(kubectl)
        kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": _NAMESPACE}})
    running = parts.enter_context(
        operator(
            operator_kubeconfig(kubectl, directory),
            *loopback_issuer(authority.bundle),
            "--log-format=text",
            log=directory / "operator.log",
        )
    )
    if _existing_cluster():
        parts.callback(_clear, kubectl)
    return Stage(kubectl=kubectl, issuer=issuer, operator=running, samples=_samples(directory, issuer))


def _cluster(parts: ExitStack, directory: Path) -> Kubectl:
    if not _existing_cluster():
        found = programs()
        with step("Starting etcd, kube-apiserver and kube-controller-manager"):
            return parts.enter_context(api_server(directory / "cluster", found)).kubectl
    program = Path(shutil.which("kubectl") or programs().kubectl)
    # One file with the current context alone: KUBECONFIG may name several, and somebody may switch meanwhile.
    view = [str(program), "config", "view", "--minify", "--flatten", "--raw", "-o", "json"]
    seen = subprocess.run(view, capture_output=True, text=True, timeout=30, check=False)
    if seen.returncode:
        raise KubectlError(f"KUBECONFIG is {os.environ['KUBECONFIG']}: {seen.stderr.strip()}")
    file = directory / "kubeconfig"
    file.write_text(seen.stdout)
    say(f"Using the cluster of KUBECONFIG: {json.loads(seen.stdout)['clusters'][0]['cluster']['server']}")
    return Kubectl(program=program, kubeconfig=file)


def _existing_cluster() -> bool:
    return bool(os.environ.get("KUBECONFIG"))


def _clear(kubectl: Kubectl) -> None:
    # While the operator still runs: it deregisters the clients that are left, as it would for any namespace that goes.
    say(f"\n── Clear: namespace {_NAMESPACE} goes, and with it its clients")
    try:
        say(kubectl("delete", "namespace", _NAMESPACE, "--timeout=60s").rstrip())
    except KubectlError as error:
        say(f"{_NAMESPACE} is still there: {error}")
    say("What an administrator installed stays: the CRD, the records, the operator's rights and its fence.")


def _samples(directory: Path, issuer: NodeOIDCProvider) -> Path:
    overlay = directory / "samples"
    overlay.mkdir()
    values = {
        "OAuthClient": {"/spec/issuer": issuer.issuer},
        "Secret": {"/stringData/issuer": issuer.issuer, "/stringData/token": issuer.initial_access_token()},
    }
    kustomization = {
        "resources": [os.path.relpath(_EXAMPLES, overlay.resolve())],
        "namespace": _NAMESPACE,
        "patches": [
            {
                "target": {"kind": kind},
                "patch": json.dumps([{"op": "replace", "path": path, "value": value} for path, value in each.items()]),
            }
            for kind, each in values.items()
        ],
    }
    (overlay / "kustomization.yaml").write_text(json.dumps(kustomization, indent=1))
    return overlay
