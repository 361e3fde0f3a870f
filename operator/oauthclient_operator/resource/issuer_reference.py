"""Which issuer resource an OAuthClient names (`spec.issuerRef`), and what its status says of the issuer it has.

A client names exactly one of an issuer and an issuer resource; what the issuer resource says, the client does not say
once more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..names import ISSUER_KIND
from ..oauth.json_object import JSON
from ..oauth.rfc8414 import DiscoveryForm
from .json_path import child, number, text
from .kubernetes_names import is_subdomain

REFERENCE_PLACE: Final = "spec.issuerRef"
_STORED: Final[tuple[JSON, ...]] = ({}, {"form": DiscoveryForm.AUTO})
"""What the definition puts into `spec.discovery` where nothing is written: it says nothing beside a reference."""


@dataclass(frozen=True, slots=True)
class IssuerReference:
    """The ClusterOAuthIssuer that a client names."""

    name: str

    @classmethod
    def of(cls, spec: Mapping[str, JSON], problems: list[str]) -> "IssuerReference | None":
        """Read `spec.issuerRef`; None where it is absent, or names nothing that could be looked for, which is said."""
        if spec.get("issuerRef") is None:
            return None
        problems += _beside(spec)
        written = child(spec, "issuerRef")
        kind, name = written.get("kind"), text(written, "name")
        if kind != ISSUER_KIND:
            problems.append(f"{REFERENCE_PLACE}.kind: write {ISSUER_KIND}")
            return None
        if name is None or not is_subdomain(name):
            problems.append(
                f"{REFERENCE_PLACE}.name: write the name of a {ISSUER_KIND}, lower-case letters, digits, '-' and '.', "
                "e.g. corporate"
            )
            return None
        return cls(name)


def _beside(spec: Mapping[str, JSON]) -> list[str]:
    found = []
    if spec.get("issuer") is not None:
        found.append(f"{REFERENCE_PLACE}: write issuer or issuerRef, not both")
    if spec.get("discovery") is not None and spec["discovery"] not in _STORED:
        found.append(
            f"spec.discovery: leave it out beside issuerRef: the {ISSUER_KIND} says where its metadata are found"
        )
    if spec.get("registration") is not None:
        found.append(f"spec.registration: leave it out beside issuerRef: the {ISSUER_KIND} says how clients are let in")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedIssuer:
    """Which issuer a client is registered at, as its status says.

    `name`, `uid` and `generation` are those of the issuer resource that was applied; absent where the spec itself says
    which issuer it is.
    """

    url: str
    name: str | None = None
    uid: str | None = None
    generation: int | None = None

    @classmethod
    def parse(cls, status: Mapping[str, JSON]) -> "AppliedIssuer | None":
        """Read it of a status; what is malformed counts as absent, for all of it can be rebuilt."""
        found = child(status, "issuer")
        url, name, uid = (text(found, member) for member in ("url", "name", "uid"))
        if url is None:
            return None
        if name is None or uid is None:
            return cls(url=url)
        return cls(url=url, name=name, uid=uid, generation=number(found, "generation"))

    def to_json(self) -> dict[str, JSON]:
        """Return it as JSON, what is absent left out."""
        members: dict[str, JSON] = {"url": self.url, "name": self.name, "uid": self.uid, "generation": self.generation}
        return {member: value for member, value in members.items() if value is not None}
