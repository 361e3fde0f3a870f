"""What /metrics tells: the names that are API, what counts as what, and nothing that names a tenant."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oauthclient_operator.exchange import Answer, Incomplete, NotSent, Purpose, Request, Response
from oauthclient_operator.metrics import Census, Metrics
from oauthclient_operator.oauth.outcome import Ambiguous, Committed, Outcome, Rejected
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.summary import Summary
from oauthclient_operator.watching.census import census

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FULL = Census(
    resources={("True", "Registered"): 3, ("False", "IssuerUnavailable"): 1},
    suspected_orphans=2,
    left_behind=4,
    records_open=1,
    secret_expiry_seconds=-5.0,
)


def metrics(found: Census | None = FULL) -> Metrics:
    return Metrics(queue_depth=lambda: 7, census=lambda: found)


def told(of: Metrics) -> str:
    text, media_type = of.text()
    assert media_type.startswith("text/plain; version=")
    return text.decode()


def test_the_metrics_are_those_that_are_documented_with_their_labels() -> None:
    it = metrics()
    it.called(CallKind.REGISTER, Committed(members={}))
    it.exchanged(Request(method="POST", url="https://idp.test/reg"), Response(status=201), 0.2)
    it.reconciled(0.1)
    found: dict[str, str] = {}
    for name, labels in re.findall(r"^(oauthclient_\w+)(?:\{(.*)\})? ", told(it), flags=re.MULTILINE):
        base = re.sub("_(bucket|sum|count)$", "", name)
        found[base] = ",".join(label for label in re.findall(r'(\w+)="', labels) if label != "le") or found.get(
            base, ""
        )
    page = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()
    documented = dict(re.findall(r"^\| `(oauthclient_\w+)(?:\{(.*?)\})?` \|", page, flags=re.MULTILINE))
    assert found == documented


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
    assert "oauthclient_registrations_total{" not in told(it)


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
        "suspected_orphans 2.0",
        "left_behind 4.0",
        "records_open 1.0",
        "secret_expiry_seconds -5.0",
    ):
        assert f"\noauthclient_{line}\n" in text


def test_a_standby_does_not_or_a_sum_would_count_twice() -> None:
    text = told(metrics(None))
    assert "\noauthclient_leader 0.0\n" in text
    assert not re.search("oauthclient_(resources|suspected_orphans|left_behind|records_open|secret_expiry)", text)


def body(reason: str, *, ready: str = "False", orphans: int = 0, expires: object = None) -> dict[str, Any]:
    registration = {} if expires is None else {"registration": {"secretExpiresAt": expires}}
    condition = {"type": "Ready", "status": ready, "reason": reason}
    suspected = [{"attempt": number} for number in range(orphans)]
    return {"status": {"conditions": [condition], "suspectedOrphans": suspected, **registration}}


def record(state: str, open_call: str | None = None) -> Summary:
    return Summary(
        resource_version="1",
        state=state,
        confirmed=None,
        open_call=open_call,
        due=None,
        suspects=(),
        client_labels={},
    )


def test_the_census_counts_what_the_watches_know() -> None:
    bodies = [
        body("Registered", ready="True", expires="2026-01-01T00:02:00Z"),
        body("Registered", ready="True", expires="2026-01-01T00:01:00Z"),
        body("RegistrationAmbiguous", orphans=2, expires="tomorrow"),
        {},
    ]
    records = [record("LeftBehind"), record("Open", "1:register"), record("Registered", "2:update"), record("Held")]
    found = census(bodies, records, NOW)
    assert found.resources == {
        ("True", "Registered"): 2,
        ("False", "RegistrationAmbiguous"): 1,
        ("Unknown", ""): 1,
    }
    assert (found.suspected_orphans, found.left_behind, found.records_open) == (2, 1, 2)
    assert found.secret_expiry_seconds == 60
    assert census([], [], NOW).secret_expiry_seconds is None
