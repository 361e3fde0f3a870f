"""Client metadata as they are asked for (RFC 7591 section 2): sent as written, with nothing added.

What a server answers is another type, `ClientInformation`: it may register something else.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from ..errors import InvalidClientMetadata
from .json_object import JSON
from .metadata_rules import MEMBERS_LIMIT, SOFTWARE_STATEMENT, out_of_bounds, problems
from .public_keys import PRIVATE_KEY_MEMBERS

__all__ = ["DEFAULTS", "MEMBERS_LIMIT", "PRIVATE_KEY_MEMBERS", "SOFTWARE_STATEMENT", "ClientMetadata"]

DEFAULTS: Final[Mapping[str, JSON]] = {
    # RFC 7591 section 2.
    "token_endpoint_auth_method": "client_secret_basic",
    "grant_types": ["authorization_code"],
    "response_types": ["code"],
    # OpenID Connect Registration 1.0 section 2.
    "application_type": "web",
    "id_token_signed_response_alg": "RS256",
    "require_auth_time": False,
    # RFC 8705 section 3.4, RFC 9126 section 6, RFC 9449 section 5.2.
    "tls_client_certificate_bound_access_tokens": False,
    "require_pushed_authorization_requests": False,
    "dpop_bound_access_tokens": False,
}
"""What an absent member means. It is for reading: a request is never filled in."""

_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class ClientMetadata:
    """Client metadata to be registered, members that were null left out."""

    members: Mapping[str, JSON] = field(repr=False)

    @classmethod
    def parse(cls, members: Mapping[str, JSON], place: str = "", *, adds_keys: bool = False) -> "ClientMetadata":
        """Take metadata that somebody wrote, if they can be honoured.

        `place` is where they are written; a message puts it in front of the names of members. With `adds_keys` the
        public keys that a method needs are added to them later.

        Raises:
            InvalidClientMetadata: they cannot; the message says what to write, and repeats no value.
        """
        # null means absent, as in RFC 7592 section 2.2.
        present = {name: value for name, value in members.items() if value is not None}
        if (why := out_of_bounds(present)) is not None:
            # What is out of bounds is not looked at more closely.
            raise InvalidClientMetadata(f"{place}: {why}" if place else why)
        found = [f"{place}.{problem}" if place else problem for problem in problems(present, adds_keys=adds_keys)]
        if found:
            more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
            raise InvalidClientMetadata(*found[:_SHOWN], *more)
        return cls(present)

    @classmethod
    def confirmed(cls, members: Mapping[str, JSON]) -> "ClientMetadata":
        """Take metadata that an authorization server has accepted: they are what they are."""
        return cls(members)

    def without(self, names: Collection[str]) -> "ClientMetadata":
        """Return them without some members."""
        return ClientMetadata({name: value for name, value in self.members.items() if name not in names})

    def digest(self) -> str:
        """Return a versioned digest of what is written; the order of an object's members does not matter."""
        canonical = json.dumps(self.members, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return f"v1:{hashlib.sha256(canonical.encode()).hexdigest()}"
