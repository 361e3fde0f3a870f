"""Lists of our kinds whose definition may have gone first, and every object of them with it.

For lists alone, of which nothing is destroyed. That the API server has no such definition does not prove that an object
is gone: where somebody took the definition's own finalizer off, as is done where its deletion hangs, every object stays
in storage, and comes back with its UID as soon as the definition is applied again (measured). So who deregisters the
client of a resource that is gone has that resource read by its name, which the API server answers of a kind that it
serves, and else goes no further.
"""

from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar

from .. import names
from ..cluster.api import Cluster
from ..errors import Unanswered
from ..oauth.json_object import JSON

_T = TypeVar("_T")


async def oauth_clients(cluster: Cluster, namespaces: Collection[str] = ()) -> list[tuple[str, str, str]]:
    """Return namespace, name and UID of every OAuthClient, in those namespaces or in all.

    Raises:
        ClusterError: as below.
    """
    return await listed(cluster, names.PLURAL, lambda: cluster.list_oauth_clients(namespaces))


async def issuers(cluster: Cluster, listing: Callable[[], Awaitable[list[dict[str, JSON]]]]) -> list[dict[str, JSON]]:
    """Return ClusterOAuthIssuers by one of the ways to list them.

    Raises:
        ClusterError: as below.
    """
    return await listed(cluster, names.ISSUER_PLURAL, listing)


async def listed(cluster: Cluster, plural: str, listing: Callable[[], Awaitable[list[_T]]]) -> list[_T]:
    """Return what is listed of a kind; nothing where the kind itself is not there.

    Of a kind without a definition the API server says 404 in plain text, as a proxy may, too. That there is no such
    definition it says by a Status.

    Raises:
        ClusterError: it did not answer.
    """
    try:
        return await listing()
    except Unanswered as error:
        if error.status != 404 or await cluster.has_definition(plural):
            raise
        return []
