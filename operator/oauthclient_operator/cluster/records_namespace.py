"""Is the records namespace the operator's alone? What can be asked of that without any right that it does not need."""

from typing import Final

from .. import names
from .connection import METADATA_LIST, Connection
from .target import secret

_SHOWN: Final = 5
_MADE_BY_THE_CLUSTER: Final = ("kubernetes.io/service-account-token", "kubernetes.io/dockercfg")
"""Older Kubernetes and OpenShift put such Secrets into every namespace."""


async def other_secrets(connection: Connection, namespace: str) -> tuple[str, ...]:
    """Return the names of some Secrets in the records namespace that are no records; there should be none.

    Who has a reason to put one there has rights there, and who may read Secrets there can manage every client. Who
    that is, the API server tells only those who may ask about others' rights, which the operator may not.

    Raises:
        ClusterError: the API server did not answer.
    """
    others = ",".join(f"type!={kind}" for kind in (names.RECORD_TYPE, *_MADE_BY_THE_CLUSTER))
    query = {"fieldSelector": others, "limit": str(_SHOWN)}
    body = await connection.request("GET", secret(namespace), query=query, accept=METADATA_LIST)
    items = body.get("items")
    found = [item.get("metadata") for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return tuple(str(metadata.get("name")) for metadata in found if isinstance(metadata, dict))
