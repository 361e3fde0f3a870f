"""The contracts of import-linter can fail: each is broken by an import that it is there to forbid."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.contract]

ROOT = Path(__file__).parents[2]
PACKAGE = "oauthclient_operator"
CONFIGURATION = ROOT / "pyproject.toml"
LINT = Path(sys.executable).with_name("lint-imports")
CONTRACTS: dict[str, dict[str, Any]] = {
    contract["name"]: contract
    for contract in tomllib.loads(CONFIGURATION.read_text())["tool"]["importlinter"]["contracts"]
}
LAYERS = "a layer knows only the layers below it"
PURE = "pure code has no clock, no chance, no files and no network"
LIBRARY = "the operator does without the library"
KOPF = "kopf has one door"
KUBERNETES = "kubernetes has one door"
COUNTED = "what is counted has one door"
EGRESS = "issuers are reached through the egress door alone"
JOSE = "JOSE has one door"
MANIFESTS = "manifests are read at one place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What import-linter says of one copy of the package."""

    verdicts: Mapping[str, str]
    status: int
    text: str

    @property
    def broken(self) -> set[str]:
        return {name for name, verdict in self.verdicts.items() if verdict == "BROKEN"}


def lint(into: Path, added: Mapping[str, str]) -> Found:
    """Lint a copy of the package, with the text that is added to some of its modules, by the repository's contracts."""
    copy = shutil.copytree(ROOT / "operator" / PACKAGE, into / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in added.items():
        with (copy / name).open("a") as module:
            module.write(f"\n{text}\n")
    ran = subprocess.run(
        [LINT, "--no-logo", "--no-cache", "--config", str(CONFIGURATION)],
        cwd=into,
        # One line for each verdict, however long it is.
        env={**os.environ, "PYTHONPATH": str(into), "COLUMNS": "500", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    verdicts = dict(re.findall(r"^(.+) (KEPT|BROKEN)\b", ran.stdout, flags=re.MULTILINE))
    return Found(verdicts=verdicts, status=ran.returncode, text=ran.stdout + ran.stderr)


FORBIDDEN: dict[str, tuple[str, dict[str, str]]] = {
    "a plan looks at a clock": (PURE, {"plan/added.py": "import time"}),
    "a plan has a socket through another module": (
        PURE,
        {"plan/added.py": "from ..egress import url", "egress/url.py": "import socket"},
    ),
    "a protocol goes through the door by itself": (PURE, {"oauth/added.py": "from ..egress import door"}),
    "a record asks the cluster": (LAYERS, {"record/added.py": "from ..cluster import api"}),
    "a protocol uses the library": (LAYERS, {"oauth/added.py": "from ..client_library import options"}),
    "a module has no layer": (LAYERS, {"added.py": ""}),
    "the executor uses the library": (LIBRARY, {"reconcile/added.py": "from ..client_library import Options"}),
    "the door imports kopf": (KOPF, {"egress/door.py": "import kopf"}),
    "the cluster imports kopf": (KOPF, {"cluster/added.py": "import kopf"}),
    "the executor imports kubernetes": (KUBERNETES, {"reconcile/added.py": "from kubernetes import aio"}),
    "the executor counts by itself": (COUNTED, {"reconcile/added.py": "import prometheus_client"}),
    "discovery goes past the door": (EGRESS, {"issuer/added.py": "import httpcore"}),
    "the executor reads YAML": (MANIFESTS, {"reconcile/added.py": "import yaml"}),
    "a protocol signs by itself": (JOSE, {"oauth/added.py": "from joserfc import jws"}),
}


def test_the_package_as_it_is_keeps_all_contracts(tmp_path: Path) -> None:
    found = lint(tmp_path, {})
    assert found.verdicts == dict.fromkeys(CONTRACTS, "KEPT"), found.text
    assert found.status == 0


@pytest.mark.parametrize("what", FORBIDDEN)
def test_a_forbidden_import_breaks_its_contract(what: str, tmp_path: Path) -> None:
    contract, added = FORBIDDEN[what]
    found = lint(tmp_path, added)
    assert contract in found.broken, found.text
    assert found.status == 1


def test_each_pure_room_is_kept_from_each_impure_module(tmp_path: Path) -> None:
    contract = CONTRACTS[PURE]
    rooms, forbidden = contract["source_modules"], contract["forbidden_modules"]
    imports = "\n".join(f"import {module}" for module in forbidden)
    found = lint(tmp_path, {_module_of(room): imports for room in rooms})
    said = set(re.findall(r"^(\S+) is not allowed to import (\S+):", found.text, flags=re.MULTILINE))
    assert said >= {(room, module) for room in rooms for module in forbidden}, found.text


def _module_of(room: str) -> str:
    path = room.partition(".")[2].replace(".", "/")
    return f"{path}/added.py" if (ROOT / "operator" / PACKAGE / path).is_dir() else f"{path}.py"


def test_each_contract_is_broken_by_something_here() -> None:
    assert {contract for contract, _ in FORBIDDEN.values()} == CONTRACTS.keys()


def test_an_exemption_that_exempts_nothing_is_an_error() -> None:
    assert [name for name, contract in CONTRACTS.items() if "unmatched_ignore_imports_alerting" in contract] == []
