"""What an OAuthClient asks for. Every spec has a value: one that cannot be honoured says why, and keeps what can be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ..errors import SpecError
from ..names import PUBLISHED_KEYS
from ..oauth.client_metadata import ClientMetadata
from ..oauth.json_object import JSON
from ..oauth.rfc8414 import DiscoveryForm, issuer_problem
from .json_path import child, text
from .oauth_client import OAuthClient

_SUBDOMAIN: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_SECRET_KEY: Final = re.compile(r"(?!\.$|\.\.)[-._a-zA-Z0-9]{1,253}")


class DeletionPolicy(StrEnum):
    """What becomes of the client when the resource is deleted."""

    DELETE = "Delete"
    RETAIN = "Retain"


class AmbiguousPolicy(StrEnum):
    """What follows a registration whose answer was lost."""

    RETRY = "Retry"
    HOLD = "Hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Where the credentials go: a Secret's name, and which of our keys are written under another name."""

    secret_name: str
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """A spec, read. With `problem` set nothing new is begun; `publication` may still be honoured."""

    issuer: str
    form: DiscoveryForm = DiscoveryForm.AUTO
    metadata: ClientMetadata | None = None
    publication: Publication | None = None
    initial_access_token: str | None = None
    deletion: DeletionPolicy = DeletionPolicy.DELETE
    ambiguous: AmbiguousPolicy = AmbiguousPolicy.RETRY
    problem: str | None = None

    @classmethod
    def of(cls, resource: OAuthClient) -> "Desired":
        """Read what a resource asks for; total: an invalid spec is a value too."""
        spec = resource.spec
        issuer = text(spec, "issuer") or ""
        policy, form = child(spec, "policy"), text(child(spec, "discovery"), "form") or "Auto"
        token = text(child(child(child(spec, "registration"), "initialAccessToken"), "secretRef"), "name")
        publication, publication_problem = _publication(resource)
        metadata, metadata_problem = _metadata(spec)
        problems = (issuer_problem(issuer), metadata_problem, publication_problem, _token_problem(spec, token))
        return cls(
            issuer=issuer,
            # Values that this version does not know are refused by the API server; the defaults lose nothing.
            form=DiscoveryForm(form) if form in set(DiscoveryForm) else DiscoveryForm.AUTO,
            metadata=metadata,
            publication=publication,
            initial_access_token=token,
            deletion=DeletionPolicy.RETAIN if policy.get("deletion") == "Retain" else DeletionPolicy.DELETE,
            ambiguous=AmbiguousPolicy.HOLD if policy.get("ambiguous") == "Hold" else AmbiguousPolicy.RETRY,
            problem=next((p for p in problems if p is not None), None),
        )


def _metadata(spec: Mapping[str, JSON]) -> tuple[ClientMetadata | None, str | None]:
    try:
        return ClientMetadata.parse(child(spec, "clientMetadata")), None
    except SpecError as error:
        return None, str(error)


def _publication(resource: OAuthClient) -> tuple[Publication | None, str | None]:
    secret = child(resource.spec, "secret")
    name, keys = text(secret, "name") or resource.name, child(secret, "keys")
    if not _SUBDOMAIN.fullmatch(name) or len(name) > 253:
        return None, "spec.secret.name is not the name of a Secret: lower-case letters, digits, - and ."
    written = {ours: key for ours, key in keys.items() if isinstance(key, str)}
    if written.keys() != keys.keys() or not written.keys() <= set(PUBLISHED_KEYS):
        return None, "spec.secret.keys names a key that the operator does not write"
    if not all(_SECRET_KEY.fullmatch(key) for key in written.values()):
        return None, "spec.secret.keys writes to a name that is no key of a Secret: letters, digits, -, _ and ."
    targets = [written.get(ours, ours) for ours in PUBLISHED_KEYS]
    if len(set(targets)) != len(targets):
        return None, "spec.secret.keys writes two keys to one name; give each its own"
    return Publication(secret_name=name, keys=written), None


def _token_problem(spec: Mapping[str, JSON], token: str | None) -> str | None:
    if "initialAccessToken" not in child(spec, "registration") or (token and _SUBDOMAIN.fullmatch(token)):
        return None
    return "spec.registration.initialAccessToken.secretRef.name is not the name of a Secret"
