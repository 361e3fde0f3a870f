"""What an OAuthClient asks for. Every spec has a value: one that cannot be honoured says why, and keeps what can be."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

from ..errors import InvalidClientMetadata
from ..names import PUBLISHED_KEYS
from ..oauth.client_metadata import ClientMetadata
from ..oauth.json_object import JSON
from ..oauth.metadata_source import MetadataSource
from ..oauth.rfc8414 import DiscoveryForm, issuer_problem
from .discovery import DOCUMENT_ADVICE, ENDPOINT_ADVICE, written_url
from .json_path import child, text
from .oauth_client import OAuthClient
from .secret_metadata import SecretMetadata, secret_metadata

_SUBDOMAIN: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_SECRET_KEY: Final = re.compile(r"(?!\.\Z|\.\.)[-._a-zA-Z0-9]{1,253}")

Choice = TypeVar("Choice", bound=StrEnum)


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
    """Where the credentials go: a Secret's name, which of our keys are written under another name, and what is copied.

    With `metadata` None what is asked for is not admitted: the labels and annotations of the Secret stay as they are.
    """

    secret_name: str
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    metadata: SecretMetadata | None = field(default_factory=SecretMetadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """A spec, read. With `problem` set nothing new is begun; `publication` may still be honoured."""

    issuer: str
    form: DiscoveryForm = DiscoveryForm.AUTO
    metadata_url: str | None = None
    registration_endpoint: str | None = None
    metadata: ClientMetadata | None = None
    publication: Publication | None = None
    initial_access_token: str | None = None
    deletion: DeletionPolicy = DeletionPolicy.DELETE
    ambiguous: AmbiguousPolicy = AmbiguousPolicy.RETRY
    problem: str | None = None

    @classmethod
    def of(cls, resource: OAuthClient, metadata_prefixes: Collection[str] = ()) -> "Desired":
        """Read what a resource asks for; total: an invalid spec is a value too.

        `metadata_prefixes` are those of labels and annotations that a Secret may be given.
        """
        spec = resource.spec
        discovery, policy = child(spec, "discovery"), child(spec, "policy")
        issuer = text(spec, "issuer") or ""
        problems: list[str] = []
        if (why := issuer_problem(issuer)) is not None:
            problems.append(f"spec.issuer {why}")
        metadata = _metadata(spec, problems)
        publication = _publication(resource, metadata_prefixes, problems)
        form = _choice(discovery, "discovery.form", DiscoveryForm.AUTO, problems) or DiscoveryForm.AUTO
        url = written_url(discovery, "url", DOCUMENT_ADVICE, problems)
        endpoint = written_url(discovery, "registrationEndpoint", ENDPOINT_ADVICE, problems)
        if url is not None and form is not DiscoveryForm.AUTO:
            problems.append("spec.discovery.form: leave it out beside url, for the metadata are read there")
        deletion = _choice(policy, "policy.deletion", DeletionPolicy.DELETE, problems)
        ambiguous = _choice(policy, "policy.ambiguous", AmbiguousPolicy.RETRY, problems)
        token = _initial_access_token(spec, publication, problems)
        return cls(
            issuer=issuer,
            form=form,
            metadata_url=url,
            registration_endpoint=endpoint,
            metadata=metadata,
            publication=publication,
            initial_access_token=token,
            # A word that is not known here is no leave to destroy, nor to try again.
            deletion=deletion or DeletionPolicy.RETAIN,
            ambiguous=ambiguous or AmbiguousPolicy.HOLD,
            problem="; ".join(problems) or None,
        )

    @property
    def source(self) -> MetadataSource:
        """Return where the issuer's metadata are found."""
        return MetadataSource(
            issuer=self.issuer,
            form=self.form,
            url=self.metadata_url,
            needs_endpoint=self.registration_endpoint is None,
        )

    @property
    def chooses_endpoint(self) -> bool:
        """Return whether the spec, and not the issuer alone, says where clients are registered.

        Who names the document names the endpoint too: an issuer's origin may serve what others have put there.
        """
        return self.metadata_url is not None or self.registration_endpoint is not None


def _choice(parent: Mapping[str, JSON], place: str, default: Choice, problems: list[str]) -> Choice | None:
    """Return the word that is written, the default without one, or None for one that is not known."""
    written, kind = parent.get(place.rpartition(".")[2]), type(default)
    if written is None:
        return default
    if isinstance(written, str) and written in set(kind):
        return kind(written)
    problems.append(f"spec.{place}: write one of {', '.join(kind)}")
    return None


def _metadata(spec: Mapping[str, JSON], problems: list[str]) -> ClientMetadata | None:
    try:
        return ClientMetadata.parse(child(spec, "clientMetadata"), "spec.clientMetadata")
    except InvalidClientMetadata as error:
        problems.append(str(error))
        return None


def _publication(resource: OAuthClient, metadata_prefixes: Collection[str], problems: list[str]) -> Publication | None:
    secret = child(resource.spec, "secret")
    name, keys = text(secret, "name") or resource.name, child(secret, "keys")
    found: list[str] = []
    if not _is_secret_name(name):
        found.append("spec.secret.name: write a Secret's name, lower-case letters, digits, '-' and '.', e.g. web-oauth")
    if not keys.keys() <= set(PUBLISHED_KEYS):
        found.append(f"spec.secret.keys: the left side is one of {', '.join(PUBLISHED_KEYS)}")
    written = {ours: key for ours, key in keys.items() if isinstance(key, str) and _SECRET_KEY.fullmatch(key)}
    if written.keys() != keys.keys():
        found.append(
            "spec.secret.keys: the right side is a key of a Secret: letters, digits, '-', '_' and '.', not '.' and not "
            "beginning with '..', e.g. CLIENT_ID"
        )
    targets = [written.get(ours, ours) for ours in PUBLISHED_KEYS]
    if len(set(targets)) != len(targets):
        found.append("spec.secret.keys: two keys are written to one name; give each its own")
    problems += found
    metadata = secret_metadata(child(secret, "labels"), child(secret, "annotations"), metadata_prefixes, problems)
    return None if found else Publication(secret_name=name, keys=written, metadata=metadata)


def _initial_access_token(spec: Mapping[str, JSON], publication: Publication | None, problems: list[str]) -> str | None:
    registration = child(spec, "registration")
    if registration.get("initialAccessToken") is None:
        return None
    name = text(child(child(registration, "initialAccessToken"), "secretRef"), "name")
    place = "spec.registration.initialAccessToken.secretRef.name"
    if name is None or not _is_secret_name(name):
        problems.append(f"{place}: write the name of the Secret that holds the initial access token, e.g. idp-token")
        return None
    if publication is not None and name == publication.secret_name:
        problems.append(f"{place}: it cannot be the Secret that is published (secret.name, or the resource's own name)")
    return name


def _is_secret_name(name: str) -> bool:
    return len(name) <= 253 and _SUBDOMAIN.fullmatch(name) is not None
