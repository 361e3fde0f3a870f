"""Events (events.k8s.io/v1) about OAuthClients and ClusterOAuthIssuers."""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, Protocol

from .. import names
from ..errors import ClusterError, NamespaceTerminating
from ..oauth.json_object import JSON
from ..resource.cluster_oauth_issuer import ClusterOAuthIssuer
from ..resource.oauth_client import OAuthClient

_LOG = logging.getLogger(__name__)

_NOTE_BYTES = 1024
_NAME_LENGTH = 253
_INSTANCE_LENGTH = 128
TERMINATING_NAMESPACE_EVENTS: Final = "default"
"""Where an Event goes whose namespace is being deleted: nothing new can be created there."""
CLUSTER_EVENTS: Final = "default"
"""Where Events about what is in no namespace have to be."""


class EventVerbs(Protocol):
    """The verb of `Cluster` that is needed here."""

    async def create_event(self, namespace: str, manifest: Mapping[str, JSON]) -> None:
        """Create an Event."""
        ...


class Events:
    """Create them; `suffix` makes a name that nobody has used, `instance` is who we are among the replicas."""

    def __init__(
        self, cluster: EventVerbs, *, instance: str, now: Callable[[], datetime], suffix: Callable[[], str]
    ) -> None:
        self._cluster = cluster
        self._instance = instance
        self._now = now
        self._suffix = suffix

    async def announce(self, resource: OAuthClient, reason: str, note: str, *, warning: bool) -> None:
        """Create an Event; one that cannot be created is no reason to fail."""
        metadata: dict[str, JSON] = {
            "namespace": resource.namespace,
            "name": resource.name,
            "uid": resource.uid,
            "resourceVersion": resource.resource_version,
        }
        places = resource.namespace, TERMINATING_NAMESPACE_EVENTS
        await self._create(metadata, names.KIND, places, reason, note, warning=warning)

    async def announce_issuer(self, issuer: ClusterOAuthIssuer, reason: str, note: str, *, warning: bool) -> None:
        """Create an Event about a ClusterOAuthIssuer; one that cannot be created is no reason to fail."""
        metadata: dict[str, JSON] = {
            "name": issuer.name,
            "uid": issuer.uid,
            "resourceVersion": issuer.resource_version,
        }
        await self._create(metadata, names.ISSUER_KIND, (CLUSTER_EVENTS,), reason, note, warning=warning)

    async def _create(
        self,
        metadata: Mapping[str, JSON],
        kind: str,
        namespaces: tuple[str, ...],
        reason: str,
        note: str,
        *,
        warning: bool,
    ) -> None:
        """Create an Event in the first of these namespaces that takes one."""
        for namespace in namespaces:
            manifest = event(
                metadata,
                kind=kind,
                reason=reason,
                action="Reconcile",
                note=note,
                warning=warning,
                instance=self._instance,
                now=self._now(),
                suffix=self._suffix()[:12],
                namespace=namespace,
            )
            try:
                await self._cluster.create_event(namespace, manifest)
            except NamespaceTerminating:
                continue
            except ClusterError as error:
                _LOG.debug("an Event could not be created", extra={"why": str(error)})
            return


def event(
    metadata: Mapping[str, JSON],
    *,
    reason: str,
    action: str,
    note: str,
    warning: bool,
    instance: str,
    now: datetime,
    suffix: str,
    kind: str = names.KIND,
    namespace: str | None = None,
) -> dict[str, JSON]:
    """Return the manifest of an Event about the resource of that kind of ours, with that metadata.

    `reason` and `action` are CamelCase words, `instance` is who we are among the replicas, `suffix` makes the name
    unique, `namespace` is another one than the resource's. Notes and names are cut to what the API server takes.
    """
    name, home = str(metadata["name"]), metadata.get("namespace")
    return {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        # `generateName` is refused where the generated name is no subdomain: "web." and five letters.
        "metadata": {"name": f"{name[: _NAME_LENGTH - len(suffix) - 1]}.{suffix}", "namespace": namespace or home},
        "eventTime": micro_time(now),
        "reportingController": f"{names.GROUP}/{names.OPERATOR}",
        "reportingInstance": instance[:_INSTANCE_LENGTH],
        "type": "Warning" if warning else "Normal",
        "reason": reason,
        "action": action,
        "note": _cut(note),
        "regarding": {
            "apiVersion": names.API_VERSION,
            "kind": kind,
            **({} if home is None else {"namespace": home}),
            "name": name,
            "uid": metadata["uid"],
            "resourceVersion": metadata["resourceVersion"],
        },
    }


def micro_time(moment: datetime) -> str:
    """Return a moment as a MicroTime of Kubernetes."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _cut(note: str) -> str:
    encoded = note.encode()
    if len(encoded) <= _NOTE_BYTES:
        return note
    return encoded[: _NOTE_BYTES - len("…".encode())].decode(errors="ignore") + "…"
