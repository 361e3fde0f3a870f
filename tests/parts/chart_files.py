"""Brings what the chart has of crds/, deploy/ and examples/monitoring up to date: `python -m tests.parts.chart_files`.

Copies and not links: Flux takes no links along, and a checkout on Windows has none.
"""

import shutil
from pathlib import Path

from .installation import ROOT

CHART = ROOT / "deploy" / "chart"
FILES = CHART / "files"
_OF_KUSTOMIZE_ALONE = frozenset(
    {
        "kustomization.yaml",
        # What these patch, the chart's templates say by the values.
        "no-secrets.yaml",
        "with-ca-bundle.yaml",
        "with-namespaces.yaml",
        "without-watch.yaml",
        # Where kustomize does not look for names.
        "replacements.yaml",
        # Helm needs the release's namespace before it installs anything.
        "system/namespace.yaml",
    }
)
_MONITORING = ("pod-monitor.yaml", "prometheus-rule.yaml", "dashboard.json")


def sources() -> dict[Path, Path]:
    """Return each file of the chart that is a copy, and what it is a copy of."""
    found = [*(ROOT / "crds").glob("*.yaml"), *(ROOT / "deploy").glob("*/**/*.yaml")]
    copied = [*filter(_is_copied, found), *(ROOT / "examples" / "monitoring" / name for name in _MONITORING)]
    return {FILES / file.relative_to(ROOT): file for file in copied}


def _is_copied(file: Path) -> bool:
    names = {file.name, f"{file.parent.name}/{file.name}"}
    return CHART not in file.parents and not names & _OF_KUSTOMIZE_ALONE


def write() -> None:
    """Make the chart's copies anew."""
    shutil.rmtree(FILES, ignore_errors=True)
    for copy, source in sources().items():
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(source.read_bytes())


if __name__ == "__main__":
    write()
