"""What the watches know, put together: which resource to look at again when a Secret, a token or a record changes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from .. import names
from ..cluster import kept
from ..cluster.api import Cluster
from ..cluster.connection import Connection
from ..cluster.informer import MetadataInformer
from ..cluster.metadata import Key as ObjectKey
from ..cluster.metadata import deleted, identity, metadata_of, version_of
from ..cluster.resource_cache import ResourceCache
from ..metrics import Census
from ..oauth.json_object import JSON
from ..plan.observed import Unread
from ..record.summary import Summary, is_let_go, summary, tenant
from ..resource.cluster_oauth_issuer import ClusterOAuthIssuer
from ..resource.json_path import child, text
from ..resource.key import Key, cluster_issuer, oauth_client, record_of
from ..resource.oauth_client import OAuthClient
from ..resource.secret import SecretMetadata
from .census import Tally
from .issuer_sources import IssuerSources
from .issuers import Issuers, WakeAfter
from .namespaces import Namespaces
from .news import News, Novelty
from .references import References
from .secrets import SECRETS, WatchedSecrets

JSONObject = dict[str, JSON]
Wake = Callable[[Key, str | None], None]
"""Has a key looked at, because of that version of an object where there is one that a pass may have written itself."""
Disregard = Callable[[Key, str], None]
"""Takes that back: the pass that is under way wrote that version."""


class Watches:
    """OAuthClients and issuers whole; records, Secrets that matter and namespaces by their metadata.

    With `secret_check_interval` only OAuthClients and records are watched, and Secrets looked at.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        namespaces: Sequence[str],
        records_namespace: str,
        wake: Wake,
        disregard: Disregard,
        wake_after: WakeAfter | None = None,
        system_namespace: str = names.SYSTEM_NAMESPACE,
        secret_check_interval: timedelta | None = None,
        count_namespaces: bool = False,
    ) -> None:
        self._wake = wake
        self._disregard = disregard
        self._records_namespace = records_namespace
        self._namespaces = frozenset(namespaces)
        self._resources = ResourceCache()
        self._news = News()
        self._by_uid: dict[str, ObjectKey] = {}
        self._awaiting = References()
        """Which record each resource waits for, if any: to the cluster it is a Secret."""
        self._tally = Tally(self._namespaces, by_namespace=count_namespaces)
        cluster = Cluster(connection)
        self.issuer_sources = IssuerSources(
            partial(cluster.read_metadata, system_namespace), on_change=self._source_changed
        )
        self.issuers = Issuers(
            lambda key: wake(key, None),
            wake_after or (lambda key, _: wake(key, None)),
            self.issuer_sources,
            namespaces=namespaces,
        )
        self.namespaces = Namespaces(connection, self.issuers.namespace_changed, self.issuers.namespaces_changed)
        self.secrets = WatchedSecrets(
            connection,
            cluster.read_secret_metadata,
            namespaces=namespaces,
            wake=lambda key, because: wake(oauth_client(*key), because),
            check_interval=secret_check_interval,
        )
        self._records = MetadataInformer(
            connection,
            SECRETS,
            keep=kept.record,
            namespaces=(records_namespace,),
            field_selector=f"type={names.RECORD_TYPE}",
            indexed=(names.CLIENT_LABEL_PREFIX, names.IDENTIFIER_LABEL_PREFIX, names.NAMESPACE_LABEL_PREFIX),
            on_change=self._record_changed,
        )

    @property
    def informers(self) -> tuple[MetadataInformer, ...]:
        """The informers that have to run."""
        return *self.secrets.informers, self.namespaces.informer, self._records

    async def secrets_synced(self) -> None:
        """Wait until all Secrets, records and namespaces were listed once."""
        for informer in self.informers:
            await informer.synced.wait()

    def take(self, event: str | None, body: JSONObject) -> None:
        """Take an event about an OAuthClient."""
        metadata = body.get("metadata")
        if not isinstance(metadata, dict):
            return
        key = (str(metadata.get("namespace")), str(metadata.get("name")))
        if event == "DELETED":
            self._resources.remove(body)
            self._news.forget(key)
            if self._resources.get(*key) is None:
                # Not where another of its name came meanwhile: kopf keeps no order between two UIDs.
                self.secrets.forget(key)
                self.issuers.refer(key, {})
                self._awaiting.put(key, ())
                self._tally.resource(key, None)
            self._ended(str(metadata.get("uid")))
            self._wake(oauth_client(*key), None)
        elif self._taken(body) and (new := self._news.in_event(key, body)) is not Novelty.NONE:
            self._wake(oauth_client(*key), version_of(metadata) if new is Novelty.WRITTEN else None)

    def resource(self, namespace: str, name: str) -> OAuthClient | None:
        """Return the newest copy of an OAuthClient that is known."""
        body = self._resources.get(namespace, name)
        return None if body is None else OAuthClient.parse(body)

    def reached(self, namespace: str, name: str) -> int | None:
        """Return the version at which an OAuthClient, or its end, was seen last, where that is remembered."""
        return self._resources.reached(namespace, name)

    def known(self, namespace: str | None) -> Iterator[ObjectKey]:
        """Iterate over the keys of the OAuthClients that are known, in that namespace or in all."""
        return self._resources.keys(namespace)

    def gone(self, namespace: str, name: str, at: int) -> None:
        """Take the word of a complete list of that version that it lacks an OAuthClient; a later copy of it stays."""
        if (uid := self._resources.uid(namespace, name, until=at)) is not None:
            self.take("DELETED", deleted((namespace, name), uid, at))

    def issuer(self, namespace: str, name: str) -> str:
        """Return the issuer that an OAuthClient declares, or the name of the one it refers to, or an empty string."""
        spec = child(self._resources.get(namespace, name) or {}, "spec")
        return text(spec, "issuer") or self.issuers.of((namespace, name)) or ""

    def cluster_issuer(self, name: str) -> ClusterOAuthIssuer | None:
        """Return the newest copy of a ClusterOAuthIssuer that is known."""
        return self.issuers.cluster_issuer(name)

    def cluster_issuers(self) -> Iterable[ClusterOAuthIssuer]:
        """Return the newest copies of all ClusterOAuthIssuers that are known."""
        return self.issuers.all()

    def _source_changed(self, issuer: str) -> None:
        self._wake(cluster_issuer(issuer), None)
        # Those that wait for the Secret by which they are let in.
        self.issuers.wake_clients(issuer)

    def access_version(self, name: str) -> str | Unread | None:
        """Return which version is known of a Secret by which an issuer lets the operator in; Unread: nobody looked."""
        return self.issuer_sources.version("secrets", name)

    def namespace_labels(self, name: str) -> Mapping[str, str] | None:
        """Return a namespace's labels; None where it may not be seen, or has too many to be judged."""
        return self.namespaces.labels(name)

    def awaits_namespace(self, name: str) -> bool:
        """Whether a namespace may be seen and was not yet."""
        return self.namespaces.is_awaited(name)

    def keys(self) -> Iterator[Key]:
        """Iterate over all that is to be reconciled: issuers, OAuthClients, and records of those that are gone."""
        yield from self.issuers.keys()
        for namespace, name in self._resources.keys():  # noqa: SIM118 - it is no dictionary
            yield oauth_client(namespace, name)
        for metadata in self._records.all():
            if not self.knows(_name(metadata)) or is_let_go(metadata):
                yield record_of(tenant(metadata), _name(metadata))

    def census(self, now: datetime) -> Census:
        """Return what is counted of what is known."""
        return replace(self._tally.census(now), issuers=self.issuers.census())

    def forget_resource(self, namespace: str, name: str, uid: str) -> None:
        """Take a live read's word that a resource is gone, unless another of its name is known by now."""
        known = self._resources.get(namespace, name)
        if known is not None and _object(known.get("metadata")).get("uid") == uid:
            self.take("DELETED", known)

    def offer_resource(self, body: JSONObject) -> None:
        """Take the answer to a read or a write, if it is newer than what is known."""
        key, _, _ = identity(metadata_of(body))
        if self._taken(body) and self._news.in_answer(key, body):
            self._wake(oauth_client(*key), None)

    def wrote_resource(self, body: JSONObject) -> None:
        """Take the answer to a write; where the watch was faster, who wrote goes on from it all the same."""
        self.offer_resource(body)
        metadata = metadata_of(body)
        self._disregard(oauth_client(*identity(metadata)[0]), version_of(metadata))

    def _taken(self, body: JSONObject) -> bool:
        metadata = _object(body.get("metadata"))
        if self._namespaces and metadata.get("namespace") not in self._namespaces:
            # A live look for a record's resource found it where nobody watches.
            return False
        key, uid, _ = identity(metadata)
        before = self._resources.uid(*key)
        if not self._resources.offer(body):
            return False
        self._by_uid[uid] = key
        if before is not None and before != uid:
            # Where no watch told of its end, nobody else does: a list shows what has its name now.
            self._ended(before)
        self._tally.resource(key, body)
        self._tally.has_resource(uid)
        self.secrets.follow(key, body)
        self.issuers.refer(key, child(body, "spec"))
        return True

    def offer_secret(self, body: JSONObject) -> None:
        """Take the answer to a write of a published Secret: who wrote goes on, and others that name it are woken."""
        metadata = metadata_of(body)
        uids = SecretMetadata.of(metadata).owner_uids
        owners = [key for uid in uids if (key := self._by_uid.get(uid)) is not None]
        if self.secrets.offer(body, by=owners):
            for key in owners:
                self._disregard(oauth_client(*key), version_of(metadata))

    def offer_record(self, body: JSONObject) -> None:
        """Take a record that was listed or written: who did goes on, and one without resource is looked at."""
        if self._records.offer(body, tell=False):
            self._record_changed(self._records_namespace, _name(metadata_of(body)), ours=True)

    def wrote_record(self, body: JSONObject) -> None:
        """Take the answer to a write of a record; where the watch was faster, who wrote goes on all the same."""
        self.offer_record(body)
        metadata = metadata_of(body)
        if (key := self._by_uid.get(_name(metadata))) is not None:
            self._disregard(oauth_client(*key), version_of(metadata))

    def secret(self, namespace: str, name: str) -> SecretMetadata | None:
        """Return what is known of a published Secret."""
        return self.secrets.published(namespace, name)

    def presented_version(self, namespace: str, name: str) -> str | Unread | None:
        """Return which version is known of a Secret whose contents a registration presents; Unread: nobody looked."""
        return self.secrets.presented_version(namespace, name)

    def record(self, uid: str) -> Summary | None:
        """Return what is known of a record."""
        metadata = self._records.get(self._records_namespace, uid)
        return None if metadata is None else summary(metadata)

    def records(self) -> Mapping[str, Summary]:
        """Return what is known of all records, by the UID of their resource."""
        return {_name(metadata): summary(metadata) for metadata in self._records.all()}

    def records_with(self, client_label: str) -> Mapping[str, str]:
        """Return the label's value by the UID of each record that carries it."""
        return {name: value for (_, name), value in self._records.labelled(client_label).items()}

    def await_record(self, resource: OAuthClient, uid: str | None) -> None:
        """Have a resource looked at with each change of the record of that UID, and of no other; not if it is gone."""
        awaited = () if uid is None or not self.knows(resource.uid) else ((self._records_namespace, uid),)
        self._awaiting.put((resource.namespace, resource.name), awaited)

    def records_of(self, namespace: str) -> int:
        """Count the records of a namespace's resources, those that are gone included."""
        return len(self._records.labelled(names.NAMESPACE_LABEL_PREFIX + namespace))

    def knows(self, uid: str) -> bool:
        """Whether a resource with that UID is known."""
        return uid in self._by_uid

    def _ended(self, uid: str) -> None:
        self._by_uid.pop(uid, None)
        self._record_changed(self._records_namespace, uid)

    def _record_changed(self, _namespace: str, uid: str, *, ours: bool = False) -> None:
        key, metadata = self._by_uid.get(uid), self._records.get(self._records_namespace, uid)
        self._tally.record(uid, metadata, has_resource=key is not None)
        if key is not None and not ours:
            self._wake(oauth_client(*key), None if metadata is None else version_of(metadata))
        if metadata is not None and (key is None or is_let_go(metadata)):
            self._wake(record_of(tenant(metadata), uid), None)
        for waits in self._awaiting.to((self._records_namespace, uid)):
            self._wake(oauth_client(*waits), None)


def _name(metadata: Mapping[str, JSON]) -> str:
    return str(metadata.get("name"))


def _object(value: JSON) -> Mapping[str, JSON]:
    return value if isinstance(value, dict) else {}
