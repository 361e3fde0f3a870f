"""What the labels of namespaces wake: the clients in them that refer to an issuer, in turn."""

from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.cluster import kept
from oauthclient_operator.resource.key import oauth_client
from oauthclient_operator.watching.issuers import PER_SECOND
from tests.pure.watching.issuers import BODY, CORPORATE, Cluster, client, cluster

__all__ = ["cluster"]


async def test_many_namespaces_that_are_labelled_at_once_are_as_many_passes_a_second_as_one_issuer_that_changes(
    cluster: Cluster,
) -> None:
    spaces = [f"team-{n}" for n in range(100)]
    for space in spaces:
        cluster.namespace(space, {}, version=1)
        for n in range(5):
            cluster.watches.take("ADDED", client(f"c{n}", namespace=space))
    cluster.due.clear()
    for space in spaces:
        cluster.namespace(space, {"oauth": "corporate"}, version=2)
    due = sorted(cluster.due.values())
    assert len(due) == 500
    assert max(sum(at <= t < at + 1 for t in due) for at in due) <= PER_SECOND + 1
    assert 50 <= due[-1] <= 53
    # Whoever goes on with that keeps nobody waiting longer.
    for version in range(3, 60):
        cluster.namespace(spaces[0], {"oauth": str(version)}, version=version)
    assert max(cluster.due.values()) <= 53


async def test_a_namespace_that_was_not_known_yet_waits_for_no_other_ones_turn(cluster: Cluster) -> None:
    for n in range(100):
        cluster.namespace(f"team-{n}", {}, version=1)
        cluster.watches.take("ADDED", client("web", namespace=f"team-{n}"))
    for n in range(100):
        cluster.namespace(f"team-{n}", {"oauth": "corporate"}, version=2)
    cluster.due.clear()
    cluster.watches.take("ADDED", client("web", namespace="new"))
    cluster.namespace("new", {"oauth": "corporate"}, version=1)
    assert cluster.due == {oauth_client("new", "web"): 1.0}


async def test_the_labels_of_a_namespace_wake_the_clients_in_it_that_refer_to_an_issuer(cluster: Cluster) -> None:
    for body in (client("a"), client("b", None), client("c", namespace="billing")):
        cluster.watches.take("ADDED", body)
    cluster.namespace("shop", {"kubernetes.io/metadata.name": "shop"}, version=1)
    cluster.due.clear()
    cluster.namespace("shop", {"kubernetes.io/metadata.name": "shop", "oauth": "corporate"}, version=2)
    assert cluster.watches.namespace_labels("shop") == {"kubernetes.io/metadata.name": "shop", "oauth": "corporate"}
    assert cluster.due.keys() == {oauth_client("shop", "a")}
    assert min(cluster.due.values()) >= 1.0, "who changes them back and forth does not make it a pass each time"
    cluster.due.clear()
    cluster.namespace(
        "shop", {"kubernetes.io/metadata.name": "shop", "oauth": "corporate"}, version=3, annotations={"a": "b"}
    )
    assert cluster.due == {}, "its annotations are nobody's matter"


async def test_of_a_namespace_that_is_not_known_or_not_to_be_seen_there_are_no_labels(cluster: Cluster) -> None:
    assert cluster.watches.namespace_labels("shop") is None
    cluster.namespace("shop", {"kubernetes.io/metadata.name": "shop"}, version=1)
    cluster.watches.namespaces.informer.forbidden = True
    assert cluster.watches.namespace_labels("shop") is None


async def test_a_namespace_is_awaited_until_it_is_seen_whatever_its_labels_and_wakes_who_waited(
    cluster: Cluster,
) -> None:
    cluster.watches.take("ADDED", client("a"))
    cluster.due.clear()
    assert cluster.watches.awaits_namespace("shop")
    cluster.namespace("shop", {f"l{n}": "v" * 60 for n in range(1000)}, version=1)
    assert not cluster.watches.awaits_namespace("shop")
    assert cluster.due.keys() == {oauth_client("shop", "a")}
    cluster.watches.namespaces.informer.forbidden = True
    assert not cluster.watches.awaits_namespace("billing"), "it will not be seen"


async def test_of_a_namespace_with_too_many_labels_to_be_judged_there_are_none(cluster: Cluster) -> None:
    many = {f"l{n}": "v" * 60 for n in range(1000)}
    cluster.namespace("shop", {"kubernetes.io/metadata.name": "shop", **many}, version=1)
    assert sum(len(name) + len(value) for name, value in many.items()) > kept.MOST_LABELS
    assert cluster.watches.namespace_labels("shop") is None
    cluster.namespace("billing", {}, version=1)
    assert cluster.watches.namespace_labels("billing") is None, "they were too many to be read"


def selecting(body: dict[str, Any]) -> None:
    body["spec"]["allowed"]["namespaces"] = {"selector": {"matchLabels": {"oauth": "corporate"}}}


def labelled(cluster: Cluster, times: int = 1) -> None:
    cluster.namespace("shop", {"oauth": "no"}, version=1)
    cluster.due.clear()
    for version in range(times):
        cluster.namespace("shop", {"oauth": f"another-{version}"}, version=version + 2)


@pytest.mark.parametrize(
    ("namespaces", "woken"),
    [
        pytest.param(("shop",), True, id="one of its own"),
        pytest.param(("billing",), False, id="another installation's"),
        pytest.param((), False, id="it looks after all, and every status is its own"),
    ],
)
async def test_the_labels_of_a_namespace_wake_issuers_that_may_let_it_in_from_now_on_though_nobody_refers_to_them(
    namespaces: tuple[str, ...], woken: bool
) -> None:
    cluster = Cluster(*namespaces)
    cluster.watches.issuers.take("ADDED", cluster.changed(selecting))
    labelled(cluster)
    assert (CORPORATE in cluster.due) is woken
    assert min(cluster.due.values(), default=1.0) > 0.9, "who changes them back and forth does not make it a pass each"


async def test_an_issuer_whose_status_is_not_judged_by_labels_is_not_woken_by_them() -> None:
    cluster = Cluster("shop")
    cluster.watches.issuers.take("ADDED", BODY)
    labelled(cluster)
    assert cluster.due == {}, "it lets in everybody"
    cluster.watches.issuers.take("MODIFIED", cluster.changed(selecting))
    cluster.watches.take("ADDED", client("web"))
    labelled(cluster)
    assert CORPORATE not in cluster.due, "a client of it is here"

    def said_to_be(body: dict[str, Any]) -> None:
        selecting(body)
        body["metadata"]["annotations"] = {names.INSTALLATION_ANNOTATION: "shop-system"}

    other = Cluster("shop")
    other.watches.issuers.take("ADDED", other.changed(said_to_be))
    labelled(other)
    assert other.due == {}, "it is said whose it is"


async def test_who_labels_a_namespace_over_and_over_makes_few_looks_at_issuers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cluster, time = Cluster("shop"), 100.0
    monkeypatch.setattr(cluster.watches.issuers, "_clock", lambda: time)
    cluster.watches.issuers.take("ADDED", cluster.changed(selecting))
    cluster.namespace("shop", {"oauth": "no"}, version=1)
    looks = set()
    for version in range(300):
        time += 1.0
        cluster.due.clear()
        cluster.namespace("shop", {"oauth": f"another-{version}"}, version=version + 2)
        looks.add(round(time + cluster.due[CORPORATE]))
    assert 4 <= len(looks) <= 10
