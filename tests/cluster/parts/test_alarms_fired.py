"""Each alarm fires for its cause and is over when that is, as Prometheus itself reckons, on what the operator tells."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from examples.monitoring.rule import RULES
from oauthclient_operator.metrics import Census
from tests.cluster.parts.alarm_series import JOB, Phase, Process, firing, series, told
from tests.parts.promtool import checked, is_query, rules_tested
from tests.pure.test_alarms import ALARMS, CALM, CAUSES, MONITORING, scraped

PHASE = 120
"""Minutes: longer than any alarm waits, twice, before it fires."""


def minutes(written: str) -> int:
    return int(written[:-1]) * {"m": 1, "h": 60}[written[-1]]


def waits(name: str) -> int:
    """Return for how many minutes an alarm's cause has to last."""
    window = re.search(r"^min_over_time\(.*\[(\w+):1m\]\) > 0$", ALARMS[name]["expr"])
    return minutes(ALARMS[name].get("for", "0m")) + (minutes(window[1]) - 1 if window else 0)


def test_prometheus_takes_the_rules() -> None:
    assert f"{len(ALARMS)} rules found" in checked(RULES)


@pytest.mark.parametrize(("name", "census"), CAUSES)
def test_an_alarm_fires_once_its_cause_has_lasted_and_ends_with_it(name: str, census: Census, tmp_path: Path) -> None:
    calm = Phase(PHASE, [scraped(CALM)])
    wait, keep = waits(name), minutes(ALARMS[name].get("keep_firing_for", "0m"))
    told(
        tmp_path,
        series([calm, Phase(PHASE, [scraped(census)]), calm]),
        firing(PHASE - 1),
        *([firing(PHASE + wait - 1)] if wait else []),
        firing(PHASE + wait, name),
        firing(2 * PHASE - 1, name),
        *([firing(2 * PHASE + keep - 1, name)] if keep else []),
        firing(2 * PHASE + keep),
        firing(3 * PHASE - 1),
    )


@pytest.mark.parametrize(("name", "census"), CAUSES)
def test_an_alarm_does_not_begin_anew_with_each_process_that_begins_to_lead(
    name: str, census: Census, tmp_path: Path
) -> None:
    standby, leader = scraped(None), scraped(census)
    nobody = Phase(3, [standby, standby])
    told(
        tmp_path,
        series(
            [
                Phase(20, [scraped(CALM), standby]),
                Phase(45, [leader, standby]),
                nobody,
                Phase(45, [standby, leader]),
                nobody,
                Phase(45, [leader, standby]),
            ]
        ),
        *(firing(minute, name) for minute in (112, *range(113, 117), 160)),
    )


@pytest.mark.parametrize("job", [None, JOB])
@pytest.mark.parametrize(
    "processes",
    [
        pytest.param([None, None], id="all pods are gone"),
        pytest.param([scraped(None), scraped(None)], id="nobody leads"),
        pytest.param([scraped(CALM), scraped(CALM)], id="two lead"),
    ],
)
def test_it_is_said_where_not_one_process_leads(processes: list[Process], job: str | None, tmp_path: Path) -> None:
    name = "OAuthClientOperatorNotLeading"
    calm = Phase(PHASE, [scraped(CALM), scraped(None)])
    begins = PHASE + waits(name)
    told(
        tmp_path,
        series([calm, Phase(PHASE, processes), calm]),
        firing(PHASE - 1),
        firing(begins - 1),
        firing(begins, name),
        firing(2 * PHASE - 1, name),
        firing(2 * PHASE),
        job=job,
    )


def test_what_changes_between_two_reasons_is_not_ready(tmp_path: Path) -> None:
    phases = [
        Phase(20, [scraped(replace(CALM, resources={("False", reason): 1}, issuers={("False", reason): 1}))])
        for reason in ("IssuerUnavailable", "AccessDenied") * 4
    ]
    told(tmp_path, series(phases), firing(100, "OAuthClientNotReady", "OAuthIssuerNotReady"))


def test_what_is_pending_for_a_while_is_no_alarm(tmp_path: Path) -> None:
    calm = Phase(5, [scraped(CALM)])
    pending = Phase(40, [scraped(replace(CALM, resources={("Unknown", "Pending"): 2}))])
    told(tmp_path, series([calm, pending] * 5), *(firing(minute) for minute in range(0, 225, 5)))


def test_the_alarm_names_the_reasons(tmp_path: Path) -> None:
    reasons = {("True", "Registered"): 7, ("False", "AccessDenied"): 2, ("Unknown", "Pending"): 1}
    issuers = {("Unknown", ""): 1}
    alerts = [
        {
            "eval_time": "70m",
            "alertname": name,
            "exp_alerts": [
                {
                    "exp_labels": {"severity": "warning", "job": JOB},
                    "exp_annotations": {
                        "summary": ALARMS[name]["annotations"]["summary"].replace("{{ $value }}", number),
                        "description": re.sub(
                            r"\{\{ range .*\{\{ end -\}\} ", listed, ALARMS[name]["annotations"]["description"]
                        ),
                    },
                }
            ],
        }
        for name, number, listed in (
            ("OAuthClientNotReady", "3", "AccessDenied 2; Pending 1; "),
            ("OAuthIssuerNotReady", "1", "none yet 1; "),
        )
    ]
    told(tmp_path, series([Phase(80, [scraped(replace(CALM, resources=reasons, issuers=issuers))])]), alerts=alerts)


def test_a_rule_that_does_not_hold_is_found(tmp_path: Path) -> None:
    calm = series([Phase(PHASE, [scraped(CALM)])])
    tests = [{"interval": "1m", "input_series": calm, "promql_expr_test": [firing(9, "OAuthClientNotReady")]}]
    assert rules_tested(RULES, tests, tmp_path).returncode != 0


def test_prometheus_reads_what_the_dashboard_asks() -> None:
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    # As Grafana fills them in.
    asked = [text.replace("$__rate_interval", "5m").replace("$job", ".+") for text in asked]
    assert [text for text in asked if not is_query(text)] == []
    assert not is_query("sum(")
