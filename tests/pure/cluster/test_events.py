"""The Event that says to people what happened, within the API server's bounds."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from oauthclient_operator.cluster.events import CLUSTER_EVENTS, event, micro_time

METADATA = {"namespace": "shop", "name": "web", "uid": "u1", "resourceVersion": "7"}
NOW = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)


def made(**more: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "reason": "Registered",
        "action": "Register",
        "note": "registered as c1",
        "warning": False,
        "instance": "pod_1",
        "now": NOW,
        "suffix": "0f3a",
    }
    return event(more.pop("metadata", METADATA), **(values | more))


def test_an_event_is_about_the_resource_in_its_namespace() -> None:
    assert made() == {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"name": "web.0f3a", "namespace": "shop"},
        "eventTime": "2026-01-02T03:04:05.000006Z",
        "reportingController": "oauth-operator.dev/oauthclient-operator",
        "reportingInstance": "pod_1",
        "type": "Normal",
        "reason": "Registered",
        "action": "Register",
        "note": "registered as c1",
        "regarding": {
            "apiVersion": "oauth-operator.dev/v1alpha1",
            "kind": "OAuthClient",
            "namespace": "shop",
            "name": "web",
            "uid": "u1",
            "resourceVersion": "7",
        },
    }


def test_an_event_of_a_namespace_that_goes_is_written_elsewhere_about_the_same() -> None:
    elsewhere = made(namespace="default", warning=True)
    assert elsewhere["metadata"]["namespace"] == "default"
    assert elsewhere["regarding"]["namespace"] == "shop"
    assert elsewhere["type"] == "Warning"


def test_names_and_notes_are_cut_to_what_the_api_server_takes() -> None:
    long = made(metadata=METADATA | {"name": "n" * 253}, note="ä" * 600, instance="i" * 200)
    assert len(long["metadata"]["name"]) == 253
    assert long["metadata"]["name"].endswith("n.0f3a")
    assert len(long["note"].encode()) <= 1024
    assert long["note"].endswith("ä…")
    assert len(long["reportingInstance"]) == 128


def test_a_micro_time_is_in_utc() -> None:
    assert micro_time(NOW.astimezone(timezone(timedelta(hours=2)))) == "2026-01-02T03:04:05.000006Z"


def test_an_event_about_what_is_in_no_namespace_says_none_and_is_where_the_api_server_takes_it() -> None:
    issuer = {"name": "corporate", "uid": "i", "resourceVersion": "7"}
    about = made(metadata=issuer, kind="ClusterOAuthIssuer", namespace=CLUSTER_EVENTS)
    assert about["metadata"] == {"name": "corporate.0f3a", "namespace": "default"}
    assert about["regarding"] == {"apiVersion": "oauth-operator.dev/v1alpha1", "kind": "ClusterOAuthIssuer", **issuer}
