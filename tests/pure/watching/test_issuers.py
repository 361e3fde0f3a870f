"""What is known of issuers, who refers to each, and who is woken when something of it changes."""

from collections.abc import Callable
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.resource.key import Key, oauth_client
from oauthclient_operator.spread import paced
from oauthclient_operator.watching.issuers import PER_SECOND
from tests.pure.watching.issuers import BODY, CORPORATE, Cluster, client, cluster

__all__ = ["cluster"]


def metadata(**members: Any) -> Callable[[dict[str, Any]], None]:
    return lambda body: body["metadata"].update(members)


async def test_an_issuer_that_came_is_known_and_looked_at() -> None:
    cluster = Cluster()
    cluster.watches.issuers.take(None, BODY)
    known = cluster.watches.cluster_issuer("corporate")
    assert known is not None
    assert (known.uid, known.generation, known.spec["issuer"]) == ("i", 1, "https://issuer.example")
    assert cluster.woken == [CORPORATE]
    assert list(cluster.watches.keys()) == [CORPORATE]


@pytest.mark.parametrize(
    ("change", "woken"),
    [
        pytest.param(metadata(generation=2), [CORPORATE], id="an edit"),
        pytest.param(metadata(deletionTimestamp="2026-01-01T00:00:00Z"), [CORPORATE], id="its deletion"),
        pytest.param(metadata(finalizers=[]), [CORPORATE], id="our finalizer was taken away"),
        pytest.param(
            metadata(annotations={names.RETRY_ANNOTATION: "now"}), [CORPORATE], id="a person asked for a retry"
        ),
        pytest.param(
            metadata(annotations={names.INSTALLATION_ANNOTATION: "a-system"}), [CORPORATE], id="whose its status is"
        ),
        pytest.param(lambda body: body.pop("status"), [CORPORATE], id="our status was lost"),
        pytest.param(metadata(labels={"team": "b"}), [], id="a label"),
        pytest.param(metadata(annotations={"example.com/note": "a"}), [], id="another's annotation"),
    ],
)
async def test_which_change_of_an_issuer_is_news(
    cluster: Cluster, change: Callable[[dict[str, Any]], None], woken: list[Key]
) -> None:
    body = cluster.changed(change)
    cluster.watches.issuers.take("MODIFIED", body)
    cluster.watches.issuers.take("MODIFIED", body)
    assert cluster.woken == woken


async def test_nobody_is_woken_by_the_echo_of_its_own_write(cluster: Cluster) -> None:
    written = cluster.changed(lambda body: body["status"].update(observedGeneration=2))
    cluster.watches.issuers.offer(written)
    cluster.watches.issuers.take("MODIFIED", written)
    known = cluster.watches.cluster_issuer("corporate")
    assert (cluster.woken, known and known.status.observed_generation) == ([], 2)


async def test_an_issuer_that_went_is_not_known_any_more_and_its_key_is_looked_at(cluster: Cluster) -> None:
    cluster.watches.issuers.take("DELETED", cluster.changed(lambda _: None))
    assert (cluster.watches.cluster_issuer("corporate"), cluster.woken) == (None, [CORPORATE])


async def test_issuers_are_counted_by_what_their_status_says_in_words_of_ours(cluster: Cluster) -> None:
    def of(name: str, status: str, reason: str) -> dict[str, Any]:
        said = {"type": "Ready", "status": status, "reason": reason}
        about = {**BODY["metadata"], "name": name, "uid": name}
        return {**BODY, "metadata": about, "status": {"conditions": [said]}}

    for body in (of("a", "True", "Ready"), of("b", "False", "DiscoveryFailed"), of("c", "True", "ANYTHING")):
        cluster.watches.issuers.take("ADDED", body)
    cluster.watches.issuers.take("DELETED", of("b", "False", "DiscoveryFailed"))
    found = dict(cluster.watches.issuers.census())
    assert found[("True", "Ready")] == 1
    assert set(found) <= {("True", "Ready"), ("Unknown", "")}, "no word of others is a label"


async def test_who_refers_to_an_issuer_is_known_as_clients_come_change_and_go(cluster: Cluster) -> None:
    watches = cluster.watches
    for body in (client("a"), client("b"), client("c", "other"), client("d", None)):
        watches.take("ADDED", body)
    assert set(watches.issuers.clients_of("corporate")) == {oauth_client("shop", "a"), oauth_client("shop", "b")}
    assert watches.issuer("shop", "a") == "corporate"
    watches.offer_resource(client("a", "other", version=6))
    watches.take("DELETED", client("b", version=7))
    assert list(watches.issuers.clients_of("corporate")) == []
    assert set(watches.issuers.clients_of("other")) == {oauth_client("shop", "a"), oauth_client("shop", "c")}


async def test_an_issuer_is_looked_at_for_its_first_client_and_its_last_one(cluster: Cluster) -> None:
    """Its finalizer comes with the one and goes with the other."""
    watches = cluster.watches

    def woken() -> int:
        count = cluster.woken.count(CORPORATE)
        cluster.woken.clear()
        return count

    watches.take("ADDED", client("a"))
    assert woken() == 1
    watches.take("ADDED", client("b"))
    watches.take("DELETED", client("a", version=6))
    assert woken() == 0, "between them nothing of it changes"
    watches.take("DELETED", client("b", version=7))
    assert woken() == 1


async def test_while_an_issuer_is_deleted_each_client_that_goes_is_news_to_it(cluster: Cluster) -> None:
    for name in "abc":
        cluster.watches.take("ADDED", client(name))
    cluster.watches.issuers.take("MODIFIED", cluster.changed(metadata(deletionTimestamp="2026-01-01T00:00:00Z")))
    cluster.woken.clear()
    cluster.watches.take("DELETED", client("a", version=6))
    assert cluster.woken.count(CORPORATE) == 1


async def test_a_thousand_clients_of_an_issuer_that_changed_are_looked_at_once_each_ten_a_second(
    cluster: Cluster,
) -> None:
    for n in range(1000):
        cluster.watches.take("ADDED", client(f"c{n}"))
    cluster.woken.clear()
    assert cluster.watches.issuers.wake_clients("corporate") == 1000
    assert cluster.woken == [], "none at once"
    assert cluster.due.keys() == {oauth_client("shop", f"c{n}") for n in range(1000)}
    due = sorted(cluster.due.values())
    assert due == [place / PER_SECOND for place in range(1000)]
    assert cluster.watches.issuers.wake_clients("nobody's") == 0


async def test_what_another_installation_says_of_an_issuer_is_not_answered_but_a_finalizer_taken_off_is(
    cluster: Cluster,
) -> None:
    cluster.watches.issuers.take("MODIFIED", cluster.changed(lambda body: body["status"].update(observedGeneration=7)))
    assert cluster.woken == []
    cluster.watches.issuers.take("MODIFIED", cluster.changed(lambda body: body["metadata"].update(finalizers=[])))
    assert cluster.woken == [CORPORATE]


@pytest.mark.parametrize("came", ["an event", "an answer"])
def test_an_issuer_that_comes_after_those_who_refer_to_it_wakes_them_once(came: str) -> None:
    cluster = Cluster()
    cluster.watches.take("ADDED", client("web"))
    cluster.watches.take("ADDED", client("other", "another"))
    assert cluster.due == {}
    if came == "an event":
        cluster.watches.issuers.take("ADDED", BODY)
    else:
        cluster.watches.issuers.offer(BODY)
    assert list(cluster.due) == [oauth_client("shop", "web")]
    cluster.due.clear()
    cluster.watches.issuers.take("MODIFIED", cluster.changed(lambda body: body["status"].update(observedGeneration=2)))
    assert cluster.due == {}


def test_turns_are_the_same_whenever_they_are_given_and_not_in_the_order_of_names() -> None:
    names_ = [f"c{n}" for n in range(100)]
    turns = list(paced(names_, per_second=10.0))
    assert list(paced(reversed(names_), per_second=10.0)) == turns
    assert [name for name, _ in turns] != names_
