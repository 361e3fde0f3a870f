"""An installation as a kustomization builds it: what it is called there, and how its Deployment starts the operator."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.parts.api_server import APIServer
from tests.parts.installation import ROOT, loopback_issuer, operator
from tests.parts.kubectl import Kubectl
from tests.parts.processes import Process

Manifest = dict[str, Any]
_QUICK = ("--exchange-timeout=3s", "--lease-duration=19s", "--release-after=2s")


@cache
def built(kubectl: Kubectl, directory: Path) -> list[Manifest]:
    """Return what a kustomization builds."""
    return documents(kubectl("create", "--dry-run=client", "-k", directory, "-o", "json"))


def documents(text: str) -> list[Manifest]:
    """Return the objects that kubectl printed as JSON, one after the other or in lists."""
    decoder = json.JSONDecoder()
    objects: list[Manifest] = []
    while text := text.lstrip():
        found, end = decoder.raw_decode(text)
        objects += found["items"] if found["kind"] == "List" else [found]
        text = text[end:]
    return objects


def changed(said: str) -> list[str]:
    """Return the lines of `kubectl apply` that tell of a change.

    It never says of a PodDisruptionBudget that it is unchanged: it sends the selector each time, to be replaced.
    """
    return [
        line for line in said.splitlines() if not re.search(r" unchanged$|^poddisruptionbudget.* configured$", line)
    ]


def overlay(directory: Path, **content: Any) -> Path:
    """Write a kustomization and return its directory; paths in it that begin with `//` are this repository's."""
    directory.mkdir(parents=True, exist_ok=True)
    up = "../" * len(directory.resolve().parts[1:]) + str(ROOT.relative_to("/"))
    (directory / "kustomization.yaml").write_text(json.dumps(content).replace('"//', f'"{up}/'))
    return directory


def rename(directory: Path, prefix: str, resources: list[str], components: list[str], **more: Any) -> None:
    """Write the kustomization of an installation under other names, as deploy/names says, and `more` in it."""
    overlay(directory / "records", namespace=f"{prefix}-records", resources=["//deploy/records"])
    overlay(directory / "operator", namespace=f"{prefix}-system", resources=["//deploy/system", "//deploy/operator"])
    overlay(
        directory,
        namePrefix=f"{prefix}-",
        resources=["//crds", "records", "//deploy/fence", "//deploy/tenants", "operator", *resources],
        components=components,
        transformers=["//deploy/names"],
        **more,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One installation in one cluster."""

    server: APIServer
    directory: Path

    def apply(self) -> str:
        """Apply it, and wait until the API server serves the resource."""
        said = self.server.apply(self.directory)
        self.server.kubectl.wait_for_definitions("oauthclients.oauth-operator.dev")
        return said

    def named(self) -> tuple[str, str]:
        """Return the namespace and the name of the Deployment's service account."""
        deployment = self.deployment()
        return deployment["metadata"]["namespace"], deployment["spec"]["template"]["spec"]["serviceAccountName"]

    def environment(self) -> dict[str, str]:
        """Return the variables that the Deployment gives the operator."""
        (container,) = self.deployment()["spec"]["template"]["spec"]["containers"]
        return {variable["name"]: variable["value"] for variable in container["env"]}

    def mounted(self) -> dict[str, Path]:
        """Write the files that the pod finds in its ConfigMaps to this machine; keyed by their paths in the pod."""
        namespace, _ = self.named()
        pod = self.deployment()["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        volumes = {volume["name"]: volume["configMap"]["name"] for volume in pod.get("volumes", ())}
        files: dict[str, Path] = {}
        for mount in container.get("volumeMounts", ()):
            found = self.server.kubectl.json("get", "configmap", volumes[mount["name"]], "-n", namespace)
            for name, content in found["data"].items():
                file = files[f"{mount['mountPath']}/{name}"] = self.server.directory / f"{namespace}.{name}"
                file.write_text(content)
        return files

    @property
    def log(self) -> Path:
        """What the operator that was run last has logged."""
        return self.server.directory / f"{self.named()[0]}.log"

    @property
    def user(self) -> str:
        """Who the operator is to the API server."""
        return "system:serviceaccount:" + ":".join(self.named())

    @contextmanager
    def operator(self, trust: Path | None, *more: str) -> Iterator[Process]:
        """Run the operator as the Deployment would: its account, its variables, the Lease in its namespace.

        What `trust` is None for, the Deployment's own bundle of authorities says.
        """
        namespace, account = self.named()
        kubeconfig = self.server.service_account_kubeconfig(namespace, account)
        log = self.log
        log.unlink(missing_ok=True)
        # In a pod the namespace is in a file beside the token.
        options = (*loopback_issuer(trust), *_QUICK, f"--lease-namespace={namespace}", *more)
        files = self.mounted()
        environment = {name: str(files.get(value, value)) for name, value in self.environment().items()}
        with operator(kubeconfig, *options, log=log, environment=environment) as process:
            process.wait_until(lambda: "the operator is at work" in log.read_text(), within=40)
            yield process

    def deployment(self) -> Manifest:
        """Return the Deployment as the kustomization builds it."""
        objects = built(self.server.kubectl, self.directory)
        (deployment,) = (found for found in objects if found["kind"] == "Deployment")
        return deployment
