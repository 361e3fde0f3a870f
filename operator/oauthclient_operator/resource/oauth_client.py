"""An OAuthClient as it was read from the API server: identity, life and status; its spec is `desired`'s to read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .. import names
from ..oauth.json_object import JSON
from .json_path import child, number, text
from .status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClient:
    """One resource at one resourceVersion; `resolve` is the annotation by which a person settles lost answers."""

    namespace: str
    name: str
    uid: str
    generation: int
    resource_version: str
    deleting: bool
    finalizers: tuple[str, ...]
    resolve: str | None
    status: Status
    spec: Mapping[str, JSON] = field(repr=False)

    @classmethod
    def parse(cls, body: Mapping[str, JSON]) -> "OAuthClient":
        """Read a resource's JSON."""
        metadata = child(body, "metadata")
        finalizers = metadata.get("finalizers")
        return cls(
            namespace=text(metadata, "namespace") or "",
            name=text(metadata, "name") or "",
            uid=text(metadata, "uid") or "",
            generation=number(metadata, "generation"),
            resource_version=text(metadata, "resourceVersion") or "",
            deleting=text(metadata, "deletionTimestamp") is not None,
            finalizers=tuple(f for f in finalizers if isinstance(f, str)) if isinstance(finalizers, list) else (),
            resolve=text(child(metadata, "annotations"), names.RESOLVE_ANNOTATION),
            status=Status.parse(child(body, "status")),
            spec=child(body, "spec"),
        )
