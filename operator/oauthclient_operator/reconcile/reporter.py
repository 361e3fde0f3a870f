"""What users see: the status, written only when it changes, and Events for what was done and what begins to fail."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from ..errors import ClusterError
from ..names import ConditionType, Done, Reason
from ..plan.action import Renewal
from ..plan.deletion import is_let_go
from ..plan.managing import way_of
from ..plan.observed import Missing, Observed
from ..published_secret import is_owned
from ..record.envelope import Stored
from ..record.management import Way
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from ..resource.secret import Secret
from ..resource.status import Condition, SecretReference, Status
from ..status import project
from ..verdict.deeds import Deed
from ..verdict.verdict import Verdict
from .last_written import LastWritten
from .ports import Clock, Events, Resources


class Reporter:
    """Write status and Events."""

    def __init__(self, resources: Resources, events: Events, clock: Clock) -> None:
        self._resources = resources
        self._events = events
        self._clock = clock
        self._written = LastWritten()

    async def report(
        self,
        observed: Observed,
        resource: OAuthClient,
        verdict: Verdict,
        deeds: Collection[Deed] = (),
        *,
        desired: Desired | None = None,
        renewal: Renewal | None = None,
    ) -> bool | datetime:
        """Write the status if it is not what it should be, and an Event if what stands in the way is news.

        Return whether it was written, or when it may be: two may disagree without a hot loop.

        Raises:
            ClusterError: the status could not be written.
        """
        record = observed.record.record if isinstance(observed.record, Stored) else None
        client = record.published if record is not None else None
        # Where something came before that is looked at, what was said of it holds.
        said_at = resource.status.rotation.renew_at if resource.status.rotation is not None else None
        status = project(
            resource,
            verdict,
            record,
            None if is_let_go(observed, resource) else _published(observed, resource),
            way=Way.TOKEN if client is None else way_of(observed, client),
            now=(now := self._clock.now()),
            desired=desired,
            renews_at=said_at if renewal is None else renewal.at,
            reasons=() if renewal is None else renewal.reasons,
            renewal=None if renewal is None else renewal.verdict,
        )
        # Before the status, for who waits looks for such an Event once that says that it was served.
        await self.tell(resource, [deed for deed in deeds if deed.word in _BY_EVENTS_ALONE])
        others = [deed for deed in deeds if deed.word not in _BY_EVENTS_ALONE]
        try:
            written = await self._write(resource, status, now)
        except ClusterError:
            await self.tell(resource, others)
            raise
        # After the status, for who sees an Event looks there.
        await self.tell(resource, others)
        if written is not True:
            return written
        before = next((c for c in resource.status.conditions if c.type == ConditionType.READY), None)
        said = (before.reason, before.message, before.observed_generation) if before is not None else None
        news = said != (verdict.reason, verdict.message, resource.generation)
        if news:
            await self._warn(resource, verdict)
        if not (news and renewal is not None and renewal.verdict == verdict):
            # What keeps it may have been said of Ready long before.
            await self._warn_of_renewal(resource, status)
        return True

    async def tell(self, resource: OAuthClient, deeds: Collection[Deed]) -> None:
        """Create an Event about each thing that was done."""
        for deed in deeds:
            await self._events.announce(resource, deed.word, deed.note, warning=deed.warning)

    async def _write(self, resource: OAuthClient, status: Status, now: datetime) -> bool | datetime:
        if (not_before := self._written.not_before(resource.uid, status, now)) is not None:
            # It was written again and again, and does not stay.
            return not_before
        if await self._resources.write_status(resource, status) is None:
            return False
        self._written.note(resource.uid, status, now)
        return True

    async def _warn(self, resource: OAuthClient, verdict: Verdict) -> None:
        """Create an Event about what stands in the way; that something is pending is no news."""
        if verdict.reason not in _NO_NEWS:
            warning = verdict.reason not in _PROGRESS
            await self._events.announce(resource, verdict.reason, verdict.message, warning=warning)

    async def _warn_of_renewal(self, resource: OAuthClient, status: Status) -> None:
        """Create an Event where a renewal begins to fail: Ready may well be True until the secret has expired."""
        before, now = _renewal(resource.status), _renewal(status)
        if now is not None and (before is None or before.message != now.message):
            await self._events.announce(resource, now.reason, now.message, warning=True)


_NO_NEWS: Final = frozenset({Reason.PENDING, Reason.REGISTERED})
_PROGRESS: Final = frozenset({Reason.RENEWING, Reason.PAUSED})
"""What was wanted."""
_BY_EVENTS_ALONE: Final = frozenset({Done.PROOF_FAILED})
"""What the status does not say: there stays what was told last."""


def _renewal(status: Status) -> Condition | None:
    return next((c for c in status.conditions if c.type == ConditionType.RENEWING and c.status == "False"), None)


def _published(observed: Observed, resource: OAuthClient) -> SecretReference | None:
    """Return the resource's own Secret as it was seen in this pass, or as status and watch agree on it."""
    secret, said = observed.secret, resource.status.secret
    if isinstance(secret, Secret):
        if not is_owned(secret, resource.uid):
            return None
        return SecretReference(name=secret.name, uid=secret.uid, resource_version=secret.resource_version)
    # A status that a backup tool restored names a Secret that is not there.
    watched = observed.secret_metadata.get(said.name) if said is not None else None
    known = said is not None and watched is not None and watched.uid == said.uid
    return said if known and not isinstance(secret, Missing) else None
