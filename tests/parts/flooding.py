"""A TLS server whose peer is kept busy without a byte of an answer: floods of what TLS lets a server send.

It speaks through the system's TLS, takes that connection's keys from the key log, and goes on with records that it
makes by hand (RFC 8446 sections 5 and 7). It runs in a thread, and stops by itself: what it attacks may hang.
"""

import contextlib
import hashlib
import hmac
import itertools
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.parts.certificates import Certificate

HANDSHAKE, ALERT, DATA, CHANGE_CIPHER_SPEC = 22, 21, 23, 20
TICKET = b"\x04\x00\x00\x0e" + struct.pack(">II", 3600, 0) + b"\x00\x00\x01x\x00\x00"
"""The smallest NewSessionTicket (RFC 8446 section 4.6.1)."""
KEY_UPDATE = b"\x18\x00\x00\x01\x00"
_LONGEST = 16_384


def plain(kind: int, content: bytes) -> bytes:
    """Return a record that is not encrypted."""
    return struct.pack(">BHH", kind, 0x0303, len(content)) + content


class Records:
    """The server's side of a connection under TLS 1.3 with AES-256-GCM and SHA-384, after its handshake."""

    def __init__(self, secret: bytes) -> None:
        self._use(secret)

    def of(self, kind: int, content: bytes) -> bytes:
        """Return an encrypted record (RFC 8446 section 5.2)."""
        inner = content + bytes([kind])
        head = struct.pack(">BHH", DATA, 0x0303, len(inner) + 16)
        nonce = (int.from_bytes(self._iv) ^ self._number).to_bytes(12)
        self._number += 1
        return head + self._cipher.encrypt(nonce, inner, head)

    def key_update(self) -> bytes:
        """Return a KeyUpdate, and go on with the next keys (RFC 8446 section 7.2)."""
        record = self.of(HANDSHAKE, KEY_UPDATE)
        self._use(_expanded(self._secret, b"traffic upd", 48))
        return record

    def _use(self, secret: bytes) -> None:
        self._secret = secret
        self._cipher = AESGCM(_expanded(secret, b"key", 32))
        self._iv = _expanded(secret, b"iv", 12)
        self._number = 0


def _expanded(secret: bytes, label: bytes, length: int) -> bytes:
    # HKDF-Expand-Label of RFC 8446 section 7.1; what is wanted here is one block at most.
    label = b"tls13 " + label
    info = struct.pack(">HB", length, len(label)) + label + b"\x00\x01"
    return hmac.digest(secret, info, hashlib.sha384)[:length]


Flood = Callable[[Records], Iterator[bytes]]
"""Yields what is sent after the handshake."""


def repeated(make: Callable[[Records], bytes], *, head: bytes = b"") -> Flood:
    """Send the same without end, after the beginning of a response if one is given."""

    def flood(records: Records) -> Iterator[bytes]:
        if head:
            yield records.of(DATA, head)
        while True:
            yield make(records)

    return flood


class FloodingServer:
    """Listens on 127.0.0.1, and floods each connection for `seconds`.

    `before` is repeated in plain text in place of the ServerHello; `between` after the ServerHello, in place of what
    belongs there; `after` once TLS stands and the request came. `pause` follows each piece.
    """

    def __init__(
        self,
        certificate: Certificate,
        folder: Path,
        *,
        before: bytes = b"",
        between: bytes = b"",
        after: Flood | None = None,
        seconds: float = 4.0,
        pause: float = 0.0,
    ) -> None:
        self._before, self._between, self._after = before, between, after
        self._seconds, self._pause = seconds, pause
        self._log = folder / "keys"
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate.chain, certificate.key)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_3
        self._context.num_tickets = 0  # Their records would be counted.
        self._context.keylog_filename = str(self._log)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.sent = 0
        """Bytes that the peer, or a buffer on the way to it, took."""

    @contextlib.contextmanager
    def in_thread(self) -> Generator["FloodingServer"]:
        """Serve one connection."""
        thread = threading.Thread(target=self._serve, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            thread.join(10)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            sock, _ = self._listener.accept()
            with sock:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.settimeout(self._seconds)
                if self._before:
                    self._pour(sock, itertools.repeat(self._before))
                else:
                    self._speak(sock)

    def _speak(self, sock: socket.socket) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self._context.wrap_bio(incoming, outgoing, server_side=True)
        for step in (tls.do_handshake, lambda: tls.read(_LONGEST)):
            while True:
                try:
                    step()
                    break
                except ssl.SSLWantReadError:
                    flight = outgoing.read()
                    if self._between and flight:
                        hello = 5 + int.from_bytes(flight[3:5])
                        sock.sendall(flight[:hello])
                        self._pour(sock, itertools.repeat(self._between))
                        return
                    sock.sendall(flight)
                    incoming.write(sock.recv(_LONGEST))
            sock.sendall(outgoing.read())
        if self._after is not None:
            self._pour(sock, self._after(Records(self._secret())))

    def _secret(self) -> bytes:
        lines = self._log.read_text().splitlines()
        return next(bytes.fromhex(line.split()[2]) for line in lines if line.startswith("SERVER_TRAFFIC_SECRET_0"))

    def _pour(self, sock: socket.socket, pieces: Iterator[bytes]) -> None:
        end = time.monotonic() + self._seconds
        for piece in pieces:
            if time.monotonic() > end:
                return
            sock.sendall(piece)
            self.sent += len(piece)
            if self._pause:
                time.sleep(self._pause)
