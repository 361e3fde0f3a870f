"""What is asked for: the client metadata that are sent, and what a person asks for once by an annotation."""

from ..oauth.client_metadata import ClientMetadata
from ..record.record import Record
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient


def asked(desired: Desired) -> ClientMetadata | None:
    """Return the client metadata to register, or None where the spec has none that can be sent."""
    return desired.metadata if desired.honoured else None


def asked_to_retry(resource: OAuthClient, record: Record) -> str | None:
    """Return the annotation, if it is a new one, by which a person asks that whatever waits be tried now."""
    return resource.retry if resource.retry != record.retry else None


def asked_to_refresh(resource: OAuthClient, record: Record) -> str | None:
    """Return the annotation, if it is a new one, by which a person asks that the client be read at the server."""
    return resource.refresh if resource.refresh != record.refresh else None


def asked_to_prove(resource: OAuthClient, record: Record) -> str | None:
    """Return the annotation, if it is a new one, by which a person asks that what is published be proven."""
    return resource.prove if resource.prove != record.prove else None
