"""promtool: Prometheus' own word on rules, and on what they make of time series."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess, run
from typing import Any

from .cache import cache_directory, made_once
from .programs import build_go, platform_name
from .toolchains import MODULES


def promtool() -> Path:
    """Return the program, building it first where it is not there; the first time that takes minutes."""
    return made_once(cache_directory() / f"promtool-{_version()}-{platform_name()}", _make) / "promtool"


def checked(rules: Path) -> str:
    """Return what is said of a file of rules that is one."""
    return run([promtool(), "check", "rules", rules], capture_output=True, text=True, check=True).stdout


def is_query(expression: str) -> bool:
    """Tell whether that is an expression that Prometheus can read."""
    command = [str(promtool()), "--experimental", "promql", "format", expression]
    return run(command, capture_output=True, check=False).returncode == 0


def rules_tested(rules: Path, tests: Sequence[Mapping[str, Any]], into: Path) -> CompletedProcess[str]:
    """Have rules tested by time series and by what is expected of them at some times."""
    written = into / "tests.yaml"
    # JSON is YAML.
    written.write_text(json.dumps({"rule_files": [str(rules)], "evaluation_interval": "1m", "tests": tests}))
    return run([promtool(), "test", "rules", written], capture_output=True, text=True, check=False)


def _version() -> str:
    match = re.search(r"prometheus/prometheus (v\S+)", (MODULES / "prometheus" / "go.mod").read_text())
    assert match, "go.mod requires github.com/prometheus/prometheus"
    return match[1]


def _make(into: Path) -> None:
    build_go(
        "promtool",
        into,
        module="prometheus",
        package="github.com/prometheus/prometheus/cmd/promtool",
        # What finds targets at every cloud is most of it, and rules need none.
        flags="-s -w",
        tags="remove_all_sd",
        minutes="2 to 4 minutes the first time",
    )
