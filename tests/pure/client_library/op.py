"""An authorization server in memory: what stands in for the network, a function in place of sockets."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from oauthclient_operator.client_library import (
    ClientAuthentication,
    Configuration,
    MetadataDocument,
    Options,
    Send,
    dynamic_client_registration,
)
from oauthclient_operator.exchange import Answer, Request, Response

ISSUER = "https://op.example.com"
REGISTRATION = f"{ISSUER}/reg"
TOKEN = f"{ISSUER}/token"
CLIENT = {"client_id": "foo", "client_secret": "bar", "client_secret_expires_at": 0}
URI = f"{REGISTRATION}/foo"
MANAGED = {**CLIENT, "registration_access_token": "rat-1", "registration_client_uri": URI}
DOCUMENT = {"issuer": ISSUER, "registration_endpoint": REGISTRATION, "token_endpoint": TOKEN}


def answered(status: int, members: Any = None, *, body: bytes | None = None, **headers: str) -> Response:
    """Return a response with a JSON body, or another one; a header's name is written with underscores for hyphens."""
    content = body if body is not None else b"" if members is None else json.dumps(members).encode()
    typed = {} if members is None else {"content-type": "application/json"}
    return Response(status=status, headers=typed | {n.replace("_", "-"): v for n, v in headers.items()}, body=content)


class OP:
    """Answers discovery, registration, management and token requests, each with what it was given, one after the other.

    The last answer is given again and again; `requests` are all that came.
    """

    def __init__(
        self,
        *,
        discovery: Answer | Mapping[str, Any] | None = None,
        registration: Answer | list[Answer] | None = None,
        token: Answer | list[Answer] | None = None,
        management: Answer | list[Answer] | None = None,
    ) -> None:
        self.requests: list[Request] = []
        document = DOCUMENT if discovery is None else discovery
        self._discovery = [answered(200, document) if isinstance(document, Mapping) else document]
        self._registration = _several(registration or answered(201, CLIENT))
        self._management = _several(management or answered(200, MANAGED))
        self._token = _several(token or answered(200, {"access_token": "at-1", "token_type": "Bearer"}))

    async def transport(self, request: Request, _: Send) -> Answer:
        self.requests.append(request)
        if request.url == URI:
            return _next(self._management)
        if request.method == "GET":
            return _next(self._discovery)
        return _next(self._token if "/token" in urlsplit(request.url).path else self._registration)

    @property
    def discoveries(self) -> list[Request]:
        return [request for request in self.requests if request.method == "GET"]

    @property
    def managed(self) -> list[Request]:
        return [request for request in self.requests if request.url == URI]

    @property
    def registrations(self) -> list[Request]:
        return [r for r in self.requests if r.method == "POST" and "/token" not in r.url]

    @property
    def token_requests(self) -> list[Request]:
        return [r for r in self.requests if r.method == "POST" and "/token" in r.url]

    async def register(
        self,
        metadata: Mapping[str, Any] | None = None,
        authentication: ClientAuthentication | None = None,
        *,
        server: str | MetadataDocument = ISSUER,
        **options: Any,
    ) -> Configuration:
        """Register a client here."""
        return await dynamic_client_registration(
            server, metadata or {}, authentication, Options(**{"transport": self.transport, **options})
        )


def form_of(request: Request) -> dict[str, str]:
    """Return the parameters of a token request."""
    assert request.body is not None
    fields = parse_qs(request.body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
    return {name: value for name, (value,) in fields.items()}


def _several(answers: Answer | list[Answer]) -> list[Answer]:
    return list(answers) if isinstance(answers, list) else [answers]


def _next(answers: list[Answer]) -> Answer:
    return answers.pop(0) if len(answers) > 1 else answers[0]
