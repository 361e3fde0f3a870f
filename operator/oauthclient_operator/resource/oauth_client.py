"""An OAuthClient as it was read from the API server: identity, life and status; its spec is `desired`'s to read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .. import names
from ..oauth.json_object import JSON
from .json_path import child, number, text
from .served import fingerprint
from .status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClient:
    """One resource at one resourceVersion.

    `resolve` is the annotation by which a person settles lost answers; `retry`, `refresh`, `rotate` and `prove` are the
    fingerprints of those by which a person asks that whatever waits be tried now, that the client be read at the
    server, for another pair, and for a proof; while it is `paused` nothing
    is called and nothing published.
    """

    namespace: str
    name: str
    uid: str
    generation: int
    resource_version: str
    deleting: bool
    finalizers: tuple[str, ...]
    resolve: str | None
    retry: str | None
    rotate: str | None
    prove: str | None
    refresh: str | None
    paused: bool
    status: Status
    spec: Mapping[str, JSON] = field(repr=False)

    @property
    def asks(self) -> tuple[str, int, bool]:
        """What tells one resource, as it asks for something, from another: its annotations have no generation."""
        return self.uid, self.generation, self.paused

    @classmethod
    def parse(cls, body: Mapping[str, JSON]) -> "OAuthClient":
        """Read a resource's JSON."""
        metadata = child(body, "metadata")
        annotations = child(metadata, "annotations")
        finalizers = metadata.get("finalizers")
        return cls(
            namespace=text(metadata, "namespace") or "",
            name=text(metadata, "name") or "",
            uid=text(metadata, "uid") or "",
            generation=number(metadata, "generation"),
            resource_version=text(metadata, "resourceVersion") or "",
            deleting=text(metadata, "deletionTimestamp") is not None,
            finalizers=tuple(f for f in finalizers if isinstance(f, str)) if isinstance(finalizers, list) else (),
            resolve=text(annotations, names.RESOLVE_ANNOTATION),
            retry=_fingerprint(text(annotations, names.RETRY_ANNOTATION)),
            refresh=_fingerprint(text(annotations, names.REFRESH_ANNOTATION)),
            rotate=_fingerprint(text(annotations, names.ROTATE_ANNOTATION)),
            prove=_fingerprint(text(annotations, names.PROVE_ANNOTATION)),
            paused=text(annotations, names.PAUSED_ANNOTATION) == "true",
            status=Status.parse(child(body, "status")),
            spec=child(body, "spec"),
        )


def _fingerprint(value: str | None) -> str | None:
    return None if value is None else fingerprint(value)
