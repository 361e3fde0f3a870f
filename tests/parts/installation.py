"""The operator as an administrator installs it, but for the Deployment: here it runs as a local process."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .kubeconfig import service_account_kubeconfig
from .kubectl import Kubectl
from .processes import Process

ROOT = Path(__file__).parents[2]
SYSTEM_NAMESPACE = "oauth-operator-system"
OPERATOR = "oauthclient-operator"
OPERATOR_USER = f"system:serviceaccount:{SYSTEM_NAMESPACE}:{OPERATOR}"
"""Who the operator is in the audit log."""
_LISTEN = "--listen=127.0.0.1:0"
"""A free port: two of them may run, and the machine's own 8080 is not ours."""
DEFINITIONS = ("oauthclients.oauth-operator.dev", "clusteroauthissuers.oauth-operator.dev")
"""The CustomResourceDefinitions, by their names."""
PROGRAM = (Path(sys.prefix, "bin", OPERATOR),)
"""The operator's own command."""


def install(kubectl: Kubectl) -> str:
    """Apply the CRD, the namespaces, the rights and the fence, and wait until the API server serves the resource."""
    said = kubectl.apply(ROOT / "deploy" / "without-deployment")
    kubectl.wait_for_definitions(*DEFINITIONS)
    return said


def operator_kubeconfig(kubectl: Kubectl, directory: Path) -> Path:
    """Return a kubeconfig in `directory` with which a process has exactly the operator's rights."""
    file = directory / "operator.kubeconfig"
    return service_account_kubeconfig(kubectl, file, namespace=SYSTEM_NAMESPACE, name=OPERATOR)


@contextmanager
def operator(
    kubeconfig: Path,
    *options: str,
    log: Path,
    environment: Mapping[str, str] | None = None,
    program: Sequence[str | Path] = PROGRAM,
) -> Iterator[Process]:
    """Run the operator under that kubeconfig; it is asked to end, and ends, when the block does."""
    arguments = ("run", f"--kubeconfig={kubeconfig}", _LISTEN, *options)
    process = Process.start(OPERATOR, *program, *arguments, log=log, environment=environment)
    try:
        yield process
    finally:
        # It finishes what is in flight: an exchange's deadline and the writes that record it.
        process.stop(within=60)


def loopback_issuer(trust: Path | None) -> tuple[str, ...]:
    """Return the operator's options for issuers on this machine's loopback, whose certificates `trust` vouches for.

    None leaves that to the operator's environment.
    """
    reached = ("--allow-private-issuer=127.0.0.1/32", "--allow-private-issuer=localhost")
    return reached if trust is None else (*reached, f"--ca-bundle={trust}")
