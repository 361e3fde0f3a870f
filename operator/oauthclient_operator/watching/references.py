"""Which Secrets a resource has to do with: those whose changes wake it, and those that no watch tells of."""

from collections.abc import Collection, Mapping
from typing import Final

from ..cluster.metadata import Key
from ..names import INITIAL_ACCESS_TOKEN_TYPE, SOFTWARE_STATEMENT_TYPE, ConditionType, Reason
from ..oauth.json_object import JSON
from ..resource.json_path import child, objects, text
from ..resource.oauth_client import OAuthClient
from ..resource.secret import SecretMetadata
from ..resource.status import Status

PRESENTED: Final = (INITIAL_ACCESS_TOKEN_TYPE, SOFTWARE_STATEMENT_TYPE)
"""The types of Secrets whose contents a registration presents: a field selector takes one."""
_CURED: Final = frozenset(
    {
        Reason.ADOPTION_FAILED,
        Reason.MANAGEMENT_LOST,
        Reason.UPDATE_UNSUPPORTED,
        Reason.RECORD_OUTDATED,
        Reason.RECORD_MISSING,
    }
)
"""What a Secret that hands a client over can end."""
_STUCK: Final = frozenset({Reason.SECRET_NOT_PUBLISHABLE, Reason.RECORD_OUTDATED})
"""What a change of the Secret may end: an immutable one is deleted, a key is taken out, its edition is put right."""


class References:
    """Which resources have to do with a Secret.

    Tuples, most of them of one: there are as many as resources, and a set takes four times as much.
    """

    def __init__(self) -> None:
        self._secrets: dict[Key, tuple[Key, ...]] = {}
        self._resources: dict[Key, tuple[Key, ...]] = {}

    def put(self, resource: Key, secrets: Collection[Key]) -> None:
        """Take which Secrets a resource has to do with now, none: it is gone."""
        for before in self._secrets.pop(resource, ()):
            others = tuple(k for k in self._resources.pop(before) if k != resource)
            if others:
                self._resources[before] = others
        if secrets:
            # The published Secret has the resource's name most of the time, and then is the same tuple.
            self._secrets[resource] = tuple(resource if secret == resource else secret for secret in secrets)
            for secret in self._secrets[resource]:
                self._resources[secret] = (*self._resources.get(secret, ()), resource)

    def to(self, secret: Key) -> tuple[Key, ...]:
        """Return the resources that have to do with a Secret."""
        return self._resources.get(secret, ())


def secrets_of(body: Mapping[str, JSON], namespace: str, name: str) -> frozenset[Key]:
    """Return the Secrets that a resource publishes, published, or takes what it presents or its client from."""
    spec = child(body, "spec")
    found = (*_published(body, name), *_presented(spec), _adopted(spec))
    return frozenset((namespace, n) for n in found if isinstance(n, str))


def stray(body: Mapping[str, JSON], namespace: str, name: str) -> dict[Key, SecretMetadata | None]:
    """Return the Secrets that a resource waits for and no watch tells of, as its status says.

    One that is in the way, also where it is owned by the resource: it may be without our label. And one that hands a
    client over, or a new registration access token for it.
    """
    found = dict[Key, SecretMetadata | None]()
    reasons = {text(c, "reason") for c in objects(child(body, "status"), "conditions")}
    published, said = _published(body, name)
    if Reason.SECRET_NOT_OWNED in reasons or (said is not None and reasons & _STUCK):
        found[namespace, published] = None
    adopted = _adopted(child(body, "spec"))
    if adopted is not None and reasons & _CURED:
        found[namespace, adopted] = None
    return found


def checked(resource: OAuthClient) -> dict[Key, SecretMetadata | None]:
    """Return the Secrets to look at where they are not watched, and what the status says of each.

    What was published; and, for as long as there is no client, or it or its replacement may wait for that, what its
    registration presents.
    """
    found: dict[Key, SecretMetadata | None] = {}
    if resource.status.client_id is None or not _is_well(resource.status):
        found |= {(resource.namespace, name): None for name in _presented(resource.spec)}
    if (published := resource.status.secret) is not None:
        found[resource.namespace, published.name] = SecretMetadata(
            name=published.name,
            uid=published.uid,
            resource_version=published.resource_version,
            owner_uids=frozenset({resource.uid}),
        )
    return found


def _published(body: Mapping[str, JSON], name: str) -> tuple[str, str | None]:
    """Return the Secret that a resource publishes, and the one that it has published, if any."""
    secret = child(child(body, "spec"), "secret")
    return text(secret, "name") or name, text(child(child(body, "status"), "secret"), "name")


def _is_well(status: Status) -> bool:
    """Whether nothing that a status says may be waiting for another client."""
    said = {condition.type: condition.status for condition in status.conditions}
    return said.get(ConditionType.READY) == "True" and said.get(ConditionType.RENEWING) != "False"


def _adopted(spec: Mapping[str, JSON]) -> str | None:
    return text(child(child(spec, "adopt"), "secretRef"), "name")


def _presented(spec: Mapping[str, JSON]) -> tuple[str, ...]:
    """Return the Secrets of the initial access token and of the software statement."""
    registration = child(spec, "registration")
    members = ("initialAccessToken", "softwareStatement")
    names = (text(child(child(registration, member), "secretRef"), "name") for member in members)
    return tuple(name for name in names if name is not None)
