"""kubectl as people use it, against one cluster."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .processes import wait_for

_REQUEST_TIMEOUT = 30
"""Seconds. Without it a kubectl that meets an API server on its way out retries for minutes."""


class KubectlError(Exception):
    """kubectl said no; the message is what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kubectl:
    """One program and one kubeconfig; call it with arguments."""

    program: Path
    kubeconfig: Path

    def __call__(self, *arguments: str | Path, stdin: str | None = None, within: float = 120) -> str:
        """Run kubectl and return what it printed; raise KubectlError where it fails or takes longer than `within`."""
        command = [*self.command(), *map(str, arguments)]
        try:
            done = subprocess.run(
                command, input=stdin or "", capture_output=True, text=True, timeout=within, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise KubectlError(f"kubectl {arguments[0]} took longer than {within:.0f} s") from error
        if done.returncode:
            raise KubectlError(done.stderr.strip())
        return done.stdout

    def command(self) -> list[str]:
        """Return the beginning of a command line, for a process of its own such as `kubectl get --watch`."""
        return [str(self.program), "--kubeconfig", str(self.kubeconfig), f"--request-timeout={_REQUEST_TIMEOUT}s"]

    def json(self, *arguments: str | Path) -> Any:
        """Run kubectl with `-o json` and return the value."""
        return json.loads(self(*arguments, "-o", "json"))

    def wait_for_definitions(self, *names: str) -> None:
        """Wait until the API server serves what these CustomResourceDefinitions define."""

        def are_established() -> bool:
            # `kubectl wait` takes it for an error that one has no conditions yet, as it is for a moment.
            found = (self.json("get", "customresourcedefinition", name)["status"] for name in names)
            said = ({c["type"]: c["status"] for c in status.get("conditions") or ()} for status in found)
            return all(conditions.get("Established") == "True" for conditions in said)

        wait_for(are_established, f"{', '.join(names)} to be established", within=30)

    def delete_definitions(self, *names: str) -> None:
        """Delete these CustomResourceDefinitions, and wait until they are gone.

        Kubernetes (1.32 and later) forgets for five minutes one whose deletion finds its storage being set up, as it is
        after the definition was made or changed: InstanceDeletionFailed, "storage is (re)initializing". Whoever has
        listed what it defines has waited for that storage.
        """
        for name in names:
            spec = self.json("get", "customresourcedefinition", name)["spec"]
            version = next(version["name"] for version in spec["versions"] if version["served"])
            self("get", "--raw", f"/apis/{spec['group']}/{version}/{spec['names']['plural']}")
        self("delete", "customresourcedefinition", *names, "--timeout=60s")

    def apply(self, what: Path | dict[str, Any] | Sequence[dict[str, Any]], *options: str) -> str:
        """Apply a file, a directory (of a kustomization where it has one, else of manifests), or manifests as values."""
        if isinstance(what, Path):
            return self("apply", "-k" if (what / "kustomization.yaml").exists() else "-f", what, *options)
        items = [what] if isinstance(what, dict) else list(what)
        document = {"apiVersion": "v1", "kind": "List", "items": items}
        return self("apply", "-f", "-", *options, stdin=json.dumps(document))
