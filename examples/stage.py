"""What the demo plays on: a cluster, an issuer, the operator installed and running, the examples for that issuer."""

import base64
import json
import os
import re
import shlex
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examples.cluster import NAMESPACE, OURS, cluster, existing
from oauthclient_operator.names import (
    API_VERSION,
    GROUP,
    INITIAL_ACCESS_TOKEN_TYPE,
    ISSUER_KIND,
    ISSUER_PLURAL,
    SYSTEM_NAMESPACE,
)
from tests.parts.certificates import CertificateAuthority
from tests.parts.installation import install, loopback_issuer, operator, operator_kubeconfig
from tests.parts.kubectl import Kubectl, KubectlError
from tests.parts.node_oidc_provider import NodeOIDCProvider, node_oidc_provider
from tests.parts.processes import Process, ProcessError
from tests.parts.progress import say, step

_EXAMPLES = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What is up, and where."""

    kubectl: Kubectl
    issuer: NodeOIDCProvider
    operator: Process
    samples: Path
    """The examples as a kustomization for this issuer."""
    namespace: str = NAMESPACE

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

    def metrics(self) -> str:
        """Return where the operator's metrics are: its log names the port."""

        def listening() -> bool:
            return self._port() is not None

        self.operator.wait_until(listening, within=30)
        return f"http://127.0.0.1:{self._port()}/metrics"

    def _port(self) -> str | None:
        found = re.search(r" listening port=([0-9]+)", self.operator.log.read_text())
        return None if found is None else found[1]

    def client_id(self, name: str) -> str:
        """Return the client_id that the resource's status carries."""
        status = self.kubectl.json("get", "oauthclient", name, "-n", self.namespace)["status"]
        return str(status["clientID"])

    def secret(self, name: str) -> dict[str, str]:
        """Return what an app finds when it mounts the Secret."""
        data = self.kubectl.json("get", "secret", name, "-n", self.namespace)["data"]
        return {key: base64.b64decode(value).decode() for key, value in data.items()}


def set_up(parts: ExitStack, directory: Path, *, agreed: bool) -> Stage:
    """Start everything, newest part stopped first; what each writes is in `directory`.

    Raises:
        Declined: the cluster of KUBECONFIG is not for the demo; `agreed` says that nobody has to be asked.
    """
    say("── Parts: a Kubernetes API server, an authorization server, and the operator")
    kubectl = cluster(parts, directory, agreed=agreed)
    authority = CertificateAuthority.made(directory / "certificates")
    with step("Starting node-oidc-provider"):
        issuer = parts.enter_context(node_oidc_provider(directory / "issuer", authority))
    with step("Installing the CRD, the operator's rights and its fence"):
        install(kubectl)
        kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": OURS}})
        kubectl.apply(_for_all_teams(issuer))
    running = parts.enter_context(
        operator(
            operator_kubeconfig(kubectl, directory),
            *loopback_issuer(authority.bundle),
            "--log-format=text",
            log=directory / "operator.log",
        )
    )
    if existing():
        parts.callback(_clear, kubectl)
    return Stage(kubectl=kubectl, issuer=issuer, operator=running, samples=_samples(directory, issuer))


def _for_all_teams(issuer: NodeOIDCProvider) -> list[dict[str, Any]]:
    """Return the issuer as a platform team describes it, with what lets the operator in, for the tutorial."""
    token = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": NAMESPACE, "namespace": SYSTEM_NAMESPACE, "labels": OURS},
        "type": INITIAL_ACCESS_TOKEN_TYPE,
        "stringData": {"issuer": issuer.issuer, "token": issuer.initial_access_token()},
    }
    described = {
        "apiVersion": API_VERSION,
        "kind": ISSUER_KIND,
        "metadata": {"name": NAMESPACE, "labels": OURS},
        "spec": {
            "issuer": issuer.issuer,
            "access": {"initialAccessToken": {"secretRef": {"name": NAMESPACE}}},
            "allowed": {"namespaces": {"names": [NAMESPACE]}, "redirectURIs": ["https://*.shop.example.com/*"]},
        },
    }
    return [token, described]


def _clear(kubectl: Kubectl) -> None:
    # While the operator still runs: it deregisters the clients that are left, as it would for any namespace that goes.
    say(f"\n── Clear: namespace {NAMESPACE} goes, and with it its clients")
    try:
        say(kubectl("delete", "namespace", NAMESPACE, "--timeout=60s").rstrip())
        say(kubectl("delete", f"{ISSUER_PLURAL}.{GROUP}", NAMESPACE, "--timeout=30s").rstrip())
        kubectl("delete", "secret", NAMESPACE, "-n", SYSTEM_NAMESPACE)
    except KubectlError as error:
        say(f"Something of {NAMESPACE} is still there: {error}")
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
        "namespace": NAMESPACE,
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
