"""What people do with issuers, clients, Secrets and namespaces, and what happens to a process meanwhile."""

import asyncio
import base64
import random
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.cluster import informer
from tests.pure.installations.cluster import Body, Cluster
from tests.pure.installations.installation import Installation
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.platform import Server
from tests.pure.virtual_time import in_virtual_time, now

WATCHED: timedelta | None = None
LOOKED_AT = timedelta(seconds=60)
ROUNDS = 8
Otherwise = tuple[list[str], dict[str, tuple[Any, Any]]]
"""What was done, and what was said then and after a restart."""
TENANTS = ("shop", "billing")
ISSUERS = ("corporate", "other")
CLIENTS = ("web",)
GOOD = "a-token-that-is-taken"
SOON = 90.0
"""Seconds within which what happened is seen, also what is looked at once a minute, and a record goes that is done."""


@dataclass
class Life:
    """A cluster with two namespaces and an authorization server, and who looks after which."""

    cluster: Cluster
    server: Server
    installations: tuple[Installation, ...]
    rng: random.Random

    @classmethod
    async def begun(cls, rng: random.Random, *, looks: timedelta | None) -> "Life":
        """Begin one: in half of them each namespace has an installation of its own."""
        cluster, server = Cluster(rng), Server()
        server.takes = lambda token: token == GOOD
        each = rng.random() < 0.5
        installations = (
            tuple(Installation(cluster, server, f"of-{t}", (t,), looks=looks) for t in TENANTS)
            if each
            else (Installation(cluster, server, "the-one", (), looks=looks),)
        )
        life = cls(cluster, server, installations, rng)
        for tenant in TENANTS:
            life.label(tenant)
            life.put_token(GOOD, (tenant, *(installation.system for installation in installations)))
        for installation in installations:
            await installation.start()
        return life

    async def restart(self) -> None:
        """Have each installation's process end, and another begin."""
        for installation in self.installations:
            await installation.stop()
            await installation.start()

    def put(self, kind: str, namespace: str, name: str, **members: Any) -> None:
        """Do what `kubectl apply` does with an object, new or changed."""
        before = self.cluster.get(kind, namespace, name)
        metadata = {"name": name, "uid": f"{kind}/{name}/{self.cluster.version}", "generation": 1}
        if namespace:
            metadata["namespace"] = namespace
        if before is None:
            body: Body = {"metadata": metadata, **members}
        else:
            body = {**before, **{n: v for n, v in members.items() if n != "status"}}
            body["metadata"] = {**before["metadata"], **members.get("metadata", {})}
            if "spec" in members and members["spec"] != before["spec"]:
                body["metadata"]["generation"] += 1
        if before is None and "metadata" in members:
            body["metadata"] = {**metadata, **members["metadata"]}
        self.cluster.put((kind, namespace, name), body)

    def delete(self, kind: str, namespace: str, name: str) -> None:
        """Do what `kubectl delete --wait=false` does."""
        body = self.cluster.get(kind, namespace, name)
        if body is None:
            return
        if not body["metadata"].get("finalizers"):
            self.cluster.remove(kind, namespace, name)
            return
        body["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
        self.cluster.put((kind, namespace, name), body)

    def label(self, tenant: str) -> None:
        """Label a namespace as one that issuers select, or as none."""
        labels = self.rng.choice(({"oauth": "yes"}, {"oauth": "no"}))
        self.put("namespaces", "", tenant, metadata={"labels": labels})

    def apply_client(self) -> None:
        """Apply a client that refers to an issuer resource, or names an issuer itself."""
        tenant, name, issuer = self.rng.choice(TENANTS), self.rng.choice(CLIENTS), self.rng.choice(ISSUERS)
        metadata = {"client_name": self.rng.choice(("a", "b")), "redirect_uris": ["https://shop.example.com/cb"]}
        own = {"issuer": ISSUER, "registration": {"initialAccessToken": {"secretRef": {"name": "token"}}}}
        referred = {"issuerRef": {"kind": names.ISSUER_KIND, "name": issuer}}
        before = self.cluster.get("oauthclients", tenant, name)
        if before is not None and before["metadata"].get("deletionTimestamp"):
            return
        spec = {"clientMetadata": metadata, **(own if self.rng.random() < 0.3 else referred)}
        self.cluster.apply(tenant, name, spec)

    def delete_client(self) -> None:
        """Delete one."""
        self.delete("oauthclients", self.rng.choice(TENANTS), self.rng.choice(CLIENTS))

    def apply_issuer(self) -> None:
        """Apply an issuer resource, for all namespaces or some, that lets the operator in by a token."""
        name = self.rng.choice(ISSUERS)
        before = self.cluster.get("clusteroauthissuers", "", name)
        if before is not None and before["metadata"].get("deletionTimestamp"):
            return
        namespaces: Body = self.rng.choice(({"all": True}, {"selector": {"matchLabels": {"oauth": "yes"}}}))
        access = {"initialAccessToken": {"secretRef": {"name": self.rng.choice(("token", "token", "another"))}}}
        spec: Body = {
            "issuer": ISSUER,
            "allowed": {"namespaces": namespaces, "redirectURIs": ["https://shop.example.com/*"]},
            "access": access,
        }
        self.put("clusteroauthissuers", "", name, spec=spec, status={})

    def delete_issuer(self) -> None:
        """Delete one."""
        self.delete("clusteroauthissuers", "", self.rng.choice(ISSUERS))

    def put_token(self, token: str, places: Iterable[str], name: str = "token") -> None:
        """Put an initial access token where it is looked for: tenants' own and issuers' have one name."""
        data = {key: base64.b64encode(value.encode()).decode() for key, value in (("issuer", ISSUER), ("token", token))}
        for place in places:
            self.put("secrets", place, name, type=names.INITIAL_ACCESS_TOKEN_TYPE, data=data)

    def change_token(self) -> None:
        """Put a token that is taken, or one that is not, where issuers or tenants keep theirs."""
        token, name = (
            self.rng.choice((GOOD, GOOD, "one that is not taken")),
            self.rng.choice(("token", "token", "another")),
        )
        self.put_token(token, self._places(), name)

    def delete_token(self) -> None:
        """Delete one."""
        name = self.rng.choice(("token", "another"))
        for place in self._places():
            self.delete("secrets", place, name)

    def _places(self) -> tuple[str, ...]:
        systems = tuple(installation.system for installation in self.installations)
        return self.rng.choice((systems, TENANTS))

    def delete_published(self) -> None:
        """Delete a Secret that has a client's name, whosever it is."""
        self.delete("secrets", self.rng.choice(TENANTS), self.rng.choice(CLIENTS))

    def put_in_the_way(self) -> None:
        """Put a Secret of somebody else's where a client's is to be."""
        tenant, name = self.rng.choice(TENANTS), self.rng.choice(CLIENTS)
        if self.cluster.get("secrets", tenant, name) is None:
            self.put("secrets", tenant, name, type="Opaque", data={})

    def say_otherwise(self) -> None:
        """Label a namespace."""
        self.label(self.rng.choice(TENANTS))

    def force_away(self) -> None:
        """Take the finalizers from a client, or an issuer, and delete it."""
        kind, namespace, names_ = self.rng.choice(
            (("oauthclients", self.rng.choice(TENANTS), CLIENTS), ("clusteroauthissuers", "", ISSUERS))
        )
        self.cluster.remove(kind, namespace, self.rng.choice(names_))

    def look_away(self) -> None:
        """Have nobody told of anything for a while, and all who watch list anew."""
        self.cluster.look_away(self.rng.uniform(0, 5))

    @property
    def acts(self) -> tuple[Callable[[], None], ...]:
        """Return what can be done; what stands here twice happens twice as often."""
        return (
            self.apply_client,
            self.apply_client,
            self.apply_client,
            self.delete_client,
            self.apply_issuer,
            self.apply_issuer,
            self.delete_issuer,
            self.change_token,
            self.change_token,
            self.delete_token,
            self.delete_published,
            self.put_in_the_way,
            self.say_otherwise,
            self.force_away,
            self.look_away,
            self.look_away,
        )

    async def round(self) -> list[str]:
        """Do a few things, some at once and some after a while, and tell which."""
        done = []
        for _ in range(self.rng.randrange(1, 6)):
            act = self.rng.choice(self.acts)
            act()
            done.append(act.__name__)
            await asyncio.sleep(self.rng.choice((0.0, 0.05, 0.3, 3.0)))
        return done

    async def said_soon(self) -> dict[str, Any]:
        """Return what is said when all that has happened was seen."""
        await asyncio.sleep(SOON)
        return self.said()

    async def end(self) -> None:
        """Stop each installation."""
        for installation in self.installations:
            await installation.stop()

    def said(self) -> dict[str, Any]:
        """Return what is said of each resource, and which client each Secret shows."""
        found: dict[str, Any] = {"clients": sorted(self.server.clients)}
        records = {installation.records for installation in self.installations}
        for (kind, namespace, name), body in self.cluster.objects.items():
            where = f"{kind} {namespace}/{name}"
            if kind in ("oauthclients", "clusteroauthissuers"):
                conditions = body.get("status", {}).get("conditions", [])
                found[where] = sorted((c["type"], c["status"], c["reason"]) for c in conditions)
                found[where] += [
                    bool(body["metadata"].get("deletionTimestamp")),
                    body["metadata"].get("finalizers", []),
                ]
            elif kind == "secrets" and namespace in TENANTS:
                found[where] = body.get("data", {}).get("client_id")
            elif kind == "secrets" and namespace in records:
                found[where] = True
        return found


def says_otherwise(seed: int, looks: timedelta | None) -> Otherwise | None:
    """Live as a seed has it: things happen, all is as it is soon, and each process begins anew; which says the same.

    If not, return what had happened last, and what is otherwise. With `looks` Secrets are not watched, but looked at so
    often.
    """
    rng = random.Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        # What is drawn by the operator comes again, too; and what it measures by its own clock is that of the loop.
        random.seed(seed)
        patch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=rng.getrandbits(128)))
        patch.setattr(informer, "elapsed", now)
        return in_virtual_time(_lived(rng, looks))


async def _lived(rng: random.Random, looks: timedelta | None) -> Otherwise | None:
    life = await Life.begun(rng, looks=looks)
    for _ in range(ROUNDS):
        done = await life.round()
        before = await life.said_soon()
        await life.restart()
        after = await life.said_soon()
        if before != after:
            return done, {
                where: (before.get(where), after.get(where))
                for where in {*before, *after}
                if before.get(where) != after.get(where)
            }
    await life.end()
    return None
