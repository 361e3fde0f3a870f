"""A server that reads a request as servers do and answers by its row, and a client of it."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from urllib.parse import parse_qs, unquote_plus, urlsplit

from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey, OctKey
from joserfc.jws import deserialize_compact

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.exchange import Answer, Purpose, Request, Response
from oauthclient_operator.oauth import jose
from oauthclient_operator.oauth.authentication_methods import (
    ClientSecretBasic,
    ClientSecretJWT,
    ClientSecretPost,
    NoAuthentication,
    PrivateKeyJWT,
)
from oauthclient_operator.oauth.proof import procedure
from oauthclient_operator.oauth.proof.credentials import Credentials, Invented
from oauthclient_operator.oauth.proof.probes import Authentication
from oauthclient_operator.oauth.proof.results import Calibrated, Calibration, ProofResult
from oauthclient_operator.oauth.rfc8414 import ServerMetadata
from tests.pure.oauth.proof.servers import BASIC, KEY, MAC, NONE, POST, UC401, Kind, Row

ISSUER = "https://idp.example/realm"
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
CLIENT, SECRET = "web-1", "the-right-secret-of-this-client-which-is-long"
RIGHT_KEY, WRONG_KEY, NOBODYS_KEY = (jose.generate("ES256") for _ in range(3))
EVERYWHERE = ("revocation", "token", "introspection")

Intercept = Callable[[bool], Answer | None]
"""Answers in the server's place, if it does; is told whether it is the control that asks."""


class FakeServer:
    """A server with one client, until it is deleted; its clock is ahead of ours by so many seconds."""

    def __init__(self, kind: Kind, columns: tuple[str, ...] = EVERYWHERE, *, ahead: float = 0) -> None:
        rows = {"revocation": kind.revocation, "token": kind.token, "introspection": kind.introspection}
        self.rows = {column: row for column, row in rows.items() if row is not None and column in columns}
        self.kind = kind
        self.clock = NOW + timedelta(seconds=ahead)
        self.clients = {CLIENT}
        self.intercept: Intercept = lambda _control: None
        self.asked: list[tuple[str, str]] = []

    @property
    def metadata(self) -> ServerMetadata:
        return ServerMetadata(
            issuer=ISSUER,
            registration_endpoint=None,
            endpoints={f"{column}_endpoint": f"{ISSUER}/{column}" for column in self.rows},
            token_endpoint_auth_methods_supported=(),
            grant_types_supported=(),
            revocation_endpoint_auth_methods_supported=self.kind.revocation_methods,
        )

    async def ask(self, request: Request) -> Answer:
        assert (request.method, request.purpose) == ("POST", Purpose.PROVE)
        assert request.body is not None
        form = {name: values[0] for name, values in parse_qs(request.body.decode(), strict_parsing=True).items()}
        column = urlsplit(request.url).path.rpartition("/")[2]
        client = self._client(request, form)
        self.asked.append((column, client or ""))
        if (answer := self.intercept(client != CLIENT)) is not None:
            return answer
        headers = {"date": format_datetime(self.clock, usegmt=True)} if self.kind.dated else {}
        return said(self._cell(column, client, request, form), headers)

    def _client(self, request: Request, form: dict[str, str]) -> str | None:
        if request.authorization is None or self.kind.looks_in_the_form:
            return form.get("client_id")
        return basic(request)[0]

    def _cell(self, column: str, client: str | None, request: Request, form: dict[str, str]) -> str:
        row = self.rows[column]
        if client is None:
            return UC401
        if client not in self.clients:
            return row.unknown
        if column == "token" and form.get("grant_type") != "authorization_code":
            return "200"  # A token is minted.
        if column == "token" and self.kind.method == NONE and not form.get("code_verifier"):
            return "401"
        return row.right if self._accepts(column, request, form) else row.wrong

    def _accepts(self, column: str, request: Request, form: dict[str, str]) -> bool:
        match self.kind.method:
            case "none":
                return True
            case "client_secret_basic":
                return basic(request)[1] == SECRET
            case "client_secret_post":
                return form.get("client_secret") == SECRET
            case method:
                return self._accepts_assertion(method, column, form["client_assertion"])

    def _accepts_assertion(self, method: str, column: str, assertion: str) -> bool:
        key = OctKey.import_key(SECRET) if method == MAC else ECKey.import_key(dict(RIGHT_KEY.public_jwk))  # type: ignore[arg-type]
        try:
            claims = json.loads(deserialize_compact(assertion, key, algorithms=["HS256", "ES256"]).payload)
        except BadSignatureError:
            return False
        audiences = {"issuer": ISSUER, "token_endpoint": f"{ISSUER}/token", "called": f"{ISSUER}/{column}"}
        old, early = self.kind.clock or (10**6, 10**6)
        late = self.clock.timestamp() - claims["iat"]
        return claims["aud"] in {audiences[name] for name in self.kind.audiences} and -early <= late <= old


def basic(request: Request) -> tuple[str, str]:
    assert request.authorization is not None
    assert request.authorization.scheme == "Basic"
    client, _, secret = base64.b64decode(request.authorization.credentials.reveal()).decode().partition(":")
    return unquote_plus(client), unquote_plus(secret)


def said(cell: str, headers: dict[str, str] | None = None) -> Response:
    """Return the answer that a cell stands for."""
    status, _, error = cell.partition(" ")
    body = json.dumps({"error": error, "error_description": "said so"}).encode() if error else b""
    return Response(status=int(status), headers=headers or {}, body=body)


def credentials(method: str, *, right: bool = True) -> Credentials:
    secret, key = (Confidential(SECRET), RIGHT_KEY) if right else (Confidential("another" + SECRET), WRONG_KEY)
    methods: dict[str, Authentication] = {
        NONE: NoAuthentication(),
        BASIC: ClientSecretBasic(secret),
        POST: ClientSecretPost(secret),
        MAC: ClientSecretJWT(secret),
        KEY: PrivateKeyJWT(key, kid="k-1"),
    }
    return Credentials(client_id=CLIENT, authentication=methods[method])


_numbers = count(1)


def invent() -> Invented:
    """Make something up, as if by chance."""
    number = next(_numbers)
    return Invented(
        client_id=f"00000000-0000-4000-8000-{number:012}",
        secret=Confidential(f"made-up-secret-that-nobody-has-{number:012}"),
        value=f"made-up-{number:040}",
        jtis=(f"a{number}", f"b{number}", f"c{number}", f"d{number}"),
        key=NOBODYS_KEY,
    )


async def calibrate(server: FakeServer, *, right: bool = True) -> Calibration:
    subject = credentials(server.kind.method, right=right)
    return await procedure.calibrate(subject, server.metadata, ask=server.ask, invent=invent, now=lambda: NOW)


async def calibrated(server: FakeServer) -> Calibrated:
    found = await calibrate(server)
    assert isinstance(found, Calibrated)
    server.asked.clear()
    return found


async def check(server: FakeServer, found: Calibrated, *, right: bool = True) -> ProofResult:
    subject = credentials(server.kind.method, right=right)
    return await procedure.check(subject, found, server.metadata, ask=server.ask, invent=invent, now=lambda: NOW)


def row(kind: Kind, column: str) -> Row:
    found = {"revocation": kind.revocation, "token": kind.token, "introspection": kind.introspection}[column]
    assert found is not None
    return found


def without_dates(kind: Kind) -> Kind:
    return replace(kind, dated=False)
