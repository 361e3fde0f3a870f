"""What a server sends in the place of its part of a TLS handshake: nothing that it can say gets the request sent."""

from typing import Final

from oauthclient_operator.egress.stream import TLSStream
from oauthclient_operator.exchange import NotSent
from tests.fuzz.properties import not_shown, one_line
from tests.fuzz.target import Target
from tests.fuzz.targets.http import TOKEN, exchanged

HTTPS: Final = "https://127.0.0.1/register"


def run(data: bytes) -> None:
    answer = exchanged(HTTPS, data)
    assert isinstance(answer, NotSent), "without a verified server something was sent"
    one_line(answer.cause)
    not_shown(TOKEN, answer)


TARGET: Final = Target(
    name="tls",
    run=run,
    parsers=(TLSStream.shake_hands,),
    words=(
        b"\x16\x03\x03\x00",
        b"\x16\x03\x01\x00",
        b"\x15\x03\x03\x00\x02",
        b"\x14\x03\x03\x00\x01\x01",
        b"\x00\x00\x00\x00",
        b"\x02\x00\x00",
        b"\x0b\x00\x00",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ),
    limit=4096,
)
