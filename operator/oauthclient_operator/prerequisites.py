"""What has to be so before a process does anything: the API server answers, definitions and fence are there.

Who ended because the API server is away would be started again later and later by the kubelet, up to five minutes after
it is back. So it is waited for, as it is once there is work. What it answers ends the process where that is wrong: a
person has to mend it.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from .backoff import Backoff
from .cluster.api import Cluster
from .cluster.connection import Connection
from .cluster.definitions import outdated_definitions
from .cluster.elapsed import elapsed
from .cluster.fence import Fence
from .errors import ClusterError, DefinitionsOutdated, Unanswered

_AWAY: Final = Backoff(first=0.5, longest=10.0)
"""Seconds between two tries."""
_REFUSED = 20.0
"""Seconds for which a refusal is none: an API server that has just begun answers before it knows anybody's rights."""

log = logging.getLogger(__name__)


async def proven(cluster: Cluster, connection: Connection, fence: Fence, chance: Callable[[], float]) -> str:
    """Wait until the API server answers, prove that all is there, and return the cluster's UID.

    Raises:
        ClusterError: it refuses to say, and goes on to.
        DefinitionsOutdated: those of our kinds are not there, or of an older release.
        FenceMissing: the admission policy is not in force, or is of an older release.
    """
    failures, refused_at = 0, None
    while True:
        try:
            cluster_uid = await cluster.namespace_uid("kube-system")
            if (why := await outdated_definitions(connection)) is not None:
                raise DefinitionsOutdated(why)
            await fence.prove()
        except ClusterError as error:
            refused_at = None if isinstance(error, Unanswered) else refused_at or elapsed()
            if refused_at is not None and elapsed() - refused_at >= _REFUSED:
                raise
            failures += 1
            pause = _AWAY.after(failures, chance())
            does = "does not answer" if refused_at is None else "refuses"
            how = {"why": str(error), "seconds": round(pause, 1)}
            log.warning(f"the API server {does}; it is asked again", extra=how)  # noqa: G004 - one of two words
            await asyncio.sleep(pause)
        else:
            return cluster_uid
