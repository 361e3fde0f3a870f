"""Why the authorization server has to be told something: one predicate over a client and what is desired."""

from ..oauth.client_metadata import ClientMetadata
from ..record.clients import Client, UpdateDue


def is_update_due(client: Client, metadata: ClientMetadata) -> bool:
    """Whether the server has to be told: the desired metadata are not the confirmed ones, or nobody knows which hold.

    Never because the server's answer differs from the request: that is named in status and not fought. A token that
    was refused is tried again, too: whoever stands before the server may have refused it.
    """
    if isinstance(client.standing, UpdateDue) or client.management_lost:
        return True
    digest = metadata.digest()
    if client.confirmed is not None and _version(client.confirmed.digest) == _version(digest):
        return client.confirmed.digest != digest
    # A digest of another version says nothing; the values do.
    return client.confirmed is None or client.confirmed.members != metadata.members


def _version(digest: str) -> str:
    return digest.partition(":")[0]
