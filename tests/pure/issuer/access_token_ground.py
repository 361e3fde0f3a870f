"""Access tokens over a door and a clock of the test's own."""

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import (
    OperatorError,
)
from oauthclient_operator.exchange import Answer, Request, Response
from oauthclient_operator.issuer.access_token_life import AccessToken, AccessTokenOutcome
from oauthclient_operator.issuer.access_token_requests import Wanted
from oauthclient_operator.issuer.access_tokens import AccessTokens, Denied
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.oauth.access_token import ByOwnCredentials
from oauthclient_operator.oauth.authentication_methods import ClientSecretBasic
from oauthclient_operator.oauth.rfc8414 import ServerMetadata
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.access import ClientCredentials
from oauthclient_operator.resource.key import Key, oauth_client
from tests.pure.oauth.at_the_token_endpoint import NOW, SERVER

SECRET = "hunter2-Zq81"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl"
ADDRESS = IssuerAddress(SERVER.issuer)
WANTED = Wanted(address=ADDRESS, access=ClientCredentials(secret="idp-client", scope="client.create"), version="u/1")
SINGLE = Wanted(address=ADDRESS, access=ClientCredentials(secret="idp-client"), version="u/1", uses=1)
OWN = ByOwnCredentials(client_id="registrar", authentication=ClientSecretBasic(Confidential(SECRET)))


def caller(name: str = "web", namespace: str = "shop", *, queues: bool = True) -> Caller:
    return Caller(key=oauth_client(namespace, name), uid=name, queues=queues)


def answer(status: int = 200, **members: Any) -> Response:
    return Response(status=status, body=json.dumps(members).encode())


class Ground:
    """Access tokens, with the issuer, the API server and the clock that a test says."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sent: list[Request] = []
        self.seen: list[Answer] = []
        self.woken: list[Key] = []
        self.counted: list[AccessTokenOutcome] = []
        self.audiences: list[tuple[str, int]] = []
        self.holding = 0
        self.numbers = itertools.count(1)
        self.gate, self.arrived, self.over = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.gate.set()
        self.busy: OperatorError | None = None
        self.registrar_fails: OperatorError | None = None
        self.answers: Callable[[], Answer] = lambda: answer(
            access_token=f"token-{next(self.numbers)}", token_type="Bearer", expires_in=300
        )
        issuers: Any = SimpleNamespace(
            exchange=self._exchange,
            slot=self._slot,
            admits_endpoint=lambda _address, url: not url.startswith("https://elsewhere"),
        )
        registrar: Any = SimpleNamespace(token=self._token)
        self.tokens = AccessTokens(
            issuers,
            registrar,
            timeout=30,
            wake=self._wake,
            count=self.counted.append,
            clock=lambda: self.now,
            now=lambda: NOW,
            chance=lambda: 1.0,
        )

    async def obtain(
        self, wanted: Wanted = WANTED, who: Caller | None = None, server: ServerMetadata = SERVER, own: Any = OWN
    ) -> AccessToken:
        return await self.tokens.obtain(wanted, server, who or caller(), credentials=own)

    async def fails(self, wanted: Wanted = WANTED, who: Caller | None = None, **more: Any) -> OperatorError:
        with pytest.raises(OperatorError) as raised:
            await self.obtain(wanted, who, **more)
        return raised.value

    def known(self, wanted: Wanted = WANTED, who: Caller | None = None) -> str | None:
        match self.tokens.known(wanted, who or caller()):
            case AccessToken(token=token):
                return token.reveal()
            case Denied(retry_after=seconds):
                return f"none for {seconds:g} s"
            case None:
                return None

    def answered(
        self, token: AccessToken, status: int = 201, wanted: Wanted = WANTED, who: Caller | None = None
    ) -> None:
        self.tokens.answered(wanted, who or caller(), token, Response(status=status))

    def forms(self) -> list[dict[str, str]]:
        return [dict(parse_qsl((request.body or b"").decode())) for request in self.sent]

    def _wake(self, key: Key) -> None:
        self.woken.append(key)
        self.over.set()

    async def _exchange(self, request: Request, issuer: IssuerAddress, *, tenant: Any, timeout: float) -> Answer:
        assert (issuer, timeout) == (ADDRESS, 30)
        assert self.holding, "a slot is held"
        self.sent.append(request)
        self.arrived.set()
        await self.gate.wait()
        return self.answers()

    async def _token(self, audience: str, *, lifetime: int) -> Any:
        if self.registrar_fails is not None:
            raise self.registrar_fails
        self.audiences.append((audience, lifetime))
        return SimpleNamespace(token=Confidential(JWT), expires_in=lifetime)

    @contextmanager
    def _slot(self, issuer: IssuerAddress, _caller: Caller) -> Iterator[Any]:
        if self.busy is not None:
            raise self.busy
        self.holding += 1
        try:
            yield self.seen.append
        finally:
            self.holding -= 1
