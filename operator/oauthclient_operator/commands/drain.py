"""OAuthClients deleted one by one and brought to their end by the operator's own ladder, many at a time."""

import asyncio
from collections.abc import Sequence
from typing import Final

from .. import names
from ..composition import Parts
from ..errors import ClusterError, RequestRefused, UnreadableRecord
from ..published_secret import is_owned
from ..reconcile.reconciler import Reconciler
from ..reconcile.world import World
from ..record.record import ReleaseOutcome
from ..resource.desired import DeletionPolicy, Desired
from ..resource.key import Key, oauth_client
from ..resource.oauth_client import OAuthClient
from ..resource.secret import Secret
from ..resource.terms import IssuerTerms

_AT_ONCE: Final = 32
_PAUSES: Final = (0.2, 5.0)
"""Seconds between two looks at a resource that is not gone yet."""
_PAUSED: Final = (
    f"left alone: the annotation {names.PAUSED_ANNOTATION} is true, so that its deletion waits; remove the annotation, "
    "and run this again"
)
_ENDS: Final = {
    ReleaseOutcome.CONFIRMED: "gone, its client deregistered",
    ReleaseOutcome.RETAINED: "gone, its client kept",
    ReleaseOutcome.UNCONFIRMED: "gone, but a client may live on",
}


class Drain:
    """Let go of resources; with `keep_clients` neither a client nor the Secret that holds its credentials goes."""

    def __init__(self, world: World, parts: Parts, *, keep_clients: bool) -> None:
        self._world = world
        self._watches = parts.watches
        self._cluster = parts.cluster
        self._keep_clients = keep_clients
        self._reconciler = Reconciler(world)
        self._disowned: set[str] = set()

    async def all(self, resources: Sequence[tuple[str, str, str]], *, within: float) -> dict[Key, tuple[bool, str]]:
        """Drain resources (namespace, name, UID); return of each whether it is gone, and what became of it."""
        at_once = asyncio.Semaphore(_AT_ONCE)

        async def one(namespace: str, name: str, uid: str) -> tuple[bool, str]:
            async with at_once:
                return await self._one(namespace, name, uid, within)

        results = await asyncio.gather(*(one(*resource) for resource in resources))
        return {
            oauth_client(namespace, name): result
            for (namespace, name, _), result in zip(resources, results, strict=True)
        }

    async def _one(self, namespace: str, name: str, uid: str, within: float) -> tuple[bool, str]:
        until = self._world.clock.elapsed() + within
        why = "not gone in time"
        while self._world.clock.elapsed() < until:
            if not self._world.calls.may_act():
                return False, "left alone: another process took the Lease"
            pause, longest = _PAUSES
            try:
                body = await self._cluster.read_oauth_client(namespace, name)
                if body is None or OAuthClient.parse(body).uid != uid:
                    return True, await self._end(uid)
                resource = OAuthClient.parse(body)
                if resource.paused:
                    return False, _PAUSED
                if not await self._begun(resource):
                    continue
                if names.FINALIZER not in resource.finalizers:
                    return False, f"let go, but held by other finalizers: {', '.join(resource.finalizers)}"
                self._watches.take(None, body)
                due = await self._reconciler.reconcile(oauth_client(namespace, name))
                why = _said(self._watches.resource(namespace, name)) or why
                if due.at is not None:
                    pause = max(pause, min(longest, (due.at - self._world.clock.now()).total_seconds()))
                elif due.backoff or due.is_woken:
                    pause = 1.0
            except RequestRefused as error:
                return False, str(error)
            except ClusterError as error:
                why = str(error)
                pause = 1.0
            await self._world.clock.sleep(pause)
        # Nobody else has to wait for a slot that is reserved for this one.
        self._world.issuers.withdraw(oauth_client(namespace, name))
        return False, why

    async def _begun(self, resource: OAuthClient) -> bool:
        """Take the next step towards the resource's deletion; return whether there is none left to take."""
        namespace, name = resource.namespace, resource.name
        if (
            self._keep_clients
            and Desired.of(resource, IssuerTerms.of_spec(resource.spec)).deletion is not DeletionPolicy.RETAIN
        ):
            # On the resource itself: whoever takes over from here on, an operator that is started again among them,
            # keeps the client, too.
            await self._cluster.patch_oauth_client(
                namespace,
                name,
                {
                    "metadata": {"uid": resource.uid, "resourceVersion": resource.resource_version},
                    "spec": {"policy": {"deletion": DeletionPolicy.RETAIN.value}},
                },
            )
            return False
        if self._keep_clients and resource.uid not in self._disowned:
            await self._disown_secrets(resource)
            self._disowned.add(resource.uid)
        if not resource.deleting:
            await self._cluster.delete_oauth_client(namespace, name, uid=resource.uid)
            return False
        return True

    async def _disown_secrets(self, resource: OAuthClient) -> None:
        """Take our owner reference off what was published, or the garbage collector takes it with the resource."""
        secret_names = {resource.status.secret.name} if resource.status.secret is not None else set()
        try:
            stored = await self._world.records.read(resource.uid)
        except UnreadableRecord:
            stored = None
        if stored is not None:
            secret_names |= {*stored.record.secrets}
        for name in sorted(secret_names):
            body = await self._cluster.read_secret(resource.namespace, name)
            if body is None or not is_owned(secret := Secret.parse(body), resource.uid):
                continue
            metadata = body["metadata"]
            references = metadata.get("ownerReferences") if isinstance(metadata, dict) else None
            if not isinstance(references, list):
                continue
            others = [r for r in references if isinstance(r, dict) and r.get("uid") != resource.uid]
            await self._cluster.patch_secret(
                resource.namespace,
                name,
                {
                    "metadata": {
                        "uid": secret.uid,
                        "resourceVersion": secret.resource_version,
                        "ownerReferences": [*others],
                    }
                },
            )

    async def _end(self, uid: str) -> str:
        try:
            stored = await self._world.records.read(uid)
        except (ClusterError, UnreadableRecord) as error:
            return f"gone; its record could not be read: {error}"
        if stored is None:
            return "gone; nothing was registered for it"
        released = stored.record.released
        return "gone without its finalizer; its record stays" if released is None else _ENDS[released.outcome]


def _said(resource: OAuthClient | None) -> str | None:
    """Return what the status says of a resource that cannot go yet."""
    if resource is None:
        return None
    ready = resource.status.ready_reason
    return None if ready is None else f"not gone yet: {ready}, see its status"
