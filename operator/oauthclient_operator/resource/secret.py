"""A Secret as it was read: with just what matters for publishing, and for what somebody put there for us."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..oauth.json_object import JSON
from .json_path import child, objects, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """One Secret at one resourceVersion; `owners` are apiVersion, kind and UID of each owner reference."""

    name: str
    uid: str
    resource_version: str
    type: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str] = field(repr=False)
    owners: tuple[tuple[str, str, str], ...]
    immutable: bool
    data: Mapping[str, str] = field(repr=False)
    """Base64 text, as it is stored."""
    owner_names: tuple[str, ...] = ()
    """Kind and name of each owner reference, for people."""

    @classmethod
    def parse(cls, body: Mapping[str, JSON]) -> "Secret":
        """Read a Secret's JSON."""
        metadata = child(body, "metadata")
        return cls(
            name=str(metadata.get("name")),
            uid=str(metadata.get("uid")),
            resource_version=str(metadata.get("resourceVersion")),
            type=str(body.get("type")),
            labels=_texts(metadata, "labels"),
            annotations=_texts(metadata, "annotations"),
            owners=tuple(
                (str(o.get("apiVersion")), str(o.get("kind")), str(o.get("uid")))
                for o in objects(metadata, "ownerReferences")
            ),
            owner_names=tuple(f"{o.get('kind')} {o.get('name')}" for o in objects(metadata, "ownerReferences")),
            immutable=body.get("immutable") is True,
            data=_texts(body, "data"),
        )

    @property
    def version(self) -> str:
        """What tells one version of a Secret from all others."""
        return f"{self.uid}/{self.resource_version}"

    def value(self, key: str) -> str | None:
        """Return the text under a key, or None where there is none.

        Raises:
            ValueError: what is there is no text.
        """
        found = self.data.get(key)
        if found is None:
            return None
        try:
            return base64.b64decode(found).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise ValueError("no text") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretMetadata:
    """What a watch says of a Secret."""

    name: str
    uid: str
    resource_version: str
    owner_uids: frozenset[str]

    @classmethod
    def of(cls, metadata: Mapping[str, JSON]) -> "SecretMetadata":
        """Read an object's metadata."""
        return cls(
            name=text(metadata, "name") or "",
            uid=text(metadata, "uid") or "",
            resource_version=text(metadata, "resourceVersion") or "",
            owner_uids=frozenset(text(owner, "uid") or "" for owner in objects(metadata, "ownerReferences")),
        )

    @property
    def version(self) -> str:
        """What tells one version of a Secret from all others."""
        return f"{self.uid}/{self.resource_version}"


def _texts(parent: Mapping[str, JSON], name: str) -> dict[str, str]:
    return {k: v for k, v in child(parent, name).items() if isinstance(v, str)}
