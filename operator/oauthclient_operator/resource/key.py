"""What is reconciled, by its key: a resource, the registration record of one that is gone, or an issuer."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a key names."""

    OAUTH_CLIENT = "OAuthClient"
    RECORD = "RegistrationRecord"
    """Of a resource that is gone; its name is that resource's UID, its namespace that resource's namespace."""
    CLUSTER_ISSUER = "ClusterOAuthIssuer"
    """It is in no namespace: that part of its key is empty."""


class Key(NamedTuple):
    """One thing that is reconciled; never two passes at once over one key."""

    kind: Kind
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


def oauth_client(namespace: str, name: str) -> Key:
    """Return the key of a resource."""
    return Key(Kind.OAUTH_CLIENT, namespace, name)


def record_of(namespace: str, uid: str) -> Key:
    """Return the key of the record of a resource that is gone."""
    return Key(Kind.RECORD, namespace, uid)


def cluster_issuer(name: str) -> Key:
    """Return the key of a ClusterOAuthIssuer."""
    return Key(Kind.CLUSTER_ISSUER, "", name)
