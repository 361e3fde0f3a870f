"""The first look at a resource in a pass: what the watches know, without a request."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from ..oauth.json_object import JSON
from ..plan.observed import Limits, Observed, SecretMetadata, Unread
from ..record.envelope import DELETING, LEFT, Stored, client_label
from ..resource.desired import Desired
from ..resource.json_path import objects, text
from ..resource.oauth_client import OAuthClient
from .memory import Memory
from .ports import Issuers, Watched


def observe(
    watched: Watched, resource: OAuthClient | None, desired: Desired | None, memory: Memory, limits: Limits
) -> Observed:
    """Return what is known of a resource before anything was read."""
    if resource is None or desired is None:
        return Observed(resource=None, limits=limits)
    limit = limits.records_per_namespace
    names = {n for n in (desired.publication and desired.publication.secret_name, published_name(resource)) if n}
    found = (watched.secret(resource.namespace, name) for name in names)
    summary = watched.record(resource.uid)
    return Observed(
        resource=resource,
        summary=summary,
        crowded=summary is None and watched.records_of(resource.namespace) >= limit,
        secret_metadata={secret.name: secret for secret in found if secret is not None},
        initial_access_token_version=token_version(watched, resource, desired),
        held=memory.held,
        heal_not_before=memory.heal_not_before,
        limits=limits,
    )


def published_name(resource: OAuthClient) -> str | None:
    """Return the name of the Secret that was published last."""
    return resource.status.secret.name if resource.status.secret is not None else None


def secret_metadata(metadata: Mapping[str, JSON]) -> SecretMetadata:
    """Return what an object's metadata say of a Secret."""
    return SecretMetadata(
        name=text(metadata, "name") or "",
        uid=text(metadata, "uid") or "",
        resource_version=text(metadata, "resourceVersion") or "",
        owner_uids=frozenset(text(owner, "uid") or "" for owner in objects(metadata, "ownerReferences")),
    )


def version_of(secret: SecretMetadata) -> str:
    """Return what tells one version of a Secret from all others."""
    return f"{secret.uid}/{secret.resource_version}"


def token_version(watched: Watched, resource: OAuthClient, desired: Desired) -> str | Unread | None:
    """Return which version of the initial access token's Secret there is."""
    if desired.initial_access_token is None:
        return None
    return watched.initial_access_token_version(resource.namespace, desired.initial_access_token)


def basis(resource: OAuthClient, token: str | Unread | None) -> object:
    """Return what, if it changes, makes a failed call worth another try at once."""
    return resource.uid, resource.generation, resource.deleting, resource.resolve, token


def with_record(observed: Observed, stored: Stored, watched: Watched, issuers: Issuers) -> Observed:
    """Add a record that was read or written, and what other records say of its clients."""
    record = stored.record
    sharing, deleting, unmanageable = set(), set(), set()
    for client in record.clients:
        uri = client.information.registration_client_uri
        if uri is None:
            continue
        others = {u: v for u, v in watched.records_with(client_label(uri)).items() if u != record.subject.uid}
        if set(others.values()) - {LEFT}:
            sharing.add(client.key)
        if DELETING in others.values():
            deleting.add(client.key)
        if not issuers.admits_endpoint(record.issuer, uri):
            unmanageable.add(client.key)
    return replace(
        observed,
        record=stored,
        sharing=frozenset(sharing),
        sharing_deletion=frozenset(deleting),
        unmanageable=frozenset(unmanageable),
    )


def due(times: tuple[datetime | None, ...]) -> datetime | None:
    """Return the earliest of those times that are set."""
    return min((t for t in times if t is not None), default=None)
