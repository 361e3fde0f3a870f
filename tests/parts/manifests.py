"""Writes what the kustomizations build to a directory, one file for each: `python -m tests.parts.manifests DIRECTORY`."""

import subprocess
import sys
from pathlib import Path

from .installation import ROOT
from .programs import programs

KUSTOMIZATIONS = ("examples/installation", "examples/without-secret-watch", "deploy")


def build(into: Path) -> None:
    """Build each kustomization into a directory of its own."""
    kubectl = programs().kubectl
    for name in KUSTOMIZATIONS:
        made = subprocess.run([kubectl, "kustomize", ROOT / name], check=True, capture_output=True, text=True)
        (into / f"{name.replace('/', '-')}.yaml").write_text(made.stdout)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
