"""A ClusterOAuthIssuer as it was read from the API server: identity, life and status."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..names import INSTALLATION_ANNOTATION, RETRY_ANNOTATION
from ..oauth.json_object import JSON
from .issuer_status import IssuerStatus
from .json_path import child, number, text
from .times import moment


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterOAuthIssuer:
    """One resource at one resourceVersion."""

    name: str
    uid: str
    generation: int
    resource_version: str
    deleting: bool
    """Whether its deletion was asked for."""
    finalizers: tuple[str, ...]
    status: IssuerStatus
    spec: Mapping[str, JSON] = field(repr=False)
    deleted_at: datetime | None = None
    """When that was, by the API server's clock."""
    installation: str | None = None
    """The namespace of the operator whose status this is, where that is said."""
    retry: str | None = None
    """The annotation by which a person asks that it be tried now."""

    @classmethod
    def parse(cls, body: Mapping[str, JSON]) -> "ClusterOAuthIssuer":
        """Read a resource's JSON."""
        metadata = child(body, "metadata")
        annotations = child(metadata, "annotations")
        finalizers = metadata.get("finalizers")
        return cls(
            name=text(metadata, "name") or "",
            uid=text(metadata, "uid") or "",
            generation=number(metadata, "generation"),
            resource_version=text(metadata, "resourceVersion") or "",
            deleting=text(metadata, "deletionTimestamp") is not None,
            deleted_at=moment(text(metadata, "deletionTimestamp")),
            finalizers=tuple(f for f in finalizers if isinstance(f, str)) if isinstance(finalizers, list) else (),
            status=IssuerStatus.parse(child(body, "status")),
            spec=child(body, "spec"),
            installation=text(annotations, INSTALLATION_ANNOTATION) or None,
            retry=text(annotations, RETRY_ANNOTATION),
        )
