"""Who waits for another's record, as for one that has the client that is to be adopted, is woken by its changes."""

from collections.abc import Callable
from typing import Any

import pytest

from oauthclient_operator.names import RecordState
from oauthclient_operator.resource.oauth_client import OAuthClient
from tests.pure.watching.test_wakes import BODY, WEB, Cluster, record

OTHERS = "theirs"
"""The UID of a resource that is gone, or in a namespace that nobody watches: its record is there."""


@pytest.fixture
def cluster() -> Cluster:
    cluster = Cluster()
    cluster.watches.offer_record(record(20, OTHERS, RecordState.REGISTERED))
    cluster.forget()
    return cluster


def awaits(cluster: Cluster, uid: str | None) -> None:
    web = cluster.watches.resource("shop", "web")
    assert isinstance(web, OAuthClient)
    cluster.watches.await_record(web, uid)


def written(cluster: Cluster) -> None:
    """By a pass over the other resource."""
    cluster.watches.offer_record(record(21, OTHERS, RecordState.RELEASED))


def told(cluster: Cluster) -> None:
    """By the watch, of what an administrator changed."""
    cluster.records.offer(record(21, OTHERS, RecordState.RELEASED))


@pytest.mark.parametrize("what", [written, told])
def test_it_is(cluster: Cluster, what: Callable[[Cluster], None]) -> None:
    awaits(cluster, OTHERS)
    what(cluster)
    assert WEB in cluster.woken


@pytest.mark.parametrize("other", [True, False], ids=["but for another one", "for none"])
@pytest.mark.parametrize("what", [written, told])
def test_who_waits_no_longer_is_not(cluster: Cluster, what: Callable[[Cluster], None], other: bool) -> None:
    awaits(cluster, OTHERS)
    awaits(cluster, "somebody's" if other else None)
    what(cluster)
    assert WEB not in cluster.woken


def test_who_is_gone_waits_no_longer(cluster: Cluster) -> None:
    awaits(cluster, OTHERS)
    gone(cluster)
    cluster.forget()
    written(cluster)
    assert WEB not in cluster.woken


@pytest.mark.parametrize("made_anew", [False, True], ids=["for good", "and made anew"])
def test_who_went_while_a_pass_looked_does_not_wait_for_good(cluster: Cluster, made_anew: bool) -> None:
    web = cluster.watches.resource("shop", "web")
    assert isinstance(web, OAuthClient)
    gone(cluster)
    if made_anew:
        cluster.watches.take("ADDED", {**BODY, "metadata": {**BODY["metadata"], "uid": "new", "resourceVersion": "31"}})
    cluster.forget()
    cluster.watches.await_record(web, OTHERS)
    written(cluster)
    assert WEB not in cluster.woken


def gone(cluster: Cluster) -> None:
    body: dict[str, Any] = {**BODY, "metadata": {**BODY["metadata"], "resourceVersion": "30"}}
    cluster.watches.take("DELETED", body)
