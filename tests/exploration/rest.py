"""What must be so when nothing is left to do: what is said is true, and what is not as it should be has a reason."""

from collections.abc import Iterator

from tests.exploration import invariants, recorded, settings
from tests.exploration.state import State
from tests.exploration.store import Body

UNSETTLED = ("Pending", "Deregistering")


def resting(state: State) -> Iterator[str]:
    """Iterate over what is wrong when nobody has anything to do for a while."""
    for resource in state.resources():
        if not invariants.is_deleting(resource):
            yield from _said(state, resource)
            if recorded.said(resource)[0] == "True":
                yield from _ready(state, resource)


def ending(state: State) -> Iterator[str]:
    """Iterate over what is wrong when nobody will ever have anything to do."""
    yield from resting(state)
    for resource in state.resources():
        status, reason = recorded.said(resource)
        if invariants.is_deleting(resource):
            record = record_of(state, resource)
            if record is not None and record.newer:
                # Only the newer version can let it go.
                continue
            yield f"a resource does not go ({reason})"
        elif status != "True":
            yield from _reason(state, resource, reason)
    for body in state.records():
        yield from _kept(state, recorded.facts(body))
    yield from _nowhere(state)


def _nowhere(state: State) -> Iterator[str]:
    kept = {t for b in state.records() for c in recorded.facts(b).clients for t in (c.token, *c.spares)}
    got = {token for _, token in state.past.received}
    for client in state.issuer.clients.values():
        if client.token in got and client.token not in kept and client.token not in state.past.excused:
            given_up = (
                ", for the API server refused it for more than a minute"
                if state.past.refused
                else invariants.lied_to(state)
            )
            yield f"a registration access token that was received is nowhere{given_up}"


def record_of(state: State, resource: Body) -> recorded.Facts | None:
    """Return what a resource's record says."""
    body = state.record(resource["metadata"]["uid"])
    return None if body is None else recorded.facts(body)


def _said(state: State, resource: Body) -> Iterator[str]:
    _, reason = recorded.said(resource)
    record, secret = record_of(state, resource), invariants.own_secret(state, resource)
    held = record.published if record is not None else None
    readable = record is not None and not record.newer
    works = held is not None and readable and not state.issuer.rejects(held.client_id, held.secret)
    if (
        record is not None
        and not record.newer
        and record.deletion != resource["spec"].get("policy", {}).get("deletion", "Delete")
    ):
        yield "the record does not know the policy of its resource"
    if secret is not None and works and state.issuer.rejects(*invariants.credentials(secret)):
        yield f"what is published is refused, though what works is recorded ({reason})"
    published = next((c["status"] for c in resource["status"]["conditions"] if c["type"] == "SecretPublished"), None)
    named = resource["status"].get("secret", {}).get("name", "")
    there = state.secret(named)
    if published == "True" and (there is None or not invariants.is_owned(there, resource)):
        yield f"SecretPublished is True, and there is no such Secret ({reason})"
    suspected = len(resource["status"].get("suspectedOrphans", ()))
    if record is not None and suspected != len(record.suspects):
        yield f"status says {'more' if suspected > len(record.suspects) else 'fewer'} suspects than the record"


def _ready(state: State, resource: Body) -> Iterator[str]:
    record, secret = record_of(state, resource), invariants.own_secret(state, resource)
    client_id, client_secret = invariants.credentials(secret)
    if resource["status"]["observedGeneration"] != resource["metadata"]["generation"]:
        yield "Ready is True of another generation"
    if secret is None or record is None or record.published is None:
        yield f"Ready is True without a {'Secret' if secret is None else 'record'}"
        return
    if (record.published.client_id, record.published.secret) != (client_id, client_secret):
        yield "Ready is True, and Secret and record differ"
    client = state.issuer.clients.get(client_id or "")
    if client is None:
        twice = " (that the server gave to two)" if state.issuer.dialect.repeats_itself else ""
        yield f"Ready is True, and the client is dead{twice}"
        return
    if client.secret != client_secret:
        yield "Ready is True, and the client secret is refused"
    asked = resource["spec"]["clientMetadata"]
    shared = sum(any(c.client_id == client_id for c in recorded.facts(b).clients) for b in state.records()) > 1
    if not shared and {k: client.metadata.get(k) for k in asked} != asked:
        yield "Ready is True, and the server has other metadata"
    if client.token not in (record.published.token, *record.published.spares):
        yield "Ready is True, and the registration access token is lost"
    name = invariants.secret_name(resource)
    secrets = (b for k, b in state.store.objects.items() if k[0] == "secrets" and k[1] == settings.NAMESPACE)
    if any(b["metadata"]["name"] != name and invariants.is_owned(b, resource) for b in secrets):
        yield "Ready is True, and the Secret of another name is still there"
    if set(record.secrets) != {name}:
        yield "Ready is True, and the record names a Secret that is not there"


def _reason(state: State, resource: Body, reason: str) -> Iterator[str]:
    """Iterate over what is wrong with a reason for not being ready."""
    record = record_of(state, resource)
    held = record.published if record is not None else None
    client = state.issuer.clients.get(held.client_id) if held is not None else None
    works = client is not None and held is not None and client.token in (held.token, *held.spares)
    match reason:
        case "Pending" | "Deregistering":
            yield f"a resource waits for ever ({reason})"
        case "ManagementLost" | "UpdateUnsupported" | "UpdateRejected" | "UpdateAmbiguous" if works:
            yield f"a resource rests with {reason}, though the registration access token works"
        case "ManagementLost":
            return
        case "RegistrationAmbiguous" if record is not None and record.suspects:
            return
        case "RecordMissing" if resource["metadata"]["uid"] in state.past.unrecorded | state.past.restored:
            return
        case "RegistrationUnauthorized" if state.issuer.dialect.single_use:
            return
        case "InitialAccessTokenMissing" if state.secret("idp-token") is None:
            return
        case "ClusterUnavailable" if record is not None and record.newer:
            return
        case _:
            yield f"a resource rests with {reason}"


def _is_held(state: State, client_id: str, by: recorded.Facts) -> bool:
    """Whether another record holds a client whose resource was made to go without us."""
    others = (recorded.facts(b) for b in state.records())
    held = (o for o in others if o.uid != by.uid and o.uid in state.past.forced and o.released is None)
    return any(c.client_id == client_id and c.alive for o in held for c in o.clients)


def _kept(state: State, held: recorded.Facts) -> Iterator[str]:
    """Iterate over what is wrong with a record."""
    gone = all(r["metadata"]["uid"] != held.uid for r in state.resources())
    if held.newer or (gone and held.uid in state.past.forced):
        # Reported, and never acted on.
        return
    if held.open_nonce is not None:
        yield "a call stays open"
    if gone and held.released is None:
        yield "a record whose resource is gone is not released"
    for client in held.clients:
        there = state.issuer.clients.get(client.client_id)
        used = any(True for _ in invariants.in_use(state, client.client_id)) or _is_held(state, client.client_id, held)
        could = client.alive and there is not None and there.token == client.token and not used
        person = held.uid in state.past.unrecorded or client.client_id in state.past.excused
        if gone and client.alive and there is None and not held.retains and not person:
            shared = " (that the server gave to two)" if state.issuer.dialect.repeats_itself else ""
            yield f"a record reports a client as left behind that is gone{shared}"
        if gone and could and not held.retains:
            yield "a client that could be deregistered is left behind"
        if not gone and could and client is not held.published:
            yield "a surplus client that could be deregistered stays"
        if not client.alive and there is not None and not used:
            yield f"a record calls a client gone that is there{invariants.lied_to(state)}"
