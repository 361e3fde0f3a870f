"""The program's ports over a run: its own adapters for objects, on verbs of the small world's API server."""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from oauthclient_operator import errors
from oauthclient_operator.cluster.events import Events
from oauthclient_operator.cluster.oauth_clients import OAuthClients
from oauthclient_operator.cluster.secrets import RecordSecrets, Secrets
from oauthclient_operator.exchange import Answer, Request, Response
from oauthclient_operator.oauth.rfc8414 import ServerMetadata, server_metadata
from oauthclient_operator.reconcile.settings import Settings
from oauthclient_operator.reconcile.world import Ports, World
from oauthclient_operator.record.summary import Summary, summary
from oauthclient_operator.resource.oauth_client import OAuthClient
from oauthclient_operator.resource.secret import SecretMetadata
from tests.exploration.issuer import ISSUER
from tests.exploration.run import Outcome, Run, Value, View
from tests.exploration.settings import LIMITS, RECORDS, at
from tests.exploration.store import Body


def world(run: Run, holder: str) -> World:
    """Return what a pass may touch."""
    cluster, clock, chance = _Cluster(run), _Clock(run), _Chance(run)
    records = RecordSecrets(cluster, RECORDS, _offered(run))
    ports = Ports(
        resources=OAuthClients(cluster, _offered(run)),
        records=records,
        urgent_records=records,
        secrets=Secrets(cluster, read_seen=lambda _body: None, written_seen=_offered(run)),
        events=Events(cluster, instance="one", now=clock.now, suffix=chance.nonce),
        issuers=_Issuers(run),
        watched=_Watched(run),
        lease=_Lease(run),
        clock=clock,
        chance=chance,
    )
    return World.of(ports, Settings(cluster_uid="cluster", holder=holder, limits=LIMITS))


def _offered(run: Run) -> Callable[[Any], None]:
    return lambda body: run.tell(lambda view: view.offer(body))


def _returned(outcome: Outcome) -> Any:
    """Return what an outcome holds, or raise the error that it names."""
    if isinstance(outcome, Value):
        return outcome.value
    error = _ERRORS[outcome.kind]()
    raise error


_ERRORS: dict[str, Callable[[], Exception]] = {
    "Unanswered": lambda: errors.Unanswered("lost"),
    "Conflict": lambda: errors.Conflict("409", status=409),
    "NotFound": lambda: errors.NotFound("404", status=404),
    "AlreadyExists": lambda: errors.AlreadyExists("409", status=409),
    "RequestRefused": lambda: errors.RequestRefused("403", status=403),
    "IssuerUnavailable": lambda: errors.IssuerUnavailable("lost"),
}


class _Cluster:
    def __init__(self, run: Run) -> None:
        self._run = run

    async def read_oauth_client(self, namespace: str, name: str) -> Any:
        return _returned(await self._run.ask("read", ("oauthclients", namespace, name)))

    async def patch_oauth_client(self, namespace: str, name: str, patch: Mapping[str, Any]) -> Any:
        change = {"metadata": patch.get("metadata", {})}
        return _returned(await self._run.ask("patch", ("oauthclients", namespace, name), change))

    async def patch_oauth_client_status(self, namespace: str, name: str, patch: Mapping[str, Any]) -> Any:
        return _returned(await self._run.ask("patch", ("oauthclients", namespace, name), patch))

    async def read_secret(self, namespace: str, name: str) -> Any:
        return _returned(await self._run.ask("read", ("secrets", namespace, name)))

    async def create_secret(self, namespace: str, manifest: Mapping[str, Any], *, dry_run: bool = False) -> Any:
        verb = "rehearse" if dry_run else "create"
        return _returned(await self._run.ask(verb, ("secrets", namespace, manifest["metadata"]["name"]), manifest))

    async def patch_secret(self, namespace: str, name: str, patch: Mapping[str, Any], *, dry_run: bool = False) -> Any:
        verb = "rehearse" if dry_run else "patch"
        return _returned(await self._run.ask(verb, ("secrets", namespace, name), patch))

    async def delete_secret(self, namespace: str, name: str, *, uid: str, resource_version: str) -> None:
        preconditions = {"uid": uid, "resourceVersion": resource_version}
        _returned(await self._run.ask("delete", ("secrets", namespace, name), preconditions))

    async def create_event(self, namespace: str, manifest: Mapping[str, Any]) -> None:
        _returned(await self._run.ask("announce"))


class _Issuers:
    def __init__(self, run: Run) -> None:
        self._run = run

    def trust(self, issuer: str) -> str:
        return "system"

    async def discover(self, source: Any, caller: Any, **_: Any) -> ServerMetadata:
        _returned(await self._run.ask("discover"))
        return _METADATA

    async def exchange(
        self, request: Request, issuer: str, *, timeout: float, may_begin: Callable[[], str | None] | None = None
    ) -> Answer:
        answer: Answer = _returned(await self._run.ask("exchange", request, check=may_begin))
        return answer

    def slot(
        self, issuer: str, caller: Any, *, anyway: bool = False
    ) -> AbstractContextManager[Callable[[Answer], None]]:
        return nullcontext(lambda _answer: None)

    def withdraw(self, key: Any) -> None:
        return

    def nonce(self, url: str) -> None:
        return

    def admits_endpoint(self, issuer: str, url: str) -> bool:
        return url.startswith(f"{issuer}/")


_METADATA = server_metadata(
    ISSUER,
    Response(
        status=200,
        body=json.dumps(
            {"issuer": ISSUER, "registration_endpoint": f"{ISSUER}/register", "token_endpoint": f"{ISSUER}/token"}
        ).encode(),
    ),
)


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

    def initial_access_token_version(self, namespace: str, name: str) -> str | None:
        found = self.secret(namespace, name)
        return None if found is None else found.version

    def record(self, uid: str) -> Summary | None:
        body: Body | None = self._run.read(lambda view: view.cached(("secrets", RECORDS, uid)))
        return None if body is None else summary_of(body)

    def records_of(self, namespace: str) -> int:
        return int(self._run.read(lambda view: len(view.all_cached("records"))))

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

    async def sleep(self, seconds: float) -> None:
        _returned(await self._run.ask("sleep", seconds))


class _Chance:
    """No chance: a pause is as long as it can be, and a name is the next one of its pass."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def fraction(self) -> float:
        return 1.0

    def nonce(self) -> str:
        return self._run.chance()
