"""A platform team's ClusterOAuthIssuer as a test sees it: applied, waited for, and gone when the test is over."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from oauthclient_operator import names
from tests.cluster.admission.account import APPLY_PATCH, MERGE_PATCH
from tests.cluster.scenarios.room import Body, Room, condition
from tests.parts.installation import SYSTEM_NAMESPACE

ANY: Body = {"namespaces": {"all": True}, "redirectURIs": ["https://shop.example.com/*"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerResource:
    """One issuer resource, and the room of a tenant whose clients refer to it."""

    name: str
    issuer: str
    room: Room

    @property
    def _path(self) -> str:
        return f"/apis/{names.API_VERSION}/{names.ISSUER_PLURAL}/{self.name}"

    def seen_from(self, room: Room) -> "IssuerResource":
        """Return it as another tenant's clients refer to it."""
        return replace(self, room=room)

    def apply(self, **spec: Any) -> None:
        """Apply it, new or changed."""
        manifest = {
            "apiVersion": names.API_VERSION,
            "kind": names.ISSUER_KIND,
            "metadata": {"name": self.name},
            "spec": {"issuer": self.issuer, "allowed": ANY, **spec},
        }
        parameters = {"fieldManager": "a-platform", "force": "true"}
        headers = {"Content-Type": APPLY_PATCH}
        self.room.api.patch(self._path, params=parameters, headers=headers, json=manifest).raise_for_status()

    def annotate(self, key: str, value: str) -> None:
        """Put an annotation on it."""
        body = {"metadata": {"annotations": {key: value}}}
        self.room.api.patch(self._path, headers={"Content-Type": MERGE_PATCH}, json=body).raise_for_status()

    def read(self) -> Body:
        """Return it."""
        body: Body = self.room.api.get(self._path).raise_for_status().json()
        return body

    def exists(self) -> bool:
        """Tell whether it is there."""
        return self.room.api.get(self._path).status_code == 200

    def delete(self) -> None:
        """Ask for its deletion."""
        self.room.api.delete(self._path).raise_for_status()

    def wait_for(self, reason: str, *, kind: str = "Ready", within: float = 20) -> Body:
        """Wait until a condition has that reason for the present generation, and return it."""
        found: Body = {}

        def so() -> bool:
            found.update(self.read())
            said = condition(found, kind)
            generation = found["metadata"]["generation"]
            return said.get("reason") == reason and said.get("observedGeneration") == generation

        self.room.wait_until(so, f"{kind} of the issuer is {reason}", within=within, seen=lambda: found.get("status"))
        return found

    def apply_client(self, name: str = "web", **spec: Any) -> str:
        """Apply an OAuthClient that refers to it, and return its UID."""
        reference = {"kind": names.ISSUER_KIND, "name": self.name}
        return self.room.apply(name, self.issuer, issuerRef=reference, **spec)

    def put_access(self, name: str, token: str) -> None:
        """Put the initial access token where the platform team keeps it: in the operator's namespace."""
        place = Room(
            namespace=SYSTEM_NAMESPACE, kubectl=self.room.kubectl, api=self.room.api, operators=self.room.operators
        )
        place.put_token(name, self.issuer, token)

    def put_credentials(self, name: str, client_id: str, client_secret: str) -> None:
        """Put client credentials there."""
        place = Room(
            namespace=SYSTEM_NAMESPACE, kubectl=self.room.kubectl, api=self.room.api, operators=self.room.operators
        )
        held = {"issuer": self.issuer, "client_id": client_id, "client_secret": client_secret}
        place.put_secret(name, of_type=names.CLIENT_CREDENTIALS_TYPE, **held)

    def events(self) -> list[tuple[str, str]]:
        """Return type and reason of the Events about it."""
        listed = self.room.api.get("/apis/events.k8s.io/v1/namespaces/default/events").raise_for_status().json()
        return [(e["type"], e["reason"]) for e in listed["items"] if e["regarding"].get("name") == self.name]


@contextmanager
def issuer_resource(room: Room, issuer: str, name: str = "of") -> Iterator[IssuerResource]:
    """Name one for a room, each with a name of its own; nothing of it is left behind."""
    found = IssuerResource(name=f"{name}-{room.namespace}", issuer=issuer, room=room)
    try:
        yield found
    finally:
        if found.exists():
            found.delete()


def pem(bundle: Path) -> str:
    """Return a bundle by value."""
    return bundle.read_text(encoding="ascii")
