"""What people do to their resources, Secrets and records; each act is possible in some states and not in others."""

from collections.abc import Mapping
from typing import Any

from tests.exploration import acts_at_servers, acts_of_time, acts_on_records, invariants, settings
from tests.exploration.issuer import ISSUER, OTHER
from tests.exploration.state import State
from tests.exploration.written import (
    ADOPTS,
    BY_SERVER,
    EDITED,
    KEYS,
    METADATA,
    NO_KEYS,
    SPEC,
    TO_BE_ROTATED,
    TOKEN,
    Act,
    key,
    put,
    where,
)
from tests.merge_patch import merged

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
        return put(state, key(name), {**body, "metadata": metadata, "spec": spec})

    return act


def _with_overlap(edit: Act) -> Act:
    """Edit only where another client takes the place: an update in place ends what is published, as is documented."""

    def act(state: State) -> State | None:
        body = state.resource("web")
        in_place = body is not None and body["spec"].get("rotation", {}).get("strategy") == "Server"
        return None if in_place else edit(state)

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
        return put(state, key(name), {**body, "metadata": metadata})

    return act


def _deletes_secret(state: State) -> State | None:
    body = state.resource()
    secret = None if body is None else invariants.own_secret(state, body)
    return None if secret is None else state.stored(state.store.remove(where(secret)))


def _touches_secret(state: State) -> State | None:
    body = state.resource()
    secret = None if body is None else invariants.own_secret(state, body)
    if secret is None or "client_secret" not in secret["data"]:
        return None
    return put(state, where(secret), {**secret, "data": {**secret["data"], "client_secret": "bm9uc2Vuc2U="}})


def _annotates(annotation: str, value: str) -> Act:
    """Let a person ask for something by an annotation."""

    def act(state: State) -> State | None:
        body = state.resource()
        annotations = {} if body is None else body["metadata"].get("annotations", {})
        if body is None or annotations.get(annotation) in (value, "again"):
            return None
        if state.record(body["metadata"]["uid"]) is None:
            # What is there at the first registration asks for nothing.
            return None
        metadata = {**body["metadata"], "annotations": {**annotations, annotation: value}}
        return put(state, key("web"), {**body, "metadata": metadata})

    return act


def _pauses(*, goes_on: bool) -> Act:
    """Let a person want that nothing is done for a while."""

    def act(state: State) -> State | None:
        body = state.resource()
        if body is None or invariants.is_paused(body) is not goes_on:
            return None
        others = {k: v for k, v in body["metadata"].get("annotations", {}).items() if k != settings.PAUSED}
        annotations = others if goes_on else {**others, settings.PAUSED: "true"}
        return put(state, key("web"), {**body, "metadata": {**body["metadata"], "annotations": annotations}})

    return act


def _moves(issuer: str) -> Act:
    """Let the resource be another issuer's client; not one that is let in, or handed over, by the first alone."""

    def act(state: State) -> State | None:
        body = state.resource()
        if body is None or body["spec"].keys() & {"registration", "adopt"}:
            return None
        return _edits("web", issuer=issuer)(state)

    return act


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


ACTS: dict[str, Act] = {
    "apply": _applies("web"),
    "apply with Hold": _applies("web", {**SPEC, "policy": {"ambiguous": "Hold"}}),
    "apply with a token": _applies("web", {**SPEC, **TOKEN}),
    "apply to be rotated": _applies("web", TO_BE_ROTATED),
    "apply with Server": _applies("web", BY_SERVER),
    "apply with keys": _applies("web", {**TO_BE_ROTATED, **KEYS}),
    "apply with Reregister": _applies("web", {**TO_BE_ROTATED, "policy": {"gone": "Reregister"}}),
    "apply to adopt": _applies("web", {**SPEC, **ADOPTS}),
    "apply other": _applies("other"),
    "apply other to adopt": _applies("other", {**SPEC, **ADOPTS}),
    "edit": _edits("web", clientMetadata=EDITED),
    "edit back": _edits("web", clientMetadata=METADATA),
    "rename": _edits("web", secret={"name": "renamed"}),
    "rename back": _edits("web", secret=None),
    "retain": _edits("web", policy={"deletion": "Retain"}),
    "move": _moves(OTHER),
    "move back": _moves(ISSUER),
    "pause": _pauses(goes_on=False),
    "go on": _pauses(goes_on=True),
    "days pass": acts_of_time.passes,
    "delete": _deletes("web"),
    "delete other": _deletes("other"),
    "force away": _deletes("web", by_force=True),
    "delete the Secret": _deletes_secret,
    "change the Secret": _touches_secret,
    "delete the record": acts_on_records.deletes_record,
    "resolve": acts_at_servers.resolves,
    "refresh": acts_at_servers.refreshes("once"),
    "refresh again": acts_at_servers.refreshes("again"),
    "read": _annotates(settings.REFRESH, "once"),
    "rotate": _annotates(settings.ROTATE, "once"),
    "rotate again": _annotates(settings.ROTATE, "again"),
    "prove": _annotates(settings.PROVE, "once"),
    "to keys": _with_overlap(_edits("web", **KEYS)),
    "back from keys": _with_overlap(_edits("web", **NO_KEYS)),
    "adopt": _edits("web", **ADOPTS),
    "make a client by hand": acts_at_servers.hands_client_over(made_by_hand=True),
    "make another token": acts_at_servers.hands_client_over(made_by_hand=False),
    "the server ends the client": acts_at_servers.forgets(all_of_them=False),
    "the server forgets all": acts_at_servers.forgets(all_of_them=True),
    "back the record up": acts_on_records.backs_up,
    "take the record back": acts_on_records.takes_record_back,
    "bring a token": acts_at_servers.brings_token,
    "restore from a backup": _restores,
    "run a newer version for a while": acts_on_records.hands_over,
}
