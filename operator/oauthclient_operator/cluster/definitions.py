"""Are the definitions of both kinds there, and as new as this operator? Asked at start, and where one is missed.

kopf never watches a kind whose definition comes later, and a field that an older definition does not know is pruned
from every object that this operator writes. So each definition says its edition, in its description, which whoever may
talk to the API server at all may read: it is a part of the schema that kubectl explains.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final

from .. import names
from ..errors import ClusterError, DefinitionsOutdated, NotFound, Unanswered
from ..oauth.json_object import JSON
from ..resource.json_path import child, objects, text
from .connection import Connection
from .elapsed import elapsed
from .target import CORE, Target

EDITION: Final = 3
"""Of the definitions in crds/ beside this operator; each edition knows what those before it do, and more."""
_KINDS: Final = {names.PLURAL: names.KIND, names.ISSUER_PLURAL: names.ISSUER_KIND}
_API: Final = Target(api="/apis", resource=names.API_VERSION)
_SCHEMA: Final = Target(api="/openapi/v3/apis", resource=names.API_VERSION)
_PATIENCE = 10.0
"""Seconds; what was applied a moment ago is served within one, and its schema published within a few."""
_PAUSE = 0.5
"""Seconds."""

_LOG = logging.getLogger(__name__)


async def outdated_definitions(connection: Connection) -> str | None:
    """Return what is wrong with the definitions, for people, or None where they will do.

    Raises:
        ClusterError: the API server did not answer.
    """
    until = elapsed() + _PATIENCE
    said = False
    while True:
        try:
            problem = await _problem(connection)
            if problem is None or elapsed() >= until:
                return problem
        except Unanswered as error:
            # While definitions come and go, it answers of them for seconds with errors, or with nothing.
            if elapsed() >= until:
                raise
            problem = str(error)
        if not said:
            _LOG.info("waiting for the definitions", extra={"seconds": _PATIENCE, "why": problem})
            said = True
        await asyncio.sleep(_PAUSE)


async def keep_definitions(connection: Connection, missed: Callable[[], Awaitable[None]]) -> None:
    """See what is there again, each time after `missed`: when the API server says that it has no such kind.

    Raises:
        DefinitionsOutdated: what would keep a process from starting is so now.
    """
    while True:
        await missed()
        with suppress(ClusterError):
            why = await outdated_definitions(connection)
            # What answers 404 to everything is not the API server.
            await connection.request("GET", Target(api=CORE, resource="namespaces", name="kube-system"))
            if why is not None:
                raise DefinitionsOutdated(why)


async def _problem(connection: Connection) -> str | None:
    served = {text(resource, "name") for resource in objects(await _get(connection, _API), "resources")}
    missing = [f"{plural}.{names.GROUP}" for plural in _KINDS if plural not in served]
    if missing:
        return f"the API server has no definition {' and no '.join(missing)} ({names.VERSION}); {_CURE}"
    schemas = child(child(await _get(connection, _SCHEMA), "components"), "schemas")
    found = {_kind(schema): _edition(schema) for schema in schemas.values() if isinstance(schema, dict)}
    for plural, kind in _KINDS.items():
        if (edition := found.get(kind, 0)) < EDITION:
            return (
                f"the definition {plural}.{names.GROUP} is of an older release: it is of edition {edition}, and this "
                f"operator needs edition {EDITION} or newer; {_CURE}"
            )
    return None


_CURE: Final = "apply crds/ of this operator's release (or all of deploy/), and it starts again by itself"


async def _get(connection: Connection, target: Target) -> Mapping[str, JSON]:
    try:
        return await connection.request("GET", target)
    except (NotFound, Unanswered) as error:
        # Of a group of which it has no definition, it does not say so by a Status: "404 page not found".
        if error.status == 404:
            return {}
        raise


def _kind(schema: Mapping[str, JSON]) -> str | None:
    kinds = objects(schema, "x-kubernetes-group-version-kind")
    return next((text(kind, "kind") for kind in kinds if text(kind, "group") == names.GROUP), None)


def _edition(schema: Mapping[str, JSON]) -> int:
    said = re.search(r"\(definition edition ([0-9]{1,9})\)", text(schema, "description") or "")
    # The first edition did not say which it was.
    return int(said[1]) if said is not None else 1
