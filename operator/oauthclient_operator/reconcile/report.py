"""What users see: the status, written only when it changes, and an Event when what is so changes."""

import logging
import uuid

from ..cluster.events import TERMINATING_NAMESPACE_EVENTS, event
from ..credentials import PublishedSecret
from ..errors import ClusterError, NamespaceTerminating
from ..names import ConditionType, Reason
from ..plan.observed import Observed
from ..record.envelope import Stored
from ..resource.oauth_client import OAuthClient
from ..resource.status import SecretReference
from ..status import project
from ..verdict import Verdict
from .ports import Clock, Cluster, JSONObject, Watched

log = logging.getLogger(__name__)


class Reporter:
    """Write status and Events."""

    def __init__(self, cluster: Cluster, watched: Watched, clock: Clock, instance: str) -> None:
        self._cluster = cluster
        self._watched = watched
        self._clock = clock
        self._instance = instance

    async def report(self, observed: Observed, resource: OAuthClient, verdict: Verdict) -> bool:
        """Write the status if it is not what it should be, and an Event if Ready's reason or message changed.

        Return whether it was written.

        Raises:
            ClusterError: the status could not be written.
        """
        record = observed.record.record if isinstance(observed.record, Stored) else None
        client = record.published if record is not None else None
        status = project(
            resource,
            verdict,
            record,
            _reference(observed, resource),
            admitted=client is not None and client.key not in observed.unmanageable,
            now=self._clock.now(),
        )
        change = status.patch_from(resource.status)
        if change is None:
            return False
        patch: JSONObject = {
            "metadata": {"uid": resource.uid, "resourceVersion": resource.resource_version},
            "status": change,
        }
        body = await self._cluster.patch_oauth_client_status(resource.namespace, resource.name, patch)
        self._watched.offer_resource(body)
        before = next((c for c in resource.status.conditions if c.type == ConditionType.READY), None)
        said = (before.reason, before.message, before.observed_generation) if before is not None else None
        if said != (verdict.reason, verdict.message, resource.generation):
            await self.announce(resource, verdict)
        return True

    async def announce(self, resource: OAuthClient, verdict: Verdict) -> None:
        """Create an Event; one that cannot be created is no reason to fail."""
        if verdict.reason is Reason.PENDING:
            return
        metadata: JSONObject = {
            "namespace": resource.namespace,
            "name": resource.name,
            "uid": resource.uid,
            "resourceVersion": resource.resource_version,
        }
        for namespace in (resource.namespace, TERMINATING_NAMESPACE_EVENTS):
            manifest = event(
                metadata,
                reason=verdict.reason,
                action="Reconcile",
                note=verdict.message,
                warning=verdict.reason is not Reason.REGISTERED,
                instance=self._instance,
                now=self._clock.now(),
                suffix=uuid.uuid4().hex[:12],
                namespace=namespace,
            )
            try:
                await self._cluster.create_event(namespace, manifest)
            except NamespaceTerminating:
                continue
            except ClusterError as error:
                log.debug("an Event could not be created", extra={"why": str(error)})
            return


def _reference(observed: Observed, resource: OAuthClient) -> SecretReference | None:
    """Return the published Secret if it was seen or written in this pass and is the resource's own."""
    secret = observed.secret
    if not isinstance(secret, PublishedSecret) or resource.uid not in {uid for _, _, uid in secret.owners}:
        return None
    return SecretReference(name=secret.name, uid=secret.uid, resource_version=secret.resource_version)
