"""What an authorization server can do, as its metadata and its answers say; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..oauth.rfc8414 import ServerMetadata
from ..oauth.words import cleaned
from ..resource.issuer_status import Discovered, Observed

_NAMED: Final = 12
_WORD: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """None where it is not known."""

    registers: bool
    manages: bool | None = None
    methods: tuple[str, ...] = ()
    grant_types: tuple[str, ...] = ()
    dpop: tuple[str, ...] | None = None

    @classmethod
    def of_status(cls, discovered: Discovered, observed: Observed) -> "Abilities | None":
        """Return what a ClusterOAuthIssuer says, None where nothing was discovered yet."""
        if discovered == Discovered():
            return None
        return cls(
            registers=discovered.registration_endpoint is not None,
            manages=observed.manageable,
            methods=discovered.token_endpoint_auth_methods,
            grant_types=discovered.grant_types,
        )

    @classmethod
    def of_metadata(cls, server: ServerMetadata, *, registers: bool, manages: bool | None) -> "Abilities":
        """Return what metadata say."""
        return cls(
            registers=registers,
            manages=manages,
            methods=server.token_endpoint_auth_methods_supported,
            grant_types=server.grant_types_supported,
            dpop=server.dpop_signing_alg_values_supported,
        )

    def said(self) -> str:
        """Return it in words."""
        managed = {True: "manages them (RFC 7592)", False: "does not manage them", None: "managing them: not known yet"}
        parts = [
            "registers clients" if self.registers else "has no registration_endpoint, so no client can be registered",
            managed[self.manages],
            f"authentication methods: {_listed(self.methods)}",
            f"grant types: {_listed(self.grant_types)}",
        ]
        if self.dpop is not None:
            parts.append(f"DPoP: {_listed(self.dpop)}")
        return "; ".join(parts)


def _listed(names: Sequence[str]) -> str:
    """Return words that a server chose, few and short ones."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return (", ".join(cleaned(name, limit=_WORD) for name in names[:_NAMED]) or "it does not say") + more
