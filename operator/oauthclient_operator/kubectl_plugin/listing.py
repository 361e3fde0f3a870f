"""The OAuthClients of a namespace, or of all, as they are stored."""

from .. import names
from ..cluster.connection import JSON_TYPE, Connection
from ..cluster.target import OAUTH_CLIENTS, Target
from ..oauth.json_object import JSON


async def oauth_clients(connection: Connection, namespace: str | None) -> list[dict[str, JSON]]:
    """Return all of a namespace, or of all namespaces.

    Raises:
        ClusterError: they cannot be listed.
    """
    found: list[dict[str, JSON]] = []

    def take(item: JSON) -> None:
        if isinstance(item, dict):
            found.append(item)

    target = Target(api=OAUTH_CLIENTS, resource=names.PLURAL, namespace=namespace)
    await connection.list_all(target, take, accept=JSON_TYPE)
    return found
