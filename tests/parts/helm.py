"""Helm, built from the Go modules beside this file, against one cluster or none."""

import os
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .cache import cache_directory, made_once
from .programs import build_go, platform_name
from .toolchains import MODULES

_MODULE = "helm.sh/helm/v4"
_WITHIN = 120.0
"""Seconds; on an idle machine a command takes one."""


class HelmError(Exception):
    """Helm said no; the message is what it said."""


def built() -> Path:
    """Return the program; the first time it is built, which takes a few minutes."""
    match = re.search(rf"{_MODULE} (v\S+)", (MODULES / "helm" / "go.mod").read_text())
    assert match, f"go.mod requires {_MODULE}"
    return made_once(cache_directory() / f"helm-{match[1]}-{platform_name()}", _build) / "helm"


def _build(into: Path) -> None:
    # kubectl's build, where there was one, has half of the packages ready.
    build_go("helm", into, module="helm", package=f"{_MODULE}/cmd/helm", flags="-s -w", minutes="2 to 5 minutes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Helm:
    """One program, with a home of its own; call it with arguments."""

    home: Path
    kubeconfig: Path | None = None

    def __call__(self, *arguments: str | Path) -> str:
        """Run Helm and return what it printed; raise HelmError where it fails."""
        environment = {
            # The user's own repositories, plugins and cluster are none of ours.
            **{name: value for name, value in os.environ.items() if not name.startswith(("HELM_", "KUBE"))},
            **{f"HELM_{of}_HOME": str(self.home / of.lower()) for of in ("CACHE", "CONFIG", "DATA")},
            "KUBECONFIG": str(self.kubeconfig or os.devnull),
        }
        command = [str(_program()), *map(str, arguments)]
        done = subprocess.run(
            command, input="", capture_output=True, text=True, timeout=_WITHIN, check=False, env=environment
        )
        if done.returncode:
            raise HelmError(f"{done.stdout}{done.stderr}".strip())
        return done.stdout

    def template(self, *arguments: str | Path) -> list[dict[str, Any]]:
        """Return the objects that a chart comes to."""
        return [found for found in yaml.safe_load_all(self("template", *arguments)) if found]


@cache
def _program() -> Path:
    return built()
