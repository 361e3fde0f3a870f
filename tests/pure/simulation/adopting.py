"""A world in which clients are there before the operator is, and Secrets hand them over."""

import base64
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from oauthclient_operator import names
from oauthclient_operator.reconcile.reconciler import Reconciler
from oauthclient_operator.record.envelope import read
from oauthclient_operator.record.record import Record
from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.operator_process import NAME, NAMESPACE, Simulation, no_fault

METADATA = {"client_name": "web", "redirect_uris": ["https://shop.example/cb"]}
HANDED = "web-client"
OTHER = "other"


class World(Simulation):
    """A simulation with clients that persons made."""

    @classmethod
    def new(cls, fault: Callable[[str, Callable[[], Awaitable[Any]]], Awaitable[Any]] = no_fault, **s: Any) -> "World":
        return cls(fault=fault, server=AuthorizationServer(**s))

    def made_by_hand(self, **metadata: Any) -> dict[str, Any]:
        """Return a client that a person made at the server."""
        return self.server.made({**METADATA, **metadata})

    def hand_over(self, client: Mapping[str, Any], name: str = HANDED, namespace: str = NAMESPACE, **more: Any) -> None:
        """Do what `kubectl apply` of the Secret does; a value of None leaves its key out."""
        keys = ("client_id", "client_secret", "registration_access_token", "registration_client_uri")
        values = {"issuer": ISSUER, **{key: client.get(key) for key in keys}, **more}
        data = {k: base64.b64encode(str(v).encode()).decode() for k, v in values.items() if v is not None}
        key = ("secrets", namespace, name)
        known = self.api.get(*key)
        metadata = known["metadata"] if known else {"namespace": namespace, "name": name, "uid": f"uid-of-{name}"}
        self.api.put(key, {"type": names.CLIENT_INFORMATION_TYPE, "metadata": metadata, "data": data})

    def take_away(self, name: str = HANDED) -> None:
        """Delete such a Secret."""
        del self.api.objects["secrets", NAMESPACE, name]

    def apply(self, name: str = NAME, adopt: str | None = HANDED, **more: Any) -> str:
        """Apply a resource that adopts, and return its UID."""
        spec: dict[str, Any] = {"issuer": ISSUER, "clientMetadata": METADATA, **more}
        if adopt is not None:
            spec["adopt"] = {"secretRef": {"name": adopt}}
        return str(self.api.apply(NAMESPACE, name, spec)["metadata"]["uid"])

    async def passes(self, process: Reconciler, name: str = NAME, count: int = 8) -> list[str]:
        """Take some passes, three seconds apart, and return which calls reached the server."""
        before = len(self.server.calls)
        for _ in range(count):
            await process.reconcile(oauth_client(NAMESPACE, name))
            self.clock.time += timedelta(seconds=3)
        return self.server.calls[before:]

    def stored(self, uid: str | None = None) -> Record:
        """Return the record of a UID, or the one that there is."""
        records = {b["metadata"]["name"]: b for b in self.records()}
        return read(records[uid] if uid is not None else self.record()).record

    def published(self, key: str = "client_secret", name: str = NAME) -> str:
        """Return a value of the published Secret."""
        secret = self.secret(name)
        assert secret is not None
        return base64.b64decode(secret["data"][key]).decode()

    def ready(self, name: str = NAME) -> tuple[str, str, str]:
        """Return status, reason and message of Ready."""
        conditions = (self.api.get("oauthclients", NAMESPACE, name) or {})["status"]["conditions"]
        ready = next(c for c in conditions if c["type"] == "Ready")
        return ready["status"], ready["reason"], ready["message"]

    def events(self) -> list[str]:
        """Return the reasons of all Events."""
        return [event["reason"] for event in self.api.events]
