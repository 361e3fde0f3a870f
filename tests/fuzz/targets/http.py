"""What a server sends after a request, through the whole egress door: sockets, httpcore and h11 included."""

import asyncio
import socket
from functools import cache
from typing import Final
from unittest.mock import patch

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.exchange_progress import RESPONSE_LIMIT
from oauthclient_operator.egress.network import VettedNetwork
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.exchange import Answer, Incomplete, NotSent, Request, Response, bearer
from tests.fuzz.properties import not_shown, one_line
from tests.fuzz.target import Target

TOKEN: Final = Confidential("presented-token-0123456789abcdef")
HTTP: Final = "http://127.0.0.1/register"
_SECONDS: Final = 5.0


def run(data: bytes) -> None:
    answer = exchanged(HTTP, data)
    assert not isinstance(answer, NotSent), "a request whose answer came is called not sent"
    not_shown(TOKEN, answer)
    match answer:
        case Response():
            assert 200 <= answer.status <= 999
            assert len(answer.body) <= RESPONSE_LIMIT
            assert all(name == name.lower() for name in answer.headers)
        case Incomplete():
            one_line(answer.cause)
            assert f"within {_SECONDS:.0f} s" not in answer.cause, "the end of the connection was not noticed"
            assert len(answer.partial) <= RESPONSE_LIMIT


def exchanged(url: str, data: bytes) -> Answer:
    """Return what an exchange comes to if the server sends these bytes and no more, whatever it is asked."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)

        async def connected(network: VettedNetwork, _: object) -> socket.socket:
            network._progress.opened(ours)
            return ours

        request = Request(method="POST", url=url, authorization=bearer(TOKEN), body=b"{}")
        with patch.object(VettedNetwork, "_connect_to", connected):
            return _loop().run_until_complete(_door().exchange(request, timeout=_SECONDS))


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


@cache
def _door() -> Door:
    return Door(policy=EgressPolicy.parse(private_issuers=["127.0.0.1"], http_issuers=["127.0.0.1"]))


TARGET: Final = Target(
    name="http",
    run=run,
    parsers=(Door.exchange,),
    words=(
        b"HTTP/1.1 201 Created\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n",
        b"HTTP/1.0 200\r\n",
        b"HTTP/2 200\r\n",
        b"Content-Length: 2\r\n",
        b"Content-Length: 2, 2\r\n",
        b"Content-Type: application/json\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Encoding: gzip\r\n",
        b"Connection: close\r\n",
        b"Upgrade: h2c\r\n",
        b"Location: https://elsewhere.example/\r\n",
        b"Set-Cookie: a=b\r\n",
        b"\r\n\r\n",
        b"2\r\n{}\r\n",
        b"0\r\n\r\n",
        b"\r\nTrailer: x",
        b" folded",
        b"ffffffff",
        b"\x1f\x8b\x08",
    ),
    limit=8192,
)
