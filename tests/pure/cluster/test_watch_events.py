"""What of a watch's events kopf is given: what is new, and a bookmark in the place of what is known."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from oauthclient_operator.cluster.followed import Followed
from oauthclient_operator.cluster.target import OAUTH_CLIENTS, Target
from oauthclient_operator.cluster.watch_events import unless_known
from oauthclient_operator.errors import ClusterError, Unanswered


class Knows:
    """A sink that has seen `shop/web` up to version 7."""

    def take(self, event: str | None, body: dict[str, Any]) -> None:
        raise AssertionError("only kopf hands on what a watch tells")

    def reached(self, namespace: str, name: str) -> int | None:
        return 7 if (namespace, name) == ("shop", "web") else None

    def known(self, _: str | None) -> Iterator[tuple[str, str]]:
        return iter([("shop", "web")])

    def gone(self, namespace: str, name: str, at: int) -> None:
        raise AssertionError(f"{namespace}/{name} at {at} is not gone")


CLIENTS = Followed(
    target=Target(api=OAUTH_CLIENTS, resource="oauthclients"), is_namespaced=True, keep=dict, sink=Knows()
)


def event(kind: str, version: str, *, name: str = "web", **metadata: Any) -> bytes:
    identity = {"namespace": "shop", "name": name, "uid": "u", "resourceVersion": version}
    return json.dumps({"type": kind, "object": {"metadata": identity | metadata, "spec": {}}}).encode()


@pytest.mark.parametrize("version", ["6", "7"])
@pytest.mark.parametrize("kind", ["ADDED", "MODIFIED"])
def test_a_copy_that_is_not_newer_than_what_is_known_is_a_bookmark_of_its_version(kind: str, version: str) -> None:
    assert json.loads(unless_known(event(kind, version), CLIENTS)) == {
        "type": "BOOKMARK",
        "object": {"metadata": {"resourceVersion": version}},
    }


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(event("MODIFIED", "8"), id="a newer copy"),
        pytest.param(event("ADDED", "1", name="other"), id="an object of which nothing is known"),
        pytest.param(event("DELETED", "7"), id="an end"),
        pytest.param(b'{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7"}}}', id="a bookmark"),
    ],
)
def test_every_other_event_is_as_it_came(told: bytes) -> None:
    assert unless_known(told, CLIENTS) == told


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(event("MODIFIED", "seven"), id="a version that is no number"),
        pytest.param(event("MODIFIED", "7", uid=7), id="an object without identity"),
        pytest.param(event("RENAMED", "8"), id="a type that no watch has"),
        pytest.param(b'{"type":"MODIFIED","object":[]}', id="no object"),
        pytest.param(b'{"type":"MODIFIED"}', id="nothing in it"),
        pytest.param(b'{"type":"BOOKMARK","object":{"metadata":[]}}', id="a bookmark without metadata"),
        pytest.param(b'["MODIFIED"]', id="no event"),
        pytest.param(b"{", id="no JSON"),
        pytest.param(b"\xff", id="no text"),
    ],
)
def test_what_is_no_event_says_nothing(told: bytes) -> None:
    with pytest.raises(Unanswered, match="what came is no event"):
        unless_known(told, CLIENTS)


@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        pytest.param({"code": 410, "reason": "Expired"}, 410, "410 Expired", id="too old"),
        pytest.param({"code": 500, "reason": "InternalError"}, 500, "500 InternalError", id="of the API server"),
        pytest.param({}, 500, "500", id="that does not say which"),
    ],
)
def test_an_error_is_one(said: dict[str, Any], status: int, words: str) -> None:
    told = json.dumps({"type": "ERROR", "object": {"kind": "Status", **said}}).encode()
    with pytest.raises(ClusterError, match=f"watch oauthclients: {words}") as raised:
        unless_known(told, CLIENTS)
    assert raised.value.status == status
