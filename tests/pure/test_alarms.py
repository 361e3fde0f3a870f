"""The alarms that users are given: each can fire, on what it is meant for alone, and ends when that is gone."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from examples.monitoring.rule import ANY_JOB, rules
from oauthclient_operator.metrics import Census, Metrics
from oauthclient_operator.oauth.outcome import Ambiguous
from oauthclient_operator.record.calls import CallKind

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]
ALARMS = {
    rule["alert"]: rule
    for group in yaml.safe_load((ROOT / "examples" / "monitoring" / "alarms.yaml").read_text())["groups"]
    for rule in group["rules"]
}
MONITORING = ROOT / "examples" / "monitoring"
LABEL = re.compile(r'(\w+)="(.*?)"')
MATCHER = re.compile(r'(\w+)(=|!=|=~)"(.*?)"')
PARTS = ["What goes on without you", "Look", "Do", "When it ends"]
CALM = Census(
    resources={("True", "Registered"): 3},
    issuers={("True", "Ready"): 1},
    suspects_registered=2,
    retained=1,
    records_open=1,
    leaving=2,
    secret_expiry_seconds=90_000.0,
)
CAUSES = [
    pytest.param(name, replace(CALM, **said), id=f"{name} {said}")
    for name, said in cast(
        list[tuple[str, dict[str, Any]]],
        [
            ("OAuthClientNotReady", {"resources": {("False", "IssuerUnavailable"): 1}}),
            # What waits for a person is Unknown, too: as many records as the namespace may have (Stalled).
            ("OAuthClientNotReady", {"resources": {("True", "Registered"): 3, ("Unknown", "Pending"): 1}}),
            ("OAuthClientNotReady", {"resources": {("Unknown", ""): 1}}),
            ("OAuthIssuerNotReady", {"issuers": {("False", "DiscoveryFailed"): 1}}),
            ("OAuthIssuerNotReady", {"issuers": {("True", "Ready"): 1, ("Unknown", ""): 1}}),
            ("OAuthClientWaitsAfterLostAnswer", {"suspects_unregistered": 1, "suspects_registered": 1}),
            ("OAuthClientLeftBehind", {"left_behind": 1}),
            ("OAuthClientRecordWithoutResource", {"without_resource": 1}),
            ("OAuthClientRenewalOverdue", {"renewal_overdue": 1}),
            ("OAuthClientSecretExpires", {"secret_expiry_seconds": 3600.0}),
            ("OAuthClientSecretExpired", {"expired": 1}),
        ],
    )
]
"""What an alarm is meant for, with nothing else that would be worth one."""
SET_BY_PROMETHEUS = {"job", "instance", "pod", "container", "endpoint"}


def scraped(census: Census | None, *, lost: int = 0, by_namespace: bool = False) -> str:
    """Return what a process tells that leads where there is a census."""
    acts = census is not None
    metrics = Metrics(queue_depth=lambda: 0, acts=lambda: acts, census=lambda: census, by_namespace=by_namespace)
    for _ in range(lost):
        metrics.called(CallKind.REGISTER, Ambiguous(cause="lost"))
    return metrics.text()[0].decode()


def selected(name: str, text: str) -> list[float]:
    """Return the values that an alarm looks at, of what a process tells."""
    return [
        float(value)
        for metric, matchers in re.findall(r"(oauthclient_\w+)\{(.*?)\}", ALARMS[name]["expr"])
        for labels, value in re.findall(rf"^{metric}(?:{{(.*)}})? (\S+)$", text, flags=re.MULTILINE)
        if all(
            _matches(label, comparison, wanted, dict(LABEL.findall(labels)))
            for label, comparison, wanted in MATCHER.findall(matchers)
        )
    ]


def _matches(label: str, comparison: str, value: str, labels: dict[str, str]) -> bool:
    return label == "job" or (labels.get(label, "") == value) == (comparison == "=")


@pytest.mark.parametrize(("name", "census"), CAUSES)
def test_an_alarm_looks_at_its_cause(name: str, census: Census) -> None:
    """What Prometheus makes of it, and that no other fires: tests/cluster/parts/test_alarms_fired.py."""
    assert selected(name, scraped(census)) != selected(name, scraped(CALM))
    assert any(selected(name, scraped(census)))
    assert not any(selected(name, scraped(None)))


def test_the_first_lost_answer_of_a_process_is_an_increase() -> None:
    assert re.search(r'^oauthclient_registrations_total\{outcome="ambiguous"\} 0', scraped(CALM), flags=re.MULTILINE)
    assert selected("OAuthClientAnswersLost", scraped(CALM, lost=1))[0] == 1


def test_each_selector_and_each_sum_of_an_alarm_tells_installations_apart() -> None:
    for name, rule in ALARMS.items():
        expression = rule["expr"]
        metrics = re.findall(r"oauthclient_\w+", expression)
        assert len(metrics) == expression.count(ANY_JOB) == len(re.findall(r"\w\{job", expression)), name
        # absent() has the labels that are asked for by equality: the job, where the rules are of one.
        assert len(re.findall(r"\b(?:sum|min|max) ", expression)) == expression.count("by (job"), name
    assert ANY_JOB not in rules("acme-system/acme")
    assert rules("acme-system/acme").count('job="acme-system/acme"') == rules().count(ANY_JOB)


def test_what_lasts_is_not_begun_anew_by_one_evaluation_without_a_value() -> None:
    lasting = {name for name, rule in ALARMS.items() if "for" in rule}
    # There, nothing that tells is what it is about.
    bridged = {name for name, rule in ALARMS.items() if re.search(r"^min_over_time\(.*m:1m\]\) > 0$", rule["expr"])}
    assert lasting - bridged == {"OAuthClientOperatorNotLeading"}
    assert {name for name, rule in ALARMS.items() if "keep_firing_for" in rule} == ALARMS.keys() - lasting


def test_the_page_of_the_metrics_names_the_same_alarms() -> None:
    rows = re.findall(
        r"^\| \[`(\w+)`\]\(alarms/\1\.md\) \| `(.*?)` \| (.*?) \|",
        (ROOT / "docs" / "metrics.md").read_text(),
        re.MULTILINE,
    )
    named = {name: (expression, lasting) for name, expression, lasting in rows if name in ALARMS}
    # The page leaves out that each selects by any job.
    assert named == {
        name: (
            re.sub(rf"\{{{re.escape(ANY_JOB)}\}}|{re.escape(ANY_JOB)},", "", rule["expr"]),
            rule.get("for", "at once"),
        )
        for name, rule in ALARMS.items()
    }


def test_each_alarm_has_a_page_for_whoever_is_called_by_it() -> None:
    pages = {page.stem: page.read_text() for page in (ROOT / "docs" / "alarms").iterdir()}
    assert pages.keys() == ALARMS.keys()
    for name, rule in ALARMS.items():
        severity = {"critical": "Critical", "warning": "Warning", "info": "Information"}[rule["labels"]["severity"]]
        assert pages[name].startswith(f"# {name}\n\n{severity}: ")
        assert re.findall(r"^## (.*)", pages[name], re.MULTILINE) == PARTS


def test_the_page_for_those_on_call_says_of_each_alarm_how_urgent_it_is() -> None:
    page = (ROOT / "docs" / "on-call.md").read_text()
    rows = dict(re.findall(r"^\| \[`(\w+)`\]\(alarms/\1\.md\) \| (\w+) \|", page, re.MULTILINE))
    assert rows == {name: rule["labels"]["severity"] for name, rule in ALARMS.items()}


def test_what_the_prometheus_operator_takes_holds_the_same_rules() -> None:
    rule = yaml.safe_load((MONITORING / "prometheus-rule.yaml").read_text())
    assert (rule["apiVersion"], rule["kind"]) == ("monitoring.coreos.com/v1", "PrometheusRule")
    assert rule["spec"] == yaml.safe_load((MONITORING / "alarms.yaml").read_text())


def test_the_pods_of_the_deployment_are_those_that_are_asked() -> None:
    monitor = yaml.safe_load((MONITORING / "pod-monitor.yaml").read_text())
    deployment = yaml.safe_load((ROOT / "deploy" / "operator" / "deployment.yaml").read_text())
    template = deployment["spec"]["template"]
    assert monitor["metadata"]["namespace"] == deployment["metadata"]["namespace"]
    assert monitor["spec"]["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
    ports = {port["name"] for container in template["spec"]["containers"] for port in container["ports"]}
    assert {endpoint["port"] for endpoint in monitor["spec"]["podMetricsEndpoints"]} <= ports


def test_the_namespace_of_an_oauthclient_is_what_prometheus_keeps() -> None:
    monitor = yaml.safe_load((MONITORING / "pod-monitor.yaml").read_text())
    assert [endpoint["honorLabels"] for endpoint in monitor["spec"]["podMetricsEndpoints"]] == [True]
    census = replace(CALM, namespaces={"shop": CALM})
    told = {by: set(re.findall(r'[{,](\w+)="', scraped(census, by_namespace=by))) for by in (True, False)}
    assert told[True] - told[False] == {"namespace"}
    # So that rules and dashboard can go by `job`, as Prometheus sets it.
    assert told[True] & SET_BY_PROMETHEUS == set()


def test_the_dashboard_asks_for_metrics_that_there_are() -> None:
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    documented = set(re.findall(r"^\| `(oauthclient_\w+)", (ROOT / "docs" / "metrics.md").read_text(), re.MULTILINE))
    named = {
        re.sub("_(bucket|sum|count)$", "", name) for text in asked for name in re.findall(r"oauthclient_\w+", text)
    }
    assert named - documented == set()
    assert documented - named == set(), "each metric is on it"


@pytest.mark.parametrize(
    ("title", "alarm"),
    [("OAuthClients not ready", "OAuthClientNotReady"), ("Issuers not ready", "OAuthIssuerNotReady")],
)
def test_what_the_dashboard_counts_as_not_ready_is_what_an_alarm_is_about(title: str, alarm: str) -> None:
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    (panel,) = (panel for panel in dashboard["panels"] if panel["title"] == title)
    (counted,) = (target["expr"] for target in panel["targets"])
    (selected,) = re.findall(r"(oauthclient_\w+\{[^}]*ready[^}]*\})", counted)
    assert selected.replace('"$job"', '".+"') in ALARMS[alarm]["expr"]


@pytest.mark.parametrize("title", ["By status and reason", "Issuers by status and reason"])
def test_the_dashboard_shows_green_only_what_is_ready(title: str) -> None:
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    (panel,) = (panel for panel in dashboard["panels"] if panel["title"] == title)
    (legend,) = {target["legendFormat"] for target in panel["targets"]}
    assert legend == "{{ready}} {{reason}}"
    colours = {
        status: override["properties"][0]["value"]["fixedColor"]
        for status in ("True", "False", "Unknown")
        for override in panel["fieldConfig"]["overrides"]
        if re.fullmatch(override["matcher"]["options"], f"{status} Reason")
    }
    assert colours == {"True": "green", "False": "red", "Unknown": "orange"}
