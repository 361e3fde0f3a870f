"""What people do with issuers, clients, Secrets and namespaces: any of it at any time, as chance has it."""

import random
from collections.abc import Callable, Iterable
from typing import Final

import trustme

from oauthclient_operator import names
from tests.pure.installations.adopters import Adopters
from tests.pure.installations.authentication import Authentication
from tests.pure.installations.authorization_server import GOOD, GOOD_SECRET, REGISTRAR, ErringServer
from tests.pure.installations.cluster import Body, Cluster
from tests.pure.installations.kubectl import Kubectl
from tests.pure.installations.places import APP, CLIENTS, ISSUERS, PUBLISHED, TENANTS
from tests.pure.installations.rotation import Rotation
from tests.pure.installations.secret_data import encoded
from tests.pure.simulation.authorization_server import ISSUER

STATEMENT: Final = "eyJhbGciOiJFUzI1NiJ9.eyJ2IjoiMTIzNDU2MSJ9.c2lnbmF0dXJl"
AUTHORITY: Final = trustme.CA().cert_pem.bytes().decode()
_OUTAGES: Final = (1.0, 10.0, 60.0, 200.0)
"""Seconds."""
_BY_TOKEN: Final[Body] = {"initialAccessToken": {"secretRef": {"name": "token"}}}
_BY_CREDENTIALS: Final[Body] = {"clientCredentials": {"secretRef": {"name": "credentials"}}}


class People:
    """Tenants, and the platform team, whose Secrets are in the namespaces `systems`."""

    def __init__(
        self,
        cluster: Cluster,
        systems: tuple[str, ...],
        server: ErringServer,
        *,
        keys: bool = False,
        names_issuer: bool = False,
        intervals: tuple[str, ...] = (),
    ) -> None:
        """With `keys` some clients have keys of the operator's own, with `names_issuer` some name their issuer.

        With `intervals` some have what they publish replaced so often.
        """
        self._server = server
        self._cluster = cluster
        self._systems = systems
        self._names_issuer = names_issuer
        self._kubectl = Kubectl(cluster)
        self._rng: random.Random = cluster.rng
        places = tuple((tenant, name) for tenant in TENANTS for name in CLIENTS)
        self.authentication = Authentication(cluster, server, places, keys=keys)
        self.rotation = Rotation(cluster, places, intervals=intervals)
        self.adopters = Adopters(cluster, server, self.authentication, self.rotation, self._of_client)

    def begin(self) -> None:
        """Label each namespace, and put the tokens that let everybody in."""
        for tenant in TENANTS:
            self._label(tenant)
        self._put_token(GOOD, (*TENANTS, *self._systems), "token")
        self._put_credentials(GOOD_SECRET)

    def set_up(self) -> None:
        """Apply all issuers and clients, each as it should be."""
        let_in = self._rng.choice((_BY_TOKEN, _BY_CREDENTIALS))
        allowed = {"namespaces": {"all": True}, "redirectURIs": [f"{APP}/*"]}
        for name in ISSUERS:
            spec = {"issuer": ISSUER, "allowed": allowed, "access": let_in, **self._of_issuer()}
            self._kubectl.put("clusteroauthissuers", "", name, spec=self.rotation.of_issuer(spec))
        metadata = {"client_name": "a", "redirect_uris": [f"{APP}/cb"]}
        for tenant in TENANTS:
            for name in CLIENTS:
                issuer: Body = {"issuerRef": {"kind": names.ISSUER_KIND, "name": ISSUERS[0]}}
                if self._names_issuer and self._rng.random() < 0.5:
                    issuer = {"issuer": ISSUER, "registration": _BY_TOKEN}
                spec = {"clientMetadata": metadata, **issuer, **self._of_client()}
                self._cluster.apply(tenant, name, self._whole(spec))

    def _of_issuer(self) -> Body:
        """Return what an issuer that is set up says beside."""
        return {}

    def _of_client(self) -> Body:
        """Return what a client that is set up says beside."""
        return {}

    @property
    def edits(self) -> tuple[Callable[[], None], ...]:
        """Return what is done to what was set up, and may be done at any time."""
        return (
            *(self.edit_client, self.edit_client, self.edit_client, self.edit_clients, self.edit_clients),
            *(self.annotate, self.delete_client, self.apply_client, self.look_away),
        )

    @property
    def acts(self) -> tuple[Callable[[], None], ...]:
        """Return what can be done; what stands here twice happens twice as often."""
        return (
            *(self.apply_client, self.apply_client, self.apply_client, self.delete_client, self.annotate),
            *(self.apply_issuer, self.apply_issuer, self.delete_issuer),
            *(
                self.put_token,
                self.put_token,
                self.put_credentials,
                self.put_statement,
                self.put_authorities,
                self.adopters.hand_over,
                self.adopters.adopt,
                self.delete_what_is_referred_to,
            ),
            *(self.delete_published, self.put_in_the_way, self.label, self.force_away),
            *(self.look_away, self.force_away_unseen),
        )

    def apply_client(self) -> None:
        """Apply a client that refers to an issuer resource, or names an issuer itself."""
        tenant, name = self._rng.choice(TENANTS), self._rng.choice(CLIENTS)
        if self._kubectl.is_ending("oauthclients", tenant, name):
            return
        registration = dict(_BY_TOKEN)
        if self._rng.random() < 0.3:
            registration["softwareStatement"] = {"secretRef": {"name": "statement"}}
        issuer: Body = {"issuerRef": {"kind": names.ISSUER_KIND, "name": self._rng.choice(ISSUERS)}}
        if self._rng.random() < 0.3:
            issuer = {"issuer": ISSUER, "registration": registration}
        metadata = {"client_name": self._rng.choice(("a", "b")), "redirect_uris": [f"{APP}/cb"]}
        secret = {"secret": {"name": "shared"}} if self._rng.random() < 0.2 else {}
        adopt = {"adopt": {"secretRef": {"name": "handed-over"}}} if self._rng.random() < 0.2 else {}
        spec = {"clientMetadata": metadata, **issuer, **secret, **adopt}
        self._cluster.apply(tenant, name, self._whole(spec))

    def edit_client(self) -> None:
        """Have a client say otherwise what it is, if it is there."""
        self._edit(self._rng.choice(TENANTS), self._rng.choice(CLIENTS))

    def edit_clients(self) -> None:
        """Have all of them do so."""
        for tenant in TENANTS:
            for name in CLIENTS:
                self._edit(tenant, name)

    def delete_client(self) -> None:
        """Delete one."""
        self._kubectl.delete("oauthclients", self._rng.choice(TENANTS), self._rng.choice(CLIENTS))

    def annotate(self) -> None:
        """Pause a client, have it go on, or ask for another one in its place, or for a try."""
        tenant, name = self._rng.choice(TENANTS), self._rng.choice(CLIENTS)
        key, value = self._rng.choice(
            (
                (names.PAUSED_ANNOTATION, "true"),
                (names.PAUSED_ANNOTATION, ""),
                (names.ROTATE_ANNOTATION, str(self._cluster.version)),
                (names.RETRY_ANNOTATION, str(self._cluster.version)),
            )
        )
        if self._cluster.get("oauthclients", tenant, name) is not None:
            self._cluster.annotate(tenant, name, {key: value})

    def apply_issuer(self) -> None:
        """Apply an issuer resource: for whom, how it lets in, whom to trust, what is said of its clients."""
        name = self._rng.choice(ISSUERS)
        if self._kubectl.is_ending("clusteroauthissuers", "", name):
            return
        namespaces: Body = self._rng.choice(({"all": True}, {"selector": {"matchLabels": {"oauth": "yes"}}}))
        spec: Body = {
            "issuer": ISSUER,
            "allowed": {"namespaces": namespaces, "redirectURIs": [f"{APP}/*"]},
            "access": {"initialAccessToken": {"secretRef": {"name": self._rng.choice(("token", "token", "another"))}}},
        }
        if self._rng.random() < 0.4:
            spec["access"] = _BY_CREDENTIALS
        if self._rng.random() < 0.3:
            spec["trust"] = {"caBundleRef": {"name": "authorities"}}
        if self._rng.random() < 0.3:
            spec["clientMetadata"] = {"defaults": {"client_uri": f"{APP}/about"}}
        self._kubectl.put("clusteroauthissuers", "", name, spec=self.rotation.of_issuer(spec), status={})

    def delete_issuer(self) -> None:
        """Delete one."""
        self._kubectl.delete("clusteroauthissuers", "", self._rng.choice(ISSUERS))

    def put_token(self) -> None:
        """Put a token that is taken, or one that is not, where issuers or tenants keep theirs."""
        token = self._rng.choice((GOOD, GOOD, "one-that-is-not-taken"))
        self._put_token(token, self._rng.choice((self._systems, TENANTS)), self._rng.choice(("token", "another")))

    def put_credentials(self) -> None:
        """Put the client credentials that are taken, or some that are not, where issuers keep theirs."""
        self._put_credentials(self._rng.choice((GOOD_SECRET, GOOD_SECRET, "one-that-is-not-taken")))

    def put_statement(self) -> None:
        """Put a tenant's software statement."""
        data = encoded({"issuer": ISSUER, "software_statement": STATEMENT})
        self._kubectl.put(
            "secrets", self._rng.choice(TENANTS), "statement", type=names.SOFTWARE_STATEMENT_TYPE, data=data
        )

    def put_authorities(self) -> None:
        """Put the authorities of an issuer, or what are none."""
        pem = self._rng.choice((AUTHORITY, AUTHORITY, "none"))
        for system in self._systems:
            self._kubectl.put("configmaps", system, "authorities", data={"ca.crt": pem})

    def delete_what_is_referred_to(self) -> None:
        """Delete a token, a software statement, or authorities."""
        kind, name, places = self._rng.choice(
            (
                ("secrets", "token", TENANTS),
                ("secrets", "token", self._systems),
                ("secrets", "another", self._systems),
                ("secrets", "credentials", self._systems),
                ("secrets", "statement", TENANTS),
                ("secrets", "handed-over", TENANTS),
                ("configmaps", "authorities", self._systems),
            )
        )
        for place in places:
            self._kubectl.delete(kind, place, name)

    def delete_published(self) -> None:
        """Delete a Secret that has the name of one to publish, whosever it is."""
        self._kubectl.delete("secrets", self._rng.choice(TENANTS), self._rng.choice(PUBLISHED))

    def put_in_the_way(self) -> None:
        """Put a Secret of somebody else's where a client's is to be."""
        tenant, name = self._rng.choice(TENANTS), self._rng.choice(PUBLISHED)
        if self._cluster.get("secrets", tenant, name) is None:
            self._kubectl.put("secrets", tenant, name, type="Opaque", data={})

    def label(self) -> None:
        """Label a namespace as one that issuers select, or as none."""
        self._label(self._rng.choice(TENANTS))

    def force_away(self) -> None:
        """Have a client, or an issuer, gone whatever holds it."""
        client = ("oauthclients", self._rng.choice(TENANTS), self._rng.choice(CLIENTS))
        self._cluster.remove(*self._rng.choice((client, ("clusteroauthissuers", "", self._rng.choice(ISSUERS)))))

    def force_away_unseen(self) -> None:
        """Do so while nobody is told of it: whoever watches finds it missing in a list."""
        self.look_away()
        self.force_away()

    def look_away(self) -> None:
        """Have nobody told of anything for a while, and all who watch list anew."""
        self._cluster.look_away(self._rng.uniform(0, 5))

    def fill_the_storage(self) -> None:
        """Have no operator write anything for a while."""
        self._cluster.take_no_writes(self._rng.choice(_OUTAGES), but_do_them=False)

    def lose_answers(self) -> None:
        """Have operators learn for a while of none of their writes whether it was done."""
        self._cluster.take_no_writes(self._rng.choice(_OUTAGES), but_do_them=True)

    def _whole(self, spec: Body) -> Body:
        """Return a client's spec with what chance has of how it authenticates, and how often that is replaced."""
        return self.rotation.of(self.authentication.of(spec))

    def _edit(self, tenant: str, name: str) -> None:
        body = self._cluster.get("oauthclients", tenant, name)
        if body is not None and "deletionTimestamp" not in body["metadata"]:
            metadata = {**body["spec"]["clientMetadata"], "client_name": f"edited at {self._cluster.version}"}
            self._cluster.apply(tenant, name, {**body["spec"], "clientMetadata": metadata})

    def _put_token(self, token: str, places: Iterable[str], name: str) -> None:
        data = encoded({"issuer": ISSUER, "token": token})
        for place in places:
            self._kubectl.put("secrets", place, name, type=names.INITIAL_ACCESS_TOKEN_TYPE, data=data)

    def _put_credentials(self, secret: str) -> None:
        data = encoded({"issuer": ISSUER, "client_id": REGISTRAR, "client_secret": secret})
        for system in self._systems:
            self._kubectl.put("secrets", system, "credentials", type=names.CLIENT_CREDENTIALS_TYPE, data=data)

    def _label(self, tenant: str) -> None:
        labels = self._rng.choice(({"oauth": "yes"}, {"oauth": "no"}))
        self._kubectl.put("namespaces", "", tenant, metadata={"labels": labels})
