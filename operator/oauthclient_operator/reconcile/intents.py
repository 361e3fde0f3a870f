"""What each call says, from what is observed: the request, and what the record has to hold of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..exchange import Request
from ..oauth import rfc7591, rfc7592, rfc8705
from ..oauth.client_metadata import ClientMetadata
from ..oauth.jose import PrivateKey
from ..oauth.rfc8414 import ServerMetadata
from ..record.calls import Asked, CallKind, DeregisterCall, RegisterCall, UpdateCall, What, fingerprint
from ..record.clients import Client
from ..record.record import Record
from ..record.registering import next_attempt
from ..resource.initial_access_token import InitialAccessToken


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A call to be made at an issuer: what is written down of it, and the request itself.

    With `proof_key` the request gets a DPoP proof when it is sent: of the key no more than its thumbprint is written
    down, and of the proof nothing. `client_id` is the identifier of the client that it is about, if there is one.
    """

    issuer: str
    trust: str
    what: What
    request: Request
    client_id: str | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict)
    proof_key: PrivateKey | None = None


def registration(
    record: Record,
    server: ServerMetadata,
    metadata: ClientMetadata,
    token: InitialAccessToken | None,
    *,
    trust: str,
    credential: str | None,
) -> Intent:
    """Return the intent to register: the metadata as written, with the initial access token if one is named."""
    if server.registration_endpoint is None:
        raise ValueError("plan registers only where there is a registration endpoint")
    last = record.last(CallKind.REGISTER)
    proof_key = token.dpop_key if token is not None else None
    request = rfc7591.registration_request(
        server.registration_endpoint, metadata, token.token if token is not None else None
    )
    return Intent(
        issuer=server.issuer,
        trust=trust,
        what=RegisterCall(
            attempt=next_attempt(record),
            asked=Asked(metadata.digest(), metadata.members),
            bearer=fingerprint(request.credentials),
            credential=credential,
            proof_key=proof_key.thumbprint if proof_key is not None else None,
            repeats=last is not None and last.to_be_repeated,
        ),
        request=request,
        endpoints=rfc8705.with_aliases(server),
        proof_key=proof_key,
    )


def update(client: Client, server: ServerMetadata, metadata: ClientMetadata) -> Intent:
    """Return the intent to update: the desired members over the server's last answer."""
    # What a merging server kept is not sent back to it: it was taken out on purpose.
    previous = frozenset({*client.accepted.members, *client.kept})
    request = rfc7592.update_request(client.information, metadata, previous)
    return Intent(
        issuer=client.issuer,
        trust=client.trust,
        what=UpdateCall(
            client=client.key,
            asked=Asked(metadata.digest(), metadata.members),
            bearer=fingerprint(request.credentials),
        ),
        request=request,
        client_id=client.information.client_id,
        # Metadata that are gone take nothing away from an app.
        endpoints=rfc8705.with_aliases(server) or client.endpoints,
    )


def deregistration(client: Client) -> Intent:
    """Return the intent to deregister a client with the token in the record, at the address in the record."""
    request = rfc7592.deletion_request(client.information)
    return Intent(
        issuer=client.issuer,
        trust=client.trust,
        what=DeregisterCall(client=client.key, bearer=fingerprint(request.credentials)),
        request=request,
        client_id=client.information.client_id,
    )
