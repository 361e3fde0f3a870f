"""What users see: the status, written only when it changes, and an Event when what is so changes."""

from ..names import ConditionType, Reason
from ..plan.observed import Missing, Observed
from ..published_secret import is_owned
from ..record.envelope import Stored
from ..resource.oauth_client import OAuthClient
from ..resource.secret import Secret
from ..resource.status import SecretReference
from ..status import project
from ..verdict import Verdict
from .ports import Clock, Events, Resources


class Reporter:
    """Write status and Events."""

    def __init__(self, resources: Resources, events: Events, clock: Clock) -> None:
        self._resources = resources
        self._events = events
        self._clock = clock

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
            _published(observed, resource),
            admitted=client is not None and client.key not in observed.unmanageable,
            now=self._clock.now(),
        )
        if await self._resources.write_status(resource, status) is None:
            return False
        before = next((c for c in resource.status.conditions if c.type == ConditionType.READY), None)
        said = (before.reason, before.message, before.observed_generation) if before is not None else None
        if said != (verdict.reason, verdict.message, resource.generation):
            await self.announce(resource, verdict)
        return True

    async def announce(self, resource: OAuthClient, verdict: Verdict) -> None:
        """Create an Event about what is so; that something is pending is no news."""
        if verdict.reason is not Reason.PENDING:
            warning = verdict.reason is not Reason.REGISTERED
            await self._events.announce(resource, verdict.reason, verdict.message, warning=warning)


def _published(observed: Observed, resource: OAuthClient) -> SecretReference | None:
    """Return the resource's own Secret as it was seen in this pass, or as status and watch agree on it."""
    secret, said = observed.secret, resource.status.secret
    if isinstance(secret, Secret):
        if not is_owned(secret, resource.uid):
            return None
        return SecretReference(name=secret.name, uid=secret.uid, resource_version=secret.resource_version)
    # A status that a backup tool restored names a Secret that is not there.
    known = said is not None and said.name in observed.secret_metadata and not isinstance(secret, Missing)
    return said if known else None
