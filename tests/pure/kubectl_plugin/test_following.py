"""A resource is watched until what was asked for is so: each change is told once, and no watch that breaks ends it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any, cast

import pytest

from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.errors import ClusterError, NotFound, RequestRefused, Unanswered
from oauthclient_operator.kubectl_plugin import following
from oauthclient_operator.kubectl_plugin.following import Wanted, follow
from oauthclient_operator.kubectl_plugin.waiting import Outcome

DONE = Outcome(done=True, said="so")


def body(said: str, version: str = "1", uid: str = "u") -> dict[str, Any]:
    return {"metadata": {"namespace": "n", "name": "web", "uid": uid, "resourceVersion": version}, "said": said}


class FakeConnection:
    """Watches, one after the other, of events and of what ends each; and what is read between them."""

    def __init__(
        self, *watches: list[tuple[str, dict[str, Any]] | ClusterError], reads: list[Any] | None = None
    ) -> None:
        self._watches = [*watches]
        self._reads = reads or []
        self.watched_from: list[str] = []

    async def watch(self, target: object, *, query: Mapping[str, str], **_: Any) -> AsyncGenerator[Any, None]:
        assert str(target) == "oauthclients n"
        assert query["fieldSelector"] == "metadata.name=web"
        self.watched_from.append(query["resourceVersion"])
        if not self._watches:
            await asyncio.Event().wait()
        for event in self._watches.pop(0):
            if isinstance(event, ClusterError):
                raise event
            yield event

    async def request(self, method: str, target: object) -> dict[str, Any]:
        assert (method, str(target)) == ("GET", "oauthclients n/web")
        found = self._reads.pop(0)
        if isinstance(found, ClusterError):
            raise found
        return cast("dict[str, Any]", found)


async def followed(connection: FakeConnection, *, within: float = 5) -> tuple[Outcome, list[str]]:
    told: list[str] = []
    wanted = Wanted(
        ended=lambda seen: DONE if seen["said"] == "so" else None, stands=lambda seen: str(seen["said"]), within=within
    )
    outcome, _ = await follow(cast("Connection", connection), body("begun"), wanted, told.append)
    return outcome, told


@pytest.fixture(autouse=True)
def without_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_PAUSE", 0.0)


async def test_each_change_is_told_once_until_it_is_so() -> None:
    events = [("MODIFIED", body(said)) for said in ("begun", "half", "half", "so", "never looked at")]
    assert await followed(FakeConnection([*events])) == (DONE, ["begun", "half"])


async def test_a_watch_that_ends_is_followed_by_another_from_what_was_read() -> None:
    connection = FakeConnection([], [("MODIFIED", body("so", "9"))], reads=[body("half", "8")])
    assert await followed(connection) == (DONE, ["begun", "half"])
    assert connection.watched_from == ["1", "8"]


@pytest.mark.parametrize("broken", [Unanswered("the stream broke"), RequestRefused("gone", status=410)])
async def test_a_watch_that_breaks_is_begun_anew_from_what_is_so(broken: ClusterError) -> None:
    connection = FakeConnection([broken], [("ADDED", body("so", "9"))])
    assert await followed(connection) == (DONE, ["begun"])
    assert connection.watched_from == ["1", ""]


async def test_who_may_not_watch_is_told_so() -> None:
    with pytest.raises(RequestRefused, match="cannot watch"):
        await followed(FakeConnection([RequestRefused("cannot watch", status=403)]))


@pytest.mark.parametrize(
    "connection",
    [
        FakeConnection([("DELETED", body("begun"))]),
        FakeConnection([("MODIFIED", body("so", uid="another of that name"))]),
        FakeConnection([], reads=[NotFound("gone", status=404)]),
        FakeConnection([], reads=[body("so", uid="another of that name")]),
    ],
)
async def test_what_is_gone_is_waited_for_no_longer(connection: FakeConnection) -> None:
    outcome, _ = await followed(connection)
    assert (outcome.done, outcome.said) == (False, "it is gone")


async def test_what_is_not_so_in_time_is_said_where_it_stands_and_whether_anything_changed() -> None:
    outcome, _ = await followed(FakeConnection(), within=0.01)
    assert not outcome.done
    assert outcome.said.startswith("not so after 0.01 s: begun; nothing changed meanwhile: kubectl oauthclient doctor")
    outcome, told = await followed(FakeConnection([("MODIFIED", body("half"))], reads=[body("half")]), within=0.2)
    assert (outcome.said, told) == ("not so after 0.2 s: half", ["begun", "half"])
