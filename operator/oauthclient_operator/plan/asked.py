"""What is sent to the authorization server as client metadata."""

from ..oauth.client_metadata import ClientMetadata
from ..resource.desired import Desired


def asked(desired: Desired) -> ClientMetadata | None:
    """Return the client metadata to register, or None where the spec has none that can be sent."""
    return None if desired.problem is not None else desired.metadata
