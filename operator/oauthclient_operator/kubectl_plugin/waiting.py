"""When what was asked for is so, or cannot come to be so, as the resource's status tells; pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from .. import names
from ..names import ConditionType
from ..oauth.json_object import JSON
from ..record.replacements import ReplacementReason
from ..resource.oauth_client import OAuthClient
from ..resource.served import Served, fingerprint
from ..resource.status import Condition, shown_client_id
from .turns import Standing, Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How it ended: whether what was asked for is so (None where nobody knows), and what the resource says of it."""

    done: bool | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a command asked for by an annotation, whose fingerprint is `value`.

    `before` is what was served by then, `edition` and `client_id` what was published.
    """

    verb: str
    value: str
    before: str | None = None
    edition: int | None = None
    client_id: str | None = None

    @classmethod
    def of(cls, verb: str, value: str, body: Mapping[str, JSON]) -> "Asked":
        """Return what that value asks for of a resource, as that is when it does."""
        status = OAuthClient.parse(body).status
        return cls(
            verb=verb,
            value=fingerprint(value),
            before=_by_verb(status.served)[verb],
            edition=status.edition,
            client_id=status.client_id,
        )

    def now(self, resource: OAuthClient) -> str | None:
        """Return what the annotation says by now, as a fingerprint."""
        return _by_verb(resource)[self.verb]

    def is_served(self, resource: OAuthClient) -> bool:
        """Whether it was served, or what somebody asked for after it."""
        served = _by_verb(resource.status.served)[self.verb]
        return served is not None and served != self.before and served in (self.value, self.now(resource))


def _by_verb(of: Served | OAuthClient) -> dict[str, str | None]:
    return {"retry": of.retry, "refresh": of.refresh, "prove": of.prove, "rotate": of.rotate}


def outcome(verb: str, body: Mapping[str, JSON], asked: Asked | None = None) -> Outcome | None:
    """Return how it ended, or None while it is under way; `asked` is what an annotation asks for once."""
    resource, standing = OAuthClient.parse(body), Standing.of(body)
    if (still := _stands_still(verb, resource)) is not None:
        return still
    if asked is None:
        return _ENDS[verb](resource, standing)
    if asked.is_served(resource):
        return _SERVED[verb](resource, standing, asked)
    if verb != "retry" and resource.status.client_id is None and standing.turn not in _UNDER_WAY:
        return Outcome(done=False, said=f"there is no client yet: {_said(standing)}")
    return _taken_away(resource, asked)


def adopted(body: Mapping[str, JSON], client_id: str, asked: Asked, known: str = "") -> Outcome | None:
    """Return how the adoption of a client ended; `known` was said before it was asked for."""
    resource, standing = OAuthClient.parse(body), Standing.of(body)
    if (still := _stands_still("adopt", resource)) is not None:
        return still
    served, published = asked.is_served(resource), resource.status.client_id
    if published == asked.client_id == shown_client_id(client_id) and not served:
        # It was published before, and that says nothing of what is handed over now.
        return _taken_away(resource, asked)
    if standing.ready == "True" and published == shown_client_id(client_id):
        registered = _condition(resource, ConditionType.REGISTERED)
        return Outcome(done=True, said=_said(standing) if registered is None else registered.message)
    news = served or standing.message != known
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


def _retried(_resource: OAuthClient, standing: Standing, _asked: Asked) -> Outcome | None:
    return _settled(standing)


def _read(resource: OAuthClient, standing: Standing, _: Asked) -> Outcome | None:
    status = resource.status
    if names.REFRESH_ANNOTATION in standing.message:
        return Outcome(done=False, said=standing.message)
    if status.registration is not None and not status.registration.manageable:
        registered = _condition(resource, ConditionType.REGISTERED)
        if standing.ready != "True" or registered is None:
            # Registered says "see Ready" then.
            return Outcome(done=False, said=_said(standing))
        return Outcome(done=False, said=registered.message)
    return _settled(standing)


def _proven(resource: OAuthClient, standing: Standing, _: Asked) -> Outcome | None:
    valid = _condition(resource, ConditionType.CREDENTIALS_VALID)
    if valid is None:
        return Outcome(done=False, said="whether the server accepts them is not known; the Event ProofFailed says why")
    # That they are refused is said of Ready.
    return Outcome(done=valid.status == "True", said=_said(standing) if valid.status == "False" else valid.message)


def _rotated(resource: OAuthClient, standing: Standing, asked: Asked) -> Outcome | None:
    status = resource.status
    if status.rotation is not None and ReplacementReason.REQUESTED in status.rotation.reasons:
        # An older operator says that it was served when the replacement begins.
        return None
    settled = _settled(standing)
    if settled is None or status.edition is None or status.edition > (asked.edition or 0):
        return settled
    renewing = _condition(resource, ConditionType.RENEWING)
    why = standing.message if renewing is None or renewing.status != "False" else renewing.message
    return Outcome(done=False, said=f"it came to nothing: {why}")


def _paused(resource: OAuthClient, _: Standing) -> Outcome | None:
    paused = _condition(resource, ConditionType.PAUSED)
    return Outcome(done=True, said=paused.message) if paused is not None and paused.status == "True" else None


def _resumed(resource: OAuthClient, standing: Standing) -> Outcome | None:
    return Outcome(done=True, said=_said(standing)) if _condition(resource, ConditionType.PAUSED) is None else None


def _stands_still(verb: str, resource: OAuthClient) -> Outcome | None:
    if resource.deleting and verb == "resume" and not resource.paused:
        # Nobody has to wait for the end of it.
        return Outcome(done=True, said="it is paused no more, and its deletion goes on")
    if resource.deleting and verb != "pause":
        return Outcome(done=False, said="it is being deleted")
    if resource.paused and verb not in ("pause", "status"):
        return Outcome(done=False, said="it is paused, so nothing is called: kubectl oauthclient resume ends that")
    return None


_UNDER_WAY: Final = (Turn.OPERATOR, Turn.NOBODY)
_ENDS: Final[Mapping[str, Callable[[OAuthClient, Standing], Outcome | None]]] = {
    "status": _ready,
    "pause": _paused,
    "resume": _resumed,
}
_SERVED: Final[Mapping[str, Callable[[OAuthClient, Standing, Asked], Outcome | None]]] = {
    "retry": _retried,
    "refresh": _read,
    "prove": _proven,
    "rotate": _rotated,
}
"""What came of what was served."""


def _taken_away(resource: OAuthClient, asked: Asked) -> Outcome | None:
    """Return that nothing asks for it any more, or None where something does."""
    if asked.now(resource) not in (None, asked.before):
        return None
    return Outcome(done=False, said="the annotation was taken away again before it was served")


def _settled(standing: Standing) -> Outcome | None:
    """Return what came of what was served, once no more is under way."""
    if standing.ready != "True" and standing.turn is Turn.OPERATOR:
        return None
    return Outcome(done=standing.ready == "True", said=_said(standing))


def _said(standing: Standing) -> str:
    return standing.message or standing.reason


def _condition(resource: OAuthClient, kind: ConditionType) -> Condition | None:
    return next((c for c in resource.status.conditions if c.type == kind), None)
