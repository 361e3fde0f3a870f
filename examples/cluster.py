"""The cluster that the demo plays in: one of its own, or the one that KUBECONFIG names, if its owner says so.

What is installed there is cluster-wide, and the operator acts on every OAuthClient that it finds: so nothing is touched
where another operator is, or was, and nothing before somebody has said yes.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from oauthclient_operator import names
from tests.parts.api_server import api_server
from tests.parts.kubectl import Kubectl, KubectlError
from tests.parts.programs import programs
from tests.parts.progress import say, step

NAMESPACE = "oauthclient-demo"
OURS = {names.MANAGED_BY_LABEL: "oauthclient-operator-demo"}
"""On the demo's namespace, which goes with everything in it when the demo ends."""
_RESOURCE = f"{names.PLURAL}.{names.GROUP}"
_ALIVE = timedelta(minutes=1)
"""So long after its last renewal somebody may hold the Lease still, whatever the clocks."""


class Declined(Exception):
    """Nothing was touched in the cluster: it is not for the demo, or nobody said that it is."""


def existing() -> bool:
    """Whether KUBECONFIG names a cluster."""
    return bool(os.environ.get("KUBECONFIG"))


def cluster(parts: ExitStack, directory: Path, *, agreed: bool) -> Kubectl:
    """Return a kubectl for the cluster; `agreed` says that nobody has to be asked.

    Raises:
        Declined: see there.
    """
    if not existing():
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
    kubectl = Kubectl(program=program, kubeconfig=file)
    config = json.loads(seen.stdout)
    say(f"KUBECONFIG names the cluster {config['clusters'][0]['cluster']['server']} ({config['contexts'][0]['name']})")
    if others := list(_others(kubectl)):
        raise Declined(
            f"an OAuthClient operator is, or was, at work in this cluster: {'; '.join(others)}. The demo would install "
            "over it and act on what is there. Unset KUBECONFIG, and it starts a cluster of its own"
        )
    if not agreed:
        _ask()
    return kubectl


def _others(kubectl: Kubectl) -> Iterator[str]:
    """Say what there is of somebody else's; what an earlier demo left is not."""
    label = f"app.kubernetes.io/name={names.OPERATOR}"
    for found in _items(kubectl, "deployments", "-A", "-l", label):
        yield f"Deployment {_name(found)}"
    for found in _items(kubectl, "leases", "-A", f"--field-selector=metadata.name={names.OPERATOR}"):
        spec = found.get("spec", {})
        renewed = datetime.fromisoformat(spec.get("renewTime", "1970-01-01T00:00:00Z"))
        if spec.get("holderIdentity") and datetime.now(UTC) - renewed < _ALIVE:
            yield f"Lease {_name(found)} is held; if by a demo that was killed, try again in a minute"
    if _items(kubectl, "customresourcedefinitions", f"--field-selector=metadata.name={_RESOURCE}"):
        for found in _items(kubectl, _RESOURCE, "-A"):
            if found["metadata"]["namespace"] != NAMESPACE:
                yield f"OAuthClient {_name(found)}"
                break
    # Their clients would be tried: a record may be all that is left of them.
    own = f"!{names.NAMESPACE_LABEL_PREFIX}{NAMESPACE}"
    if _items(kubectl, "secrets", "-A", f"--field-selector=type={names.RECORD_TYPE}", "-l", own):
        yield "registration records"
    for found in _items(kubectl, "namespaces", f"--field-selector=metadata.name={NAMESPACE}"):
        if not found["metadata"].get("labels", {}).items() >= OURS.items():
            yield f"namespace {NAMESPACE} is there, and not from a demo"


def _items(kubectl: Kubectl, *what: str) -> list[dict[str, Any]]:
    return list(kubectl.json("get", *what)["items"])


def _name(found: dict[str, Any]) -> str:
    metadata = found["metadata"]
    return f"{metadata['namespace']}/{metadata['name']}"


def _ask() -> None:
    say(
        f"Installed there, and left there, will be the definition of OAuthClients, the namespaces "
        f"{names.SYSTEM_NAMESPACE} and {names.RECORDS_NAMESPACE}, roles, and an admission policy; "
        f"the namespace {NAMESPACE} goes when the demo ends."
    )
    if not sys.stdin.isatty():
        raise Declined("nobody is there to be asked; to go on without being asked: make demo YES=1")
    say("Go on? [y/N]")
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Declined("as you say: nothing was touched")
