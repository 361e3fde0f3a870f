"""Which changes wake a resource: what others ask, and what they did to what we wrote; never labels, nor our own echo."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.names import RecordState
from oauthclient_operator.resource.key import Key, oauth_client, record_of
from oauthclient_operator.watching.watches import Watches

WEB = oauth_client("shop", "web")
BODY: dict[str, Any] = {
    "metadata": {
        "namespace": "shop",
        "name": "web",
        "uid": "u",
        "resourceVersion": "10",
        "generation": 1,
        "finalizers": [names.FINALIZER],
        "labels": {"team": "a"},
        "annotations": {"example.com/note": "a"},
    },
    "spec": {"issuer": "https://issuer.example", "clientMetadata": {}},
    "status": {"observedGeneration": 1, "conditions": []},
}


class Cluster:
    """The watches of one process, which ask nobody here, while a pass over each resource is under way."""

    def __init__(self) -> None:
        self._woken: list[tuple[Key, str | None]] = []
        unused: Any = None
        self.watches = Watches(
            unused,
            namespaces=(),
            records_namespace="records",
            wake=lambda key, because: self._woken.append((key, because)),
            disregard=self._disregard,
        )
        self.published, *_, self.records = self.watches.informers
        self.watches.take("ADDED", BODY)
        self.forget()
        self._version = 10

    @property
    def woken(self) -> list[Key]:
        return [key for key, _ in self._woken]

    def forget(self) -> None:
        self._woken.clear()

    def _disregard(self, key: Key, because: str) -> None:
        self._woken[:] = [wake for wake in self._woken if wake != (key, because)]

    def changed(self, change: Callable[[dict[str, Any]], None], of: dict[str, Any] = BODY) -> dict[str, Any]:
        body = copy.deepcopy(of)
        change(body)
        self._version += 1
        body["metadata"]["resourceVersion"] = str(self._version)
        return body


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


def metadata(**members: Any) -> Callable[[dict[str, Any]], None]:
    return lambda body: body["metadata"].update(members)


def annotated(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda body: body["metadata"]["annotations"].update({name: "new"})


def status(**members: Any) -> Callable[[dict[str, Any]], None]:
    return lambda body: body["status"].update(members)


def is_edited(body: dict[str, Any]) -> None:
    body["metadata"]["generation"] = 2


MATTERS = {
    "an edit": is_edited,
    "it is another one": metadata(uid="other"),
    "its deletion": metadata(deletionTimestamp="2026-01-01T00:00:00Z"),
    "our finalizer was taken away": metadata(finalizers=[]),
    "a person resolved a suspect": annotated(f"{names.GROUP}/resolve"),
    "a person asked for a retry": annotated(f"{names.GROUP}/retry"),
    "a person asked for another client": annotated(f"{names.GROUP}/rotate"),
    "a person paused it": annotated(f"{names.GROUP}/paused"),
    "our status was overwritten": status(conditions=[{"type": "Ready", "status": "True"}]),
    "our status was lost": lambda body: body.pop("status"),
}
DOES_NOT = {
    "a label": metadata(labels={"team": "b"}),
    "another's annotation": annotated("example.com/note"),
    "another's finalizer": metadata(finalizers=["example.com/hold", names.FINALIZER]),
    "managed fields": metadata(managedFields=[{"manager": "kubectl"}]),
}


@pytest.mark.parametrize("change", MATTERS.values(), ids=[*MATTERS])
def test_what_matters_wakes_it_once(cluster: Cluster, change: Callable[[dict[str, Any]], None]) -> None:
    body = cluster.changed(change)
    cluster.watches.take("MODIFIED", body)
    cluster.watches.take("MODIFIED", body)
    assert cluster.woken == [WEB]


@pytest.mark.parametrize("change", DOES_NOT.values(), ids=[*DOES_NOT])
def test_what_does_not_matter_wakes_nobody_and_is_known_all_the_same(
    cluster: Cluster, change: Callable[[dict[str, Any]], None]
) -> None:
    body = cluster.changed(change)
    for _ in range(20):
        cluster.watches.take("MODIFIED", body)
    known = cluster.watches.resource("shop", "web")
    assert known is not None
    assert (cluster.woken, known.resource_version) == ([], body["metadata"]["resourceVersion"])


def test_a_list_that_repeats_what_is_known_wakes_nobody(cluster: Cluster) -> None:
    cluster.watches.take(None, BODY)
    assert cluster.woken == []


@pytest.mark.parametrize("change", [MATTERS["our finalizer was taken away"], MATTERS["our status was overwritten"]])
def test_nobody_is_woken_by_the_echo_of_its_own_write(
    cluster: Cluster, change: Callable[[dict[str, Any]], None]
) -> None:
    body = cluster.changed(change)
    cluster.watches.wrote_resource(body)
    cluster.watches.take("MODIFIED", body)
    assert cluster.woken == []


@pytest.mark.parametrize("change", [MATTERS["our finalizer was taken away"], MATTERS["our status was overwritten"]])
def test_nor_where_the_watch_tells_of_it_before_it_is_answered(
    cluster: Cluster, change: Callable[[dict[str, Any]], None]
) -> None:
    body = cluster.changed(change)
    cluster.watches.take("MODIFIED", body)
    assert cluster.woken == [WEB]
    cluster.watches.wrote_resource(body)
    assert cluster.woken == []


def test_what_another_wrote_before_that_answer_wakes_it_all_the_same(cluster: Cluster) -> None:
    ours = cluster.changed(MATTERS["our status was overwritten"])
    cluster.watches.take("MODIFIED", ours)
    cluster.watches.take("MODIFIED", cluster.changed(status(observedGeneration=7), ours))
    cluster.watches.wrote_resource(ours)
    assert cluster.woken == [WEB]


def test_what_another_wrote_and_a_live_look_found_wakes_it_all_the_same(cluster: Cluster) -> None:
    """A look may be that of another pass, which does not mind the resource."""
    theirs = cluster.changed(MATTERS["our status was overwritten"])
    cluster.watches.take("MODIFIED", theirs)
    cluster.watches.offer_resource(theirs)
    assert cluster.woken == [WEB]


def test_what_was_asked_meanwhile_and_is_first_seen_in_the_event_of_our_own_write_wakes_it(cluster: Cluster) -> None:
    edited = cluster.changed(MATTERS["an edit"])
    ours = cluster.changed(MATTERS["our status was overwritten"], edited)
    cluster.watches.take("MODIFIED", ours)
    cluster.watches.wrote_resource(ours)
    assert cluster.woken == [WEB]


@pytest.mark.parametrize("matter", ["an edit", "its deletion", "a person resolved a suspect"])
def test_what_was_asked_meanwhile_and_is_first_seen_in_the_answer_to_our_own_write_wakes_it(
    cluster: Cluster, matter: str
) -> None:
    """The event of the edit is older than that answer: nothing else would tell of it."""
    edited = cluster.changed(MATTERS[matter])
    cluster.watches.wrote_resource(cluster.changed(MATTERS["our status was overwritten"], edited))
    cluster.watches.take("MODIFIED", edited)
    assert cluster.woken == [WEB]


def test_a_resource_that_came_again_under_its_name_is_looked_at(cluster: Cluster) -> None:
    cluster.watches.take("DELETED", cluster.changed(metadata()))
    cluster.forget()
    cluster.watches.take("ADDED", cluster.changed(metadata(uid="second")))
    assert cluster.woken == [WEB]


def secret(version: int, *, owner: str) -> dict[str, Any]:
    owners = [{"apiVersion": names.API_VERSION, "kind": names.KIND, "name": "web", "uid": owner}]
    about = {"namespace": "shop", "name": "web", "uid": "s", "resourceVersion": str(version)}
    return {"metadata": {**about, "ownerReferences": owners}}


def test_who_published_a_secret_is_not_woken_and_others_that_name_it_are(cluster: Cluster) -> None:
    cluster.watches.offer_secret(secret(20, owner="u"))
    assert cluster.woken == []
    cluster.watches.offer_secret(secret(21, owner="other"))
    assert cluster.woken == [WEB]


def test_nor_is_it_where_the_watch_tells_of_the_secret_before_it_is_answered(cluster: Cluster) -> None:
    cluster.published.offer(secret(20, owner="u"))
    assert cluster.woken == [WEB]
    cluster.watches.offer_secret(secret(20, owner="u"))
    assert cluster.woken == []
    cluster.published.offer(secret(21, owner="u"))
    cluster.watches.offer_secret(secret(20, owner="u"))
    assert cluster.woken == [WEB], "another wrote it meanwhile"


def test_others_that_name_a_secret_are_woken_also_where_the_watch_tells_of_it_first(cluster: Cluster) -> None:
    cluster.published.offer(secret(20, owner="other"))
    cluster.watches.offer_secret(secret(20, owner="other"))
    assert cluster.woken == [WEB]


def record(version: int, uid: str, state: RecordState) -> dict[str, Any]:
    labels = {names.STATE_LABEL: state, f"{names.NAMESPACE_LABEL_PREFIX}shop": ""}
    about = {"namespace": "records", "name": uid, "uid": "r", "resourceVersion": str(version)}
    return {"metadata": {**about, "labels": labels}}


@pytest.mark.parametrize(
    ("uid", "state", "woken"),
    [
        pytest.param("u", RecordState.REGISTERED, [], id="its resource's pass goes on by itself"),
        pytest.param("gone", RecordState.REGISTERED, [record_of("shop", "gone")], id="made anew for a late answer"),
        pytest.param("u", RecordState.RELEASED, [record_of("shop", "u")], id="it was let go"),
    ],
)
def test_who_is_woken_by_a_write_of_a_record(cluster: Cluster, uid: str, state: RecordState, woken: list[Key]) -> None:
    cluster.watches.wrote_record(record(20, uid, state))
    assert cluster.woken == woken
    cluster.forget()
    # The watch tells of the next write before it is answered.
    cluster.records.offer(record(21, uid, state))
    cluster.watches.wrote_record(record(21, uid, state))
    assert cluster.woken == woken


def test_what_another_wrote_into_a_record_wakes_its_resource_though_a_search_finds_it(cluster: Cluster) -> None:
    cluster.records.offer(record(20, "u", RecordState.REGISTERED))
    cluster.watches.offer_record(record(20, "u", RecordState.REGISTERED))
    assert cluster.woken == [WEB]
