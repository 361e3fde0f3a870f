"""What is counted of the cluster: at each change, so that nobody who asks walks over everything."""

from datetime import UTC, datetime
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.metrics import Census
from oauthclient_operator.names import RecordState
from oauthclient_operator.watching.watches import Watches

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HELD, LEFT, DELETING = "held", "left", "deleting"


class Cluster:
    """What the watches were told of."""

    def __init__(self, *namespaces: str, count_namespaces: bool = False) -> None:
        unused: Any = None
        self.watches = Watches(
            unused,
            namespaces=namespaces,
            records_namespace="records",
            wake=lambda *_: None,
            disregard=lambda *_: None,
            count_namespaces=count_namespaces,
        )
        self._version = 0

    def resource(self, name: str = "web", *, gone: bool = False, namespace: str = "shop", **status: Any) -> None:
        about: dict[str, Any] = {
            "namespace": namespace,
            "name": name,
            "uid": f"uid-{name}",
            "resourceVersion": self._next(),
        }
        self.watches.take("DELETED" if gone else "MODIFIED", {"metadata": about, "spec": {}, "status": status})

    def record(self, name: str, state: RecordState, *holds: str, open_call: bool = False) -> None:
        clients = {f"{names.CLIENT_LABEL_PREFIX}{number}": hold for number, hold in enumerate(holds)}
        about: dict[str, Any] = {
            "namespace": "records",
            "name": f"uid-{name}",
            "uid": f"record-{name}",
            "resourceVersion": self._next(),
            "labels": {names.STATE_LABEL: state, names.NAMESPACE_LABEL_PREFIX + "shop": "", **clients},
            "annotations": {names.OPEN_CALL_ANNOTATION: "1:register"} if open_call else {},
        }
        self.watches.offer_record({"metadata": about})

    def census(self) -> Census:
        return self.watches.census(NOW)

    def _next(self) -> str:
        self._version += 1
        return str(self._version)


def ready(status: str, reason: str) -> dict[str, Any]:
    return {"conditions": [{"type": "Ready", "status": status, "reason": reason}]}


def test_a_resource_is_counted_as_it_is_now_and_no_more_when_it_is_gone() -> None:
    cluster = Cluster()
    cluster.resource("web")
    cluster.resource("other", **ready("True", "Registered"))
    assert cluster.census().resources == {("Unknown", ""): 1, ("True", "Registered"): 1}
    cluster.resource("web", **ready("True", "Registered"))
    assert cluster.census().resources == {("True", "Registered"): 2}
    cluster.resource("web", gone=True)
    assert cluster.census().resources == {("True", "Registered"): 1}


def test_whoever_writes_a_status_makes_no_time_series_of_his_own() -> None:
    cluster = Cluster()
    cluster.resource("web", **ready("Perhaps", "BecauseISaySo"))
    assert cluster.census().resources == {("Unknown", "Other"): 1}


def test_a_lost_answer_is_no_cause_for_alarm_any_more_once_a_retry_succeeded() -> None:
    cluster = Cluster()
    lost = [{"attempt": 1}, {"attempt": 2}]
    cluster.resource("web", suspectedOrphans=lost)
    assert (cluster.census().suspects_unregistered, cluster.census().suspects_registered) == (2, 0)
    cluster.resource("web", suspectedOrphans=lost, clientID="c")
    assert (cluster.census().suspects_unregistered, cluster.census().suspects_registered) == (0, 2)
    cluster.resource("web", clientID="c")
    assert cluster.census().suspects_registered == 0


def test_a_secret_that_has_expired_does_not_hide_the_next() -> None:
    cluster = Cluster()
    for name, at in (("gone", "2025-12-31T23:59:00Z"), ("next", "2026-01-01T00:01:00Z"), ("web", "tomorrow")):
        cluster.resource(name, registration={"secretExpiresAt": at})
    cluster.resource("later", registration={"secretExpiresAt": "2026-01-01T00:02:00Z"})
    assert (cluster.census().expired, cluster.census().secret_expiry_seconds) == (1, 60)
    cluster.resource("next", registration={"secretExpiresAt": "2026-01-01T00:03:00Z"})
    cluster.resource("gone", registration={})
    assert (cluster.census().expired, cluster.census().secret_expiry_seconds) == (0, 120)
    cluster.resource("next", gone=True)
    cluster.resource("later", gone=True)
    assert (cluster.census().expired, cluster.census().secret_expiry_seconds) == (0, None)


def renewing(status: str) -> dict[str, Any]:
    return {"conditions": [{"type": "Renewing", "status": status, "reason": "RenewalFailed"}]}


def test_a_renewal_that_is_due_is_overdue_until_the_next_one_is_known() -> None:
    cluster = Cluster()
    cluster.resource("late", rotation={"renewAt": "2025-12-31T23:59:00Z"})
    cluster.resource("later", rotation={"renewAt": "2026-01-01T00:01:00Z"})
    assert cluster.census().renewal_overdue == 1
    cluster.resource("late", rotation={"renewAt": "2026-02-01T00:00:00Z"})
    assert cluster.census().renewal_overdue == 0


def test_a_renewal_that_something_is_in_the_way_of_is_counted_once_and_until_that_is_gone() -> None:
    cluster = Cluster()
    cluster.resource("web", rotation={"renewAt": "2025-12-31T23:59:00Z"}, **renewing("False"))
    assert cluster.census().renewal_overdue == 1
    cluster.resource("web", rotation={"renewAt": "2026-02-01T00:00:00Z"}, **renewing("False"))
    assert cluster.census().renewal_overdue == 1
    cluster.resource("web", **renewing("True"))
    assert cluster.census().renewal_overdue == 0
    cluster.resource("web", **renewing("False"))
    cluster.resource("web", gone=True)
    assert cluster.census().renewal_overdue == 0


def test_what_is_leaving_is_counted_over_all_resources() -> None:
    cluster = Cluster()
    cluster.resource("web", rotation={"leaving": [{"clientID": "a"}, {"clientID": "b"}]})
    cluster.resource("other", rotation={"leaving": [{"clientID": "c"}]})
    assert cluster.census().leaving == 3
    cluster.resource("web", rotation={})
    assert cluster.census().leaving == 1


@pytest.mark.parametrize(
    ("state", "holds", "left_behind", "retained"),
    [
        pytest.param(RecordState.LEFT_BEHIND, [LEFT], 1, 0, id="a client that was to go"),
        pytest.param(RecordState.LEFT_BEHIND, [DELETING], 1, 0, id="a client whose deregistration is not answered"),
        pytest.param(RecordState.LEFT_BEHIND, [HELD, LEFT], 1, 0, id="one of two that was to go"),
        pytest.param(RecordState.LEFT_BEHIND, [], 1, 0, id="a lost answer alone"),
        pytest.param(RecordState.LEFT_BEHIND, [HELD], 0, 1, id="a client that was to stay"),
        pytest.param(RecordState.RELEASED, [], 0, 0, id="nothing: it is let go, and soon removed"),
    ],
)
def test_a_record_that_outlived_its_resource_is_counted_by_whether_it_was_to(
    state: RecordState, holds: list[str], left_behind: int, retained: int
) -> None:
    cluster = Cluster()
    cluster.record("web", state, *holds)
    found = cluster.census()
    assert (found.left_behind, found.retained, found.without_resource) == (left_behind, retained, 0)


@pytest.mark.parametrize("state", [RecordState.OPEN, RecordState.REGISTERED, RecordState.HELD])
def test_a_record_whose_resource_vanished_without_its_finalizer_is_counted(state: RecordState) -> None:
    cluster = Cluster()
    cluster.record("web", state, HELD)
    assert cluster.census().without_resource == 1
    cluster.resource("web")
    assert cluster.census().without_resource == 0
    cluster.record("web", state, HELD)
    assert cluster.census().without_resource == 0
    cluster.resource("web", gone=True)
    assert cluster.census().without_resource == 1
    cluster.record("web", RecordState.RELEASED)
    assert cluster.census().without_resource == 0


def test_where_nobody_watches_a_resource_may_well_be_there() -> None:
    cluster = Cluster("billing")
    cluster.record("web", RecordState.REGISTERED, HELD)
    assert cluster.census().without_resource == 0


def test_an_open_call_is_counted_until_it_is_closed() -> None:
    cluster = Cluster()
    cluster.resource("web")
    cluster.record("web", RecordState.OPEN, open_call=True)
    assert cluster.census().records_open == 1
    cluster.record("web", RecordState.REGISTERED)
    assert cluster.census() == Census(resources={("Unknown", ""): 1})


def test_asking_walks_over_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster()
    for number in range(100):
        cluster.resource(f"web-{number}", **ready("True", "Registered"))
        cluster.record(f"web-{number}", RecordState.REGISTERED, HELD)

    def unpacked(_: bytes) -> dict[str, Any]:
        raise AssertionError("a resource or a record was unpacked")

    for module in ("resource_cache", "informer"):
        monkeypatch.setattr(f"oauthclient_operator.cluster.{module}.decompress", unpacked)
    assert cluster.census().resources == {("True", "Registered"): 100}


def test_the_resources_of_each_namespace_are_counted_by_themselves_where_that_is_asked_for() -> None:
    cluster = Cluster(count_namespaces=True)
    cluster.resource("web", **ready("True", "Registered"))
    cluster.resource("app", namespace="billing", **ready("False", "SecretExpired"))
    cluster.resource("job", namespace="billing", **ready("True", "Registered"))
    found = cluster.census()
    assert found.resources == {("True", "Registered"): 2, ("False", "SecretExpired"): 1}
    assert {name: dict(of.resources) for name, of in found.namespaces.items()} == {
        "shop": {("True", "Registered"): 1},
        "billing": {("False", "SecretExpired"): 1, ("True", "Registered"): 1},
    }
    cluster.resource("web", gone=True)
    assert cluster.census().namespaces.keys() == {"billing"}, "one that has none is not told of any more"


def test_nothing_is_counted_by_namespace_where_nobody_asked() -> None:
    cluster = Cluster()
    cluster.resource("web", **ready("True", "Registered"))
    assert cluster.census().namespaces == {}
