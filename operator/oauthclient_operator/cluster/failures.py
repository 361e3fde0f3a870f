"""What an answer of the API server that is not a success means, as one of our errors; pure.

The API server says no with an object of kind Status. Its `message` can repeat what was sent (an invalid value, a
webhook's thoughts), so only parts of it that are meant for people go into ours, cleaned and cut.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from ..errors import (
    AlreadyExists,
    ClusterError,
    Conflict,
    NamespaceMissing,
    NamespaceTerminating,
    NotFound,
    QuotaNotCounted,
    QuotaUsedUp,
    RequestRefused,
    Unanswered,
)
from ..oauth.json_object import JSON
from .storage_failures import storage_failure
from .target import Target

_OR_ITSELF = {
    404: ", or it has no such kind: are the definitions (crds/) there?",
    429: ", or it is asked too much",
    504: ", or it took too long",
}
"""What it says itself without a Status, in plain text."""
_WORDS = 400
"""Characters of the API server's words that a message keeps: a denial by an admission policy fits."""
_LOOKED_AT = 4096
"""Characters of them in which a denial is looked for: what denied stands at the beginning."""
_VALUELESS_CAUSES = frozenset({"FieldValueForbidden", "FieldValueRequired", "FieldValueTooLong"})
"""Causes whose message names no value: "field is immutable when `immutable` is set"."""
_NO_FIELD = "<nil>"
_NO_RIGHT = re.compile(r' is forbidden: User ".*" cannot ')
_NO_RIGHT_ON_SECRETS = re.compile(r'secrets( ".*")? is forbidden: User ".*" cannot ')
"""How RBAC says no; an admission policy or a quota says something else."""
_MAY_NOT_KNOW: Final = "; it was not there a moment ago, and may not have read yet who has which rights"
_USED_UP: Final = " is forbidden: exceeded quota: "
"""How a quota says no; no name can hold it."""
_NOT_COUNTED: Final = " is forbidden: status unknown for quota: "
"""And how one that was applied a moment ago does, as together with its namespace and all that is in it."""
_CURE: Final = (
    "; give the operator rights on Secrets here: in a tenant's namespace by deploy/namespace, else by deploy/"
)
_DENIED_BY_ADMISSION = re.compile(r"""AdmissionPolicy '.*' denied request|admission webhook ".*" denied the request""")
"""How policies and webhooks say no, under any status code: a policy names its `reason`, a webhook its `code`."""
_FAILED_WEBHOOK = re.compile(r"""failed calling webhook "([-.0-9A-Za-z]{1,253})\"""")
"""What of such a failure names nothing but who failed: the rest may quote what the webhook answered."""
_NOT_READY = "is forbidden: not yet ready to handle request"
"""How what is asked before a write ends its word, in an API server that begins: it has not read what it needs."""
_ASK_AGAIN = frozenset({401, 408, 425, 429})
"""401 too: our token was replaced, and the connection reads it again."""


def failure(
    method: str,
    target: Target,
    status: int,
    content: bytes,
    *,
    retry_after: str | None = None,
    confidential: Collection[str] = (),
    of_operator: bool = False,
    begins: bool = False,
) -> ClusterError:
    """Return the error for a complete answer that is no success; `of_operator` says that the operator itself asked.

    `begins` says that the API server may have begun a moment ago: then it refuses whatever is asked of it.

    `confidential` are values of which no message may hold one. Only a Status object is the API server's own word:
    whatever else answered (a proxy, a server that has no such resource yet) proves nothing about the object.
    """
    asked = f"{method} {target}"
    said = _status_object(content)
    seconds = _seconds(retry_after)
    if said is None:
        who = f"something else than the API server{_OR_ITSELF.get(status, '')}"
        return Unanswered(f"{asked}: answered {status} by {who}", status=status, retry_after=seconds)
    reason, details = said.get("reason"), _mapping(said.get("details"))
    message = f"{asked}: {status} {_words(reason)}".rstrip()
    spoken = _spoken(said.get("message"), confidential)
    if _is_denial(said.get("message")):
        # Before the code is looked at: one of another's choice (409, 404, 500) says nothing about the object.
        return RequestRefused(f"{message}: {spoken}".removesuffix(": "), status=status, retry_after=seconds)
    if begins and status == 403 and _NO_RIGHT.search(spoken):
        return Unanswered(f"{message}: {spoken}{_MAY_NOT_KNOW}", status=status, retry_after=seconds)
    if status in _ASK_AGAIN or status >= 500 or _is_not_ready(said.get("message")):
        kind, why = _why_not(said.get("message"), of_list=target.name is None and method != "POST")
        return kind(message + why, status=status, retry_after=seconds)
    if status == 404 and reason == "NotFound":
        if details.get("kind") == "namespaces" and target.resource != "namespaces":
            return NamespaceMissing(f"{message}: there is no namespace {target.namespace}", status=status)
        return NotFound(message, status=status)
    if status == 409:
        return _conflict(message, reason, details, seconds)
    return _refusal(asked, message, status, list(_causes(details)), spoken, cure=_CURE if of_operator else "")


def failure_in_event(target: Target, said: Mapping[str, JSON]) -> ClusterError:
    """Return the error for an event of a watch that tells of one, instead of an object."""
    code = said.get("code")
    return failure("watch", target, code if isinstance(code, int) else 500, json.dumps(said).encode())


def _conflict(message: str, reason: JSON, details: Mapping[str, JSON], seconds: float | None) -> ClusterError:
    if reason == "AlreadyExists":
        return AlreadyExists(message, status=409)
    if details.get("kind") == "resourcequotas":
        # Quota is counted with a write of its own, which can conflict with another's: that says nothing of our object.
        return Unanswered(f"{message} on a quota", status=409, retry_after=seconds)
    return Conflict(message, status=409)


def _refusal(
    asked: str, message: str, status: int, causes: list[tuple[str, str, str]], spoken: str, *, cure: str
) -> ClusterError:
    if status == 422 and any(field == "metadata.uid" for field, _, _ in causes):
        return Conflict(f"{asked}: it is another object of that name", status=status)
    if status == 403:
        message = f"{message}: {spoken}".removesuffix(": ")
        if any(kind == "NamespaceTerminating" for _, kind, _ in causes):
            return NamespaceTerminating(message, status=status)
        if _USED_UP in spoken:
            return QuotaUsedUp(message, status=status)
        if _NOT_COUNTED in spoken:
            return QuotaNotCounted(message, status=status)
        if _NO_RIGHT_ON_SECRETS.match(spoken):
            message += cure
    elif causes:
        message = f"{message}: {'; '.join(_cause(*cause) for cause in causes[:4])}"
    return RequestRefused(message, status=status)


def _status_object(content: bytes) -> Mapping[str, JSON] | None:
    try:
        value = json.loads(content)
    except ValueError:
        return None
    return value if isinstance(value, dict) and value.get("kind") == "Status" else None


def _is_denial(message: JSON) -> bool:
    return isinstance(message, str) and _DENIED_BY_ADMISSION.search(message[:_LOOKED_AT]) is not None


def _is_not_ready(message: JSON) -> bool:
    return isinstance(message, str) and message.endswith(_NOT_READY)


def _why_not(message: JSON, *, of_list: bool) -> tuple[type[Unanswered], str]:
    """Return what kept it from answering, as far as that can be told without what was sent."""
    if isinstance(message, str) and (found := _FAILED_WEBHOOK.search(message[:_LOOKED_AT])) is not None:
        return Unanswered, f": the admission webhook {found[1]} failed, which is asked before every such write"
    return storage_failure(message, of_list=of_list)


def _mapping(value: JSON) -> Mapping[str, JSON]:
    return value if isinstance(value, dict) else {}


def _causes(details: Mapping[str, JSON]) -> Iterator[tuple[str, str, str]]:
    causes = details.get("causes")
    for cause in causes if isinstance(causes, list) else ():
        # Of no field is that further rules were not asked.
        if isinstance(cause, dict) and cause.get("field") != _NO_FIELD:
            yield _words(cause.get("field")), _words(cause.get("reason")), _words(cause.get("message"))


def _cause(field: str, reason: str, message: str) -> str:
    return f"{field}: {message if reason in _VALUELESS_CAUSES else reason}"


def _spoken(message: JSON, confidential: Collection[str]) -> str:
    """Return the words for people of a refusal, or nothing where they repeat what they must not."""
    if not isinstance(message, str) or any(value in message for value in confidential):
        return ""
    return _words(message)


def _words(value: JSON) -> str:
    text = re.sub(r"\s+", " ", value) if isinstance(value, str) else ""
    clean = "".join(character for character in text if character.isprintable())
    return clean if len(clean) <= _WORDS else clean[:_WORDS] + "…"


def _seconds(retry_after: str | None) -> float | None:
    return float(retry_after) if retry_after is not None and re.fullmatch("[0-9]{1,6}", retry_after) else None
