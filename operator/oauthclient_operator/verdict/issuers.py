"""What is said of a ClusterOAuthIssuer, and of a client whose issuer it is."""

from collections.abc import Sequence

from ..names import ISSUER_KIND, Reason
from ..resource.objection import Objection
from .verdict import SLOWLY, Verdict

_NAMED = 5
_STAYS = "what is published stays as it is"


def ready(issuer: str) -> Verdict:
    """Say that clients can be registered."""
    return Verdict(reason=Reason.READY, message=f"clients can be registered at {issuer}")


def invalid(problems: Sequence[str]) -> Verdict:
    """Say what cannot be honoured; what was registered before is kept."""
    message = f"{'; '.join(problems)}; until then no client is registered or changed there, and those that are stay"
    return Verdict(reason=Reason.INVALID_SPEC, message=message, stalled=True)


def not_supported(issuer: str) -> Verdict:
    """Say that no client can be registered."""
    message = (
        f"the metadata of {issuer} name no registration_endpoint: turn dynamic client registration on there, or write "
        f"spec.discovery.registrationEndpoint{SLOWLY}"
    )
    return Verdict(reason=Reason.REGISTRATION_NOT_SUPPORTED, message=message, stalled=True)


def in_use(clients: Sequence[str], count: int) -> Verdict:
    """Say who keeps an issuer from going."""
    more = f" and {count - _NAMED} more" if count > _NAMED else ""
    message = (
        f"it is deleted when no OAuthClient refers to it: {', '.join(clients[:_NAMED])}{more}; delete those, or have "
        "their spec name another issuer"
    )
    return Verdict(reason=Reason.IN_USE, message=message)


def one_first(first: str, failed: Sequence[str]) -> Verdict:
    """Say which client a change is tried on, and on which it was."""
    before = f"; {', '.join(failed[-_NAMED:])} went before it" if failed else ""
    message = (
        "what this generation changes of its clients' metadata is an update of each: OAuthClient "
        f"{first} goes first{before}; the others stay as they are until it is ready"
    )
    return Verdict(reason=Reason.ONE_FIRST, message=message)


def client_not_ready(failed: Sequence[str], said: str | None) -> Verdict:
    """Say that a change came to no good where it was tried; `said` is how a process of before said it."""
    message = said or (
        "what this generation changes of its clients' metadata was tried, and left a client not ready: OAuthClient "
        f"{', '.join(failed[-_NAMED:])}; the others stay as they are: see why there, and change spec; one more is "
        "tried from time to time"
    )
    return Verdict(reason=Reason.CLIENT_NOT_READY, message=message)


def applied() -> Verdict:
    """Say that a change is good for all."""
    message = "one client has what this generation changes of its clients' metadata, and is ready; the others follow"
    return Verdict(reason=Reason.APPLIED, message=message)


def not_ready(name: str, problems: Sequence[str], *, published: bool) -> Verdict:
    """Say of a client that its issuer cannot be used; what is `published`, if anything is, stays as it is."""
    message = (
        f"{ISSUER_KIND} {name} cannot be used: {'; '.join(problems)}; this goes on by itself when whoever administers "
        f"it has mended that{', and ' + _STAYS if published else ''}"
    )
    return Verdict(reason=Reason.ISSUER_NOT_READY, message=message)


def not_allowed(name: str, objections: Sequence[Objection], *, published: bool) -> Verdict:
    """Say of a client what its issuer does not allow; what is `published`, if anything is, stays as it is."""
    message = (
        f"{ISSUER_KIND} {name} does not allow it: {'; '.join(map(str, objections))}; change spec, or ask whoever "
        f"administers the issuer{'; ' + _STAYS if published else ''}"
    )
    return Verdict(reason=Reason.NOT_ALLOWED_BY_ISSUER, message=message, stalled=True)
