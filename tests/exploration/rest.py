"""What must be so when nothing is left to do: what is said is true, and what is not as it should be has a reason."""

from collections.abc import Iterator

from tests.exploration import invariants, recorded, settings, unready
from tests.exploration.state import State
from tests.exploration.store import Body
from tests.exploration.unready import record_of

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
            if invariants.is_paused(resource) or (record is not None and record.newer):
                # Only the newer version can let it go, or who lets it go on.
                continue
            yield f"a resource does not go ({reason})"
        elif status != "True":
            yield from unready.wrong(state, resource, reason)
        else:
            yield from _finished(state, resource)
    for body in state.records():
        yield from _kept(state, recorded.facts(body))
    # Whose record a person deleted, of that one nobody knows what it publishes.
    known = [r for r in state.resources() if r["metadata"]["uid"] not in state.past.unrecorded]
    published = [p for r in known if (p := invariants.published_by(state, r)) is not None]
    twice = state.issuer.dialect.repeats_itself or state.issuer.dialect.gives_again
    if len({*published}) < len(published) and not twice:
        yield "two resources publish one client"
    yield from _nowhere(state)


def _finished(state: State, resource: Body) -> Iterator[str]:
    """Iterate over what is wrong with a replacement, where the resource is ready."""
    record = record_of(state, resource)
    if record is None or invariants.is_paused(resource):
        return
    if any(until <= state.now for until in record.leaving):
        # Where another resource waits for somebody again and again nobody waits here for the date of this one.
        yield "a pair that is leaving stays"
    failing = any(c["type"] == "Renewing" and c["status"] == "False" for c in resource["status"]["conditions"])
    if record.replacing is not None and not failing:
        yield "a replacement does not end, and nobody says so"
    asked = resource["metadata"].get("annotations", {}).get(settings.ROTATE)
    if asked is not None and record.rotate is None:
        yield "a rotation that was asked for is not begun"
    first = record.edition == 1 and record.replacing is None and resource["metadata"]["uid"] not in state.past.outdated
    if record.rotate is not None and first and not record.without_effect:
        yield "a rotation that was asked for brought nothing, and nobody says so"
    if resource["metadata"].get("annotations", {}).get(settings.PROVE) is not None and record.prove is None:
        yield "a proof that was asked for is not made"


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


def _said(state: State, resource: Body) -> Iterator[str]:
    _, reason = recorded.said(resource)
    record, secret = record_of(state, resource), invariants.own_secret(state, resource)
    held = record.published if record is not None else None
    readable = record is not None and not record.newer
    works = held is not None and readable and not state.issuer.rejects(held.client_id, held.credential, state.now)
    if (
        record is not None
        and not record.newer
        and record.deletion != resource["spec"].get("policy", {}).get("deletion", "Delete")
    ):
        yield "the record does not know the policy of its resource"
    # Who pauses it between an answer and its publication wants it so.
    works = works and not invariants.is_paused(resource)
    if secret is not None and works and state.issuer.rejects(*invariants.credentials(secret), state.now):
        yield f"what is published is refused, though what works is recorded ({reason})"
    published = next((c["status"] for c in resource["status"]["conditions"] if c["type"] == "SecretPublished"), None)
    named = resource["status"].get("secret", {}).get("name", "")
    there = state.secret(named)
    if published == "True" and (there is None or not invariants.is_owned(there, resource)):
        yield f"SecretPublished is True, and there is no such Secret ({reason})"
    suspected = len(resource["status"].get("suspectedOrphans", ()))
    # Where the record was taken back the status knows more.
    older = resource["metadata"]["uid"] in state.past.outdated
    if record is not None and not older and suspected != len(record.suspects):
        yield f"status says {'more' if suspected > len(record.suspects) else 'fewer'} suspects than the record"


def _ready(state: State, resource: Body) -> Iterator[str]:
    record, secret = record_of(state, resource), invariants.own_secret(state, resource)
    client_id, client_secret = invariants.credentials(secret)
    if resource["status"]["observedGeneration"] != resource["metadata"]["generation"]:
        yield "Ready is True of another generation"
    if invariants.is_paused(resource):
        # What others do to its Secret, or at its server, is not looked at.
        return
    if secret is None or record is None or record.published is None:
        yield f"Ready is True without a {'Secret' if secret is None else 'record'}"
        return
    if (record.published.client_id, record.published.credential) != (client_id, client_secret):
        yield "Ready is True, and Secret and record differ"
    client = state.issuer.clients.get(client_id or "")
    if client_id in state.past.gone:
        # Its server ended it, and proof alone could show that.
        return
    if client is None:
        twice = " (that the server gave to two)" if state.issuer.dialect.repeats_itself else ""
        yield f"Ready is True, and the client is dead{twice}"
        return
    if not client.has_expired(state.now) and not client.accepts(client_secret, state.now):
        yield "Ready is True, and the client secret is refused"
    if client.issuer != resource["spec"]["issuer"]:
        yield "Ready is True, and the client is another issuer's"
    asked = resource["spec"]["clientMetadata"]
    shared = sum(any(c.client_id == client_id for c in recorded.facts(b).clients) for b in state.records()) > 1
    if not shared and {k: client.metadata.get(k) for k in asked} != asked:
        yield "Ready is True, and the server has other metadata"
    known = (record.published.token, *record.published.spares)
    if client.token not in known and client.token not in state.past.excused:
        told = ", as its message says of a read" if record.published.unread else ""
        yield f"Ready is True, and the registration access token is lost{told}"
    name = invariants.secret_name(resource)
    secrets = (b for k, b in state.store.objects.items() if k[0] == "secrets" and k[1] == settings.NAMESPACE)
    if any(b["metadata"]["name"] != name and invariants.is_owned(b, resource) for b in secrets):
        yield "Ready is True, and the Secret of another name is still there"
    if set(record.secrets) != {name} and resource["metadata"]["uid"] not in state.past.outdated:
        yield "Ready is True, and the record names a Secret that is not there"


def _is_held(state: State, client_id: str, by: recorded.Facts) -> bool:
    """Whether another record holds a client whose resource was made to go without us."""
    others = (recorded.facts(b) for b in state.records())
    held = (o for o in others if o.uid != by.uid and o.uid in state.past.forced and o.released is None)
    return any(c.client_id == client_id and c.alive for o in held for c in o.clients)


def _kept(state: State, held: recorded.Facts) -> Iterator[str]:
    """Iterate over what is wrong with a record."""
    gone = all(r["metadata"]["uid"] != held.uid for r in state.resources())
    if any(r["metadata"]["uid"] == held.uid and invariants.is_paused(r) for r in state.resources()):
        return
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
        person = held.uid in state.past.unrecorded or client.client_id in state.past.excused | state.past.gone
        if gone and client.alive and there is None and not held.retains and not person:
            shared = " (that the server gave to two)" if state.issuer.dialect.repeats_itself else ""
            yield f"a record reports a client as left behind that is gone{shared}"
        if gone and could and not held.retains:
            asked = " (while another resource keeps asking for it)" if state.issuer.dialect.gives_again else ""
            yield f"a client that could be deregistered is left behind{asked}"
        if not gone and could and client.client_id not in held.needed:
            yield "a surplus client that could be deregistered stays"
        if not client.alive and there is not None and not used:
            yield f"a record calls a client gone that is there{invariants.lied_to(state)}"
