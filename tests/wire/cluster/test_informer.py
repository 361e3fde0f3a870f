"""The informer: metadata only, page by page, then what the watch tells."""

import asyncio

from aiohttp import web

from oauthclient_operator.cluster import kept
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.informer import MetadataInformer
from tests.wire.cluster.conftest import Stage, stream
from tests.wire.cluster.script import SECRETS, Changes, Script, bookmark, event, listed, running, then, thing

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
OURS = "oauth-operator.dev/confirmed"


async def test_it_asks_for_metadata_only_page_by_page_and_never_keeps_what_kubectl_remembers(
    stage: Stage, connection: Connection
) -> None:
    annotations = {LAST_APPLIED: '{"data": {"client_secret": "aHVudGVyMg=="}}', OURS: "v1:1"}
    script = Script(
        stage,
        [
            listed(9, thing("a", 3, annotations=annotations, managedFields=[{}]), onward="page-2"),
            listed(9, thing("b", 4)),
        ],
        [],
    )
    script.watches = [script.idle]
    changes = Changes()
    informer = MetadataInformer(
        connection,
        SECRETS,
        keep=kept.record,
        label_selector="a=b",
        field_selector="type=Opaque",
        on_change=changes,
        chance=lambda: 0.5,
    )
    async with running(informer):
        await asyncio.wait_for(informer.synced.wait(), 10)
        assert informer.get("shop", "a") == thing("a", 3, annotations={OURS: "v1:1"})["metadata"]
        assert "client_secret" not in repr(list(informer.all()))
        await script.watched(1)
    first, second, watch = stage.requests[:3]
    assert [request.path for request in (first, second, watch)] == ["/api/v1/secrets"] * 3
    assert first.query["limit"] == "100"
    assert (second.query["limit"], second.query["continue"]) == ("200", "page-2")
    assert watch.query["allowWatchBookmarks"] == "true"
    assert watch.query["timeoutSeconds"] == "270"
    for request in (first, second, watch):
        assert request.query["labelSelector"] == "a=b"
        assert request.query["fieldSelector"] == "type=Opaque"
        assert request.headers["Accept"].startswith("application/json;as=PartialObjectMetadata")
        assert "," not in request.headers["Accept"], "whole Secrets are not even the second choice"
    assert script.versions == ["9"]


async def test_events_add_change_and_remove(stage: Stage, connection: Connection) -> None:
    script = Script(stage, [listed(5, thing("a", 1), thing("b", 2))], [])
    told = (
        event("MODIFIED", thing("a", 6)),
        event("DELETED", thing("b", 7)),
        event("ADDED", thing("c", 8)),
        event("MODIFIED", thing("a", 1)),
    )
    script.watches = [then(lambda *_: stage.over.wait(), *told)]
    changes = Changes()
    informer = MetadataInformer(connection, SECRETS, keep=kept.record, on_change=changes)
    async with running(informer):
        await changes.until(lambda: ("shop", "c") in changes.seen)
    assert changes.seen == [("shop", "a"), ("shop", "b"), ("shop", "a"), ("shop", "b"), ("shop", "c")]
    assert [m["name"] for m in informer.all()] == ["a", "c"]


async def test_it_has_synced_when_every_namespace_was_listed(stage: Stage, connection: Connection) -> None:
    go_on = asyncio.Event()

    async def play(request: web.Request) -> web.StreamResponse:
        if "watch" in request.query:
            await stage.over.wait()
            return await stream(request)
        namespace = request.path.split("/")[4]
        if namespace == "slow":
            await go_on.wait()
        return web.json_response(listed(5, thing("a", 1, namespace=namespace)))

    stage.play = play
    changes = Changes()
    informer = MetadataInformer(
        connection, SECRETS, keep=kept.record, namespaces=["shop", "slow", "shop"], on_change=changes
    )
    async with running(informer):
        await changes.until(lambda: ("shop", "a") in changes.seen)
        assert not informer.synced.is_set()
        go_on.set()
        await asyncio.wait_for(informer.synced.wait(), 10)
    assert sorted(changes.seen) == [("shop", "a"), ("slow", "a")]


async def test_indexed_labels_are_found_and_follow_changes(stage: Stage, connection: Connection) -> None:
    script = Script(
        stage,
        [
            listed(
                5,
                thing("a", 1, labels={"client.oauth-operator.dev/1": "v", "y": "v"}),
                thing("b", 2, labels={"client.oauth-operator.dev/1": "w"}),
            )
        ],
        [],
    )
    told = (
        event("MODIFIED", thing("a", 6, labels={"client.oauth-operator.dev/2": "v"})),
        event("DELETED", thing("b", 7)),
        bookmark(8),
    )
    go_on = asyncio.Event()

    async def play(request: web.Request) -> web.StreamResponse:
        await go_on.wait()
        return await then(lambda *_: stage.over.wait(), *told)(request)

    script.watches = [play]
    changes = Changes()
    informer = MetadataInformer(
        connection, SECRETS, keep=kept.record, indexed=("client.oauth-operator.dev/",), on_change=changes
    )
    async with running(informer):
        await asyncio.wait_for(informer.synced.wait(), 10)
        assert informer.labelled("client.oauth-operator.dev/1") == {("shop", "a"): "v", ("shop", "b"): "w"}
        assert informer.labelled("y") == {}
        go_on.set()
        await changes.until(lambda: len(changes.seen) == 4)
    assert informer.labelled("client.oauth-operator.dev/1") == {}
    assert informer.labelled("client.oauth-operator.dev/2") == {("shop", "a"): "v"}


async def test_the_answer_to_our_own_write_is_known_before_the_watch_tells(connection: Connection) -> None:
    changes = Changes()
    informer = MetadataInformer(connection, SECRETS, keep=kept.record, on_change=changes)
    assert informer.offer(thing("a", 6) | {"data": {"client_secret": "aHVudGVyMg=="}})
    assert not informer.offer(thing("a", 5))
    assert informer.get("shop", "a") == thing("a", 6)["metadata"]
    assert changes.seen == [("shop", "a")]
