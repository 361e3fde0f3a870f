"""A registry of images as far as a push needs one (the OCI distribution specification, "Push"), on the loopback."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .certificates import Certificate


class Registry(ThreadingHTTPServer):
    """What was pushed: blobs by their digest, manifests by name and tag."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, dict[str, Any]] = {}

    @property
    def host(self) -> str:
        """Address and port, as an image's name begins with them."""
        return f"127.0.0.1:{self.server_port}"


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Registry

    def do_GET(self) -> None:
        self._answer(200 if self.path == "/v2/" else 404)

    def do_HEAD(self) -> None:
        self._answer(200 if self.path.rpartition("/")[2] in self.server.blobs else 404)

    def do_POST(self) -> None:
        self._answer(202, Location=f"{self.path.partition('?')[0]}one")

    def do_PATCH(self) -> None:
        body = self._body()
        # One upload is one request: it is kept under the digest that the PUT is going to name.
        self.server.blobs[f"sha256:{sha256(body).hexdigest()}"] = body
        self._answer(202, Location=self.path, Range=f"0-{len(body) - 1}")

    def do_PUT(self) -> None:
        body = self._body()
        if "/manifests/" in self.path:
            name, _, tag = self.path.removeprefix("/v2/").partition("/manifests/")
            self.server.manifests[f"{name}:{tag}"] = json.loads(body)
            self._answer(201, **{"Docker-Content-Digest": f"sha256:{sha256(body).hexdigest()}"})
        else:
            digest = self.path.rpartition("digest=")[2].replace("%3A", ":")
            self._answer(201 if digest in self.server.blobs else 400)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of it."""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _answer(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()


@contextmanager
def registry(certificate: Certificate | None) -> Iterator[Registry]:
    """Run one until the block ends; without a certificate it speaks plain HTTP."""
    with Registry() as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.chain, certificate.key)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
