"""What becomes of a registration record by a person's hand: deleted, backed up, taken back, written by a newer version."""

from tests.exploration import recorded
from tests.exploration.state import State
from tests.exploration.written import put, where


def deletes_record(state: State) -> State | None:
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
    return state._replace(past=past).stored(state.store.remove(where(record)))


def backs_up(state: State) -> State | None:
    """Keep a copy of the record, as a backup of the cluster does."""
    body = state.resource()
    record = None if body is None else state.record(body["metadata"]["uid"])
    if record is None or recorded.facts(record).open_kind is not None or state.backup is record:
        return None
    return state._replace(backup=record)


def takes_record_back(state: State) -> State | None:
    """Put the record back as it was when it was backed up; the Secret stays what it is."""
    body = state.resource()
    record = None if body is None else state.record(body["metadata"]["uid"])
    older, past = state.backup, state.past
    if body is None or record is None or older is None or record["metadata"]["uid"] != older["metadata"]["uid"]:
        return None
    if recorded.record_members(record) == recorded.record_members(older):
        return None
    uid, now, then = body["metadata"]["uid"], recorded.facts(record), recorded.facts(older)
    named = {n for c in (*now.clients, *then.clients) for n in (c.client_id, c.token) if n is not None}
    past = past._replace(
        # What came since then is in no record, and what was ended since then is there again.
        excused=past.excused | named,
        forgiven=past.forgiven + len({*now.suspects, *then.suspects}) + (now.open_kind == "register"),
        outdated=past.outdated | {uid},
        # It numbers its attempts from there on.
        posts={about: n for about, n in past.posts.items() if not about.startswith(f"{record['metadata']['uid']}/")},
    )
    metadata = {**older["metadata"], "resourceVersion": record["metadata"]["resourceVersion"]}
    return put(state._replace(past=past), where(record), {**older, "metadata": metadata})


def hands_over(state: State) -> State | None:
    """Let a newer version of the program have written the record."""
    body = state.resource()
    record = None if body is None else state.record(body["metadata"]["uid"])
    if record is None or recorded.facts(record).newer:
        return None
    return put(state, where(record), recorded.of_newer_schema(record))
