"""Which issuer is asked next in a pass: the spec's, the published client's own, or one that admitted a client."""

from dataclasses import replace

from ..plan.managing import denied_at_hand
from ..plan.observed import Observed, Turned, Unread
from ..reach import IssuerAddress
from ..record.envelope import Stored
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from .looks import forgotten
from .observe import presented_versions, with_record
from .world import World


def turned_to(turned: Turned | None, world: World, observed: Observed, desired: Desired | None) -> Observed:
    """Turn to another issuer than the spec names, or back: what was read of the one says nothing of the other."""
    if turned == observed.turned:
        return observed
    ends = any(it is not None and it.ends is not None for it in (turned, observed.turned))
    seen = observed
    if desired is None or ends:
        own = None if observed.terms is None else observed.terms.address
        seen = _for_an_end(observed, own if turned is None else turned.terms.address, world)
    if desired is not None and isinstance(observed.resource, OAuthClient) and not (ends and turned is not None):
        there = desired if turned is None else replace(desired, terms=turned.terms)
        token, statement = presented_versions(world.watched, observed.resource, there)
        seen = replace(seen, initial_access_token_version=token, software_statement_version=statement)
    return replace(forgotten(seen), server=Unread(), server_read_at=None, turned=turned)


def _for_an_end(observed: Observed, address: IssuerAddress | None, world: World) -> Observed:
    """Judge what may be called by how that issuer is reached, and note what the one asked before denies."""
    denials, why_not = observed.denials, denied_at_hand(observed)
    before = None if observed.turned is None else observed.turned.terms.resource
    if before is not None and why_not is not None:
        # Or two that both let nobody in would be asked by turns.
        denials = {**denials, before.uid: why_not}
    seen, stored = replace(observed, address=address, denials=denials), observed.record
    return with_record(seen, stored, world.watched, world.issuers) if isinstance(stored, Stored) else seen
