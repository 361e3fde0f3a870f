"""What /metrics tells: the names that are API, what counts as what, and nothing that names a tenant."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from oauthclient_operator.exchange import Answer, Incomplete, NotSent, Purpose, Request, Response
from oauthclient_operator.issuer.access_token_life import AccessTokenOutcome
from oauthclient_operator.metrics import ACCESS_TOKEN_OUTCOMES, Census, Metrics, ResourceCensus
from oauthclient_operator.oauth.outcome import Ambiguous, Committed, Outcome, Rejected
from oauthclient_operator.reconcile.renewals import RenewalOutcome
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.replacements import ReplacementReason, Strategy

FULL = Census(
    resources={("True", "Registered"): 3, ("False", "IssuerUnavailable"): 1},
    issuers={("True", "Ready"): 1, ("False", "DiscoveryFailed"): 1},
    suspects_unregistered=2,
    suspects_registered=3,
    left_behind=4,
    retained=5,
    without_resource=6,
    records_open=1,
    expired=8,
    leaving=10,
    renewal_overdue=11,
    secret_expiry_seconds=9.0,
)


def metrics(found: Census | None = FULL) -> Metrics:
    return Metrics(queue_depth=lambda: 7, acts=lambda: found is not None, census=lambda: found)


def told(of: Metrics) -> str:
    text, media_type = of.text()
    assert media_type.startswith("text/plain; version=")
    return text.decode()


@pytest.mark.contract
def test_the_metrics_are_those_that_are_documented_with_their_labels() -> None:
    it = metrics()
    it.called(CallKind.REGISTER, Committed(members={}))
    it.exchanged(Request(method="POST", url="https://idp.test/reg"), Response(status=201), 0.2)
    it.reconciled(0.1)
    it.renewed(ReplacementReason.EXPIRY, Strategy.REREGISTER, RenewalOutcome.PROMOTED)
    found: dict[str, str] = {}
    for name, labels in re.findall(r"^(oauthclient_\w+)(?:\{(.*)\})? ", told(it), flags=re.MULTILINE):
        base = re.sub("_(bucket|sum|count)$", "", name)
        found[base] = ",".join(label for label in re.findall(r'(\w+)="', labels) if label != "le") or found.get(
            base, ""
        )
    page = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()
    documented = dict(re.findall(r"^\| `(oauthclient_\w+)(?:\{(.*?)\})?` \|", page, flags=re.MULTILINE))
    assert found == documented


OF_RESOURCES = ("resources", "suspected_orphans", "expired", "leaving", "renewal_overdue", "secret_expiry_seconds")


def test_with_their_namespaces_what_is_told_of_resources_is_told_of_each_and_nothing_else_is() -> None:
    shop = ResourceCensus(resources={("True", "Registered"): 2}, suspects_registered=1, leaving=1)
    billing = ResourceCensus(resources={("False", "SecretExpired"): 1}, expired=1, secret_expiry_seconds=7.0)
    found = Census(namespaces={"shop": shop, "billing": billing}, left_behind=4)
    text = told(Metrics(queue_depth=lambda: 0, acts=lambda: True, census=lambda: found, by_namespace=True))
    series = re.findall(r"^(oauthclient_\w+)\{(namespace=.*)\} (\S+)$", text, flags=re.MULTILINE)
    assert {name for name, _, _ in series} == {f"oauthclient_{name}" for name in OF_RESOURCES}
    assert {line for line in text.splitlines() if "namespace=" in line} >= {
        'oauthclient_resources{namespace="shop",ready="True",reason="Registered"} 2.0',
        'oauthclient_resources{namespace="billing",ready="False",reason="SecretExpired"} 1.0',
        'oauthclient_suspected_orphans{namespace="shop",registered="true"} 1.0',
        'oauthclient_expired{namespace="billing"} 1.0',
        'oauthclient_expired{namespace="shop"} 0.0',
        'oauthclient_leaving{namespace="shop"} 1.0',
        'oauthclient_secret_expiry_seconds{namespace="billing"} 7.0',
    }
    assert 'oauthclient_secret_expiry_seconds{namespace="shop"}' not in text
    assert 'oauthclient_left_behind{policy="Delete"} 4.0' in text


def test_without_that_nothing_names_a_namespace() -> None:
    assert "namespace=" not in told(metrics(replace(FULL, namespaces={"shop": ResourceCensus(expired=1)})))


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        (Committed(members={}), "committed"),
        (Rejected(status=400, error=None, description=None, retry_after=None), "rejected"),
        (Ambiguous(cause="lost"), "ambiguous"),
        (NotSent(cause="refused"), "not_sent"),
    ],
)
def test_a_registration_is_counted_by_its_outcome(outcome: Outcome, word: str) -> None:
    it = metrics()
    it.called(CallKind.REGISTER, outcome)
    assert f'oauthclient_registrations_total{{outcome="{word}"}} 1.0\n' in told(it)


@pytest.mark.parametrize("kind", [CallKind.UPDATE, CallKind.DEREGISTER])
def test_another_call_is_no_registration(kind: CallKind) -> None:
    it = metrics()
    it.called(kind, Committed(members={}))
    assert not re.search(r"oauthclient_registrations_total\{.*\} [^0]", told(it))


def test_an_access_token_is_counted_by_what_came_of_it() -> None:
    it = metrics()
    it.asked_for_access(AccessTokenOutcome.DENIED)
    text = told(it)
    assert {*ACCESS_TOKEN_OUTCOMES} == {*AccessTokenOutcome}
    for word in AccessTokenOutcome:
        count = float(word is AccessTokenOutcome.DENIED)
        assert f'oauthclient_access_tokens_total{{outcome="{word}"}} {count}\n' in text


def test_every_counter_begins_at_zero_or_the_first_failure_would_be_no_increase() -> None:
    text = told(metrics())
    for outcome in ("committed", "rejected", "ambiguous", "not_sent"):
        assert f'oauthclient_registrations_total{{outcome="{outcome}"}} 0.0\n' in text
    for reason in ReplacementReason:
        for strategy in Strategy:
            for word in RenewalOutcome:
                labels = f'outcome="{word}",reason="{reason}",strategy="{strategy}"'
                assert f"oauthclient_renewals_total{{{labels}}} 0.0\n" in text
    for call in ("discover", "register", "read", "update", "deregister", "prove"):
        assert f'oauthclient_exchange_duration_seconds_count{{call="{call}"}} 0.0\n' in text
        for outcome in ("2xx", "3xx", "4xx", "5xx", "not_sent", "incomplete"):
            assert f'oauthclient_exchanges_total{{call="{call}",outcome="{outcome}"}} 0.0\n' in text


def test_no_secret_that_can_expire_still_is_no_number() -> None:
    lines = told(metrics(Census(expired=1))).splitlines()
    assert [line for line in lines if line.startswith("oauthclient_secret_expiry")] == []


@pytest.mark.parametrize(
    ("purpose", "answer", "labels"),
    [
        (Purpose.DISCOVER, Response(status=200), 'call="discover",outcome="2xx"'),
        (Purpose.REGISTER, Response(status=503), 'call="register",outcome="5xx"'),
        (Purpose.UPDATE, Incomplete(cause="reset"), 'call="update",outcome="incomplete"'),
        (Purpose.DEREGISTER, NotSent(cause="refused"), 'call="deregister",outcome="not_sent"'),
        (Purpose.OTHER, Response(status=200), 'call="other",outcome="2xx"'),
    ],
)
def test_an_exchange_is_counted_by_call_and_answer(purpose: Purpose, answer: Answer, labels: str) -> None:
    it = metrics()
    # What it is for is told, and not guessed from its method.
    it.exchanged(Request(method="PATCH", url="https://idp.test/reg", purpose=purpose), answer, 3.0)
    text = told(it)
    assert f"oauthclient_exchanges_total{{{labels}}} 1.0\n" in text
    assert re.search(r'oauthclient_exchange_duration_seconds_sum\{call="\w+"\} 3.0\n', text)
    assert "idp.test" not in text


def test_the_leader_tells_of_the_cluster() -> None:
    text = told(metrics())
    for line in (
        "leader 1.0",
        "queue_depth 7.0",
        'resources{ready="True",reason="Registered"} 3.0',
        'suspected_orphans{registered="false"} 2.0',
        'suspected_orphans{registered="true"} 3.0',
        'left_behind{policy="Delete"} 4.0',
        'left_behind{policy="Retain"} 5.0',
        "records_without_resource 6.0",
        "records_open 1.0",
        "expired 8.0",
        "leaving 10.0",
        "renewal_overdue 11.0",
        "secret_expiry_seconds 9.0",
    ):
        assert f"\noauthclient_{line}\n" in text


def test_who_leads_and_cannot_renew_its_lease_tells_of_the_cluster_and_that_nobody_acts() -> None:
    text = told(Metrics(queue_depth=lambda: 7, acts=lambda: False, census=lambda: FULL))
    assert "\noauthclient_leader 0.0\n" in text
    assert "\noauthclient_expired 8.0\n" in text


def test_a_standby_does_not_or_a_sum_would_count_twice() -> None:
    text = told(metrics(None))
    assert "\noauthclient_leader 0.0\n" in text
    assert not re.search(
        "oauthclient_(resources|suspected_orphans|left_behind|records_|expired|secret_expiry|leaving|renewal_overdue)",
        text,
    )
