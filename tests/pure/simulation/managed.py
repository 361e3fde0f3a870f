"""A platform whose issuer has its clients managed by access tokens, at a server that keeps count of who shows what."""

import asyncio
import base64
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from oauthclient_operator import names
from oauthclient_operator.exchange import Answer, Incomplete, Request, Response
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.record.envelope import read
from oauthclient_operator.record.record import Record
from oauthclient_operator.resource.key import cluster_issuer, oauth_client, record_of
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.operator_process import RECORDS
from tests.pure.simulation.platform import CLIENT, SPEC, Platform, Server

ACCESS: dict[str, Any] = {"clientCredentials": {"secretRef": {"name": "idp-client"}}}
BY_ACCESS: dict[str, Any] = {**SPEC, "access": ACCESS, "dialect": {"management": "Access"}}
BY_TOKEN: dict[str, Any] = {**SPEC, "access": ACCESS}
BY_NOTHING: dict[str, Any] = {**SPEC, "access": ACCESS, "dialect": {"management": "None"}}
ADDRESS = f"{ISSUER}/register"
NO_SUCH_CLIENT = Response(status=404, headers={"content-type": "application/json"}, body=b'{"error": "not_found"}')


class Administered(Server):
    """Who shows it an access token manages every client, as with Keycloak's `manage-clients`.

    `managed` is what such a token was shown for, `by_token` what a client's own was.
    """

    def __init__(self) -> None:
        super().__init__()
        self.managed: list[str] = []
        self.by_token: list[str] = []
        self.objects: Callable[[str], Answer | None] = lambda _token: None
        """What it has against an access token."""
        self.no_such_client = NO_SUCH_CLIENT
        self.wrong_address: str | None = None
        """What it says of where a client is, in the answer to an update."""
        self.fails_at_updates = False
        """Whether it answers them with HTTP 500."""
        self.loses: list[str] = []
        """Of which methods the next answer is lost that an access token would get."""
        self.gives_out_again: str | None = None
        """Which client it answers a registration with, in the place of another."""

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        token = request.credentials.reveal() if request.credentials is not None else ""
        if request.method == "POST":
            answer = await super().exchange(request, issuer, **options)
            again = self.gives_out_again if request.url == ADDRESS else None
            return answer if again is None else self._answer(201, self.clients[again])
        what = f"{request.method} {request.url.removeprefix(ISSUER)}"
        if token not in self.tokens:
            self.by_token.append(what)
            return await super().exchange(request, issuer, **options)
        self.managed.append(what)
        answer = self._answer_to_access(request, token)
        if request.method in self.loses:
            self.loses.remove(request.method)
            return Incomplete(cause="lost")
        return answer

    def _answer_to_access(self, request: Request, token: str) -> Answer:
        if (refusal := self.objects(token)) is not None:
            return refusal
        if request.method == "PUT" and self.fails_at_updates:
            return Response(status=500)
        client = self.clients.get(request.url.removeprefix(f"{ADDRESS}/"))
        if client is None:
            return self.no_such_client
        if request.method == "DELETE":
            del self.clients[client["client_id"]]
            return Response(status=204)
        if request.method == "PUT":
            if self.refuses is not None:
                return self.refuses
            kept = {k: v for k, v in client.items() if k.startswith(("client_id", "client_secret", "registration_"))}
            client = self.clients[client["client_id"]] = {**json.loads(request.body or b"{}"), **kept}
        shown = {name: value for name, value in client.items() if name != "registration_access_token"}
        if self.wrong_address is not None and request.method == "PUT":
            shown["registration_client_uri"] = self.wrong_address
        return self._answer(200, shown)

    def lose_token(self, client_id: str) -> None:
        """Give a client another registration access token, which nobody is told."""
        self.clients[client_id]["registration_access_token"] = "another"


class ManagedPlatform(Platform):
    """An issuer and its clients, and what a person does with them."""

    server: Administered

    def client_id(self, name: str = "web") -> str:
        """Return what the published Secret says."""
        secret = self.api.get("secrets", "shop", name)
        assert secret is not None
        return base64.b64decode(secret["data"]["client_id"]).decode()

    def edit(self, client_name: str, name: str = "web", **spec: Any) -> None:
        """Change what a client is called."""
        metadata = {**CLIENT["clientMetadata"], "client_name": client_name}
        self.apply(name, **{"clientMetadata": metadata, **spec})
        self.settled()

    def settled(self) -> "ManagedPlatform":
        """Take passes until all rest."""
        asyncio.run(self.settle())
        return self

    def later(self, by: timedelta = timedelta(minutes=20)) -> None:
        """Let time pass, and have all looked at."""
        self.clock.time += by
        for kind, namespace, name in list(self.api.objects):
            if kind == "oauthclients":
                self.wake(oauth_client(namespace, name))
        for record in (r for r in self.records() if r.released is not None):
            self.wake(record_of(record.subject.namespace, record.subject.uid))
        self.wake(cluster_issuer("corporate"))
        self.settled()

    def records(self) -> list[Record]:
        """Return all records."""
        found = (b for k, b in self.api.objects.items() if k[0] == "secrets" and k[1] == RECORDS)
        return [read(body).record for body in found]

    def hand_over(self, client: Mapping[str, Any], name: str = "handed", **more: Any) -> None:
        """Do what `kubectl apply` of a Secret does that hands a client over."""
        keys = ("client_id", "client_secret", "registration_access_token", "registration_client_uri")
        values = {"issuer": ISSUER, **{key: client.get(key) for key in keys}, **more}
        data = {k: base64.b64encode(str(v).encode()).decode() for k, v in values.items() if v is not None}
        metadata = {"namespace": "shop", "name": name, "uid": f"uid-of-{name}"}
        self.api.put(
            ("secrets", "shop", name), {"type": names.CLIENT_INFORMATION_TYPE, "metadata": metadata, "data": data}
        )

    def is_ready(self, name: str = "web") -> bool:
        """Whether a client is."""
        return self.said(name=name)[:2] == ("True", "Registered")


def managed(spec: dict[str, Any] | None = None, clients: int = 1) -> ManagedPlatform:
    """Return a platform with so many clients of its issuer: `web`, `web-1` and so on."""
    platform = ManagedPlatform(server=Administered())
    platform.server.takes = lambda token: token in platform.server.tokens
    held = {"issuer": ISSUER, "client_id": "registrar", "client_secret": "of-the-registrar"}
    data = {key: base64.b64encode(value.encode()).decode() for key, value in held.items()}
    body = {"metadata": {"name": "idp-client", "uid": "s"}, "type": names.CLIENT_CREDENTIALS_TYPE, "data": data}
    platform.api.put(("secrets", names.SYSTEM_NAMESPACE, "idp-client"), body)
    platform.apply_issuer(spec or BY_ACCESS)
    for number in range(clients):
        platform.apply("web" if number == 0 else f"web-{number}")
    return platform.settled()
