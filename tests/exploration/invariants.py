"""What must be so in every state, and of every step; each broken one is said in a few words, always the same for a kind."""

import base64
from collections.abc import Iterator

from tests.exploration import core, messages, recorded, settings
from tests.exploration.run import Call
from tests.exploration.state import Process, State, Task, kind_of
from tests.exploration.store import Body, Key

OFTEN = 9
"""So many writes of published Secrets within some seconds are a hot loop: more than two edits and three repairs take."""


def standing(state: State) -> Iterator[str]:
    """Iterate over what is wrong with a state, whatever goes on in it."""
    yield from state.past.wrong
    unknown = unaccounted(state)
    records = [recorded.facts(b) for b in state.records()]
    suspected = sum(len(r.suspects) + (r.open_kind == "register") for r in records)
    if len(unknown) > suspected + state.past.forgiven:
        yield f"a client that nobody knows of{lied_to(state)}"
    if any(len([n for n in r.suspects if n >= (r.replacing or 0)]) > settings.SUSPECTS for r in records):
        yield "more suspects than the limit"
    past = state.past
    if any(count > 1 for count in past.posts.values()):
        yield "an attempt registered two clients"
    if suspected_of(records) > past.causes + past.losses // 2 + (state.sleeper is not None) + past.forgiven:
        yield "a suspect that is none"
    closed = sum(outcome == "ambiguous" for r in records for outcome in r.closed.values())
    if closed > past.causes + past.sleeps + past.losses // 2:
        yield "a call whose outcome is known counts as ambiguous"
    if len(past.secrets_at) == OFTEN and past.secrets_at[-1] - past.secrets_at[0] < OFTEN:
        yield "a Secret is written again and again"


def lied_to(state: State) -> str:
    """Return what makes it a decided kind: after a lost DELETE, one false 401 is taken for the word that it worked."""
    return (
        ", for a gateway said 401 to the repetition of a lost DELETE"
        if state.past.lies == 1 and state.past.causes
        else ""
    )


def suspected_of(records: list[recorded.Facts]) -> int:
    """Return how many suspects records count."""
    return sum(len(r.suspects) for r in records)


def unaccounted(state: State) -> set[str]:
    """Return the clients at the issuer that no record and no published Secret names."""
    named = {c.client_id for b in state.records() for c in recorded.facts(b).clients if c.alive and c.token and c.uri}
    published = {c for r in state.resources() if (c := published_by(state, r)) is not None}
    return set(state.issuer.clients) - named - published - state.past.excused - state.past.foreign


def published_by(state: State, resource: Body) -> str | None:
    """Return the client whose credentials the Secret of a resource's spec holds."""
    return credentials(own_secret(state, resource))[0]


def own_secret(state: State, resource: Body) -> Body | None:
    """Return the Secret of a resource's spec, if it is its own."""
    secret = state.secret(secret_name(resource))
    return secret if secret is not None and is_owned(secret, resource) else None


def secret_name(resource: Body) -> str:
    """Return the name that a resource's spec gives its Secret."""
    return str(resource["spec"].get("secret", {}).get("name", resource["metadata"]["name"]))


def is_owned(secret: Body, resource: Body) -> bool:
    """Whether a Secret is a resource's own."""
    return any(o["uid"] == resource["metadata"]["uid"] for o in secret["metadata"].get("ownerReferences", ()))


def credentials(secret: Body | None) -> tuple[str | None, str | None]:
    """Return client identifier and client secret, or name of the key, that a Secret holds."""
    return (None, None) if secret is None else secret.kept(_credentials)


def _credentials(secret: Body) -> tuple[str | None, str | None]:
    data = secret.get("data", {})
    found = {k: base64.b64decode(data[k]).decode() for k in ("client_id", "client_secret", "key_id") if k in data}
    return found.get("client_id"), found.get("client_secret", found.get("key_id"))


def is_paused(resource: Body) -> bool:
    """Whether a person wants that nothing is done for a resource."""
    return bool(resource["metadata"].get("annotations", {}).get(settings.PAUSED) == "true")


def is_deleting(resource: Body) -> bool:
    """Whether a resource is being deleted."""
    return "deletionTimestamp" in resource["metadata"]


def in_use(state: State, client_id: str) -> Iterator[Body]:
    """Iterate over the resources that stay and have a client."""
    for resource in state.resources():
        if is_deleting(resource):
            continue
        record = state.record(resource["metadata"]["uid"])
        held = recorded.facts(record) if record is not None else None
        current = held.published.client_id if held is not None and held.published is not None else None
        if client_id in (current, published_by(state, resource)):
            yield resource


def about(state: State, task: Task) -> str:
    """Return which attempt a registration belongs to."""
    record = _record(state, task)
    if record is None:
        return f"pass {task.number}"
    return f"{record['metadata']['uid']}/{recorded.facts(record).open_attempt}"


def sending(state: State, process: Process, task: Task, call: Call) -> Iterator[str]:
    """Iterate over what is wrong with a request to the issuer that goes out now."""
    method, url, _, _ = messages.wire(call.arguments[0])
    if task.paused:
        yield "a request is sent for a resource that was paused"
    record, resource = _record(state, task), state.resource(task.key)
    held = recorded.facts(record) if record is not None else None
    if call.check is not None and not process.leads:
        yield "a request is sent without the lease"
    if call.check is not None and held is not None and held.open_nonce is not None and state.now > held.open_until:
        yield "a request is sent after its deadline"
    if (
        method == "POST"
        and resource is not None
        and settings.FINALIZER not in resource["metadata"].get("finalizers", ())
    ):
        yield "a registration is sent for a resource without our finalizer"
    if method == "POST" and held is not None and resource is not None:
        # Not where a person took that back under the call.
        if held.open_kind != "register" and held.uid not in state.past.outdated:
            yield "a registration is sent that is not written down"
        own = [n for n in held.suspects if n >= (held.replacing or 0)]
        if resource["spec"].get("policy", {}).get("ambiguous") == "Hold" and own:
            yield "a registration is sent while a person is waited for"
    adopts = resource is not None and "adopt" in resource["spec"] and (held is None or held.published is None)
    if method == "POST" and adopts:
        yield "a registration is sent in the place of an adoption"
    if method == "DELETE":
        client_id = url.rpartition("/")[2]
        # Whose record a person deleted, of that one nobody knows that it is in use.
        known = client_id not in state.past.excused
        for user in in_use(state, client_id) if known else ():
            own = user["metadata"]["name"] == task.key
            yield f"a client in use is deregistered ({'its own' if own else 'of another resource'})"
        if held is not None and resource is not None and record is not None and is_deleting(resource):
            retains = resource["spec"].get("policy", {}).get("deletion") == "Retain"
            # What no pair needs is ended all the same: nobody was ever shown it, or its time is over.
            needed = client_id in held.needed
            if retains and needed and held.open_kind == "deregister" and resource.version < record.version:
                yield "a client is deregistered although the policy was Retain when that was claimed"


def calling(state: State, task: Task, call: Call) -> Iterator[str]:
    """Iterate over what is wrong with making a call to the API server now, or a proof, whatever comes of it."""
    if call.verb == "prove":
        client_id, credential, issuer = call.arguments
        client = state.issuer.clients.get(client_id)
        if client is not None and client.issuer != issuer and client.accepts(credential, state.now):
            yield "credentials are shown to another issuer"
    if call.verb in ("create", "patch") and kind_of(call.arguments[0]) == "secrets":
        if task.deleting:
            yield "a Secret is written of a resource that is being deleted"
        if task.paused:
            yield "a Secret is written of a resource that was paused"
        if call.verb == "patch" and not task.before.startswith(f"read secrets/{settings.RECORDS}/"):
            yield "a Secret is overwritten without a live look at the record right before"


def removing(state: State, key: Key, since: int) -> Iterator[str]:
    """Iterate over what is wrong with the program's deleting an object."""
    sleeper, wanted = state.sleeper, (r for r in state.resources() if not is_deleting(r) and r.version < since)
    if kind_of(key) == "secrets" and any(key[2] == secret_name(r) for r in wanted):
        yield "the Secret that a spec names is deleted"
    if kind_of(key) != "records" or sleeper is None:
        return
    released_at = recorded.facts(state.store.objects[key]).released_at
    if sleeper.slept_at < released_at and state.now < sleeper.slept_at + settings.KEEP_RELEASED:
        yield "a record is forgotten while a process may still write into it"


def written(before: State, after: State, process: Process, key: Key) -> Iterator[str]:
    """Iterate over what is wrong with a write of the program's."""
    old, new = before.store.objects.get(key), after.store.objects.get(key)
    if new is None or old is new:
        return
    if kind_of(key) == "records" and old is not None:
        if recorded.facts(old).newer and recorded.record_members(old) != recorded.record_members(new):
            yield "a record of a newer schema is changed"
        yield from _rewritten(before, process, recorded.facts(old), recorded.facts(new))
    if kind_of(key) == "secrets" and new["metadata"].get("ownerReferences"):
        uid = new["metadata"]["ownerReferences"][0]["uid"]
        stays = any(r["metadata"]["uid"] == uid for r in after.resources())
        if stays and after.record(uid) is None and uid not in after.past.unrecorded:
            yield "a Secret is written without a record"


def _rewritten(state: State, process: Process, old: recorded.Facts, new: recorded.Facts) -> Iterator[str]:
    if (
        old.open_nonce is not None
        and new.open_nonce != old.open_nonce
        and new.closed.get(old.open_nonce) == "ambiguous"
        and old.open_holder != process.holder
        and state.now < old.open_until + settings.MARGIN
    ):
        yield "another process gives a call up before its deadline"
    if new.open_nonce not in (None, old.open_nonce) and new.open_tokens and new.open_bearer not in new.open_tokens:
        yield "a call is written down with another token than the record's"
    if new.released == "confirmed" and old.released is None and (new.suspects or any(c.alive for c in new.clients)):
        yield "a resource is released as confirmed while a client may live on"
    kept = {c.client_id for c in new.clients}
    for client in old.clients:
        if client.client_id in state.issuer.clients and client.alive and client.client_id not in kept:
            yield "a record forgets a client"
    if old.published is not None and new.published is not None:
        if new.published.credential in old.refused_keys and new.published != old.published:
            yield "a pair is published that a proof refused"
        there = state.issuer.clients.get(old.published.client_id)
        if new.gone and not old.gone and there is not None and there.accepts(old.published.credential, state.now):
            yield "a client is replaced as gone that is there"
    known = {c.client_id: c for c in new.clients}
    for client in old.clients:
        at_issuer, now = state.issuer.clients.get(client.client_id), known.get(client.client_id)
        if at_issuer is None or now is None or client.client_id not in (old.needed & new.needed):
            continue
        if client.token == at_issuer.token and at_issuer.token not in (now.token, *now.spares):
            yield "a record forgets a registration access token that works"
        if at_issuer.accepts(client.credential, state.now) and not at_issuer.accepts(now.credential, state.now):
            yield "a record forgets a credential that works"


def _record(state: State, task: Task) -> Body | None:
    if core.is_record_key(task.key):
        return state.record(task.key.removeprefix(core.record_key("")))
    resource = state.resource(task.key)
    return None if resource is None else state.record(resource["metadata"]["uid"])
