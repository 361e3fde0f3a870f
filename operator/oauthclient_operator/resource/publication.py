"""Where the credentials go, as `spec.secret` says: a Secret's name, its keys' names, and what is copied to it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..names import PUBLISHED_KEYS, PUBLISHED_SIGNING_KEY
from ..oauth.metadata_source import MetadataSource
from .json_path import child, text
from .kubernetes_names import is_secret_key, is_secret_name
from .oauth_client import OAuthClient
from .private_key import is_asked
from .secret_metadata import CopiedMetadata, secret_metadata
from .secret_template import PLACE, Template, templates


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A Secret's name, which of our keys are written under another name, and what is copied.

    With `metadata` None what is asked for is not admitted: the labels and annotations of the Secret stay as they are.
    `own_keys` is whether a private key of the operator's making is to be published. `template` are further keys, `left`
    those of ours that nobody can fill in now and that stay as they are. `source` is where the metadata of the spec's
    issuer are found.
    """

    secret_name: str
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    metadata: CopiedMetadata | None = field(default_factory=CopiedMetadata)
    own_keys: bool = False
    template: Mapping[str, Template] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    left: frozenset[str] = frozenset()
    source: MetadataSource | None = field(default=None, repr=False)

    @classmethod
    def of(cls, resource: OAuthClient, prefixes: Collection[str], problems: list[str]) -> "Publication | None":
        """Read it, or None where nothing can be published as it says; `problems` then say what to write."""
        secret = child(resource.spec, "secret")
        keys = child(secret, "keys")
        # An empty name is one that no Secret has, and not an absent one.
        name = resource.name if secret.get("name") is None else text(secret, "name") or ""
        found: list[str] = []
        if not is_secret_name(name):
            found.append(
                "spec.secret.name: write a Secret's name, lower-case letters, digits, '-' and '.', e.g. web-oauth"
            )
        if not keys.keys() <= set(PUBLISHED_KEYS):
            found.append(f"spec.secret.keys: the left side is one of {', '.join(PUBLISHED_KEYS)}")
        written = {ours: key for ours, key in keys.items() if isinstance(key, str) and is_secret_key(key)}
        if written.keys() != keys.keys():
            found.append(
                "spec.secret.keys: the right side is a key of a Secret: letters, digits, '-', '_' and '.', not '.' and "
                "not beginning with '..', e.g. CLIENT_ID"
            )
        found += _clashes(written, own_keys=is_asked(resource.spec))
        own_keys = is_asked(resource.spec)
        further = templates(child(secret, "template"), own_keys=own_keys, problems=found)
        found += _written_over(further, written)
        problems += found
        metadata = secret_metadata(child(secret, "labels"), child(secret, "annotations"), prefixes, problems)
        if found:
            return None
        return cls(secret_name=name, keys=written, metadata=metadata, own_keys=own_keys, template=further)


def _written_over(further: Collection[str], written: Mapping[str, str]) -> Iterator[str]:
    """Yield which templates would be written to the name of a key of ours, whether or not this client has it."""
    places = {written.get(ours, ours): ours for ours in PUBLISHED_KEYS}
    for key in further:
        if key in places:
            yield f"{PLACE}: {key} is where {places[key]} is published; choose another name, or rename that one by keys"


def _clashes(written: Mapping[str, str], *, own_keys: bool) -> Iterator[str]:
    """Yield which of our keys would be written under one name, renamed or not.

    The schema does not see all of them: its rule was written before token_endpoint_auth_signing_alg was published, and
    the schema of a served version is never tightened. A private key takes nobody's name where none is published.
    """
    places: dict[str, list[str]] = {}
    for ours in PUBLISHED_KEYS:
        if ours in PUBLISHED_SIGNING_KEY and not own_keys:
            continue
        places.setdefault(written.get(ours, ours), []).append(ours)
    for name, several in places.items():
        if len(several) > 1:
            yield f"spec.secret.keys: {' and '.join(several)} are written to one name, {name}; give each its own"
