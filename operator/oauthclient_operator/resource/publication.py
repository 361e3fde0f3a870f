"""Where the credentials go, as `spec.secret` says: a Secret's name, its keys' names, and what is copied to it."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from ..names import PUBLISHED_KEYS
from .json_path import child, text
from .kubernetes_names import is_secret_name
from .oauth_client import OAuthClient
from .secret_metadata import CopiedMetadata, secret_metadata

_SECRET_KEY: Final = re.compile(r"(?!\.\Z|\.\.)[-._a-zA-Z0-9]{1,253}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A Secret's name, which of our keys are written under another name, and what is copied.

    With `metadata` None what is asked for is not admitted: the labels and annotations of the Secret stay as they are.
    """

    secret_name: str
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    metadata: CopiedMetadata | None = field(default_factory=CopiedMetadata)

    @classmethod
    def of(cls, resource: OAuthClient, prefixes: Collection[str], problems: list[str]) -> "Publication | None":
        """Read it, or None where nothing can be published as it says; `problems` then say what to write."""
        secret = child(resource.spec, "secret")
        name, keys = text(secret, "name") or resource.name, child(secret, "keys")
        found: list[str] = []
        if not is_secret_name(name):
            found.append(
                "spec.secret.name: write a Secret's name, lower-case letters, digits, '-' and '.', e.g. web-oauth"
            )
        if not keys.keys() <= set(PUBLISHED_KEYS):
            found.append(f"spec.secret.keys: the left side is one of {', '.join(PUBLISHED_KEYS)}")
        written = {ours: key for ours, key in keys.items() if isinstance(key, str) and _SECRET_KEY.fullmatch(key)}
        if written.keys() != keys.keys():
            found.append(
                "spec.secret.keys: the right side is a key of a Secret: letters, digits, '-', '_' and '.', not '.' and "
                "not beginning with '..', e.g. CLIENT_ID"
            )
        targets = [written.get(ours, ours) for ours in PUBLISHED_KEYS]
        if len(set(targets)) != len(targets):
            found.append("spec.secret.keys: two keys are written to one name; give each its own")
        problems += found
        metadata = secret_metadata(child(secret, "labels"), child(secret, "annotations"), prefixes, problems)
        return None if found else cls(secret_name=name, keys=written, metadata=metadata)
