"""The first look in a pass: what the watches know, without a request."""

from dataclasses import replace

from ..plan import pauses
from ..plan.observed import Limits, Observed, Unread
from ..record.envelope import Stored
from ..record.summary import DELETING, LEFT, Summary, client_label
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from ..resource.terms import ByInitialAccessToken
from .memory import Memory
from .ports import Issuers, Watched


def observe(watched: Watched, resource: OAuthClient, desired: Desired, memory: Memory, limits: Limits) -> Observed:
    """Return what is known of a resource before anything was read."""
    published = resource.status.secret.name if resource.status.secret is not None else None
    names = {n for n in (desired.publication and desired.publication.secret_name, published) if n}
    found = (watched.secret(resource.namespace, name) for name in names)
    summary = watched.record(resource.uid)
    return Observed(
        resource=resource,
        summary=summary,
        crowded=summary is None and watched.records_of(resource.namespace) >= limits.records_per_namespace,
        secret_metadata={secret.name: secret for secret in found if secret is not None},
        initial_access_token_version=token_version(watched, resource, desired),
        failures=memory.failures,
        held=memory.held,
        heal_not_before=pauses.heal_not_before(memory.heals, memory.healed_at),
        limits=limits,
    )


def observe_record(summary: Summary, memory: Memory, limits: Limits) -> Observed:
    """Return what is known of a record whose resource is not, before anything was read."""
    return Observed(
        resource=Unread(),
        summary=summary,
        failures=memory.failures,
        held=memory.held,
        rests_until=memory.rests_until,
        limits=limits,
    )


def token_version(watched: Watched, resource: OAuthClient, desired: Desired) -> str | Unread | None:
    """Return which version of the initial access token's Secret there is."""
    if not isinstance(desired.terms.access, ByInitialAccessToken):
        return None
    return watched.initial_access_token_version(resource.namespace, desired.terms.access.secret)


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
        held_as = holds_of_others(watched, record.subject.uid, uri)
        if held_as - {LEFT}:
            sharing.add(client.key)
        if DELETING in held_as:
            deleting.add(client.key)
        if not issuers.admits_endpoint(client.issuer, uri):
            unmanageable.add(client.key)
    return replace(
        observed,
        record=stored,
        sharing=frozenset(sharing),
        sharing_deletion=frozenset(deleting),
        unmanageable=frozenset(unmanageable),
    )


def holds_of_others(watched: Watched, uid: str, registration_client_uri: str) -> set[str]:
    """Return how other records than that of a UID hold the client at an address."""
    return {held for other, held in watched.records_with(client_label(registration_client_uri)).items() if other != uid}
