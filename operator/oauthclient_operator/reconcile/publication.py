"""The published Secret: rehearsed before a call whose answer it has to hold, created, brought up to date, removed."""

from dataclasses import replace

from ..credentials import PublishedSecret, amendment, content, is_owned, manifest
from ..errors import AlreadyExists, ClusterError, Conflict, NamespaceTerminating, NotFound, RequestRefused
from ..names import Reason
from ..oauth.json_object import JSON
from ..oauth.rfc8414 import ServerMetadata
from ..plan.observed import Missing, Observed, Problem
from ..record.model import Client, Record
from ..resource.desired import Desired, Publication
from ..resource.oauth_client import OAuthClient
from ..verdict import Verdict, immutable, not_owned
from .ports import Clock, Cluster, Settings, Watched

REHEARSED_VALUE = "cmVoZWFyc2Fs" * 20
"""Base64 of as much text as a client identifier or secret may be long."""


class Publisher:
    """Write the published Secret of a resource; never adopts one that is not the resource's own."""

    def __init__(self, cluster: Cluster, watched: Watched, clock: Clock, settings: Settings) -> None:
        self._cluster = cluster
        self._watched = watched
        self._clock = clock
        self._settings = settings

    async def read(self, namespace: str, name: str) -> PublishedSecret | Missing:
        """Read a Secret live."""
        body = await self._cluster.read_secret(namespace, name)
        return Missing() if body is None else PublishedSecret.parse(body)

    async def rehearse(self, observed: Observed, resource: OAuthClient, publication: Publication) -> bool | Problem:
        """Do a dry run of what the coming answer will need: the create, or an update of what is there."""
        secret = observed.secret
        try:
            if isinstance(secret, PublishedSecret):
                change: dict[str, JSON] = {
                    "metadata": {"uid": secret.uid, "resourceVersion": secret.resource_version},
                    "data": {publication.keys.get("client_id", "client_id"): REHEARSED_VALUE},
                }
                await self._cluster.patch_secret(resource.namespace, secret.name, change, dry_run=True)
            else:
                data = self._rehearsed_data(observed, publication)
                body = manifest(resource, publication, data)
                await self._cluster.create_secret(resource.namespace, body, dry_run=True)
        except ClusterError as error:
            return self._problem(error, publication, secret)
        return True

    async def publish(
        self, observed: Observed, resource: OAuthClient, record: Record, client: Client, desired: Desired
    ) -> Observed:
        """Create the Secret, or patch what was read of it; what the API server refuses becomes a problem."""
        publication = desired.publication
        if publication is None:
            raise ValueError("nothing is published without a name to publish under")
        data = content(record.issuer, client, publication)
        try:
            if isinstance(observed.secret, PublishedSecret):
                change = amendment(observed.secret, publication, data)
                if change is None:
                    return observed
                name = observed.secret.name
                written = await self._cluster.patch_secret(resource.namespace, name, change)
            else:
                body = manifest(resource, publication, data)
                written = await self._cluster.create_secret(resource.namespace, body)
        except AlreadyExists:
            # Made meanwhile: by our own write whose answer was lost, or by somebody else. The next look tells.
            return replace(observed, secret=await self.read(resource.namespace, publication.secret_name))
        except ClusterError as error:
            return replace(observed, publication=self._problem(error, publication, observed.secret))
        self._watched.offer_secret(written)
        return replace(observed, secret=PublishedSecret.parse(written))

    async def remove(self, resource: OAuthClient, name: str) -> None:
        """Delete a Secret that was published under another name; one that is not the resource's own stays.

        Raises:
            Conflict: it was changed meanwhile; it has to be looked at again before it is forgotten.
        """
        secret = await self.read(resource.namespace, name)
        if isinstance(secret, Missing) or not is_owned(secret, resource.uid):
            return
        try:
            await self._cluster.delete_secret(
                resource.namespace, name, uid=secret.uid, resource_version=secret.resource_version
            )
        except NotFound:
            return

    def _rehearsed_data(self, observed: Observed, publication: Publication) -> dict[str, str]:
        endpoints = observed.server.endpoints if isinstance(observed.server, ServerMetadata) else {}
        facts = ("client_id", "client_secret", "issuer", "token_endpoint_auth_method", *endpoints)
        return {publication.keys.get(k, k): REHEARSED_VALUE for k in facts}

    def _problem(self, error: ClusterError, publication: Publication, secret: object) -> Problem:
        name = publication.secret_name
        match error:
            case NamespaceTerminating():
                message = "the namespace is being deleted, so no Secret can be made in it"
                return Problem(Verdict(reason=Reason.PENDING, message=message), backoff=True)
            case AlreadyExists():
                return Problem(not_owned(name), backoff=True)
            case Conflict() | NotFound():
                message = f"Secret {name} was changed at the same time; it is read again"
                return Problem(Verdict(reason=Reason.PENDING, message=message), backoff=True)
            case RequestRefused() if isinstance(secret, PublishedSecret) and secret.immutable:
                return Problem(immutable(name), until=self._clock.now() + self._settings.limits.retry_slowly)
            case RequestRefused():
                message = f"the API server does not let Secret {name} be written: {error}"
                verdict = Verdict(reason=Reason.SECRET_NOT_PUBLISHABLE, message=message, stalled=True)
                return Problem(verdict, until=self._clock.now() + self._settings.limits.retry_slowly)
            case _:
                return Problem(Verdict(reason=Reason.CLUSTER_UNAVAILABLE, message=str(error)), backoff=True)
