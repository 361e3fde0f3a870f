"""An installation as Helm makes it of the chart."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.cluster.deploy.installations import Installation, Manifest
from tests.parts.helm import Helm


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Installation):
    """One release of the chart in `directory`; its Deployment is the cluster's, and not what a file says."""

    helm: Helm
    name: str
    namespace: str
    values: dict[str, Any] = field(default_factory=dict)

    def install(self, *more: str) -> str:
        """Install it anew."""
        return self._said("install", self.values, "--create-namespace", *more)

    def upgrade(self, values: dict[str, Any], *more: str) -> str:
        """Bring it to the chart as it is, with values beside those that it has."""
        return self._said("upgrade", {**self.values, **values}, *more)

    def uninstall(self) -> str:
        """Remove it, the operator's pods first, as the notes say."""
        self.server.kubectl("scale", f"deployment/{self._called}", "-n", self.namespace, "--replicas=0")
        return self.helm("uninstall", self.name, "-n", self.namespace)

    def deployment(self) -> Manifest:
        """Return the Deployment as the cluster has it."""
        found: Manifest = self.server.kubectl.json("get", "deployment", self._called, "-n", self.namespace)
        return found

    @property
    def _called(self) -> str:
        own = "oauthclient-operator"
        return self.name if self.name.endswith(own) else f"{self.name}-{own}"

    def _said(self, verb: str, values: dict[str, Any], *more: str) -> str:
        file = self.server.directory / f"{self.name}.values.json"
        file.write_text(json.dumps(values))
        return self.helm(verb, self.name, self.directory, "-n", self.namespace, "-f", file, *more)
