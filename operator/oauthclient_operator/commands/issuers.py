"""ClusterOAuthIssuers as commands by hand need them: their terms gone by, and let go of when nothing needs them.

They are not deleted: they hold nothing of the operator's, and an operator that is installed again uses them again.
"""

import logging
from collections.abc import Callable, Iterable, Sequence

from .. import names
from ..cluster.api import Cluster
from ..composition import Parts
from ..errors import RequestRefused
from ..oauth.json_object import JSON
from ..reach import IssuerAddress
from ..reconcile.accepted_issuers import AcceptedIssuers
from ..reconcile.issuer_ports import OperatorNamespace
from ..reconcile.world import World
from ..resource.cluster_oauth_issuer import ClusterOAuthIssuer
from ..resource.issuer_reach import ca_bundle_reference
from ..resource.json_path import child, text
from ..resource.terms import IssuerTerms
from . import undefined

Held = tuple[str, dict[str, JSON]]
"""Name and metadata of an issuer that carries our finalizer."""

log = logging.getLogger(__name__)


async def accepted(parts: Parts, world: World) -> None:
    """Have the passes of a command go by the issuers' terms, as an operator's do: access may end their clients.

    Nothing is written about an issuer.

    Raises:
        ClusterError: the issuers cannot be listed.
    """
    bodies = await undefined.issuers(parts.cluster, parts.cluster.list_whole_cluster_issuers)
    for body in bodies:
        parts.watches.issuers.offer(body)
    issuers = [ClusterOAuthIssuer.parse(body) for body in bodies]
    await accept(issuers, world.accepted, parts.operator_namespace, parts.doors.why_none)


async def accept(
    issuers: Iterable[ClusterOAuthIssuer],
    accepted_issuers: AcceptedIssuers,
    namespace: OperatorNamespace,
    why_no_door: Callable[[IssuerAddress], str | None],
) -> None:
    """Accept the terms of each issuer that can be honoured from here."""
    for issuer in issuers:
        reference, authorities = ca_bundle_reference(issuer.spec), None
        if reference is not None:
            try:
                found = await namespace.config_map(reference.config_map)
            except RequestRefused as error:
                log.warning("an issuer cannot be used", extra={"issuer": issuer.name, "why": str(error)})
                continue
            authorities = None if found is None else found.data.get(reference.key)
        terms = IssuerTerms.of_issuer(issuer, authorities)
        no_door = None if terms.problems else why_no_door(terms.address)
        problems = terms.problems if no_door is None else (no_door,)
        if problems:
            log.warning("an issuer cannot be used", extra={"issuer": issuer.name, "why": "; ".join(problems)})
            continue
        accepted_issuers.accept(issuer.name, terms)


async def held(cluster: Cluster) -> list[Held]:
    """Return the issuers that carry the operator's finalizer."""
    listed = [child(body, "metadata") for body in await undefined.issuers(cluster, cluster.list_cluster_issuers)]
    found = ((text(metadata, "name") or "", {**metadata}) for metadata in listed)
    return [(name, metadata) for name, metadata in found if names.ISSUER_FINALIZER in _finalizers(metadata)]


async def let_go(cluster: Cluster, issuers: Sequence[Held]) -> None:
    """Take the operator's finalizer off each of them, and no other.

    Raises:
        ClusterError: the API server did not do it, or somebody wrote one of them meanwhile.
    """
    for name, metadata in issuers:
        others: list[JSON] = [f for f in _finalizers(metadata) if f != names.ISSUER_FINALIZER]
        version = {part: metadata.get(part) for part in ("uid", "resourceVersion")}
        await cluster.patch_cluster_issuer(name, {"metadata": {**version, "finalizers": others}})


def _finalizers(metadata: dict[str, JSON]) -> list[JSON]:
    found = metadata.get("finalizers")
    return found if isinstance(found, list) else []
