"""The program's ports over a run: its own adapters for objects, on verbs of the small world's API server."""

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from oauthclient_operator.cluster.events import Events
from oauthclient_operator.cluster.oauth_clients import OAuthClients
from oauthclient_operator.cluster.secrets import Secrets
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.exchange import Answer, Request, Response
from oauthclient_operator.oauth.rfc8414 import ServerMetadata, server_metadata
from oauthclient_operator.oauth.signing_algorithm import SigningAlgorithm
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.reconcile.settings import Settings
from oauthclient_operator.reconcile.world import Ports, World
from oauthclient_operator.record.summary import Summary, summary
from oauthclient_operator.resource.oauth_client import OAuthClient
from oauthclient_operator.resource.secret import SecretMetadata
from tests.exploration.issuer import ISSUER, OTHER
from tests.exploration.outcomes import returned
from tests.exploration.proofs import Prover
from tests.exploration.run import Run, View
from tests.exploration.settings import LIMITS, RECORDS, at
from tests.exploration.store import Body
from tests.pure.simulation.read_back import ReadBack


def world(run: Run, holder: str) -> World:
    """Return what a pass may touch."""
    cluster, clock, chance = _Cluster(run), _Clock(run), _Chance(run)
    records = ReadBack(cluster, RECORDS, listed_seen=_offered(run), written_seen=_offered(run))
    ports = Ports(
        resources=OAuthClients(cluster, read_seen=_offered(run), written_seen=_offered(run), time=clock.of_cluster),
        records=records,
        urgent_records=records,
        secrets=Secrets(cluster, written_seen=_offered(run)),
        events=Events(cluster, instance="one", now=clock.now, suffix=chance.nonce),
        issuers=_Issuers(run),
        prover=Prover(run),
        watched=_Watched(run),
        lease=_Lease(run),
        clock=clock,
        chance=chance,
    )
    return World.of(ports, Settings(cluster_uid="cluster", holder=holder, limits=LIMITS))


def _offered(run: Run) -> Callable[[Any], None]:
    return lambda body: run.tell(lambda view: view.offer(body))


class _Cluster:
    def __init__(self, run: Run) -> None:
        self._run = run

    async def read_oauth_client(self, namespace: str, name: str) -> Any:
        return returned(await self._run.ask("read", ("oauthclients", namespace, name)))

    async def patch_oauth_client(self, namespace: str, name: str, patch: Mapping[str, Any]) -> Any:
        change = {"metadata": patch.get("metadata", {})}
        return returned(await self._run.ask("patch", ("oauthclients", namespace, name), change))

    async def patch_oauth_client_status(self, namespace: str, name: str, patch: Mapping[str, Any]) -> Any:
        return returned(await self._run.ask("patch", ("oauthclients", namespace, name), patch))

    async def read_secret(self, namespace: str, name: str) -> Any:
        return returned(await self._run.ask("read", ("secrets", namespace, name)))

    async def list_secret_metadata(self, namespace: str, label: str) -> Any:
        return list(returned(await self._run.ask("list", ("secrets", namespace), label)))

    async def create_secret(self, namespace: str, manifest: Mapping[str, Any], *, dry_run: bool = False) -> Any:
        verb = "rehearse" if dry_run else "create"
        return returned(await self._run.ask(verb, ("secrets", namespace, manifest["metadata"]["name"]), manifest))

    async def patch_secret(self, namespace: str, name: str, patch: Mapping[str, Any], *, dry_run: bool = False) -> Any:
        verb = "rehearse" if dry_run else "patch"
        return returned(await self._run.ask(verb, ("secrets", namespace, name), patch))

    async def delete_secret(self, namespace: str, name: str, *, uid: str, resource_version: str) -> None:
        preconditions = {"uid": uid, "resourceVersion": resource_version}
        returned(await self._run.ask("delete", ("secrets", namespace, name), preconditions))

    async def create_event(self, namespace: str, manifest: Mapping[str, Any]) -> None:
        returned(await self._run.ask("announce"))


class _Issuers:
    def __init__(self, run: Run) -> None:
        self._run = run

    def trust(self, issuer: IssuerAddress) -> str:
        return "system"

    async def discover(self, source: Any, caller: Any, **_: Any) -> ServerMetadata:
        returned(await self._run.ask("discover"))
        return _METADATA[source.issuer]

    async def look(self, source: Any, caller: Any, **options: Any) -> ServerMetadata:
        return await self.discover(source, caller, **options)

    async def exchange(
        self,
        request: Request,
        issuer: IssuerAddress,
        *,
        tenant: Any = None,
        timeout: float,
        may_begin: Callable[[], str | None] | None = None,
    ) -> Answer:
        answer: Answer = returned(await self._run.ask("exchange", request, check=may_begin))
        return answer

    def slot(
        self, issuer: IssuerAddress, caller: Any, *, anyway: bool = False
    ) -> AbstractContextManager[Callable[[Answer], None]]:
        return nullcontext(lambda _answer: None)

    def keep_slot(self, issuer: Any, caller: Any) -> None:
        return

    def withdraw(self, key: Any) -> None:
        return

    def remembers(self, source: Any, *, max_age: float | None = None) -> bool:
        return True  # However often it is asked in a story, no budget of fetches is spent.

    def dismiss(self, key: Any) -> None:
        return

    def turns(self, issuer: IssuerAddress, namespace: str) -> None:
        return

    def content(self, key: Any) -> None:
        return

    def metadata_turns(self, key: Any) -> None:
        return

    def nonce(self, url: str, issuer: IssuerAddress, tenant: Any) -> None:
        return

    def admits_endpoint(self, issuer: IssuerAddress, url: str) -> bool:
        return url.startswith(f"{issuer.issuer}/")


def _metadata(issuer: str) -> ServerMetadata:
    endpoints = {"registration_endpoint": f"{issuer}/register", "token_endpoint": f"{issuer}/token"}
    return server_metadata(issuer, Response(status=200, body=json.dumps({"issuer": issuer, **endpoints}).encode()))


_METADATA = {issuer: _metadata(issuer) for issuer in (ISSUER, OTHER)}


def summary_of(body: Body) -> Summary:
    """Return what a record's metadata say."""
    return body.kept(_summary)


def _summary(body: Body) -> Summary:
    return summary(body["metadata"])


def _secret_metadata(body: Body) -> SecretMetadata:
    return SecretMetadata.of(body["metadata"])


class _Watched:
    def __init__(self, run: Run) -> None:
        self._run = run

    def resource(self, namespace: str, name: str) -> OAuthClient | None:
        body: Body | None = self._run.read(lambda view: view.cached(("oauthclients", namespace, name)))
        return None if body is None else body.kept(OAuthClient.parse)

    def forget_resource(self, namespace: str, name: str, uid: str) -> None:
        self._run.tell(lambda view: view.forget(("oauthclients", namespace, name)))

    def secret(self, namespace: str, name: str) -> SecretMetadata | None:
        body: Body | None = self._run.read(lambda view: view.cached(("secrets", namespace, name)))
        return None if body is None else body.kept(_secret_metadata)

    def presented_version(self, namespace: str, name: str) -> str | None:
        found = self.secret(namespace, name)
        return None if found is None else found.version

    def access_version(self, name: str) -> None:
        return

    def cluster_issuer(self, name: str) -> None:
        return

    def cluster_issuers(self) -> tuple[()]:
        return ()

    def namespace_labels(self, name: str) -> None:
        return

    def awaits_namespace(self, name: str) -> bool:
        return False

    def record(self, uid: str) -> Summary | None:
        body: Body | None = self._run.read(lambda view: view.cached(("secrets", RECORDS, uid)))
        return None if body is None else summary_of(body)

    def records_of(self, namespace: str) -> int:
        return int(self._run.read(lambda view: len(view.all_cached("records"))))

    def await_record(self, resource: OAuthClient, uid: str | None) -> None:
        pass  # Here everybody is looked at again.

    def records_with(self, client_label: str) -> Mapping[str, str]:
        def look(view: View) -> tuple[tuple[str, str], ...]:
            found = ((k[2], b["metadata"].get("labels", {})) for k, b in sorted(view.all_cached("records").items()))
            return tuple((name, labels[client_label]) for name, labels in found if client_label in labels)

        return dict(self._run.read(look))


class _Lease:
    def __init__(self, run: Run) -> None:
        self._run = run

    def remaining(self) -> float:
        return float(self._run.read(lambda view: view.lease))


class _Clock:
    def __init__(self, run: Run) -> None:
        self._run = run

    def now(self) -> datetime:
        return at(self._run.read(lambda view: view.now))

    def elapsed(self) -> float:
        return float(self._run.read(lambda view: view.now))

    def of_cluster(self) -> datetime:
        # There it is told in whole seconds.
        return at(float(int(self._run.read(lambda view: view.now))))

    async def sleep(self, seconds: float) -> None:
        returned(await self._run.ask("sleep", seconds))


class _Chance:
    """No chance: a pause is as long as it can be, and a name is the next one of its pass."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def fraction(self) -> float:
        return 1.0

    def nonce(self) -> str:
        return self._run.chance()

    async def private_key(self, algorithm: SigningAlgorithm) -> Confidential:
        # Of the elliptic curve whichever is asked for: the same name, the same key.
        secret = int.from_bytes(hashlib.sha256(self.nonce().encode()).digest()[:31]) + 1
        native = ec.derive_private_key(secret, ec.SECP256R1())
        return Confidential(native.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())
