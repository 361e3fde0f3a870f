"""What an answer about a client tells of its server, for who reads an issuer's status; nothing is decided by it."""

from ..record.clients import Client
from ..resource.issuer_status import Observed


def observed_in(before: Client | None, client: Client) -> Observed:
    """Return what was seen in the answer that changed a client, or made it where it was none `before`."""
    if before is not None and before.answer == client.answer:
        return Observed()
    information = client.information
    token, secret = information.registration_access_token, information.client_secret
    return Observed(
        manageable=client.manageable,
        registration_access_tokens_rotate=(
            None if before is None else token != before.information.registration_access_token
        ),
        # RFC 7591 section 3.2.1: 0 if the secret does not expire; without a secret it says nothing.
        secrets_expire=None if secret is None else information.client_secret_expires_at > 0,
    )
