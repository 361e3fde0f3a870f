"""What must be so when a life is over, whatever happened in it: no client unknown, nothing dead published."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from examples.token import fetch_token
from oauthclient_operator.record.clients import LeftBehind
from oauthclient_operator.record.record import Record
from tests.cluster.crash.lives import Deletion
from tests.cluster.crash.points import Point
from tests.cluster.crash.stage import Life, Stage
from tests.cluster.scenarios.apps import gets_token
from tests.parts.relay import Fault

POST, PUT, DELETE = "POST /reg", "PUT /reg/…", "DELETE /reg/…"
Course = Sequence[Point]
"""The points of a life in their order."""


def complaints(stage: Stage, life: Life, course: Course, at: Point | None, fault: Fault | None) -> Iterator[str]:
    """Iterate over what is not as it must be, after a fault at a point, or after none."""
    clients, record = set(stage.clients()), stage.record()
    suspects = 0 if record is None else len(record.suspects)
    if isinstance(life, Deletion):
        if clients:
            yield f"deleted, and the server has {len(clients)} of its clients"
        return
    if record is None:
        yield "there is no record"
        return
    if not stage.room.has_secret(stage.name):
        yield "nothing is published"
        return
    yield from stage.wrong
    untidy = _answer_is_lost(course, PUT, at, fault)
    expected = int(_answer_is_lost(course, POST, at, fault))
    published = stage.room.secret(stage.name)
    left_behind = untidy or _is_given_up(at, fault)
    yield from _of_clients(stage, record, published, one_more=_twice(at, fault), left_behind=left_behind)
    yield from _of_what_is_published(stage, published, life.version())
    if life.keeps and not untidy and published["client_id"] != stage.before:
        yield "another client is published than before"
    if suspects != expected:
        yield f"{suspects} suspects, and there must be {expected}"
    if len(stage.room.read(stage.name)["status"].get("suspectedOrphans", [])) != suspects:
        yield "the status tells of other suspects than the record"
    if not stage.is_told():
        yield "the status tells something else than the record"
    if stage.reason() == "ManagementLost" and not untidy:
        yield "management is lost, and no answer to an update was"


def _of_clients(
    stage: Stage, record: Record, published: Mapping[str, str], *, one_more: int, left_behind: bool
) -> Iterator[str]:
    clients, alive = set(stage.clients()), {c.information.client_id for c in record.clients if c.alive}
    # Where a registration access token is lost its client cannot be deregistered any more.
    left = {c.information.client_id for c in record.clients if isinstance(c.end, LeftBehind)} if left_behind else set()
    if len(clients - alive) > len(record.suspects) + one_more:
        yield f"{len(clients - alive)} clients that nobody knows of, and {len(record.suspects)} suspects"
    if others := (alive & clients) - left - {published["client_id"]}:
        yield f"{len(others)} clients live beside the published one"


def _of_what_is_published(stage: Stage, published: Mapping[str, str], version: str) -> Iterator[str]:
    if stage.room.read(stage.name)["status"].get("clientID") != published["client_id"]:
        yield "the status names another client than the Secret"
    if not _is_accepted(published, stage.lane.provider.trust):
        yield "the published credentials are refused"
    if (client := stage.clients().get(published["client_id"])) is None:
        yield "the published client is dead"
    elif client["client_name"] != f"{stage.name} {version}":
        yield f"the server has {client['client_name']!r}"


def _is_accepted(published: Mapping[str, str], trust: Path) -> bool:
    if "private_key" in published:
        return asyncio.run(gets_token(dict(published), trust, scope="api"))
    return fetch_token(published, trust).get("token_type") == "Bearer"


def _is_given_up(at: Point | None, fault: Fault | None) -> bool:
    """Return whether a client may be left behind: `--release-after` is over here before it would be asked once more."""
    return at is not None and at.label == DELETE and fault in (Fault.REQUEST_LOST, Fault.DELAYED)


def _twice(at: Point | None, fault: Fault | None) -> int:
    """Return how many clients are made that nobody can know of.

    RFC 9110 section 9.2.2: "A proxy MUST NOT automatically retry non-idempotent requests."
    """
    return int(at is not None and at.label == POST and fault is Fault.REPEATED)


def _answer_is_lost(course: Course, exchange: str, at: Point | None, fault: Fault | None) -> bool:
    """Whether nobody can know what came of an exchange: the fault is between its claim and the write of its answer."""
    if at is None or fault is None:
        return False
    if at.label == exchange:
        return exchange == PUT or fault is not Fault.REPEATED
    writes = [number for number, point in enumerate(course) if point.label in ("create records", "patch records")]
    for sent in (number for number, point in enumerate(course) if point.label == exchange):
        claimed = max(number for number in writes if number < sent)
        stored = min(number for number in writes if number > sent)
        if (at, fault) in ((course[claimed], Fault.KILLED_AFTER), (course[stored], Fault.KILLED_BEFORE)):
            return True
    return False
