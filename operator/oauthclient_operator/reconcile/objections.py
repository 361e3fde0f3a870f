"""Why a call is not sent after all: what it was decided on may have changed between the decision and the first byte."""

from ..plan.observed import Observed
from ..record.clients import Client
from ..record.envelope import Stored
from ..resource.oauth_client import OAuthClient
from .effects import is_outdated, resource_of
from .observe import kept_from_adoption_by, sharing_of
from .world import World

_CHANGED = "the resource was changed before the first byte"
_HELD = "another resource holds the client by now"


def none() -> str | None:
    """Return that nothing keeps a call from being sent."""
    return None


def to_adoption(world: World, observed: Observed, client: Client) -> str | None:
    """Return why a client that is handed over must not be read after all."""
    resource = resource_of(observed)
    if is_outdated(world, resource):
        return _CHANGED
    now, limits = world.clock.now(), observed.limits
    by = kept_from_adoption_by(world.watched, resource, client.issuer, client.information, now, limits)
    return None if by is None else _HELD


def to_deregistration(world: World, observed: Observed, client: Client) -> str | None:
    """Return why a deregistration must not be sent after all."""
    resource = observed.resource
    if isinstance(resource, OAuthClient) and is_outdated(world, resource):
        return _CHANGED
    if not isinstance(observed.record, Stored):
        return "the record is gone"
    shared = sharing_of(world.watched, observed.record.record, client, observed.limits.margin)
    if shared.until is not None and world.clock.now() < shared.until:
        return "another resource is deregistering the client by now"
    return _HELD if shared.held else None
