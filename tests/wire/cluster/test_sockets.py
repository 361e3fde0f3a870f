"""Connections to the API server of which the kernel tells when the other end is gone: all of them are."""

import asyncio
import socket
from typing import Any

import aiohttp
import pytest

from oauthclient_operator.cluster import connection as connection_module
from oauthclient_operator.cluster import sockets, watch_session
from oauthclient_operator.cluster.connection import WRITE_TIMEOUT, Connection
from oauthclient_operator.cluster.target import secret
from tests.wire.cluster.conftest import Stage, connection, says
from tests.wire.process.kopf_played import Played, Seen, watched

__all__ = ["connection"]


class Made:
    """The sockets that were made."""

    def __init__(self) -> None:
        self.all: list[socket.socket] = []

    def __call__(self, address: aiohttp.AddrInfoType) -> socket.socket:
        self.all.append(sockets.watched_over(address))
        return self.all[-1]


def test_it_is_asked_for_in_the_kernels_own_terms() -> None:
    with sockets.watched_over((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 1))) as made:
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) != 0
        asked = {name: made.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in _of_this_system()}
    linux = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 15_000}
    assert asked == {name: linux[name] for name in asked}
    assert asked, "or nobody is told"


def _of_this_system() -> list[str]:
    return [name for name, _ in sockets._OPTIONS if hasattr(socket, name) and name != "TCP_KEEPALIVE"]


def test_a_write_hears_of_it_before_it_is_given_up() -> None:
    assert sockets.UNACKNOWLEDGED < sockets.NOTICED_WITHIN <= WRITE_TIMEOUT


async def test_requests_have_such_sockets(
    stage: Stage, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "watched_over", made := Made())
    stage.play = says({"kind": "Secret"})
    await connection.request("GET", secret("shop", "web"))
    assert len(made.all) == 1


@pytest.mark.slow
async def test_what_kopf_lists_and_watches_has_them(
    stage: Stage, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_session, "watched_over", made := Made())
    nothing: list[Any] = []
    played = Played(stage, [[nothing]], [])
    played.watches = [played.idle]
    async with watched(connection, Seen()) as arrivals:
        await asyncio.wait_for(arrivals.complete(), 20)
    assert made.all
