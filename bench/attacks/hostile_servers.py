"""Servers that never come to an end, as a process of their own.

`python -m bench.attacks.hostile_servers KIND CHAIN KEY`, where KIND is one of

    hello-requests     TLS handshake messages without end, before any certificate is shown
    session-tickets    a million TLS 1.3 session tickets right after the handshake
    one-byte-chunks    an HTTP body in chunks of one byte, without end
    documents          for each path an issuer's metadata of 250 KB, of short strings that are all different
    silence            takes the connection, and says nothing

It prints the port that it listens on.
"""

import itertools
import json
import socket
import ssl
import string
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

_HELLO_REQUEST: Final = b"\x16\x03\x03\x00\x04\x00\x00\x00\x00"
"""RFC 5246 section 7.4.1.1: a HelloRequest, in a record of its own; nothing has to be known to send it."""
_TICKETS: Final = 1_000_000
_STRINGS: Final = 42_000
"""Strings of three letters in a document; each is six bytes of JSON."""
_BATCH: Final = 2000

Behaviour = Callable[[socket.socket, ssl.SSLContext], None]


def hello_requests(sock: socket.socket, _context: ssl.SSLContext) -> None:
    """Keep the other side's TLS busy with messages that change nothing."""
    while True:
        sock.sendall(_HELLO_REQUEST * _BATCH)


def session_tickets(sock: socket.socket, context: ssl.SSLContext) -> None:
    """Do the handshake; the context says how many tickets follow it."""
    with context.wrap_socket(sock, server_side=True) as tls:
        tls.recv(1)


def one_byte_chunks(sock: socket.socket, context: ssl.SSLContext) -> None:
    """Answer with a body that is cut as finely as it can be."""
    with context.wrap_socket(sock, server_side=True) as tls:
        tls.recv(65536)
        tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            tls.sendall(b"1\r\n \r\n" * _BATCH)


def documents(sock: socket.socket, context: ssl.SSLContext) -> None:
    """Answer with the metadata of the issuer whose path was asked for."""
    with context.wrap_socket(sock, server_side=True) as tls:
        target = tls.recv(65536).split(b" ", 2)[1].decode()
        before, _, after = target.partition("/.well-known/")
        path = before or "/" + after.partition("/")[2]
        origin = f"https://127.0.0.1:{sock.getsockname()[1]}"
        letters = itertools.islice(itertools.product(string.ascii_letters, repeat=3), _STRINGS)
        members = {
            "issuer": f"{origin}{path}",
            "registration_endpoint": f"{origin}/register",
            "scopes_supported": ["".join(three) for three in letters],
        }
        body = json.dumps(members, separators=(",", ":")).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        tls.sendall(head.encode() + body)


def silence(sock: socket.socket, _context: ssl.SSLContext) -> None:
    """Wait for the other side's patience to end."""
    while sock.recv(65536):
        pass


KINDS: Final[Mapping[str, Behaviour]] = {
    "hello-requests": hello_requests,
    "session-tickets": session_tickets,
    "one-byte-chunks": one_byte_chunks,
    "documents": documents,
    "silence": silence,
}


def main(kind: str, chain: str, key: str) -> None:
    """Serve until killed, each connection in a thread."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    context.num_tickets = _TICKETS if kind == "session-tickets" else 2
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(listener.getsockname()[1], flush=True)  # noqa: T201 - it is what the process is asked for
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=_serve, args=(KINDS[kind], sock, context), daemon=True).start()


def _serve(behave: Behaviour, sock: socket.socket, context: ssl.SSLContext) -> None:
    with suppress(OSError), sock:
        behave(sock, context)


if __name__ == "__main__":
    main(*sys.argv[1:])
