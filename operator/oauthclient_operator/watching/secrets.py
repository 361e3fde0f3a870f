"""The Secrets that resources have to do with, by their metadata: watched, or looked at where no watch may tell."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from .. import names
from ..cluster import kept
from ..cluster.connection import Connection
from ..cluster.informer import MetadataInformer
from ..cluster.metadata import Key as ObjectKey
from ..cluster.metadata import identity, metadata_of
from ..cluster.target import CORE, Target
from ..oauth.json_object import JSON
from ..plan.observed import Unread
from ..resource.oauth_client import OAuthClient
from ..resource.secret import SecretMetadata
from .checks import SecretChecks
from .references import PRESENTED, References, checked, secrets_of, stray

SECRETS: Final = Target(api=CORE, resource="secrets")
STRAYS_INTERVAL: Final = 5.0
"""Seconds within which it is seen that a Secret is no longer in the way, where there are few."""
STRAYS_PER_SECOND: Final = 2.0
"""So many are looked at, whatever tenants do."""
WakeClient = Callable[[ObjectKey, str | None], None]
"""Has an OAuthClient looked at, because of that version of a Secret where there is one that a pass may have written."""


class WatchedSecrets:
    """Those that are published, those whose contents a registration presents, and those that are in the way.

    With `check_interval` they are not watched, but looked at by `checks`, which has to run in the process that acts;
    `read` returns the metadata of one.
    """

    def __init__(
        self,
        connection: Connection,
        read: Callable[[str, str], Awaitable[dict[str, JSON] | None]],
        *,
        namespaces: Sequence[str],
        wake: WakeClient,
        check_interval: timedelta | None,
    ) -> None:
        self._wake = wake
        self._references = References()
        of_tenants = partial(
            MetadataInformer, connection, SECRETS, keep=kept.secret, namespaces=namespaces, one_may_be_forbidden=True
        )
        ours = f"{names.MANAGED_BY_LABEL}={names.OPERATOR}"
        self._published = of_tenants(label_selector=ours, on_change=self._published_changed)
        self._presented = tuple(of_tenants(field_selector=f"type={t}", on_change=self._changed) for t in PRESENTED)
        self.strays = SecretChecks(
            read,
            interval=STRAYS_INTERVAL,
            per_second=STRAYS_PER_SECOND,
            on_change=self._changed,
            is_watched=lambda namespace, name: self._published.version(namespace, name) is not None,
        )
        """Secrets that have the name of one to publish and may not be ours: no watch tells of one without our label."""
        self.checks: SecretChecks | None = None
        if check_interval is not None:
            self.checks = SecretChecks(read, interval=check_interval.total_seconds(), on_change=self._found_otherwise)

    @property
    def informers(self) -> tuple[MetadataInformer, ...]:
        """The informers that have to run."""
        return () if self.checks is not None else (self._published, *self._presented)

    def follow(self, client: ObjectKey, body: Mapping[str, JSON]) -> None:
        """Take what an OAuthClient has to do with now."""
        self._references.put(client, secrets_of(body, *client))
        self.strays.follow(client, stray(body, *client))
        if self.checks is not None:
            for secret in self.checks.follow(client, checked(OAuthClient.parse(body))):
                self._found_otherwise(*secret, by=(client,))

    def forget(self, client: ObjectKey) -> None:
        """Take that an OAuthClient is gone."""
        self._references.put(client, ())
        self.strays.follow(client, {})
        if self.checks is not None:
            self.checks.follow(client, {})

    def offer(self, body: dict[str, JSON], *, by: Collection[ObjectKey]) -> bool:
        """Take the answer to a write of a published Secret, and say whether a watch tells of it, too.

        Others that name it are woken, and not those `by` whom it was written.
        """
        (namespace, name), _, _ = identity(metadata_of(body))
        if self.checks is not None:
            if self.checks.offer(body):
                self._found_otherwise(namespace, name, by=by)
            return False
        if self._published.offer(body, tell=False):
            self._changed(namespace, name, by=by)
        return True

    def published(self, namespace: str, name: str) -> SecretMetadata | None:
        """Return what is known of a published one, or of what is in its place."""
        known: SecretMetadata | Unread | None
        if self.checks is not None:
            known = self.checks.get(namespace, name)
        else:
            metadata = self._published.get(namespace, name)
            known = None if metadata is None else SecretMetadata.of(metadata)
        found = known if isinstance(known, SecretMetadata) else self.strays.get(namespace, name)
        return found if isinstance(found, SecretMetadata) else None

    def presented_version(self, namespace: str, name: str) -> str | Unread | None:
        """Return which version is known of one whose contents a registration presents; Unread: nobody looked."""
        if self.checks is not None:
            known = self.checks.get(namespace, name)
            return known.version if isinstance(known, SecretMetadata) else known
        # A Secret is of one type for life.
        found = (informer.get(namespace, name) for informer in self._presented)
        return next((SecretMetadata.of(metadata).version for metadata in found if metadata is not None), None)

    def _found_otherwise(self, namespace: str, name: str, *, by: Collection[ObjectKey] = ()) -> None:
        # To who refers to it and does not wait for it, it is news at each first look, which may be many.
        secret = (namespace, name)
        for client in self._references.to(secret):
            if client not in by and self.checks is not None and self.checks.follows(client, secret):
                self._wake(client, None)

    def _published_changed(self, namespace: str, name: str) -> None:
        self._changed(namespace, name, version=self._published.version(namespace, name))

    def _changed(
        self, namespace: str, name: str, *, version: str | None = None, by: Collection[ObjectKey] = ()
    ) -> None:
        for client in self._references.to((namespace, name)):
            if client not in by:
                self._wake(client, version)
