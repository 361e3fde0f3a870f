"""A world in which nobody is to be trusted: a server that says what a test wants, and a namespace with its token."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from oauthclient_operator import names
from oauthclient_operator.exchange import Answer, Request, Response
from oauthclient_operator.reach import IssuerAddress
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.operator_process import NAME, NAMESPACE, Simulation

METADATA = {"client_name": "web", "redirect_uris": ["https://shop.example/cb"]}


@dataclass
class World(Simulation):
    """A simulation in which nobody is to be trusted; `answer` is what the server answers to a registration."""

    server: "Hostile" = field(default_factory=lambda: Hostile())  # noqa: PLW0108 - it is defined below
    spec: dict[str, Any] = field(default_factory=dict)

    def apply(self, **spec: Any) -> None:
        self.spec = {"issuer": ISSUER, "clientMetadata": METADATA, **self.spec, **spec}
        self.api.apply(NAMESPACE, NAME, self.spec)

    def secret_of(self, name: str, **body: Any) -> None:
        metadata = {"name": name, "namespace": NAMESPACE, "uid": f"uid-{name}", **body.pop("metadata", {})}
        self.api._store(("secrets", NAMESPACE, name), {"type": "Opaque", "metadata": metadata, **body})


class Hostile(AuthorizationServer):
    def __init__(self) -> None:
        super().__init__()
        self.says: Callable[[Request], Answer | None] = lambda _request: None
        self.members: dict[str, Any] = {}

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        answer = await super().exchange(request, issuer, **options)
        return self.says(request) or answer

    def _made(self, metadata: dict[str, Any]) -> dict[str, Any]:
        return {**super()._made(metadata), **self.members}


def answers(status: int, **members: Any) -> Callable[[Request], Answer]:
    body = json.dumps(members).encode()
    return lambda _request: Response(status=status, headers={"content-type": "application/json"}, body=body)


def with_token(world: World) -> None:
    encoded = {
        "token": "aWF0LTRmOWMyYjdlODFkMDVhMzYtWnE4THIyVG42VncxWHk1",
        "issuer": "aHR0cHM6Ly9pc3N1ZXIuZXhhbXBsZQ==",
    }
    world.secret_of("idp-token", type=names.INITIAL_ACCESS_TOKEN_TYPE, data=encoded)
    world.apply(registration={"initialAccessToken": {"secretRef": {"name": "idp-token"}}})
