"""A resource that is lived with for long: time goes to whenever its next pass is due, and what must hold is looked at.

what is published lives at its server, with that very secret
what was published is ended no sooner than `overlap` after it was shown last, but where the resource is deleted
each client at a server is written down, or stands behind a lost answer
"""

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from oauthclient_operator.names import PAUSED_ANNOTATION, ROTATE_ANNOTATION
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.record.envelope import read
from oauthclient_operator.record.record import Record
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, Crash, Fault, Simulation, no_fault
from tests.pure.simulation.two_issuers import OTHER, TwoIssuers

METADATA: dict[str, Any] = {"client_name": "web", "redirect_uris": ["https://shop.example/cb"]}
EDITED = {**METADATA, "client_name": "shop"}
NOT_MANAGED: dict[str, Any] = {"registration_client_uri": None, "registration_access_token": None}
"""What a server leaves out that speaks RFC 7591 alone."""
HOT = 50
"""So many passes at one moment are a loop."""


@dataclass
class Life:
    """One resource's world, and what was seen of it."""

    fault: Fault = no_fault
    server: AuthorizationServer = field(default_factory=AuthorizationServer)
    limits: Limits = field(default_factory=Limits)
    overlap: timedelta = timedelta(hours=24)
    spec: dict[str, Any] = field(default_factory=dict)
    deleted: bool = False
    shown_last: dict[tuple[str, str], datetime] = field(default_factory=dict)
    ended: list[tuple[str, str]] = field(default_factory=list)
    passes: int = 0

    def __post_init__(self) -> None:
        self.world = Simulation(fault=self._fault, server=self.server, limits=self.limits)
        self.process = self.world.start()
        self.spec = {"issuer": ISSUER, "clientMetadata": METADATA, **self.spec}

    async def _fault(self, label: str, call: Any) -> Any:
        before = self.useful()
        try:
            return await self.fault(label, call)
        finally:
            self._look(before)

    def _look(self, before: set[tuple[str, str]]) -> None:
        """Look at what a call changed; `before` are the clients that could be used."""
        now, shown = self.world.clock.now(), self.shown()
        for gone in before - self.living():
            self.ended.append(gone)
            assert gone != shown or self.deleted, f"{gone} is what pods use"
            last = self.shown_last.get(gone)
            assert last is None or self.deleted or now >= last + self.overlap, f"{gone} was ended early"
        if shown is not None:
            self.shown_last[shown] = now

    def servers(self) -> dict[str, AuthorizationServer]:
        """Return the servers by their issuers."""
        found = {ISSUER: self.server}
        return {**found, OTHER: self.server.other} if isinstance(self.server, TwoIssuers) else found

    def living(self) -> set[tuple[str, str]]:
        """Return each client that lives at a server, by issuer and identifier."""
        return {(issuer, client) for issuer, server in self.servers().items() for client in server.clients}

    def useful(self) -> set[tuple[str, str]]:
        """Return each client that lives at a server with a secret that has not expired."""
        now = self.world.clock.now().timestamp()
        expires = {
            (issuer, name): client["client_secret_expires_at"]
            for issuer, server in self.servers().items()
            for name, client in server.clients.items()
        }
        return {client for client, at in expires.items() if not at or at > now}

    def secret(self) -> dict[str, str] | None:
        """Return what the resource's own published Secret holds, decoded; None where there is none."""
        name = self.spec.get("secret", {}).get("name", NAME)
        body = self.world.api.objects.get(("secrets", NAMESPACE, name))
        return None if body is None else {k: base64.b64decode(v).decode() for k, v in body["data"].items()}

    def shown(self) -> tuple[str, str] | None:
        """Return the client that any Secret of the resource shows, by issuer and identifier."""
        data = self.secret()
        return None if data is None else (data["issuer"], data["client_id"])

    def record(self) -> Record:
        """Return the record."""
        return read(self.world.record()).record

    def status(self) -> dict[str, Any]:
        """Return the status."""
        found: dict[str, Any] = (self.world.resource() or {})["status"]
        return found

    def leaving(self) -> list[str]:
        """Return the identifiers of the clients that status says are leaving."""
        return [x["clientID"] for x in self.status()["rotation"].get("leaving", [])]

    def apply(self, **spec: Any) -> None:
        """Edit the spec; None takes a member out."""
        self.spec = {k: v for k, v in {**self.spec, **spec}.items() if v is not None}
        self.world.api.apply(NAMESPACE, NAME, self.spec)

    def rotate(self, value: str) -> None:
        """Ask for another pair."""
        self.world.api.annotate(NAMESPACE, NAME, {ROTATE_ANNOTATION: value})

    def pause(self, value: str = "true") -> None:
        """Pause it, or let it go on."""
        self.world.api.annotate(NAMESPACE, NAME, {PAUSED_ANNOTATION: value})

    def delete(self) -> None:
        """Delete the resource."""
        self.deleted = True
        self.world.api.delete(NAMESPACE, NAME)

    async def live(self, time: timedelta = timedelta(), *, to_death: bool = False) -> None:
        """Let that time pass: a pass now, and whenever the one before said that the next is due, and no other.

        A process that dies is followed by another one, at once or, where it is asked so, not yet.
        """
        until, at_once = self.world.clock.now() + time, 0
        while True:
            self.passes += 1
            try:
                due = await self.process.reconcile(KEY)
            except Crash:
                self.process = self.world.start()
                if to_death:
                    return
                continue
            now = self.world.clock.now()
            again = now + timedelta(seconds=1) if due.backoff else due.at
            if again is None or again > until:
                if time and now < until:
                    self.world.clock.time = until
                    continue
                return
            at_once = at_once + 1 if again <= now else 0
            assert at_once < HOT, "it does not come to rest"
            self.world.clock.time = max(now, again)

    def check(self) -> None:
        """Look at what must hold whenever nothing is under way."""
        shown, data = self.shown(), self.secret()
        if shown is not None and data is not None:
            assert shown in self.living()
            client = self.servers()[shown[0]].clients[shown[1]]
            assert client["client_secret"] == data["client_secret"]
        named: set[tuple[str, str]] = set()
        suspects = 0
        for body in self.world.records():
            record = read(body).record
            named |= {(c.issuer, c.information.client_id) for c in record.clients if c.alive}
            suspects += len(record.suspects)
        assert len(self.useful() - named) <= suspects


def said_of(life: Life, kind: str) -> str:
    """Return the message of a condition."""
    found: str = next(c["message"] for c in life.status()["conditions"] if c["type"] == kind)
    return found
