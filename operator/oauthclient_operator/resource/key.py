"""What is reconciled, by its key: a resource, or the registration record of one that is gone."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a key names."""

    OAUTH_CLIENT = "OAuthClient"
    RECORD = "RegistrationRecord"
    """Of a resource that is gone; its name is that resource's UID, its namespace that resource's namespace."""


class Key(NamedTuple):
    """One thing that is reconciled; never two passes at once over one key."""

    kind: Kind
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


def oauth_client(namespace: str, name: str) -> Key:
    """Return the key of a resource."""
    return Key(Kind.OAUTH_CLIENT, namespace, name)


def record_of(namespace: str, uid: str) -> Key:
    """Return the key of the record of a resource that is gone."""
    return Key(Kind.RECORD, namespace, uid)
