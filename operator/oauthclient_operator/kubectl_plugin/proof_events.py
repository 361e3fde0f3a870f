"""Proofs that told nothing, which Events alone say: the status stays with what was told last."""

import asyncio
from collections.abc import Mapping
from typing import Final

from ..cluster.connection import JSON_TYPE, Connection
from ..cluster.target import CORE, Target
from ..errors import ClusterError
from ..names import KIND, Done
from ..oauth.json_object import JSON
from ..resource.json_path import child, text
from .waiting import Outcome

_PATIENCE: Final = 1.0
"""Seconds: an Event follows the status that was written before it."""


async def told_nothing(connection: Connection, namespace: str, name: str) -> dict[str, str]:
    """Return the note of each such Event about a resource, by the Event's name; nothing where one may not look."""
    found: dict[str, str] = {}

    def take(item: JSON) -> None:
        if isinstance(item, dict):
            found[text(child(item, "metadata"), "name") or ""] = text(item, "message") or ""

    selector = f"involvedObject.kind={KIND},involvedObject.name={name},reason={Done.PROOF_FAILED}"
    target = Target(api=CORE, resource="events", namespace=namespace)
    try:
        await connection.list_all(target, take, selectors={"fieldSelector": selector}, accept=JSON_TYPE)
    except ClusterError:
        return {}
    return found


async def confirmed(
    connection: Connection, namespace: str, name: str, outcome: Outcome, before: Mapping[str, str]
) -> Outcome:
    """Return how a proof ended; `before` are the Events that were there when it was asked for."""
    if not outcome.done:
        return outcome
    for pause in (0.0, _PATIENCE):
        await asyncio.sleep(pause)
        for event, note in (await told_nothing(connection, namespace, name)).items():
            if event not in before:
                return Outcome(done=False, said=note)
    return outcome
