"""The alarms that users are given: each can fire, on what it is meant for alone, and ends when that is gone."""

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
CALM = Census(
    resources={("True", "Registered"): 3, ("Unknown", "Pending"): 1},
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
    rows = re.findall(r"^\| `(\w+)` \| `(.*?)` \| (.*?) \|", (ROOT / "docs" / "metrics.md").read_text(), re.MULTILINE)
    named = {name: (expression, lasting) for name, expression, lasting in rows if name in ALARMS}
    assert named == {name: (rule["expr"], rule.get("for", "at once")) for name, rule in ALARMS.items()}
