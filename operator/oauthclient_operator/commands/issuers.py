"""ClusterOAuthIssuers let go of: with the last OAuthClient gone nothing needs them, and nobody else would do it.

They are not deleted: they hold nothing of the operator's, and an operator that is installed again uses them again.
"""

from collections.abc import Sequence

from .. import names
from ..cluster.api import Cluster
from ..errors import NotFound
from ..oauth.json_object import JSON
from ..resource.json_path import child, text

Held = tuple[str, dict[str, JSON]]
"""Name and metadata of an issuer that carries our finalizer."""


async def held(cluster: Cluster) -> list[Held]:
    """Return the issuers that carry the operator's finalizer."""
    try:
        listed = [child(body, "metadata") for body in await cluster.list_cluster_issuers()]
    except NotFound:
        # The definition went first, and every issuer with it.
        return []
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
