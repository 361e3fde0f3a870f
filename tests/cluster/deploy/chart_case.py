"""One set of the chart's values, and the kustomization that says the same."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cluster.deploy.installations import Manifest, overlay, rename
from tests.parts.chart_files import CHART
from tests.parts.helm import Helm

Content = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One set of values, and the kustomization that says the same."""

    values: Content
    kustomization: Content = field(default_factory=dict)
    """Beside deploy/ itself, where that is not said otherwise."""
    files: dict[str, str] = field(default_factory=dict)
    prefix: str = ""
    """Of an installation under other names, with namespaces of its own."""
    release: str = "oauthclient-operator"

    @property
    def namespace(self) -> str:
        return f"{self.prefix}-system" if self.prefix else "oauth-operator-system"

    def write(self, directory: Path) -> None:
        """Write the kustomization into an empty directory."""
        for name, content in self.files.items():
            (directory / name).write_text(content)
        if self.prefix:
            more = dict(self.kustomization)
            resources, components = more.pop("resources", []), more.pop("components", [])
            rename(directory, self.prefix, resources, components, **more)
        else:
            parts = {"resources": ["//deploy", *self.kustomization.get("resources", ())]}
            overlay(directory, **{"transformers": ["//deploy/names"], **self.kustomization, **parts})

    def write_values(self, directory: Path) -> Path:
        """Write the values into a directory, and return the file."""
        file = directory / "values.json"
        file.write_text(json.dumps(self.values))
        return file


def rendered(helm: Helm, case: Case, directory: Path, chart: Path = CHART) -> list[Manifest]:
    """Return the objects that the chart comes to with those values."""
    return helm.template(case.release, chart, "-n", case.namespace, "-f", case.write_values(directory))
