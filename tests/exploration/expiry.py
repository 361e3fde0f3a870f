"""A published secret does not die by expiry while its server would have renewed it, whatever lies around."""

from collections.abc import Iterator

from tests.exploration import invariants, recorded, settings
from tests.exploration.issuer import Registered
from tests.exploration.state import State
from tests.exploration.store import Body


def wrong(state: State) -> Iterator[str]:
    """Iterate over what has expired: its server gives another secret to whoever asks."""
    if any(client.has_expired(state.now) for client in _published(state)):
        yield "a published secret has expired that its server would have renewed"


def _published(state: State) -> Iterator[Registered]:
    """Iterate over the clients that are published with the secret that their server knows, and that are to live."""
    if not state.issuer.dialect.lifetime:
        return
    for resource in state.resources():
        client_id, secret = invariants.credentials(invariants.own_secret(state, resource))
        client = state.issuer.clients.get(client_id or "")
        if client is not None and client.secret == secret and not _waits_for_a_person(state, resource):
            yield client


def _waits_for_a_person(state: State, resource: Body) -> bool:
    """Whether somebody wants it so, or has to look first."""
    uid, past = resource["metadata"]["uid"], state.past
    if invariants.is_deleting(resource) or invariants.is_paused(resource):
        return True
    if uid in past.unrecorded | past.restored | past.outdated:
        return True
    body = state.record(uid)
    record = None if body is None else recorded.facts(body)
    if record is None or record.newer:
        return True
    own = [number for number in record.suspects if number >= (record.replacing or 0)]
    holds = resource["spec"].get("policy", {}).get("ambiguous") == "Hold"
    # What was not understood is not asked for again: the same answer would come.
    unclear = "not-understood" in record.closed.values()
    return len(own) >= settings.SUSPECTS or (bool(own) and (holds or unclear))
