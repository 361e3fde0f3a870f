"""What, if it changes, makes a call that failed worth another try at once."""

from collections.abc import Mapping

from ..resource.desired import Desired
from ..resource.key import Key
from ..resource.oauth_client import OAuthClient
from ..resource.secret import SecretMetadata
from .presented import Presented
from .world import World


def basis(
    world: World,
    key: Key,
    resource: OAuthClient,
    desired: Desired,
    published: Mapping[str, SecretMetadata],
    presented: Presented,
) -> object:
    """Return what, if it changes, makes a failed call worth another try at once."""
    asked = resource.generation, resource.deleting, resource.resolve
    by_annotation = resource.retry, resource.refresh, resource.rotate, resource.prove
    turns = world.issuers.turns(desired.terms.address, resource.namespace), world.access_tokens.turns(key)
    adopts = world.watched.secret(resource.namespace, desired.adopt) if desired.adopt is not None else None
    secrets = _in_the_way(published, resource, desired), adopts.version if adopts is not None else None
    # Other terms of its issuer, or other authorities there, may be what was missing.
    return resource.uid, asked, by_annotation, secrets, presented, turns, desired.terms.address, desired.applied


def _in_the_way(published: Mapping[str, SecretMetadata], resource: OAuthClient, desired: Desired) -> str | None:
    """Return which version there is of a Secret that is not the resource's and has the name of the one to publish."""
    found = published.get(desired.publication.secret_name) if desired.publication is not None else None
    return found.version if found is not None and resource.uid not in found.owner_uids else None
