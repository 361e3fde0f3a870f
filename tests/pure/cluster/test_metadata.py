"""What is kept of an object's metadata, and the cache of resources on top of it."""

from typing import Any

import pytest

from oauthclient_operator.cluster.metadata import identity, metadata_of
from oauthclient_operator.cluster.resource_cache import ResourceCache
from oauthclient_operator.errors import MalformedObject


def body(version: int, uid: str = "u1", **more: Any) -> dict[str, Any]:
    metadata = {"namespace": "shop", "name": "web", "uid": uid, "resourceVersion": str(version)}
    return {"metadata": metadata | more, "spec": {"issuer": "https://idp.example"}}


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"namespace": "shop", "name": "web", "uid": "u1"},
        {"namespace": "shop", "name": "web", "uid": "u1", "resourceVersion": "12a"},
        {"namespace": "shop", "name": "web", "uid": "u1", "resourceVersion": 12},
        {"namespace": None, "name": "web", "uid": "u1", "resourceVersion": "12"},
    ],
)
def test_metadata_that_identify_nothing_are_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(MalformedObject):
        identity(odd)


def test_an_object_without_metadata_is_refused() -> None:
    with pytest.raises(MalformedObject):
        metadata_of({"kind": "Secret"})


def test_versions_are_compared_as_numbers() -> None:
    cache = ResourceCache()
    assert cache.offer(body(9))
    assert cache.offer(body(10))
    assert not cache.offer(body(9))


def test_a_resource_is_found_by_its_name() -> None:
    cache = ResourceCache()
    cache.offer(body(1, managedFields=[]))
    assert cache.get("shop", "web") == body(1)
    assert list(cache.keys()) == [("shop", "web")]
    assert cache.get("shop", "other") is None


def test_the_answer_to_our_own_write_is_not_undone_by_a_late_event() -> None:
    cache = ResourceCache()
    cache.offer(body(5))
    cache.offer(body(7, finalizers=["ours"]))
    assert not cache.offer(body(6))
    kept = cache.get("shop", "web")
    assert kept is not None
    assert kept["metadata"]["finalizers"] == ["ours"]  # type: ignore[index,call-overload] # JSON


def test_the_deletion_of_the_resource_that_had_the_name_before_leaves_the_new_one() -> None:
    cache = ResourceCache()
    cache.offer(body(9, uid="u2"))
    assert not cache.remove(body(8, uid="u1"))
    assert cache.get("shop", "web") is not None
    assert cache.remove(body(10, uid="u2"))
    assert cache.get("shop", "web") is None
    assert not cache.offer(body(9, uid="u2"))
