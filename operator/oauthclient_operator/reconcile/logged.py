"""What the log says of a pass: over what, what was done, and what is so now."""

from ..resource.key import Key
from ..resource.oauth_client import OAuthClient
from .passes import Pass


def account(step: Pass, key: Key) -> dict[str, object]:
    """Return what the log says of a pass: over what, what was done, and what is so now."""
    known: dict[str, object] = {**named(key, step), "steps": ",".join(step.changed)}
    if step.record is not None and step.record.attempts:
        known["attempt"] = step.record.attempts[-1].number
    resource = step.observed.resource
    if step.verdict is not None:
        known |= {"reason": step.verdict.reason.value, "why": step.verdict.message}
    elif isinstance(resource, OAuthClient) and (reason := resource.status.ready_reason) is not None:
        known["reason"] = reason
    return known


def named(key: Key, step: Pass) -> dict[str, str]:
    """Return by what the log names what a pass is over."""
    resource, record = step.observed.resource, step.record
    if isinstance(resource, OAuthClient):
        return {"namespace": resource.namespace, "resource": resource.name, "uid": resource.uid}
    name = {"resource": record.subject.name} if record is not None else {}
    return {"namespace": key.namespace, **name, "uid": key.name}
