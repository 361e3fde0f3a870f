"""What the watches know, put together: which resource to look at again when a Secret, a token or a record changes."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from .. import names
from ..cluster.api import Cluster
from ..cluster.connection import Connection
from ..cluster.informer import MetadataInformer
from ..cluster.metadata import Key as ObjectKey
from ..cluster.metadata import Metadata
from ..cluster.resource_cache import ResourceCache
from ..cluster.target import CORE, Target
from ..metrics import Census
from ..names import RecordState
from ..oauth.json_object import JSON
from ..plan.observed import Unread
from ..record.summary import Summary, summary
from ..resource.json_path import child, text
from ..resource.key import Key, oauth_client, record_of
from ..resource.oauth_client import OAuthClient
from ..resource.secret import SecretMetadata
from .census import census
from .checks import SecretChecks

JSONObject = dict[str, JSON]
SECRETS: Final = Target(api=CORE, resource="secrets")
_PAUSE: Final = 0.1
_LOOKS: Final = 50
Wake = Callable[[Key], None]


class Watches:
    """OAuthClients whole; records, published Secrets and initial access tokens by their metadata.

    With `secret_check_interval` only OAuthClients and records are watched, and Secrets looked at by `checks`, which
    has to run in the process that acts.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        namespaces: Sequence[str],
        records_namespace: str,
        wake: Wake,
        secret_check_interval: timedelta | None = None,
    ) -> None:
        self._wake = wake
        self._records_namespace = records_namespace
        self._namespaces = frozenset(namespaces)
        self._resources = ResourceCache()
        self._by_uid: dict[str, ObjectKey] = {}
        self._by_secret: dict[ObjectKey, tuple[ObjectKey, ...]] = {}
        self._referred: dict[ObjectKey, tuple[ObjectKey, ...]] = {}
        self._published = MetadataInformer(
            connection,
            SECRETS,
            namespaces=namespaces,
            label_selector=f"{names.MANAGED_BY_LABEL}={names.OPERATOR}",
            one_may_be_forbidden=True,
            on_change=self._secret_changed,
        )
        self._tokens = MetadataInformer(
            connection,
            SECRETS,
            namespaces=namespaces,
            field_selector=f"type={names.INITIAL_ACCESS_TOKEN_TYPE}",
            one_may_be_forbidden=True,
            on_change=self._secret_changed,
        )
        self.checks: SecretChecks | None = None
        if secret_check_interval is not None:
            self.checks = SecretChecks(
                Cluster(connection).read_secret_metadata,
                interval=secret_check_interval.total_seconds(),
                on_change=self._secret_changed,
            )
        self._records = MetadataInformer(
            connection,
            SECRETS,
            namespaces=(records_namespace,),
            field_selector=f"type={names.RECORD_TYPE}",
            indexed=(names.CLIENT_LABEL_PREFIX, names.NAMESPACE_LABEL_PREFIX),
            on_change=self._record_changed,
        )

    @property
    def informers(self) -> tuple[MetadataInformer, ...]:
        """The informers that have to run."""
        return (self._records,) if self.checks is not None else (self._published, self._tokens, self._records)

    async def secrets_synced(self) -> None:
        """Wait until all Secrets and records were listed once."""
        for informer in self.informers:
            await informer.synced.wait()

    async def synced(self, uids: Callable[[], Awaitable[Collection[str]]]) -> None:
        """Wait until everything was listed once; `uids` asks the API server which OAuthClients there are.

        kopf does not say when its list is complete: it is when every resource of another list is known.
        """
        await self.secrets_synced()
        while missing := [uid for uid in await uids() if not self.knows(uid)]:
            # A resource that went in between will never be known: after a while it is asked again.
            for _ in range(_LOOKS):
                await asyncio.sleep(_PAUSE)
                if all(self.knows(uid) for uid in missing):
                    return

    def take(self, event: str | None, body: JSONObject) -> None:
        """Take an event about an OAuthClient."""
        metadata = body.get("metadata")
        if not isinstance(metadata, dict):
            return
        key = (str(metadata.get("namespace")), str(metadata.get("name")))
        if event == "DELETED":
            self._resources.remove(body)
            self._by_uid.pop(str(metadata.get("uid")), None)
            if self._resources.get(*key) is None:
                # Not where another of its name came meanwhile: kopf keeps no order between two UIDs.
                self._refer(key, frozenset())
                if self.checks is not None:
                    self.checks.follow(key, {})
            self._record_changed(self._records_namespace, str(metadata.get("uid")))
        else:
            self.offer_resource(body)
        self._wake(oauth_client(*key))

    def resource(self, namespace: str, name: str) -> OAuthClient | None:
        """Return the newest copy of an OAuthClient that is known."""
        body = self._resources.get(namespace, name)
        return None if body is None else OAuthClient.parse(body)

    def issuer(self, namespace: str, name: str) -> str:
        """Return the issuer that an OAuthClient declares, or an empty string."""
        body = self._resources.get(namespace, name)
        return text(child(body or {}, "spec"), "issuer") or ""

    def keys(self) -> Iterator[Key]:
        """Iterate over all that is to be reconciled: OAuthClients, and records of those that are gone."""
        for namespace, name in self._resources.keys():  # noqa: SIM118 - it is no dictionary
            yield oauth_client(namespace, name)
        for metadata in list(self._records.all()):
            if not self.knows(_name(metadata)) or _is_let_go(metadata):
                yield record_of(_tenant(metadata), _name(metadata))

    def census(self, now: datetime) -> Census:
        """Count what is known."""
        return census(self._resources.bodies(), self.records().values(), now)

    def forget_resource(self, namespace: str, name: str, uid: str) -> None:
        """Take a live read's word that a resource is gone, unless another of its name is known by now."""
        known = self._resources.get(namespace, name)
        if known is not None and _object(known.get("metadata")).get("uid") == uid:
            self.take("DELETED", known)

    def offer_resource(self, body: JSONObject) -> None:
        """Take a body if it is newer than what is known."""
        metadata = _object(body.get("metadata"))
        if self._namespaces and metadata.get("namespace") not in self._namespaces:
            # A live look for a record's resource found it where nobody watches.
            return
        if not self._resources.offer(body):
            return
        key = (str(metadata.get("namespace")), str(metadata.get("name")))
        self._by_uid[str(metadata.get("uid"))] = key
        self._refer(key, _secrets_of(body, *key))
        if self.checks is not None:
            self.checks.follow(key, _checked(OAuthClient.parse(body)))

    def offer_secret(self, body: JSONObject) -> None:
        """Take the answer to a write of a published Secret."""
        if self.checks is not None:
            self.checks.offer(body)
        else:
            self._published.offer(body)

    def offer_record(self, body: JSONObject) -> None:
        """Take the answer to a write of a record."""
        self._records.offer(body)

    def saw_secret(self, body: JSONObject) -> None:
        """Take a Secret that was read, where no watch tells of it."""
        if self.checks is not None:
            self.checks.offer(body)

    def secret(self, namespace: str, name: str) -> SecretMetadata | None:
        """Return what is known of a published Secret."""
        if self.checks is not None:
            known = self.checks.get(namespace, name)
            return None if isinstance(known, Unread) else known
        metadata = self._published.get(namespace, name)
        return None if metadata is None else SecretMetadata.of(metadata)

    def initial_access_token_version(self, namespace: str, name: str) -> str | Unread | None:
        """Return which version of an initial access token's Secret is known; Unread where nobody has looked."""
        if self.checks is not None:
            known = self.checks.get(namespace, name)
            return known.version if isinstance(known, SecretMetadata) else known
        metadata = self._tokens.get(namespace, name)
        return None if metadata is None else SecretMetadata.of(metadata).version

    def record(self, uid: str) -> Summary | None:
        """Return what is known of a record."""
        metadata = self._records.get(self._records_namespace, uid)
        return None if metadata is None else summary(metadata)

    def records(self) -> Mapping[str, Summary]:
        """Return what is known of all records, by the UID of their resource."""
        return {_name(metadata): summary(metadata) for metadata in list(self._records.all())}

    def records_with(self, client_label: str) -> Mapping[str, str]:
        """Return the label's value by the UID of each record that carries it."""
        return {name: value for (_, name), value in self._records.labelled(client_label).items()}

    def records_of(self, namespace: str) -> int:
        """Count the records of a namespace's resources, those that are gone included."""
        return len(self._records.labelled(names.NAMESPACE_LABEL_PREFIX + namespace))

    def knows(self, uid: str) -> bool:
        """Whether a resource with that UID is known."""
        return uid in self._by_uid

    def _refer(self, key: ObjectKey, secrets_of: frozenset[ObjectKey]) -> None:
        # Tuples, most of them of one: there are as many as resources, and a set takes four times as much.
        for before in self._referred.pop(key, ()):
            others = tuple(k for k in self._by_secret.pop(before) if k != key)
            if others:
                self._by_secret[before] = others
        if secrets_of:
            self._referred[key] = tuple(secrets_of)
            for secret in secrets_of:
                self._by_secret[secret] = (*self._by_secret.get(secret, ()), key)

    def _secret_changed(self, namespace: str, name: str) -> None:
        for key in self._by_secret.get((namespace, name), ()):
            self._wake(oauth_client(*key))

    def _record_changed(self, _namespace: str, uid: str) -> None:
        key, metadata = self._by_uid.get(uid), self._records.get(self._records_namespace, uid)
        if key is not None:
            self._wake(oauth_client(*key))
        if metadata is not None and (key is None or _is_let_go(metadata)):
            self._wake(record_of(_tenant(metadata), uid))


def _secrets_of(body: JSONObject, namespace: str, name: str) -> frozenset[ObjectKey]:
    """Return the Secrets that a resource publishes, published, or takes its initial access token from."""
    spec, status = _object(body.get("spec")), _object(body.get("status"))
    token = _object(_object(_object(spec.get("registration")).get("initialAccessToken")).get("secretRef")).get("name")
    found = (_object(spec.get("secret")).get("name") or name, _object(status.get("secret")).get("name"), token)
    return frozenset((namespace, n) for n in found if isinstance(n, str))


def _checked(resource: OAuthClient) -> dict[ObjectKey, SecretMetadata | None]:
    """Return the Secrets to look at where they are not watched, and what the status says of each.

    What was published; and, for as long as there is no client, the initial access token.
    """
    found: dict[ObjectKey, SecretMetadata | None] = {}
    token = text(child(child(child(resource.spec, "registration"), "initialAccessToken"), "secretRef"), "name")
    if token is not None and resource.status.client_id is None:
        found[resource.namespace, token] = None
    if (published := resource.status.secret) is not None:
        found[resource.namespace, published.name] = SecretMetadata(
            name=published.name,
            uid=published.uid,
            resource_version=published.resource_version,
            owner_uids=frozenset({resource.uid}),
        )
    return found


def _name(metadata: Metadata) -> str:
    return str(metadata.get("name"))


def _is_let_go(metadata: Metadata) -> bool:
    """Whether a record says that its resource was let go: a cache may show it still, or another finalizer hold it."""
    return text(child(metadata, "labels"), names.STATE_LABEL) in (RecordState.RELEASED, RecordState.LEFT_BEHIND)


def _tenant(metadata: Metadata) -> str:
    """Return the namespace of the resource that a record is for, as its label says."""
    prefix = names.NAMESPACE_LABEL_PREFIX
    found = (label.removeprefix(prefix) for label in child(metadata, "labels") if label.startswith(prefix))
    return next(found, "")


def _object(value: JSON) -> Mapping[str, JSON]:
    return value if isinstance(value, dict) else {}
