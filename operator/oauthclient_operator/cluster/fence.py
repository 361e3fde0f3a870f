"""The fence around our own service account: is it there? Asked at start, by doing what it has to forbid."""

import asyncio
import re
from typing import Final

from .. import names
from ..errors import NotFound, RequestRefused
from ..oauth.json_object import JSON
from .api import Cluster

_OLDEST: Final = (1, 30)
"""Kubernetes with ValidatingAdmissionPolicy."""
_TRIES = 20
_PAUSE = 0.5
"""Seconds; a policy applies about a second after its binding was made."""


async def missing_fence(cluster: Cluster, records_namespace: str, *, policy: str = names.OPERATOR) -> str | None:
    """Return what is wrong with the fence, for people, or None where it stands.

    A dry run creates a Secret that nobody owns in the records namespace. It must be denied, and in our policy's name:
    other parts of the API server deny things too, and would go on denying only as long as they like.

    Raises:
        ClusterError: the API server did not answer.
    """
    if await cluster.version() < _OLDEST:
        return "this Kubernetes has no ValidatingAdmissionPolicy; 1.30 or newer is needed"
    problem = await _probe(cluster, records_namespace, policy)
    for _ in range(_TRIES):
        if problem is None:
            return None
        await asyncio.sleep(_PAUSE)
        problem = await _probe(cluster, records_namespace, policy)
    return problem


async def _probe(cluster: Cluster, namespace: str, policy: str) -> str | None:
    probe: dict[str, JSON] = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "fence-probe"},
        "type": "Opaque",
    }
    try:
        await cluster.create_secret(namespace, probe, dry_run=True)
    except NotFound:
        return f"there is no namespace {namespace} for the registration records"
    except RequestRefused as error:
        # An installation under a prefix of its own has the policy under it too.
        if re.search(rf"ValidatingAdmissionPolicy '[^']*{re.escape(policy)}'", str(error)):
            return None
        return f"the admission policy {policy} was not what denied the probe: {error}"
    return f"the admission policy {policy} does not deny what it must: is it installed, with its binding?"
