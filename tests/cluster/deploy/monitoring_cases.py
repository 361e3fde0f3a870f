"""The chart's values that are about monitoring, said again as overlays with the files of examples/monitoring."""

import json
from typing import Any

from examples.monitoring.rule import prometheus_rule
from tests.cluster.deploy.chart_case import Case, Content
from tests.parts.installation import ROOT, SYSTEM_NAMESPACE

_FILES = ("pod-monitor.yaml", "prometheus-rule.yaml")
_ALL: dict[str, Any] = dict.fromkeys(("podMonitor", "prometheusRule", "dashboard"), True)
_SELECTED = {"release": "prometheus"}


def _files(job: str, namespace: str = SYSTEM_NAMESPACE) -> dict[str, str]:
    read = {name: (ROOT / "examples" / "monitoring" / name).read_text() for name in (*_FILES, "dashboard.json")}
    said = {**read, "prometheus-rule.yaml": prometheus_rule(job)}
    # Kustomize gives what it takes beside deploy/ no other namespace.
    own = f"namespace: {SYSTEM_NAMESPACE}\n"
    return {name: text.replace(own, f"namespace: {namespace}\n") for name, text in said.items()}


def _dashboard(labels: Content, namespace: str = SYSTEM_NAMESPACE) -> Content:
    return {
        "name": "oauthclient-operator-dashboard",
        "namespace": namespace,
        "files": ["oauthclient-operator.json=dashboard.json"],
        "options": {"disableNameSuffixHash": True, "labels": labels},
    }


MONITORED = {
    "what Prometheus and Grafana take": Case(
        values={"monitoring": _ALL},
        kustomization={"resources": [*_FILES], "configMapGenerator": [_dashboard({"grafana_dashboard": "1"})]},
        files=_files("oauth-operator-system/oauthclient-operator"),
    ),
    "what they take of another name": Case(
        values={"recordsNamespace": "acme-records", "monitoring": _ALL},
        kustomization={
            "resources": [*_FILES],
            "configMapGenerator": [_dashboard({"grafana_dashboard": "1"}, "acme-system")],
        },
        files=_files("acme-system/acme-oauthclient-operator", "acme-system"),
        prefix="acme",
        release="acme",
    ),
    "alarms on what is asked in another way": Case(
        values={"monitoring": {"prometheusRule": True, "job": "kubernetes-pods"}},
        kustomization={"resources": ["prometheus-rule.yaml"]},
        files=_files("kubernetes-pods"),
    ),
    "what they select by": Case(
        values={"monitoring": {**_ALL, "labels": _SELECTED, "dashboardLabels": {"grafana_dashboard": "yes"}}},
        kustomization={
            "resources": [*_FILES],
            "configMapGenerator": [_dashboard({"grafana_dashboard": "yes"})],
            "patches": [
                {
                    "target": {"group": "monitoring.coreos.com"},
                    "patch": json.dumps([{"op": "add", "path": "/metadata/labels", "value": _SELECTED}]),
                }
            ],
        },
        files=_files("oauth-operator-system/oauthclient-operator"),
    ),
}
