"""What is asked of the operator by an annotation, each time by another value."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from .. import names
from ..cluster.connection import MERGE_PATCH, Connection
from ..cluster.target import oauth_client
from ..oauth.json_object import JSON
from .waiting import Asked

MANAGER: Final = "kubectl-oauthclient"
"""The field manager: what a person asked for is no field of the operator's."""
_ASKED: Final[Mapping[str, tuple[str, Callable[[str], str | None], str]]] = {
    "retry": (names.RETRY_ANNOTATION, lambda moment: moment, "whatever waits is tried now"),
    "refresh": (names.REFRESH_ANNOTATION, lambda moment: moment, "the client is read at its server"),
    "prove": (names.PROVE_ANNOTATION, lambda moment: moment, "the server is asked whether it takes the credentials"),
    "rotate": (names.ROTATE_ANNOTATION, lambda moment: moment, "another pair takes the place of what is published"),
    "pause": (names.PAUSED_ANNOTATION, lambda _: "true", "nothing is called and no Secret written until it is resumed"),
    "resume": (names.PAUSED_ANNOTATION, lambda _: None, "the operator goes on"),
}
"""The annotation of each verb, its value at a moment (None takes it away), and what follows."""
VERBS: Final = tuple(_ASKED)
_STATES: Final = frozenset({"pause", "resume"})


def follows(verb: str) -> str:
    """Return what follows when that is asked for."""
    return _ASKED[verb][2]


def stamp(now: datetime) -> str:
    """Return a value that no annotation had before."""
    return now.isoformat(timespec="milliseconds")


def asked_once(verb: str, body: Mapping[str, JSON], now: datetime) -> Asked | None:
    """Return what was asked for just now of a resource, or None where the annotation says how it is to be."""
    return None if verb in _STATES else Asked.of(verb, stamp(now), body)


def patch(verb: str, now: datetime) -> dict[str, JSON]:
    """Return what asks for it, as a merge patch."""
    annotation, value, _ = _ASKED[verb]
    return {"metadata": {"annotations": {annotation: value(stamp(now))}}}


async def ask(connection: Connection, verb: str, namespace: str, name: str, now: datetime) -> dict[str, JSON]:
    """Ask for it, and return the resource as it is then.

    Raises:
        NotFound: there is no such OAuthClient.
        ClusterError: the API server did not do it.
    """
    return await connection.request(
        "PATCH",
        oauth_client(namespace, name),
        query={"fieldManager": MANAGER},
        body=patch(verb, now),
        content_type=MERGE_PATCH,
    )
