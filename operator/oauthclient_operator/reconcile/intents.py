"""What each call says, from what is observed: the request and what the record has to hold of it."""

from ..oauth import rfc7591, rfc7592, rfc8705
from ..oauth.client_metadata import ClientMetadata
from ..oauth.rfc8414 import ServerMetadata
from ..record.model import CallKind, Client, Record
from ..record.transitions import next_attempt
from .calls import Intent
from .credential import InitialAccessToken


def registration(
    record: Record,
    server: ServerMetadata,
    metadata: ClientMetadata,
    initial_access_token: InitialAccessToken | None,
    credential: str | None,
) -> Intent:
    """Return the intent to register: the metadata as written, with the initial access token if one is named."""
    if server.registration_endpoint is None:
        raise ValueError("plan registers only where there is a registration endpoint")
    token = initial_access_token.token if initial_access_token is not None else None
    last = record.last(CallKind.REGISTER)
    return Intent(
        kind=CallKind.REGISTER,
        request=rfc7591.registration_request(server.registration_endpoint, metadata, token),
        proof_key=initial_access_token.dpop_key if initial_access_token is not None else None,
        repeats=last is not None and last.to_be_repeated,
        attempt=next_attempt(record),
        digest=metadata.digest(),
        metadata=metadata.members,
        credential=credential,
        endpoints=rfc8705.with_aliases(server),
    )


def update(client: Client, server: ServerMetadata, metadata: ClientMetadata) -> Intent:
    """Return the intent to update: the desired members over the server's last answer."""
    # What a merging server kept is not sent back to it: it was taken out on purpose.
    previous = frozenset({*(client.confirmed or {}), *client.kept})
    return Intent(
        kind=CallKind.UPDATE,
        request=rfc7592.update_request(client.information, metadata, previous),
        client=client.key,
        client_id=client.information.client_id,
        digest=metadata.digest(),
        metadata=metadata.members,
        # Metadata that are gone take nothing away from an app.
        endpoints=rfc8705.with_aliases(server) or client.endpoints,
    )


def deregistration(client: Client) -> Intent:
    """Return the intent to deregister a client with the token in the record, at the address in the record."""
    return Intent(kind=CallKind.DEREGISTER, request=rfc7592.deletion_request(client.information), client=client.key)
