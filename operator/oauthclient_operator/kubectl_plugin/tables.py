"""What is printed: tables for people, JSON for programs."""

import json
from collections.abc import Iterable, Sequence
from typing import Final

from tabulate import tabulate

from ..oauth.json_object import JSON
from ..oauth.words import visible
from .checks import Check
from .turns import Standing

LONGEST: Final = 4200
"""Characters of one sentence; a condition of the operator's has at most 4096."""


def standings(found: Sequence[Standing], *, all_namespaces: bool) -> str:
    """Return a table, and under it what is said of those that are not ready."""
    head = ["NAME", "READY", "REASON", "WHOSE TURN", "SECRET"]
    rows = [[one.name, one.ready, one.reason, one.turn, one.secret] for one in found]
    if all_namespaces:
        head.insert(0, "NAMESPACE")
        rows = [[one.namespace, *row] for one, row in zip(found, rows, strict=True)]
    more = [shown(f"{_called(one, all_namespaces)}: {said}") for one in found for said in _unsettled(one)]
    return "\n\n".join([_table(head, rows), *more])


def one(standing: Standing) -> str:
    """Return all that is said of one."""
    rows = [
        ["Name", f"{standing.namespace}/{standing.name}"],
        ["Ready", f"{standing.ready} ({standing.reason})"],
        ["Whose turn", standing.turn],
        ["Secret", standing.secret or "none is published"],
        ["Client ID", standing.client_id or "none is registered"],
    ]
    return "\n\n".join([_table([], rows), *(shown(said) for said in (standing.message, standing.renewal) if said)])


def shown(text: str) -> str:
    """Return text as it may reach a terminal.

    Whoever may write a status chose it: no control character of theirs, and no more than is read.
    """
    return visible(text[:LONGEST]) + ("…" if len(text) > LONGEST else "")


def checks(found: Iterable[Check]) -> str:
    """Return a table of checks, with what to do where one does not hold."""
    return _table(["CHECK", "HOLDS", "WHAT IS SO"], [[one.what, one.holds, one.said] for one in found])


def as_json(found: JSON) -> str:
    """Return it for programs."""
    return json.dumps(found, indent=2)


def _unsettled(standing: Standing) -> list[str]:
    """Return what is said of one where something is to come."""
    return [said for said in ("" if standing.ready == "True" else standing.message, standing.renewal) if said]


def _called(standing: Standing, all_namespaces: bool) -> str:
    return f"{standing.namespace}/{standing.name}" if all_namespaces else standing.name


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    # No number is made of a name.
    cells = [[shown(str(cell)) for cell in row] for row in rows]
    return tabulate(cells, headers=head, tablefmt="plain", disable_numparse=True)
