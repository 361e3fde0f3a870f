"""Writes the rules as the Prometheus operator takes them: `python -m examples.monitoring.rule`."""

from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
RULES: Final = HERE / "alarms.yaml"
RULE: Final = HERE / "prometheus-rule.yaml"
_HEAD: Final = """\
---
# Written by `python -m examples.monitoring.rule` from alarms.yaml, for the Prometheus operator. If your Prometheus
# selects rules by a label, add it here.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: oauthclient-operator
  namespace: oauth-operator-system
spec:
"""


def prometheus_rule() -> str:
    """Return the rules as a PrometheusRule."""
    _, groups, rules = RULES.read_text().partition("groups:\n")
    return _HEAD + "".join(f"  {line}\n" if line else "\n" for line in (groups + rules).splitlines())


if __name__ == "__main__":
    RULE.write_text(prometheus_rule())
