"""People who hand over clients that are there already, and have others take them over (docs/adopt.md)."""

import random
from collections.abc import Callable

from oauthclient_operator import names
from tests.pure.installations.authentication import Authentication
from tests.pure.installations.authorization_server import ErringServer
from tests.pure.installations.cluster import Body, Cluster
from tests.pure.installations.kubectl import Kubectl
from tests.pure.installations.places import ADOPTING, APP, CLIENTS, ISSUERS, TENANTS
from tests.pure.installations.rotation import Rotation
from tests.pure.installations.secret_data import encoded
from tests.pure.simulation.authorization_server import ISSUER


class Adopters:
    """Of clients that somebody made at the server, or that others have; `of_client` is what a spec says beside."""

    def __init__(
        self,
        cluster: Cluster,
        server: ErringServer,
        authentication: Authentication,
        rotation: Rotation,
        of_client: Callable[[], Body],
    ) -> None:
        self._cluster = cluster
        self._server = server
        self._authentication = authentication
        self._rotation = rotation
        self._of_client = of_client
        self._kubectl = Kubectl(cluster)
        self._rng: random.Random = cluster.rng

    def hand_over(self) -> None:
        """Put a Secret with a client that is there."""
        self._hand_over()

    def _hand_over(self, tenant: str | None = None) -> Body:
        """Put one with a client, which is returned: a new one, or any; with its token, another one, or none."""
        clients = self._server.clients
        if not clients or self._rng.random() < 0.5:
            metadata = {"client_name": "a", "redirect_uris": [f"{APP}/cb"]}
            self._server.made({**metadata, **self._authentication.metadata()})
        client = clients[self._rng.choice(sorted(clients))]
        keys = ("client_id", "client_secret", "registration_access_token", "registration_client_uri")
        values = {"issuer": ISSUER, **{key: client[key] for key in keys}, **self._authentication.handed_over(client)}
        if client["client_secret_expires_at"]:
            values["client_secret_expires_at"] = str(client["client_secret_expires_at"])
        match self._rng.randrange(4):
            case 0:
                values["registration_access_token"] = "one-that-is-not-taken"
            case 1:
                del values["registration_access_token"], values["registration_client_uri"]
        place = tenant or self._rng.choice(TENANTS)
        self._kubectl.put("secrets", place, "handed-over", type=names.CLIENT_INFORMATION_TYPE, data=encoded(values))
        return client

    def adopt(self) -> None:
        """Hand a client over, and apply one that takes it: mostly a new one, or in place of what its name is for."""
        tenant, name = self._rng.choice(TENANTS), self._rng.choice((ADOPTING, ADOPTING, *CLIENTS))
        client = self._hand_over(tenant)
        if not self._kubectl.is_ending("oauthclients", tenant, name):
            metadata = {"client_name": "a", "redirect_uris": [f"{APP}/cb"]}
            issuer = {"issuerRef": {"kind": names.ISSUER_KIND, "name": self._rng.choice(ISSUERS)}}
            adopt = {"adopt": {"secretRef": {"name": "handed-over"}}}
            spec = {"clientMetadata": metadata, **issuer, **adopt, **self._of_client()}
            self._cluster.apply(tenant, name, self._rotation.of(self._authentication.like(spec, client)))

    def delete_adopted(self) -> None:
        """Delete a client that was taken over, or was to be."""
        self._kubectl.delete("oauthclients", self._rng.choice(TENANTS), ADOPTING)
