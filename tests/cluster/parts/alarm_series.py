"""What processes tell one after the other, as promtool takes it, and which alarms are expected of that."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from examples.monitoring.rule import RULES, rules
from tests.parts.promtool import rules_tested

JOB = "oauth-operator-system/oauthclient-operator"
_LOOKED_AT = frozenset(re.findall(r"oauthclient_\w+", rules()))
Process = str | None
"""What one process tells, None where it is gone."""


class Phase(NamedTuple):
    """So many minutes, in which each process tells the same every time that it is asked."""

    minutes: int
    processes: Sequence[Process]


def series(phases: Sequence[Phase], job: str = JOB) -> list[dict[str, str]]:
    """Return what is told in one phase after the other, a value a minute, of each process by its own name."""
    found: dict[str, list[str]] = {}
    begins = 0
    for phase in phases:
        told = {
            f'{name}{{{f"{labels}," if labels else ""}job="{job}",instance="{process}"}}': value
            for process, text in enumerate(phase.processes)
            for name, labels, value in re.findall(r"^(oauthclient_\w+)(?:\{(.*)\})? (\S+)$", text or "", re.MULTILINE)
            if name in _LOOKED_AT
        }
        for name in {*found, *told}:
            values = found.setdefault(name, ["_"] * begins)
            # As Prometheus marks what a process does not tell any more, or that nobody answers.
            values.extend([told[name]] * phase.minutes if name in told else ["stale"] * phase.minutes)
        begins += phase.minutes
    return [{"series": name, "values": " ".join(values)} for name, values in found.items()]


def firing(minute: int, *names: str) -> dict[str, Any]:
    """Expect these alarms, and no others, at that minute; of several installations as `job: name`."""
    by = "job, alertname" if any(": " in name for name in names) else "alertname"
    expected = [{"labels": _labels(name), "value": 1} for name in names]
    expression = f'count by ({by}) (ALERTS{{alertstate="firing"}})'
    return {"expr": expression, "eval_time": f"{minute}m", "exp_samples": expected}


def _labels(name: str) -> str:
    job, _, alarm = name.rpartition(": ")
    return f'{{alertname="{alarm}",job="{job}"}}' if job else f'{{alertname="{alarm}"}}'


def rules_of(job: str | None, directory: Path) -> Path:
    """Return the rules as a file: those of all installations, or of one."""
    if job is None:
        return RULES
    file = directory / "rules.yaml"
    file.write_text(rules(job))
    return file


def told(
    directory: Path,
    told: Sequence[dict[str, str]],
    *expected: dict[str, Any],
    job: str | None = None,
    alerts: Sequence[dict[str, Any]] = (),
) -> None:
    """Let Prometheus look at what was told; raise AssertionError where the alarms are others than expected."""
    test = {"interval": "1m", "input_series": told, "promql_expr_test": [*expected], "alert_rule_test": [*alerts]}
    ran = rules_tested(rules_of(job, directory), [test], directory)
    assert ran.returncode == 0, ran.stdout + ran.stderr
