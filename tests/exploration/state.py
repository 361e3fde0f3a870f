"""The whole small world as one value: what is stored, the issuer, the processes and what is on its way.

Named tuples, because most of what an exploration does is to make a value that differs in one place from another.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tests.exploration import core, settings
from tests.exploration.canonical import EMPTY, Shape
from tests.exploration.issuer import Issuer
from tests.exploration.run import Call, Outcome
from tests.exploration.store import NOTHING, Body, Key, Store

BLANK = core.BLANK


def kind_of(key: Key) -> str:
    """Return which watch an object belongs to."""
    if key[0] == "oauthclients":
        return "resources"
    return "records" if key[1] == settings.RECORDS else "secrets"


KINDS = ("resources", "secrets", "records")


class Task(NamedTuple):
    """A pass under way; `outcome` is what its pending call came to, and what it does not yet know.

    `number` names it, `mind` is what was remembered when it began, `transcript` what its ports said since, and `told`
    that in short. With
    `begun` the first byte of its request is out, though the request has not arrived. It waits until `wakes_at`. Its call
    before was `before`; `deleting` says that its resource was being deleted when it began, `paused` that it was that. What was stored from version
    `since` on came after its pending call was made.
    """

    key: str
    number: int
    mind: core.Mind
    transcript: tuple[Any, ...] = ()
    told: Shape = EMPTY
    outcome: Outcome | None = None
    begun: bool = False
    wakes_at: float | None = None
    before: str = ""
    deleting: bool = False
    paused: bool = False
    since: int = 0


class Process(NamedTuple):
    """One process of the operator.

    `overlays` are what its watches know where they lag: by kind, all objects as they were, and its own writes.
    """

    number: int
    tasks: tuple[Task, ...] = ()
    minds: Mapping[str, core.Mind] = NOTHING
    failures: Mapping[str, int] = NOTHING
    timers: Mapping[str, float] = NOTHING
    dirty: tuple[str, ...] = ()
    overlays: Mapping[str, Mapping[Key, Body]] = NOTHING
    asleep: bool = False
    leads: bool = True
    short: bool = False
    slept_at: float = 0.0
    began_at: float = 0.0

    @property
    def holder(self) -> str:
        """The name under which it claims."""
        return f"holder{self.number}"

    @property
    def lease(self) -> float:
        """For how many seconds its right to act is sure."""
        return 0.0 if not self.leads else settings.MARGIN if self.short else settings.LEASE

    def task(self, key: str) -> Task | None:
        """Return the task of that key."""
        return next((t for t in self.tasks if t.key == key), None)

    def with_task(self, task: Task) -> "Process":
        """Return the process with that task in the place of the one of the same key, or added."""
        if any(t.key == task.key for t in self.tasks):
            return self._replace(tasks=tuple(task if t.key == task.key else t for t in self.tasks))
        return self._replace(tasks=(*self.tasks, task))

    def with_dirty(self, *keys: str) -> "Process":
        """Return the process with those keys to be looked at."""
        new = tuple(dict.fromkeys(k for k in keys if k not in self.dirty))
        return self._replace(dirty=(*self.dirty, *new)) if new else self


class Past(NamedTuple):
    """What happened, as far as an invariant asks for it.

    `posts` counts processed registrations by record and attempt. `excused` are clients that nobody can know of by a
    person's doing, and the tokens that went with them, `forgiven` so many more whose answers had not come yet, `unrecorded` the resources whose records a
    person deleted, `outdated` those whose record a person took back to an older one, `forced` those that a
    person made go without us, `restored` those that came with a status. `received` are the registration access tokens that came whole, by
    the process that has not died since. `causes` counts what may leave the outcome of a call to the issuer unknown: deaths
    and answers that were lost; `losses` what else went wrong with a call, and `secrets_at` are the times of the last writes
    of published Secrets. `refused` says that answers may have been given up, for no record could be written for long. `lies` counts the 401s of a
    gateway. `foreign` are the clients that a person made at the server, `gone` those that it ended by itself. `shown` is
    what the Secret of each resource showed last, with its edition: client identifier, and client secret or name of the
    key; `good_until` till when what was there before must not be ended, and of which resource it was.
    `wrong` is what a step has just done that it must not.
    """

    posts: Mapping[str, int] = NOTHING
    excused: frozenset[str] = frozenset()
    forgiven: int = 0
    unrecorded: frozenset[str] = frozenset()
    outdated: frozenset[str] = frozenset()
    forced: frozenset[str] = frozenset()
    restored: frozenset[str] = frozenset()
    received: frozenset[tuple[int, str]] = frozenset()
    causes: int = 0
    sleeps: int = 0
    losses: int = 0
    secrets_at: tuple[float, ...] = ()
    refused: bool = False
    lies: int = 0
    foreign: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    shown: Mapping[str, tuple[str, str, int]] = NOTHING
    good_until: Mapping[tuple[str, str], tuple[str, float]] = NOTHING
    wrong: tuple[str, ...] = ()


class State(NamedTuple):
    """Everything."""

    now: float
    store: Store
    issuer: Issuer
    leader: Process
    sleeper: Process | None = None
    under_way: tuple[Call, ...] = ()
    acts: tuple[str, ...] = ()
    refusing_until: float = 0.0
    postponed: tuple[bool, str] | None = None
    backup: Body | None = None
    next_number: int = 1
    past: Past = Past()

    @property
    def processes(self) -> tuple[Process, ...]:
        """Return all processes."""
        return (self.leader,) if self.sleeper is None else (self.leader, self.sleeper)

    def with_process(self, process: Process) -> "State":
        """Return the state with that process in the place of the one of its number."""
        if process.number == self.leader.number:
            return self._replace(leader=process)
        return self._replace(sleeper=process)

    def with_task(self, number: int, task: Task) -> "State":
        """Return the state with that task of the process of that number in the place of the one of the same key."""
        process = self.leader if self.leader.number == number else self.sleeper
        return self if process is None else self.with_process(process.with_task(task))

    def cached(self, process: Process, kind: str) -> Mapping[Key, Body]:
        """Return what a process's watch of a kind knows, and more where it does not lag."""
        return process.overlays.get(kind, self.store.objects)

    def resource(self, name: str = "web") -> Body | None:
        """Return a resource."""
        return self.store.objects.get(("oauthclients", settings.NAMESPACE, name))

    def secret(self, name: str) -> Body | None:
        """Return a Secret of the tenant's."""
        return self.store.objects.get(("secrets", settings.NAMESPACE, name))

    def resources(self) -> Iterator[Body]:
        """Iterate over the resources."""
        return (b for k, b in self.store.objects.items() if k[0] == "oauthclients")

    def records(self) -> Iterator[Body]:
        """Iterate over the records."""
        return (b for k, b in self.store.objects.items() if k[1] == settings.RECORDS)

    def record(self, uid: str) -> Body | None:
        """Return a resource's record."""
        return self.store.objects.get(("secrets", settings.RECORDS, uid))

    def garbage(self) -> list[Key]:
        """Return the keys of the Secrets whose owners are gone."""
        uids = {b["metadata"]["uid"] for b in self.resources()}
        return [
            k
            for k, b in self.store.objects.items()
            if (owners := b["metadata"].get("ownerReferences")) and all(o["uid"] not in uids for o in owners)
        ]

    def stored(self, store: Store, *keys: Key) -> "State":
        """Return the state with another store; the leader's watches that do not lag wake whom the changes concern."""
        if store is self.store:
            return self
        before, objects = self.store.objects, store.objects
        changed = keys or tuple(k for k in {**before, **objects} if before.get(k) is not objects.get(k))
        after = self._replace(store=store)
        seen = [k for k in changed if kind_of(k) not in self.leader.overlays]
        names = (n for k in seen for n in after.concerned(self.leader, k, before.get(k)))
        return after._replace(leader=self.leader.with_dirty(*names))

    def concerned(self, process: Process, key: Key, before: Body | None) -> Iterator[str]:
        """Iterate over what a process looks at again when that object, which was `before`, changes or goes."""
        kind = kind_of(key)
        if kind == "resources":
            yield key[2]
            after = self.cached(process, kind).get(key)
            if before is not None and (after is None or after["metadata"]["uid"] != before["metadata"]["uid"]):
                yield from self._of_record(process, before["metadata"]["uid"])
        elif kind == "records":
            yield from self._of_record(process, key[2])
        else:
            resources = self.cached(process, "resources").items()
            yield from (k[2] for k, b in resources if k[0] == "oauthclients" and key[2] in b.kept(_referred))

    def keys(self, process: Process) -> Iterator[str]:
        """Iterate over all that a process that begins to lead looks at."""
        yield from (b["metadata"]["name"] for b in self.resources())
        for record in self.records():
            yield from (n for n in self._of_record(process, record["metadata"]["name"]) if core.is_record_key(n))

    def _of_record(self, process: Process, uid: str) -> Iterator[str]:
        resources = self.cached(process, "resources").items()
        named = [k[2] for k, b in resources if k[0] == "oauthclients" and b["metadata"]["uid"] == uid]
        yield from named
        record = self.cached(process, "records").get(("secrets", settings.RECORDS, uid))
        if record is not None and (not named or core.is_let_go(record)):
            yield core.record_key(uid)

    def wronged(self, *what: str) -> "State":
        """Return the state with something that was done and must not be."""
        return self._replace(past=self.past._replace(wrong=(*self.past.wrong, *what))) if what else self


def _referred(body: Body) -> frozenset[str]:
    spec, status = body["spec"], body.get("status", {})
    token = spec.get("registration", {}).get("initialAccessToken", {}).get("secretRef", {}).get("name")
    adopted = spec.get("adopt", {}).get("secretRef", {}).get("name")
    published = spec.get("secret", {}).get("name", body["metadata"]["name"])
    found = (published, status.get("secret", {}).get("name"), token, adopted)
    return frozenset(n for n in found if n)
