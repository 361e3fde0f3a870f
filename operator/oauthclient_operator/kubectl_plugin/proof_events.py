"""Proofs that told nothing, which Events alone say: the status stays with what was told last."""

from collections.abc import Mapping
from typing import Final

from ..cluster.connection import JSON_TYPE, Connection
from ..cluster.target import CORE, Target
from ..errors import ClusterError
from ..names import KIND, Done
from ..oauth.json_object import JSON
from ..resource.json_path import child, text
from .waiting import Outcome

_UNKNOWN: Final = (
    "whether the server was asked is not known, for one may not list Events here, and they alone say that a proof told "
    "nothing; by the one that told something last"
)


async def told_nothing(connection: Connection, namespace: str, name: str) -> dict[str, str] | None:
    """Return the note of each such Event about a resource, by the Event's name; None where one may not look."""
    found: dict[str, str] = {}

    def take(item: JSON) -> None:
        if isinstance(item, dict):
            found[text(child(item, "metadata"), "name") or ""] = text(item, "message") or ""

    selector = f"involvedObject.kind={KIND},involvedObject.name={name},reason={Done.PROOF_FAILED}"
    target = Target(api=CORE, resource="events", namespace=namespace)
    try:
        await connection.list_all(target, take, selectors={"fieldSelector": selector}, accept=JSON_TYPE)
    except ClusterError:
        return None
    return found


async def confirmed(
    connection: Connection, namespace: str, name: str, outcome: Outcome, before: Mapping[str, str] | None
) -> Outcome:
    """Return how a proof ended; `before` are the Events that were there when it was asked for.

    What the status says may be of a proof before: where nobody can look whether this one told nothing, that is said.
    The operator creates the Event before its status says that the proof was served, so one look tells.
    """
    found = await told_nothing(connection, namespace, name)
    if found is None or before is None:
        return Outcome(done=None, said=f"{_UNKNOWN}: {outcome.said}") if outcome.done else outcome
    news = (note for event, note in found.items() if event not in before)
    return next((Outcome(done=False, said=note) for note in news), outcome)
