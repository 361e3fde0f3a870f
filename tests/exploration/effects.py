"""What each call does to the world, and what it is answered, where nothing goes wrong."""

from dataclasses import replace
from typing import Any

from tests.exploration import invariants, messages, published
from tests.exploration.passes import view
from tests.exploration.run import Call, Failure, Outcome, Run, Value
from tests.exploration.state import Process, State, Task, kind_of
from tests.exploration.store import Key, Refused


def is_record(call: Call) -> bool:
    """Whether a call is about a record."""
    return call.verb in ("read", "create", "patch", "delete") and kind_of(call.arguments[0]) == "records"


def effect(state: State, process: Process, task: Task, run: Run) -> tuple[State, Outcome]:
    """Do the pending call of a task."""
    call = run.pending
    if call is None:
        raise AssertionError("there is no call to make")
    if call.verb == "exchange":
        if task.begun:
            return _exchanged(state, call)
        if (why := run.objection(view(state, process))) is not None:
            return state, Value(messages.not_sent(why))
        return _exchanged(*sent(state, process, task, call))
    state = state.wronged(*invariants.calling(state, task, call))
    return arrived(state, replace(call, since=task.since), process)


def received(before: State, after: State, process: Process) -> State:
    """Return the state when a process has a whole answer of the issuer's in hand."""
    issued = {c.token for c in after.issuer.clients.values()} - {c.token for c in before.issuer.clients.values()}
    if not issued:
        return after
    past = after.past
    return after._replace(past=past._replace(received=past.received | {(process.number, t) for t in issued}))


def sent(state: State, process: Process, task: Task, call: Call) -> tuple[State, Call]:
    """Return the state and the request when its first byte is out."""
    about = invariants.about(state, task) if messages.wire(call.arguments[0])[0] == "POST" else ""
    return state.wronged(*invariants.sending(state, process, task, call)), replace(call, about=about)


def arrived(state: State, call: Call, process: Process | None) -> tuple[State, Outcome]:
    """Do a call; without a process nobody waits for its answer, and nobody is to blame for when it comes."""
    if call.verb == "exchange":
        return _exchanged(state, call)
    if call.verb in ("discover", "announce", "sleep"):
        return state, Value()
    if call.verb in ("prove", "list", "read"):
        return state, Value(_seen(state, call))
    key: Key = call.arguments[0]
    if is_record(call) and state.now < state.refusing_until:
        return state, Failure("RequestRefused")
    try:
        match call.verb:
            case "create":
                store, body = state.store.create(key, call.arguments[1])
            case "patch":
                store, body = state.store.patch(key, call.arguments[1])
            case "rehearse":
                creates = "type" in call.arguments[1]
                tried = state.store.create if creates else state.store.patch
                return state, Value(tried(key, call.arguments[1])[1])
            case "delete":
                state.store.check(key, call.arguments[1])
                state = state.wronged(*invariants.removing(state, key, call.since))
                return state.stored(state.store.remove(key)), Value()
            case _:
                raise AssertionError(call.verb)
    except Refused as refusal:
        return state, Failure(refusal.kind)
    after = state.stored(store)
    if kind_of(key) == "secrets":
        past = after.past
        after = after._replace(past=past._replace(secrets_at=(*past.secrets_at, state.now)[-invariants.OFTEN :]))
        after = published.noted(state, after, key)
    wrong = invariants.written(state, after, process, key) if process is not None else ()
    return after.wronged(*wrong), Value(body)


def _seen(state: State, call: Call) -> Any:
    """Return what a call that changes nothing finds."""
    if call.verb == "prove":
        client_id, credential, _ = call.arguments
        return messages.REFUSED if state.issuer.rejects(client_id, credential, state.now) else messages.ACCEPTED
    if call.verb == "read":
        return state.store.objects.get(call.arguments[0])
    (_, namespace), label = call.arguments
    there = (b for k, b in sorted(state.store.objects.items()) if k[1] == namespace)
    return tuple(b for b in there if label in b["metadata"].get("labels", {}))


def _exchanged(state: State, call: Call) -> tuple[State, Outcome]:
    method, url, token, members = messages.wire(call.arguments[0])
    issuer, reply = state.issuer.request(method, url, token, members, state.now)
    past = state.past
    if method == "POST" and reply.did is not None:
        past = past._replace(posts={**past.posts, call.about: past.posts.get(call.about, 0) + 1})
    after = state._replace(issuer=issuer, past=past)
    return after.wronged(*published.ended(state, after)), Value(messages.response(reply))
