"""When what was asked for is so, or cannot come to be so, as the resource's status tells; pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from .. import names
from ..names import ConditionType
from ..oauth.json_object import JSON
from ..resource.oauth_client import OAuthClient
from ..resource.status import Condition, shown_client_id
from .turns import Standing, Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How it ended: whether what was asked for is so, and what the resource says of it."""

    done: bool
    said: str


def outcome(verb: str, body: Mapping[str, JSON]) -> Outcome | None:
    """Return how it ended, or None while it is under way."""
    resource, standing = OAuthClient.parse(body), Standing.of(body)
    return _stands_still(verb, resource) or _ENDS[verb](resource, standing)


def adopted(body: Mapping[str, JSON], client_id: str, known: str = "") -> Outcome | None:
    """Return how the adoption of a client ended; `known` was said before it was asked for."""
    resource, standing = OAuthClient.parse(body), Standing.of(body)
    if (still := _stands_still("adopt", resource)) is not None:
        return still
    if standing.ready == "True" and resource.status.client_id == shown_client_id(client_id):
        registered = _condition(resource, ConditionType.REGISTERED)
        return Outcome(done=True, said=_said(standing) if registered is None else registered.message)
    news = resource.status.served.retry == resource.retry or standing.message != known
    return Outcome(done=False, said=standing.message) if news and standing.turn not in _UNDER_WAY else None


def progress(verb: str, body: Mapping[str, JSON]) -> str:
    """Return where it stands, in one sentence; equal ones are no news."""
    resource, standing = OAuthClient.parse(body), Standing.of(body)
    said = f"Ready is {standing.ready} ({standing.reason})"
    if standing.message and standing.ready != "True":
        said += f": {standing.message}"
    renewing = _condition(resource, ConditionType.RENEWING)
    if verb == "rotate" and renewing is not None:
        said += f"; Renewing is {renewing.status} ({renewing.reason}): {renewing.message}"
    return said


def _ready(_: OAuthClient, standing: Standing) -> Outcome | None:
    return Outcome(done=True, said=_said(standing)) if standing.ready == "True" else None


def _retried(resource: OAuthClient, standing: Standing) -> Outcome | None:
    # Without a record nothing is written down of it: then a later answer tells.
    tried = resource.status.served.retry == resource.retry
    return _settled(standing) if tried else _ready(resource, standing)


def _read(resource: OAuthClient, standing: Standing) -> Outcome | None:
    status = resource.status
    if status.served.refresh != resource.refresh:
        return None
    if names.REFRESH_ANNOTATION in standing.message:
        return Outcome(done=False, said=standing.message)
    if status.registration is not None and not status.registration.manageable:
        registered = _condition(resource, ConditionType.REGISTERED)
        return Outcome(done=False, said="it cannot be read" if registered is None else registered.message)
    return _settled(standing)


def _proven(resource: OAuthClient, _: Standing) -> Outcome | None:
    if resource.status.served.prove != resource.prove:
        return None
    valid = _condition(resource, ConditionType.CREDENTIALS_VALID)
    if valid is None:
        return Outcome(done=False, said="whether the server accepts them is not known; the Event ProofFailed says why")
    return Outcome(done=valid.status == "True", said=valid.message)


def _rotated(resource: OAuthClient, standing: Standing) -> Outcome | None:
    return _settled(standing) if resource.status.served.rotate == resource.rotate else None


def _paused(resource: OAuthClient, _: Standing) -> Outcome | None:
    paused = _condition(resource, ConditionType.PAUSED)
    return Outcome(done=True, said=paused.message) if paused is not None and paused.status == "True" else None


def _resumed(resource: OAuthClient, standing: Standing) -> Outcome | None:
    return Outcome(done=True, said=_said(standing)) if _condition(resource, ConditionType.PAUSED) is None else None


def _stands_still(verb: str, resource: OAuthClient) -> Outcome | None:
    if resource.deleting:
        return Outcome(done=False, said="it is being deleted")
    if resource.paused and verb not in ("pause", "status"):
        return Outcome(done=False, said="it is paused, so nothing is called: kubectl oauthclient resume ends that")
    return None


_UNDER_WAY: Final = (Turn.OPERATOR, Turn.NOBODY)
_ENDS: Final[Mapping[str, Callable[[OAuthClient, Standing], Outcome | None]]] = {
    "status": _ready,
    "retry": _retried,
    "refresh": _read,
    "prove": _proven,
    "rotate": _rotated,
    "pause": _paused,
    "resume": _resumed,
}


def _settled(standing: Standing) -> Outcome | None:
    """Return what came of what was served, once no more is under way."""
    if standing.turn is Turn.OPERATOR:
        return None
    return Outcome(done=standing.ready == "True", said=_said(standing))


def _said(standing: Standing) -> str:
    return standing.message or standing.reason


def _condition(resource: OAuthClient, kind: ConditionType) -> Condition | None:
    return next((c for c in resource.status.conditions if c.type == kind), None)
