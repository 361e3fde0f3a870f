"""A platform's issuers and its tenants' clients in memory: passes over both, woken as the watches would."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from oauthclient_operator import names
from oauthclient_operator.cluster.cluster_issuers import ClusterIssuers
from oauthclient_operator.cluster.events import Events
from oauthclient_operator.cluster.operator_namespace import OperatorNamespace
from oauthclient_operator.cluster.registrar import RegistrarToken
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.exchange import Answer, Purpose, Request, Response
from oauthclient_operator.issuer.access_tokens import AccessTokens
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.reconcile.issuers import IssuerPasses, IssuerPorts
from oauthclient_operator.reconcile.reconciler import Reconciler
from oauthclient_operator.reconcile.settings import Settings
from oauthclient_operator.reconcile.world import World
from oauthclient_operator.resource.key import Key, Kind, cluster_issuer, oauth_client
from tests.pure.simulation.api_server import APIServer
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.operator_process import Chance, Clock, Lease, Watched, ports_of

JWT = "registrars-jwt"
"""What a token of the registrar's begins with."""
NETWORKS = "10.20.0.0/16"
SPEC: dict[str, Any] = {
    "issuer": ISSUER,
    "reach": {"privateAddresses": [NETWORKS]},
    "allowed": {
        "namespaces": {"selector": {"matchLabels": {"oauth": "corporate"}}},
        "redirectURIs": ["https://*.{namespace}.example.com/*"],
    },
}
CLIENT: dict[str, Any] = {
    "issuerRef": {"kind": names.ISSUER_KIND, "name": "corporate"},
    "clientMetadata": {"client_name": "Web", "redirect_uris": ["https://web.shop.example.com/callback"]},
}


class Server(AuthorizationServer):
    """It tells under which address it was called, and gives out access tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[IssuerAddress] = []
        self.forms: list[dict[str, str]] = []
        """What its token endpoint was asked."""
        self.tokens: list[str] = []
        """The access tokens that it gave out, the newest last."""
        self.shown: list[str] = []
        """Those that registrations showed."""
        self.gives: Response | None = None
        """What its token endpoint answers instead of a token."""
        self.takes: Callable[[str], bool] | None = None
        """Which access tokens it lets register; None: registration is open."""

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        self.addresses.append(issuer)
        if request.url == f"{self.issuer}/token":
            return self._token(request)
        if request.method == "POST" and request.purpose is not Purpose.PROVE and self.takes is not None:
            self.shown.append(request.credentials.reveal() if request.credentials else "")
            if not self.takes(self.shown[-1]):
                self.calls.append("401")
                return self._answer(401, {"error": "invalid_token", "error_description": f"{self.shown[-1]} is none"})
        return await super().exchange(request, issuer, **options)

    def _token(self, request: Request) -> Answer:
        self.forms.append(dict(parse_qsl((request.body or b"").decode())))
        if self.gives is not None:
            return self.gives
        self.tokens.append(f"access-token-{len(self.forms)}")
        return self._answer(200, {"access_token": self.tokens[-1], "token_type": "Bearer", "expires_in": 300})


class Registrar:
    """The registrar's account at the API server."""

    async def token(self, audience: str, *, lifetime: int) -> RegistrarToken:
        return RegistrarToken(token=Confidential(f"{JWT}.{audience}"), expires_in=lifetime)


class _Watched(Watched):
    def __init__(self, api: APIServer, platform: "Platform") -> None:
        super().__init__(api)
        self._platform = platform

    def clients_of(self, name: str) -> list[Key]:
        found = ((key, b) for key, b in self._api.objects.items() if key[0] == "oauthclients")
        return [oauth_client(*key[1:]) for key, body in found if body["spec"].get("issuerRef", {}).get("name") == name]

    def wake_clients(self, name: str) -> int:
        for key in (clients := self.clients_of(name)):
            self._platform.wake(key)
        return len(clients)


@dataclass
class Platform:
    """The world, and the operator's process in it."""

    api: Any = field(default_factory=APIServer)
    server: Server = field(default_factory=Server)
    clock: Clock = field(default_factory=Clock)
    no_door: str | None = None
    """Why no door can be made to any issuer."""
    woken: dict[Key, None] = field(default_factory=dict)
    passes: list[Key] = field(default_factory=list)
    wakes_issuer: bool = True
    """Whether an issuer is looked at with each write of a client, as where that is its first one, or its last."""
    due: dict[Key, datetime] = field(default_factory=dict)
    """When a key is to be looked at again though nobody wakes it."""

    def __post_init__(self) -> None:
        self.namespace("shop", {"oauth": "corporate"})
        self.namespace("billing", {})
        self.start()

    def start(self) -> None:
        """Start a process; whatever the one before remembered is gone, and all is looked at."""
        self.server.forget()
        watched = _Watched(self.api, self)
        self.access_tokens = AccessTokens(
            self.server,
            Registrar(),
            timeout=20,
            wake=self.wake,
            clock=self.clock.elapsed,
            now=lambda: self.clock.now().timestamp(),
        )
        ports = ports_of(self.api, self.server, watched, self.clock)
        ports = replace(ports, access_tokens=self.access_tokens, wake=self.wake)
        self.world = World.of(ports, Settings(cluster_uid="cluster", holder="one"))
        self.clients = Reconciler(self.world)
        self.issuer_ports = IssuerPorts(
            resources=ClusterIssuers(self.api, lambda _body: None),
            namespace=OperatorNamespace(self.api, names.SYSTEM_NAMESPACE),
            events=Events(self.api, instance="one", now=self.clock.now, suffix=Chance().nonce),
            watched=watched,
            accepted=self.world.accepted,
            rollouts=self.world.rollouts,
            servers=self.world.servers,
            issuers=self.server,
            access_tokens=self.access_tokens,
            why_no_door=lambda _at: self.no_door,
            wake=self.wake,
            lease=Lease(),
            clock=self.clock,
            chance=Chance(),
            limits=Limits(),
        )
        self.issuers = IssuerPasses(self.issuer_ports)
        self.woken.clear()
        self.due.clear()
        for kind, namespace, name in list(self.api.objects):
            if kind == "oauthclients":
                self.wake(oauth_client(namespace, name))
            if kind == "clusteroauthissuers":
                self.wake(cluster_issuer(name))

    def namespace(self, name: str, labels: dict[str, str]) -> None:
        """Do what `kubectl apply` does with a namespace."""
        self.api.put(("namespaces", "", name), {"metadata": {"name": name, "uid": "n", "labels": labels}})

    def wake(self, key: Key) -> None:
        """Have a key looked at."""
        self.woken[key] = None

    def apply_issuer(self, spec: dict[str, Any] | None = None, name: str = "corporate") -> None:
        """Do what `kubectl apply` does with an issuer."""
        key = ("clusteroauthissuers", "", name)
        before = self.api.get(*key)
        metadata: dict[str, Any] = (
            {"name": name, "uid": f"uid-of-{name}", "generation": 1} if before is None else before["metadata"]
        )
        if before is not None and before["spec"] != (spec or SPEC):
            metadata["generation"] += 1
        self.api.put(key, {"metadata": metadata, "spec": spec or SPEC, "status": (before or {}).get("status", {})})
        self.wake(cluster_issuer(name))
        if before is None:
            for client in _Watched(self.api, self).clients_of(name):
                # As the watch of issuers wakes those who refer to one that is new.
                self.wake(client)

    def apply(self, name: str = "web", namespace: str = "shop", **spec: Any) -> None:
        """Do what `kubectl apply` does with a client of the issuer."""
        self.api.apply(namespace, name, {**CLIENT, **spec})
        self.wake(oauth_client(namespace, name))
        self.wake(cluster_issuer("corporate"))

    def delete(self, name: str = "web", namespace: str = "shop") -> None:
        """Do what `kubectl delete` does with a client."""
        self.api.delete(namespace, name)
        self.wake(oauth_client(namespace, name))

    def delete_issuer(self, name: str = "corporate") -> None:
        """Do what `kubectl delete` does with an issuer."""
        key = ("clusteroauthissuers", "", name)
        body = self.api.get(*key)
        assert body is not None
        body["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
        self.api.put(key, body)
        self.wake(cluster_issuer(name))

    async def settle(self) -> None:
        """Take passes until nobody is woken any more; a change is seen as soon as it is made."""
        for _ in range(400):
            if not self.woken:
                return
            key = next(iter(self.woken))
            del self.woken[key]
            self.passes.append(key)
            before = self._versions()
            of_issuer = key.kind is Kind.CLUSTER_ISSUER
            due = await (self.issuers.reconcile(key) if of_issuer else self.clients.reconcile(key))
            self.due.pop(key, None)
            if due.at is not None:
                self.due[key] = due.at
            if due.backoff or due.queued or (due.at is not None and due.at <= self.clock.now()):
                await self.clock.sleep(1)
                self.wake(key)
            if self._versions() != before:
                self.wake(key)
                if not of_issuer and self.wakes_issuer:
                    self.wake(cluster_issuer("corporate"))
        raise AssertionError("nobody comes to rest")

    async def after(self, time: timedelta) -> None:
        """Let time pass in small steps, and take the passes that are due."""
        end = self.clock.now() + time
        while self.clock.now() < end:
            await self.clock.sleep(min(60.0, (end - self.clock.now()).total_seconds()))
            for key in [key for key, at in self.due.items() if at <= self.clock.now()]:
                self.wake(key)
            await self.settle()

    def issuer(self, name: str = "corporate") -> dict[str, Any] | None:
        """Return the issuer."""
        found: dict[str, Any] | None = self.api.get("clusteroauthissuers", "", name)
        return found

    def said(self, kind: str = "Ready", name: str | None = "web", namespace: str = "shop") -> tuple[str, str, str]:
        """Return status, reason and message of a condition of a client, or of the issuer where none is named."""
        body = self.issuer() if name is None else self.api.get("oauthclients", namespace, name)
        assert body is not None
        found = next(c for c in body["status"]["conditions"] if c["type"] == kind)
        return found["status"], found["reason"], found["message"]

    def _versions(self) -> list[Any]:
        found = itertools.chain(self.api.objects.items())
        return [(key, body["metadata"].get("resourceVersion")) for key, body in found if key[0] != "secrets"]
