"""What a life is led on: one resource in a lane, and what all lives have in common."""

import json
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar, Final

from oauthclient_operator.record import envelope
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.summary import at_rest
from oauthclient_operator.record.told import told, told_by
from oauthclient_operator.resource.status import Status
from tests.cluster.admission.account import MERGE_PATCH, secrets_path
from tests.cluster.crash.lane import Lane
from tests.cluster.scenarios.room import Body, Room, condition
from tests.parts.node_oidc_provider import NodeOIDCProvider, SecretPolicy

AT_ONCE: Final = "1s"
"""An overlap that the API server's clock can tell, which tells seconds."""


@dataclass(kw_only=True)
class Stage:
    """One resource of a lane; its name is that of its client at the server, too."""

    lane: Lane
    name: str = field(default_factory=lambda: f"web-{secrets.token_hex(4)}")
    uid: str | None = None
    before: str | None = None
    """The client that was published when the life began."""
    moves: bool = False
    """Whether its spec names the lane's other issuer."""
    kept: Record | None = None
    """Its record as somebody kept it, in a backup for instance."""
    wrong: list[str] = field(default_factory=list)
    """What was not as it must be while the life was led."""

    @property
    def room(self) -> Room:
        return self.lane.room

    @property
    def provider(self) -> NodeOIDCProvider:
        """The issuer that its spec names."""
        return self.lane.other if self.moves else self.lane.provider

    @property
    def token(self) -> str:
        """The Secret that lets it in there."""
        return f"{self.name}-other-token" if self.moves else f"{self.name}-token"

    def metadata(self, version: str) -> Body:
        """Return the metadata of a service that says in its name whose it is, and which version of them this is."""
        no_redirection: Body = {"grant_types": ["client_credentials"], "response_types": [], "redirect_uris": []}
        return {"client_name": f"{self.name} {version}", **no_redirection}

    def apply(self, version: str, *, more: Body | None = None, **spec: Any) -> None:
        issuer, metadata = self.provider.issuer, self.metadata(version) | (more or {})
        self.uid = self.room.apply(self.name, issuer, metadata=metadata, token=self.token, **spec)

    def let_in(self, secret: SecretPolicy | None = None) -> None:
        """Put the token there; a policy of the server's says what becomes of the secrets of its clients."""
        token = self.provider.initial_access_token(secret)
        self.room.put_token(self.token, self.provider.issuer, token)

    def registered(self, secret: SecretPolicy | None = None, **spec: Any) -> None:
        """Have a client that is published and told of, so that nothing more is written of it."""
        self.let_in(secret)
        self.apply("first", **spec)
        self.room.wait_for(self.name, "Registered", within=120)
        self.room.wait_until(lambda: bool(self.room.events(self.name)), "the Event, which is written last")
        self.before = self.room.secret(self.name)["client_id"]

    def reason(self) -> str | None:
        """Return the reason of Ready, if it speaks of what the spec asks now."""
        resource = self.room.read(self.name)
        said = condition(resource)
        current = said.get("observedGeneration") == resource["metadata"]["generation"]
        return str(said["reason"]) if current else None

    def record(self) -> Record | None:
        """Return the record, if there is one."""
        return self.room.record(self.uid) if self.uid is not None and self.room.has_record(self.uid) else None

    def is_told(self) -> bool:
        """Tell whether its status says what its record says, if that has nothing left to do."""
        record = self.record()
        client = record.published if record is not None else None
        if record is None or client is None or not at_rest(client, record):
            return True
        return told(record, client) == told_by(Status.parse(self.room.read(self.name)["status"]))

    def rewrite(self, change: Callable[[Record], Record]) -> None:
        """Have an administrator write another record in the place of this one."""
        path, headers = secrets_path(self.room.records, str(self.uid)), {"Content-Type": MERGE_PATCH}
        status = HTTPStatus.CONFLICT
        while status == HTTPStatus.CONFLICT:
            stored = envelope.read(self.room.read_record(str(self.uid)))
            patch = json.dumps(envelope.patch(stored, change(stored.record)))
            status = HTTPStatus(self.room.api.patch(path, content=patch, headers=headers).status_code)
        assert status == HTTPStatus.OK, status

    def clients(self) -> dict[str, Body]:
        """Return what the issuers know of this resource's clients."""
        known = self.lane.provider.clients() | self.lane.other.clients()
        return {i: c for i, c in known.items() if c["client_name"].startswith(self.name)}

    def known(self) -> set[str]:
        """Return the clients that it has, or had: what the issuers, its record and one that was kept say."""
        recorded = (record.clients for record in (self.record(), self.kept) if record is not None)
        return {*self.clients(), *(c.information.client_id for clients in recorded for c in clients)}


class Life(ABC):
    """One life; one that `updates` may lose its registration access token with an answer, at a server that rotates it."""

    name: ClassVar[str]
    of_everything: ClassVar[bool] = False
    """Whether whatever the process asks belongs to it, and it begins with the process."""
    updates: ClassVar[bool] = False
    keeps: ClassVar[bool] = False
    """Whether the client that is published when it begins is the one in the end, too, unless an update's answer is lost."""

    def prepare(self, stage: Stage) -> None:
        """Lead it up to where it begins."""
        stage.registered()

    @abstractmethod
    def begin(self, stage: Stage) -> None:
        """Ask for it."""

    def over(self, stage: Stage) -> bool:
        """Tell whether it is over."""
        return stage.reason() in ("Registered", *(("ManagementLost",) if self.updates else ()))

    def version(self) -> str:
        """Return what the server's client says in the end."""
        return "first"
