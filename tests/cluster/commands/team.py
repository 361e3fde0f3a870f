"""Who has a namespace, and kubectl with the plugin on the PATH: with the rights of `edit` there and no others."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from oauthclient_operator import names
from tests.cluster.scenarios.room import Room
from tests.parts.kubeconfig import service_account_kubeconfig
from tests.parts.kubectl import Kubectl
from tests.parts.processes import wait_for

RIGHTS = [
    {"apiGroups": [names.GROUP], "resources": [names.PLURAL], "verbs": ["get", "list", "watch", "patch"]},
    {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "create", "patch"]},
    {"apiGroups": [""], "resources": ["events"], "verbs": ["list"]},
]
"""What `edit` has, as far as the plugin needs it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A command that has ended."""

    status: int
    said: str
    complained: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Who has a namespace, and kubectl with the plugin on the PATH."""

    kubectl: Path
    kubeconfig: Path

    def __call__(self, *arguments: str, stdin: str = "") -> Ran:
        return self.ran("oauthclient", *arguments, stdin=stdin)

    def while_it_waits(self, work: Callable[[], object], *arguments: str, stdin: str = "") -> Ran:
        """Run the plugin, and do the work meanwhile, again and again, until the plugin has ended."""
        with ThreadPoolExecutor(max_workers=1) as pool:
            ran = pool.submit(self, *arguments, stdin=stdin)
            while not ran.done():
                work()
            return ran.result()

    def ran(self, *arguments: str, stdin: str = "") -> Ran:
        """Run kubectl."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [self.kubectl, *arguments],
            env={"PATH": path, "HOME": "/", "KUBECONFIG": str(self.kubeconfig)},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return Ran(status=done.returncode, said=done.stdout, complained=done.stderr)


def team_of(room: Room, tmp_path: Path) -> Team:
    """Return who has that namespace, once the rights are there."""
    kubectl: Kubectl = room.kubectl
    metadata = {"name": "team", "namespace": room.namespace}
    rbac = "rbac.authorization.k8s.io"
    kubectl.apply(
        [
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata},
            {"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": metadata, "rules": RIGHTS},
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "RoleBinding",
                "metadata": metadata,
                "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "team"},
                "subjects": [{"kind": "ServiceAccount", **metadata}],
            },
        ]
    )
    file = service_account_kubeconfig(kubectl, tmp_path / "kubeconfig", namespace=room.namespace, name="team")
    content = json.loads(file.read_text())
    content["contexts"][0]["context"]["namespace"] = room.namespace
    file.write_text(json.dumps(content))
    mine = Team(kubectl=kubectl.program, kubeconfig=file)
    wait_for(lambda: mine("status").status == 0, "the rights", within=30)
    return mine
