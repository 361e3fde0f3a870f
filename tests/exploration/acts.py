"""What people do to their resources, Secrets and records; each act is possible in some states and not in others."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tests.exploration import invariants, recorded, settings
from tests.exploration.issuer import ISSUER
from tests.exploration.state import State
from tests.exploration.store import Body, Key, Store
from tests.merge_patch import merged

Act = Callable[[State], State | None]
METADATA = {"client_name": "web", "redirect_uris": ["https://shop.example/cb"]}
EDITED = {**METADATA, "client_name": "Web shop"}
SPEC = {"issuer": ISSUER, "clientMetadata": METADATA}
TOKEN = {"registration": {"initialAccessToken": {"secretRef": {"name": "idp-token"}}}}
PENDING: dict[str, Any] = {
    "observedGeneration": -1,
    "conditions": [
        {
            "type": "Ready",
            "status": "Unknown",
            "reason": "Pending",
            "message": "waiting for the operator",
            "lastTransitionTime": "1970-01-01T00:00:00Z",
        }
    ],
}


def key(name: str) -> Key:
    """Return the key of a resource."""
    return "oauthclients", settings.NAMESPACE, name


def _put(state: State, where: Key, body: Mapping[str, Any]) -> State:
    store, _ = state.store.put(where, body)
    return state.stored(store)


def _applies(name: str, spec: Mapping[str, Any] = SPEC) -> Act:
    def act(state: State) -> State | None:
        if key(name) in state.store.objects:
            return None
        body = {"apiVersion": settings.API_VERSION, "kind": settings.KIND, "metadata": {"generation": 1}, "spec": spec}
        store, _ = state.store.create(key(name), {**body, "status": PENDING})
        return state.stored(store)

    return act


def _edits(name: str, **change: Any) -> Act:
    def act(state: State) -> State | None:
        body = state.resource(name)
        if body is None:
            return None
        spec = merged(body["spec"], change)
        if spec == body["spec"]:
            return None
        metadata = {**body["metadata"], "generation": body["metadata"]["generation"] + 1}
        return _put(state, key(name), {**body, "metadata": metadata, "spec": spec})

    return act


def _deletes(name: str, *, by_force: bool = False) -> Act:
    def act(state: State) -> State | None:
        body = state.resource(name)
        if body is None or (invariants.is_deleting(body) and not by_force):
            return None
        metadata = {**body["metadata"], "deletionTimestamp": "deleted"}
        if by_force:
            metadata["finalizers"] = []
            forced = state.past.forced | {body["metadata"]["uid"]}
            state = state._replace(past=state.past._replace(forced=forced))
        if not metadata.get("finalizers"):
            return state.stored(state.store.remove(key(name)))
        return _put(state, key(name), {**body, "metadata": metadata})

    return act


def _deletes_secret(state: State) -> State | None:
    body = state.resource()
    secret = None if body is None else invariants.own_secret(state, body)
    return None if secret is None else state.stored(state.store.remove(_where(secret)))


def _touches_secret(state: State) -> State | None:
    body = state.resource()
    secret = None if body is None else invariants.own_secret(state, body)
    if secret is None or "client_secret" not in secret["data"]:
        return None
    return _put(state, _where(secret), {**secret, "data": {**secret["data"], "client_secret": "bm9uc2Vuc2U="}})


def _deletes_record(state: State) -> State | None:
    body = state.resource()
    record = None if body is None else state.record(body["metadata"]["uid"])
    if body is None or record is None:
        return None
    said, past = recorded.facts(record), state.past
    named = {n for c in said.clients for n in (c.client_id, c.token) if n is not None}
    past = past._replace(
        excused=past.excused | named,
        forgiven=past.forgiven + len(said.suspects) + (said.open_kind == "register"),
        unrecorded=past.unrecorded | {body["metadata"]["uid"]},
    )
    return state._replace(past=past).stored(state.store.remove(_where(record)))


def _resolves(state: State) -> State | None:
    """Look for the clients of lost answers at the server, remove them, and say so."""
    body = state.resource()
    orphans = [] if body is None else body.get("status", {}).get("suspectedOrphans", [])
    if body is None or not orphans or any(recorded.facts(b).open_kind == "register" for b in state.records()):
        # Whoever looked now would find a client whose answer is on its way, and take it for a lost one.
        return None
    word = f"{body['metadata']['uid']}/{max(o['attempt'] for o in orphans)}"
    if body["metadata"].get("annotations", {}).get(settings.RESOLVE) == word:
        return None
    unknown = invariants.unaccounted(state)
    issuer = replace(state.issuer, clients={k: c for k, c in state.issuer.clients.items() if k not in unknown})
    metadata = {**body["metadata"], "annotations": {settings.RESOLVE: word}}
    past = state.past._replace(excused=state.past.excused | unknown)
    return _put(state._replace(issuer=issuer, past=past), key("web"), {**body, "metadata": metadata})


def _brings_token(state: State) -> State | None:
    number = state.issuer.number
    token = f"iat{number}"
    issuer = replace(state.issuer, tokens=state.issuer.tokens | {token}, number=number + 1)
    where = ("secrets", settings.NAMESPACE, "idp-token")
    data = {"token": _base64(token), "issuer": _base64(ISSUER)}
    old = state.store.objects.get(where)
    body = {"kind": "Secret", "type": settings.TOKEN_TYPE, "data": data}
    store: Store
    if old is None:
        store, _ = state.store.create(where, body)
    else:
        store, _ = state.store.put(where, {**old, **body})
    return state._replace(issuer=issuer).stored(store)


def _restores(state: State) -> State | None:
    """Make the resource anew from a backup, status and all, after everything of it was lost with its namespace."""
    body = state.resource()
    if body is None or body["metadata"].get("finalizers") in (None, []):
        return None
    forced = _deletes("web", by_force=True)(state)
    if forced is None:
        return None
    metadata = {k: v for k, v in body["metadata"].items() if k in ("generation", "finalizers")}
    metadata |= {"generation": 1}
    store, made = forced.store.create(key("web"), {**body, "metadata": metadata})
    restored = forced.past.restored | {made["metadata"]["uid"]}
    return forced._replace(past=forced.past._replace(restored=restored)).stored(store)


def _hands_over(state: State) -> State | None:
    """Let a newer version of the program have written the record."""
    body = state.resource()
    record = None if body is None else state.record(body["metadata"]["uid"])
    if record is None or recorded.facts(record).newer:
        return None
    return _put(state, _where(record), recorded.of_newer_schema(record))


def _where(body: Body) -> Key:
    return "secrets", body["metadata"]["namespace"], body["metadata"]["name"]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


ACTS: dict[str, Act] = {
    "apply": _applies("web"),
    "apply with Hold": _applies("web", {**SPEC, "policy": {"ambiguous": "Hold"}}),
    "apply with a token": _applies("web", {**SPEC, **TOKEN}),
    "apply other": _applies("other"),
    "edit": _edits("web", clientMetadata=EDITED),
    "edit back": _edits("web", clientMetadata=METADATA),
    "rename": _edits("web", secret={"name": "renamed"}),
    "rename back": _edits("web", secret=None),
    "retain": _edits("web", policy={"deletion": "Retain"}),
    "delete": _deletes("web"),
    "delete other": _deletes("other"),
    "force away": _deletes("web", by_force=True),
    "delete the Secret": _deletes_secret,
    "change the Secret": _touches_secret,
    "delete the record": _deletes_record,
    "resolve": _resolves,
    "bring a token": _brings_token,
    "restore from a backup": _restores,
    "run a newer version for a while": _hands_over,
}
