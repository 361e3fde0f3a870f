"""Definitions of others' resources, from the Go modules of those who make them: what an example for them is held to."""

import hashlib
import json
import os
import shutil
import subprocess
import tomllib
from pathlib import Path

from .cache import cache_directory, made_once
from .progress import step
from .toolchains import MODULES, go

_PINS = MODULES / "definitions.toml"


class DefinitionsError(Exception):
    """A module cannot be had here, or is not the one that is pinned."""


def definitions() -> Path:
    """Return a directory with each definition as a file that is named by its plural; made once."""
    digest = hashlib.sha256(_PINS.read_bytes()).hexdigest()
    return made_once(cache_directory() / f"definitions-{digest[:16]}", _make)


def _make(into: Path) -> None:
    with step("Fetching definitions of Envoy Gateway and External Secrets (27 MB)"):
        for plural, pinned in tomllib.loads(_PINS.read_text()).items():
            source = _module(pinned["module"], pinned["sum"], into) / pinned["file"]
            shutil.copyfile(source, into / f"{plural}.yaml")


def _module(module: str, expected: str, directory: Path) -> Path:
    # The machine's own settings may name another toolchain or other flags.
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOWORK": "off"}
    command = [go(), "mod", "download", "-json", module]
    done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)
    answer = json.loads(done.stdout or "{}")
    if done.returncode:
        raise DefinitionsError(f"{module}: {answer.get('Error') or done.stderr}")
    if answer["Sum"] != expected:
        raise DefinitionsError(f"{module} is not what is pinned: its hash is {answer['Sum']}")
    return Path(answer["Dir"])
