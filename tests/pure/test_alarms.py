"""The alarms that users are given: each can fire, on what it is meant for alone, and ends when that is gone."""

import json
import operator
import re
from pathlib import Path

import pytest
import yaml

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
PARTS = ["What goes on without you", "Look", "Do", "When it ends"]
CALM = Census(
    resources={("True", "Registered"): 3, ("Unknown", "Pending"): 1},
    issuers={("True", "Ready"): 1},
    suspects_registered=2,
    retained=1,
    records_open=1,
    leaving=2,
    secret_expiry_seconds=90_000.0,
)


def scraped(census: Census | None, *, lost: int = 0) -> str:
    """Return what a process tells that leads where there is a census."""
    metrics = Metrics(queue_depth=lambda: 0, census=lambda: census)
    for _ in range(lost):
        metrics.called(CallKind.REGISTER, Ambiguous(cause="lost"))
    return metrics.text()[0].decode()


def fires(name: str, *now: str, before: str = "") -> bool:
    """Evaluate an alarm's expression, of the one form that they have, over what the processes tell."""
    form = r"\(?(sum|min)(?: by \(\w+\))? ?\((increase\()?(\w+)(\{.*?\})?(?:\[1h\]\))?\)( or vector\(0\)\))? (!=|<|>) (\d+)"
    found = re.fullmatch(form, ALARMS[name]["expr"])
    assert found is not None
    aggregate, increase, metric, labels, or_zero, comparison, limit = found.groups()
    values = _selected(metric, labels, now)
    if increase:
        values = [sum(values) - sum(_selected(metric, labels, (before,)))]
    if not values and not or_zero:
        return False
    value = min(values) if aggregate == "min" else sum(values)
    compare = {"!=": operator.ne, "<": operator.lt, ">": operator.gt}[comparison]
    return bool(compare(value, float(limit)))


def _selected(metric: str, labels: str | None, texts: tuple[str, ...]) -> list[float]:
    matchers = re.findall(r'\w+="\w+"', labels or "")
    series = [s for text in texts for s in re.findall(rf"^{metric}(?:{{(.*)}})? (\S+)$", text, flags=re.MULTILINE)]
    return [float(value) for has, value in series if all(matcher in has.split(",") for matcher in matchers)]


@pytest.mark.parametrize(
    ("name", "census"),
    [
        ("OAuthClientNotReady", Census(resources={("False", "IssuerUnavailable"): 1})),
        ("OAuthIssuerNotReady", Census(issuers={("False", "DiscoveryFailed"): 1})),
        ("OAuthClientWaitsAfterLostAnswer", Census(suspects_unregistered=1)),
        ("OAuthClientLeftBehind", Census(left_behind=1)),
        ("OAuthClientRecordWithoutResource", Census(without_resource=1)),
        ("OAuthClientRenewalOverdue", Census(renewal_overdue=1)),
        ("OAuthClientSecretExpires", Census(secret_expiry_seconds=3600.0)),
        ("OAuthClientSecretExpired", Census(expired=1)),
    ],
)
def test_an_alarm_fires_for_its_cause_alone_and_ends_with_it(name: str, census: Census) -> None:
    standby = scraped(None)
    assert [n for n in ALARMS if fires(n, scraped(census), standby)] == [name]
    assert not any(fires(n, scraped(CALM), standby) for n in ALARMS)


@pytest.mark.parametrize(
    ("processes", "expected"),
    [
        pytest.param([], True, id="no pod is left"),
        pytest.param([None, None], True, id="nobody leads"),
        pytest.param([CALM, CALM], True, id="two lead"),
        pytest.param([CALM, None], False, id="one leads"),
    ],
)
def test_it_has_to_be_one_that_leads(processes: list[Census | None], *, expected: bool) -> None:
    assert fires("OAuthClientOperatorNotLeading", *map(scraped, processes)) is expected


def test_the_first_lost_answer_of_a_process_is_an_increase_and_an_old_one_is_none() -> None:
    assert fires("OAuthClientAnswersLost", scraped(CALM, lost=1), before=scraped(CALM))
    assert not fires("OAuthClientAnswersLost", scraped(CALM, lost=1), before=scraped(CALM, lost=1))
    assert re.search(r'^oauthclient_registrations_total\{outcome="ambiguous"\} 0', scraped(CALM), flags=re.MULTILINE)


def test_the_page_of_the_metrics_names_the_same_alarms() -> None:
    rows = re.findall(
        r"^\| \[`(\w+)`\]\(alarms/\1\.md\) \| `(.*?)` \| (.*?) \|",
        (ROOT / "docs" / "metrics.md").read_text(),
        re.MULTILINE,
    )
    named = {name: (expression, lasting) for name, expression, lasting in rows if name in ALARMS}
    assert named == {name: (rule["expr"], rule.get("for", "at once")) for name, rule in ALARMS.items()}


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


def test_the_dashboard_asks_for_metrics_that_there_are() -> None:
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    documented = set(re.findall(r"^\| `(oauthclient_\w+)", (ROOT / "docs" / "metrics.md").read_text(), re.MULTILINE))
    named = {
        re.sub("_(bucket|sum|count)$", "", name) for text in asked for name in re.findall(r"oauthclient_\w+", text)
    }
    assert named - documented == set()
    assert documented - named == set(), "each metric is on it"


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
