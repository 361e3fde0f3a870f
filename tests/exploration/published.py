"""What published Secrets show and have shown: it is never ended while it is good, and no older or refused pair takes its place.

All of it is told by the Secrets and the server alone, whatever the records say.
"""

from collections.abc import Iterator

from oauthclient_operator import names
from tests.exploration import recorded, settings
from tests.exploration.state import State
from tests.exploration.store import Body, Key

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0}


def shown_by(secret: Body) -> tuple[str, str, int] | None:
    """Return client identifier, client secret or name of the key, and edition, as a Secret shows them."""
    return secret.kept(_shown)


def _shown(secret: Body) -> tuple[str, str, int] | None:
    data = secret.get("data", {})
    credential = data.get("client_secret", data.get("key_id"))
    if "client_id" not in data or credential is None:
        return None
    edition = secret["metadata"].get("annotations", {}).get(names.EDITION_ANNOTATION, "1")
    return recorded.decoded(data["client_id"]), recorded.decoded(credential), int(edition)


def noted(before: State, after: State, key: Key) -> State:
    """Return the state after a write of a published Secret, with what is to be kept in mind, and what is wrong."""
    secret, resource = after.store.objects.get(key), None
    shows = shown_by(secret) if secret is not None else None
    if secret is not None:
        owners = {o["uid"] for o in secret["metadata"].get("ownerReferences", ())}
        resource = next((r for r in after.resources() if r["metadata"]["uid"] in owners), None)
    if resource is None or shows is None:
        return after
    uid, past = resource["metadata"]["uid"], after.past
    last = past.shown.get(uid)
    if last == shows:
        return after
    good = {pair: till for pair, till in past.good_until.items() if pair != shows[:2]}
    if last is not None and last[:2] != shows[:2]:
        after = after.wronged(*_wrong(before, uid, last, shows))
        good[last[:2]] = (uid, after.now + _overlap(resource))
    past = after.past._replace(shown={**past.shown, uid: shows}, good_until=good)
    return after._replace(past=past)


def _wrong(state: State, uid: str, last: tuple[str, str, int], shows: tuple[str, str, int]) -> Iterator[str]:
    if shows[2] <= last[2]:
        yield "what is published is overwritten by what is no later edition"
    record = state.record(uid)
    known = recorded.facts(record).clients if record is not None else ()
    if any(c.client_id == shows[0] and c.refused for c in known):
        yield "a pair is published that a proof refused"


def ended(before: State, after: State) -> Iterator[str]:
    """Iterate over what is wrong with what a request of ours ended at the server."""
    if before.issuer.clients is after.issuer.clients:
        return
    twice = before.issuer.dialect.repeats_itself or before.issuer.dialect.gives_again
    # What a server gives to two is decided elsewhere.
    pairs = {} if twice else {r["metadata"]["uid"]: p for r, p in _showing(before)}
    for pair in pairs.values():
        if _is_ended(before, after, *pair):
            yield "what is published is ended by us"
    lives = {r["metadata"]["uid"] for r in before.resources() if "deletionTimestamp" not in r["metadata"]}
    for pair, (uid, until) in before.past.good_until.items():
        early = before.now < until and uid in lives and not twice and pairs.get(uid) != pair
        if early and _is_ended(before, after, *pair):
            yield "a leaving pair is ended before its date"


def _showing(state: State) -> Iterator[tuple[Body, tuple[str, str]]]:
    """Iterate over the resources that stay, each with a pair that a Secret of its own shows."""
    for resource in state.resources():
        if "deletionTimestamp" in resource["metadata"] or resource["metadata"]["uid"] in state.past.unrecorded:
            # Whose record a person deleted, of that one nobody knows what it shows.
            continue
        for key, secret in state.store.objects.items():
            owned = key[0] == "secrets" and key[1] == settings.NAMESPACE and _is_owned(secret, resource)
            if owned and (shows := shown_by(secret)) is not None:
                yield resource, shows[:2]


def _is_owned(secret: Body, resource: Body) -> bool:
    return any(o["uid"] == resource["metadata"]["uid"] for o in secret["metadata"].get("ownerReferences", ()))


def _is_ended(before: State, after: State, client_id: str, credential: str) -> bool:
    """Whether a pair was good and is not any more, for another reason than a newer secret of the same client.

    RFC 7592 section 2.2: "the client MUST immediately discard its previous client secret".
    """
    old, new = before.issuer, after.issuer
    if old.rejects(client_id, credential, before.now) or not new.rejects(client_id, credential, before.now):
        return False
    client, was = new.clients.get(client_id), old.clients[client_id]
    return client is None or bool(client.keys or was.keys)


def _overlap(resource: Body) -> float:
    written = resource["spec"].get("rotation", {}).get("overlap", "24h")
    return float(written[:-1]) * _UNITS[written[-1]]
