"""What a list says is gone is gone for all: its issuer may go, its record is looked at, and no late copy brings it back."""

from typing import Any

from oauthclient_operator import names
from oauthclient_operator.names import RecordState
from oauthclient_operator.resource.key import oauth_client, record_of
from tests.pure.watching.issuers import BODY, CORPORATE, Cluster, client, cluster

__all__ = ["cluster"]

WEB = oauth_client("shop", "web")


def record(uid: str) -> dict[str, Any]:
    labels = {names.STATE_LABEL: RecordState.REGISTERED, f"{names.NAMESPACE_LABEL_PREFIX}shop": ""}
    about = {"namespace": "records", "name": uid, "uid": "r", "resourceVersion": "20", "labels": labels}
    return {"metadata": about}


def with_client(cluster: Cluster) -> dict[str, Any]:
    body = client("web")
    cluster.watches.take("ADDED", body)
    cluster.watches.offer_record(record("shop/web"))
    cluster.woken.clear()
    return body


async def test_the_issuer_of_a_client_that_is_gone_may_go_and_its_record_is_looked_at(cluster: Cluster) -> None:
    with_client(cluster)
    cluster.watches.gone("shop", "web", 50)
    assert list(cluster.watches.issuers.clients_of("corporate")) == []
    assert set(cluster.woken) == {CORPORATE, record_of("shop", "shop/web"), WEB}
    assert cluster.watches.resource("shop", "web") is None
    assert set(cluster.watches.keys()) == {CORPORATE, record_of("shop", "shop/web")}


async def test_that_one_is_gone_is_taken_once(cluster: Cluster) -> None:
    with_client(cluster)
    cluster.watches.gone("shop", "web", 50)
    cluster.woken.clear()
    cluster.watches.gone("shop", "web", 50)
    cluster.watches.issuers.gone("", "nobody-s", 50)
    assert cluster.woken == []


async def test_a_later_copy_than_the_list_stays_and_a_late_one_does_not_come_again(cluster: Cluster) -> None:
    with_client(cluster)
    cluster.watches.gone("shop", "web", 4)
    assert list(cluster.watches.issuers.clients_of("corporate")) == [WEB]
    cluster.watches.gone("shop", "web", 5)
    cluster.watches.take("MODIFIED", client("web", version=5))
    assert list(cluster.watches.issuers.clients_of("corporate")) == []


async def test_who_is_known_is_told_by_namespace(cluster: Cluster) -> None:
    for namespace in ("shop", "billing"):
        cluster.watches.take("ADDED", client("web", namespace=namespace))
    assert set(cluster.watches.known(None)) == {("shop", "web"), ("billing", "web")}
    assert list(cluster.watches.known("billing")) == [("billing", "web")]
    assert list(cluster.watches.issuers.known(None)) == [("", "corporate")]


async def test_an_issuer_that_is_gone_is_looked_at_so_that_its_clients_are_told(cluster: Cluster) -> None:
    with_client(cluster)
    cluster.watches.issuers.gone("", "corporate", 9)
    assert cluster.watches.cluster_issuer("corporate") is not None, "this copy is newer than the list"
    cluster.watches.issuers.gone("", "corporate", 10)
    cluster.watches.issuers.take("MODIFIED", BODY)
    assert cluster.watches.cluster_issuer("corporate") is None
    assert cluster.woken == [CORPORATE]


async def test_the_record_of_one_is_looked_at_whose_name_another_one_has(cluster: Cluster) -> None:
    """Its end was told by no watch, and the list shows the other one only."""
    body = with_client(cluster)
    body["metadata"].update(uid="second", resourceVersion="30")
    cluster.watches.take(None, body)
    assert set(cluster.woken) == {record_of("shop", "shop/web"), WEB}
    assert not cluster.watches.knows("shop/web")
    assert cluster.watches.knows("second")
    cluster.watches.take("DELETED", client("web", version=29))
    assert cluster.watches.knows("second")
    assert list(cluster.watches.issuers.clients_of("corporate")) == [WEB]
