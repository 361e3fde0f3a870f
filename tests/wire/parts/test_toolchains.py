"""The machine's own tools are used where they are new enough; else the wheels', which are."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.parts.toolchains import java


def put_on_path(monkeypatch: pytest.MonkeyPatch, directory: Path, program: str, says: str, *, status: int = 0) -> str:
    file = directory / program
    file.write_text(f"#!/bin/sh\necho '{says}'\nexit {status}\n")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory}{os.pathsep}{os.environ['PATH']}")
    return str(file)


@pytest.mark.parametrize("says", ["openjdk 21.0.8 2025-07-15 LTS", "java 25 2025-09-16 LTS"])
def test_the_machines_java_is_used_where_it_is_new_enough(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, says: str
) -> None:
    new = put_on_path(monkeypatch, tmp_path, "java", says)
    assert java() == new


@pytest.mark.parametrize(("says", "status"), [("openjdk 17.0.15 2025-04-15", 0), ("No Java runtime present.", 1)])
def test_an_old_java_or_none_is_replaced_by_the_wheels(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, says: str, status: int
) -> None:
    put_on_path(monkeypatch, tmp_path, "java", says, status=status)
    own = java()
    assert not own.startswith(str(tmp_path))
    said = subprocess.run([own, "--version"], check=True, capture_output=True, text=True, timeout=30).stdout
    assert int(said.split()[1].split(".")[0]) >= 21
