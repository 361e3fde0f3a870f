"""A ConfigMap as it was read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..oauth.json_object import JSON
from .json_path import child, text


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigMap:
    """One ConfigMap at one resourceVersion; what is no text (`binaryData`) is not in it."""

    name: str
    uid: str
    resource_version: str
    data: Mapping[str, str] = field(repr=False)

    @classmethod
    def parse(cls, body: Mapping[str, JSON]) -> "ConfigMap":
        """Read a ConfigMap's JSON."""
        metadata = child(body, "metadata")
        return cls(
            name=text(metadata, "name") or "",
            uid=text(metadata, "uid") or "",
            resource_version=text(metadata, "resourceVersion") or "",
            data={key: value for key, value in child(body, "data").items() if isinstance(value, str)},
        )

    @property
    def version(self) -> str:
        """What tells one version of a ConfigMap from all others."""
        return f"{self.uid}/{self.resource_version}"
