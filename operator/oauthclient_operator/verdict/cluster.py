"""The words for what the API server did not do."""

from ..errors import ClusterError
from ..names import Reason
from .verdict import Verdict


def cluster_failed(error: ClusterError) -> Verdict:
    """A request came to nothing; its error says which, and why."""
    return Verdict(
        reason=Reason.CLUSTER_UNAVAILABLE, message=f"{error}; it is tried again by itself, within five minutes"
    )
