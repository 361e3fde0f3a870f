"""docs/tutorial.md, typed from its beginning to its end in one shell: each command prints what the page says."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from tests.cluster.parts.console_page import typed
from tests.cluster.parts.demo import in_terminal
from tests.parts.installation import ROOT

PAGE = ROOT / "docs" / "tutorial.md"
_END = "-- exit status "


def test_the_manifests_on_the_page_are_those_that_are_applied() -> None:
    shown = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)
    files = [ROOT / "examples" / "tutorial" / name for name in ("greeter.yaml", "pod.yaml")]
    assert [yaml.safe_load(text) for text in shown] == [yaml.safe_load(file.read_text()) for file in files]


@pytest.mark.timeout(240)
def test_each_command_prints_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    steps = typed(PAGE)
    assert len(steps) > 20
    with in_terminal("--stay") as playground:
        (pasted,) = re.findall(r"^export .*$", playground.until("log         "), flags=re.MULTILINE)
        script = [pasted, *(f"{{ {step.command}\n}} 2>&1; echo; echo '{_END}'$?" for step in steps)]
        done = _shell("\n".join(script), {"HOME": str(tmp_path), "PATH": os.environ["PATH"]})
    printed = re.split(rf"^{_END}(\d+)\n", done, flags=re.MULTILINE)
    seen, statuses = printed[0::2], printed[1::2]
    assert statuses == ["0"] * len(steps), done
    different = [
        f"$ {step.command}\n{said}" for step, said in zip(steps, seen, strict=False) if not step.is_met_by(said)
    ]
    assert different == []


def _shell(script: str, environment: Mapping[str, str]) -> str:
    ran = subprocess.run(
        ["/bin/sh", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=150
    )
    return ran.stdout
