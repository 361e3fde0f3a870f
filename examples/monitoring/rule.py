"""Writes the rules as the Prometheus operator takes them: `python -m examples.monitoring.rule`.

With a job, `python -m examples.monitoring.rule NAMESPACE/PODMONITOR`, it prints them for that installation alone.
"""

import sys
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
RULES: Final = HERE / "alarms.yaml"
RULE: Final = HERE / "prometheus-rule.yaml"
ANY_JOB: Final = 'job=~".+"'
"""In each selector of the rules."""
_HEAD: Final = """\
---
# Written by `python -m examples.monitoring.rule` from alarms.yaml, for the Prometheus operator. If your Prometheus
# selects rules by a label, add it here. It is for all installations that are asked; for one of several, whose job is
# NAMESPACE/PODMONITOR, `python -m examples.monitoring.rule NAMESPACE/PODMONITOR` prints it.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: oauthclient-operator
  namespace: oauth-operator-system
spec:
"""


def rules(job: str | None = None) -> str:
    """Return Prometheus' rules, of all installations or of the one that is asked by that job."""
    _, groups, said = RULES.read_text().partition("groups:\n")
    text = groups + said
    return text if job is None else text.replace(ANY_JOB, f'job="{job}"')


def prometheus_rule(job: str | None = None) -> str:
    """Return the same as a PrometheusRule."""
    return _HEAD + "".join(f"  {line}\n" if line else "\n" for line in rules(job).splitlines())


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.stdout.write(prometheus_rule(sys.argv[1]))
    else:
        RULE.write_text(prometheus_rule())
