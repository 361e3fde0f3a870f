"""A server that lets in who shows a software statement, the Secret that holds one, and what the server is told."""

import asyncio
import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from oauthclient_operator import names
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.record.calls import RegisterCall
from tests.pure.simulation.api_server import APIServer
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.lives import Life
from tests.pure.simulation.operator_process import NAMESPACE
from tests.pure.simulation.two_issuers import OTHER

FIRST, SECOND = (f"eyJhbGciOiJFUzI1NiJ9.eyJ2IjoiMTIzNDU2{n}In0.c2lnbmF0dXJlLW9mLTQ3MTE{n}" for n in (1, 2))
REGISTRATION = {"softwareStatement": {"secretRef": {"name": "idp-statement"}}}
SECRET = ("secrets", NAMESPACE, "idp-statement")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


async def put(life: Life, statement: str, issuer: str = ISSUER) -> None:
    await put_in(life.world.api, statement, issuer)


async def put_in(api: APIServer, statement: str, issuer: str = ISSUER) -> None:
    """Do what `kubectl apply` of the statement's Secret does."""
    values = {"software_statement": f"{statement}\n", "issuer": issuer}
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    if SECRET in api.objects:
        await api.patch_secret(NAMESPACE, "idp-statement", {"data": data})
    else:
        manifest = {"metadata": {"name": "idp-statement", "namespace": NAMESPACE}, "data": data}
        await api.create_secret(NAMESPACE, {**manifest, "type": names.SOFTWARE_STATEMENT_TYPE})


def listening(server: AuthorizationServer) -> list[tuple[str, Any]]:
    """Return a list that will have the method and the software statement of each request with a body."""
    heard, exchange = list[tuple[str, Any]](), server.exchange

    async def listened(request: Any, issuer: IssuerAddress, **options: Any) -> Any:
        if request.method in ("POST", "PUT") and request.url.startswith((f"{ISSUER}/register", f"{OTHER}/register")):
            heard.append((request.method, json.loads(request.body).get("software_statement")))
        return await exchange(request, issuer, **options)

    server.exchange = listened  # type: ignore[method-assign] # to look on
    return heard


def approving(server: AuthorizationServer | None = None) -> AuthorizationServer:
    server = server or AuthorizationServer()
    server.approves = frozenset({FIRST, SECOND})
    return server


def versions(life: Life) -> list[str | None]:
    return [c.what.statement for c in life.record().closed if isinstance(c.what, RegisterCall)]


def run(scenario: Callable[[], Any]) -> None:
    asyncio.run(scenario())
