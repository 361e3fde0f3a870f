"""Each alarm fires for its cause and is over when that is, as Prometheus itself reckons, on what the operator tells."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from oauthclient_operator.metrics import Census
from tests.parts.promtool import checked, is_query, rules_tested
from tests.pure.test_alarms import ALARMS, CALM, MONITORING, scraped

RULES = MONITORING / "alarms.yaml"
PHASE = 120
"""Minutes: longer than any alarm waits, twice, before it fires."""
STALE = 4
"""Minutes without a value for which Prometheus goes on with the last one: for less than five after it."""
Process = str | None
"""What one process tells, None where it is gone."""
CAUSES: dict[str, list[Process]] = {
    "OAuthClientNotReady": [scraped(Census(resources={("False", "IssuerUnavailable"): 1}))],
    "OAuthIssuerNotReady": [scraped(Census(issuers={("False", "DiscoveryFailed"): 1}))],
    "OAuthClientWaitsAfterLostAnswer": [scraped(Census(suspects_unregistered=1))],
    "OAuthClientLeftBehind": [scraped(Census(left_behind=1))],
    "OAuthClientRecordWithoutResource": [scraped(Census(without_resource=1))],
    "OAuthClientRenewalOverdue": [scraped(Census(renewal_overdue=1))],
    "OAuthClientSecretExpires": [scraped(Census(secret_expiry_seconds=3600.0))],
    "OAuthClientSecretExpired": [scraped(Census(expired=1))],
}


def series(phases: Sequence[Sequence[Process]]) -> list[dict[str, str]]:
    """Return what is told in one phase after the other, a value a minute, of each process by its own name."""
    found: dict[str, list[str]] = {}
    for number, phase in enumerate(phases):
        for process, text in enumerate(phase):
            for name, labels, value in re.findall(r"^(oauthclient_\w+)(?:\{(.*)\})? (\S+)$", text or "", re.MULTILINE):
                own = f'instance="{process}"'
                values = found.setdefault(
                    f"{name}{{{f'{labels},{own}' if labels else own}}}", [f"_x{PHASE}"] * len(phases)
                )
                values[number] = f"{value}x{PHASE - 1}"
    return [{"series": name, "values": " ".join(values)} for name, values in found.items()]


def firing(minute: int, *names: str) -> dict[str, Any]:
    """Expect these alarms, and no others, at that minute."""
    expected = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in names]
    expression = 'count by (alertname) (ALERTS{alertstate="firing"})'
    return {"expr": expression, "eval_time": f"{minute}m", "exp_samples": expected}


def waits(name: str) -> int:
    """Return for how many minutes an alarm's cause has to last."""
    written = str(ALARMS[name].get("for", "0m"))
    return int(written[:-1]) * {"m": 1, "h": 60}[written[-1]]


def test_prometheus_takes_the_rules() -> None:
    assert f"{len(ALARMS)} rules found" in checked(RULES)


def told(tmp_path: Path, phases: Sequence[Sequence[Process]], *expected: dict[str, Any]) -> None:
    ran = rules_tested(
        RULES, [{"interval": "1m", "input_series": series(phases), "promql_expr_test": [*expected]}], tmp_path
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("name", CAUSES)
def test_an_alarm_fires_once_its_cause_has_lasted_and_ends_with_it(name: str, tmp_path: Path) -> None:
    calm = [scraped(CALM)]
    wait = waits(name)
    told(
        tmp_path,
        [calm, CAUSES[name], calm],
        firing(PHASE - 1),
        *([firing(PHASE + wait - 1)] if wait else []),
        firing(PHASE + wait, name),
        firing(2 * PHASE - 1, name),
        # What the next scrape does not tell any more is over at once: the same process told the rest.
        firing(2 * PHASE + STALE),
        firing(3 * PHASE - 1),
    )


@pytest.mark.parametrize(
    ("processes", "stale"),
    [
        pytest.param([None, None], STALE, id="all pods are gone"),
        pytest.param([scraped(None), scraped(None)], 0, id="nobody leads"),
        pytest.param([scraped(CALM), scraped(CALM)], 0, id="two lead"),
    ],
)
def test_it_is_said_where_not_one_process_leads(processes: list[Process], stale: int, tmp_path: Path) -> None:
    name = "OAuthClientOperatorNotLeading"
    calm = [scraped(CALM), scraped(None)]
    begins = PHASE + stale + waits(name)
    told(
        tmp_path,
        [calm, processes, calm],
        firing(PHASE - 1),
        firing(begins - 1),
        firing(begins, name),
        firing(2 * PHASE - 1, name),
        firing(2 * PHASE),
    )


def test_a_lost_answer_is_told_for_an_hour(tmp_path: Path) -> None:
    lost = [scraped(CALM, lost=1)]
    told(
        tmp_path,
        [[scraped(CALM)], lost, lost],
        firing(PHASE - 1),
        firing(PHASE, "OAuthClientAnswersLost"),
        firing(PHASE + 58, "OAuthClientAnswersLost"),
        firing(PHASE + 61),
    )


def test_a_rule_that_does_not_hold_is_found(tmp_path: Path) -> None:
    calm = [[scraped(CALM)]]
    tests = [{"interval": "1m", "input_series": series(calm), "promql_expr_test": [firing(9, "OAuthClientNotReady")]}]
    assert rules_tested(RULES, tests, tmp_path).returncode != 0


def test_prometheus_reads_what_the_dashboard_asks() -> None:
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    # As Grafana fills them in.
    asked = [text.replace("$__rate_interval", "5m").replace("$job", ".+") for text in asked]
    assert [text for text in asked if not is_query(text)] == []
    assert not is_query("sum(")
