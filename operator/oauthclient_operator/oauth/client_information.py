"""A client information response (RFC 7591 section 3.2.1, RFC 7592 section 3) as a value: what a server registered.

What was asked for is another type, `ClientMetadata`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ..confidential import Confidential, NotPickled
from ..errors import NotClientInformation
from .json_object import JSON
from .numeric_date import NumericDate
from .salvage import ISSUED

_SECRET: Final = ("client_secret", "client_secret_expires_at")


@dataclass(frozen=True, slots=True)
class ClientInformation(NotPickled):
    """What a server answered, whole, credentials and all; missing, null, empty and of another type are one."""

    members: Mapping[str, JSON] = field(repr=False)

    @classmethod
    def parse(cls, members: Mapping[str, JSON]) -> "ClientInformation":
        """Take an answer; nothing but the client identifier has to be there.

        Raises:
            NotClientInformation: it is not.
        """
        if not isinstance(members.get("client_id"), str) or not members["client_id"]:
            raise NotClientInformation("there is no client_id")
        return cls(dict(members))

    def to_members(self) -> dict[str, JSON]:
        """Return the whole answer, credentials included: for a record and nothing else."""
        return dict(self.members)

    @property
    def client_id(self) -> str:
        """RFC 7591 section 3.2.1: "REQUIRED. OAuth 2.0 client identifier string."."""
        return str(self.members["client_id"])

    @property
    def client_secret(self) -> Confidential | None:
        """RFC 7591 section 3.2.1: "OPTIONAL. OAuth 2.0 client secret string."."""
        return self._confidential("client_secret")

    @property
    def client_secret_expires_at(self) -> int:
        """Seconds since the epoch, 0 for never; missing means never, and so does a secret that was not issued.

        RFC 7591 section 3.2.1: "The time is represented as the number of seconds from 1970-01-01T00:00:00Z".
        """
        return 0 if self.client_secret is None else self.expiry.seconds

    @property
    def expiry(self) -> NumericDate:
        """What its `client_secret_expires_at` says, whether or not there is a client secret."""
        return NumericDate.read(self.members.get("client_secret_expires_at"))

    @property
    def registration_access_token(self) -> Confidential | None:
        """RFC 7592 section 3; None also where it cannot stand in a header (RFC 6750 section 2.1)."""
        token = self._confidential("registration_access_token")
        return token if token is not None and all(33 <= ord(c) <= 126 for c in token.reveal()) else None

    @property
    def registration_client_uri(self) -> str | None:
        """RFC 7592 section 3: the fully qualified URL, to be used as it is given."""
        value = self.members.get("registration_client_uri")
        return value if isinstance(value, str) and value else None

    @property
    def metadata(self) -> dict[str, JSON]:
        """The registered metadata: everything but what the server issues, nulls left out."""
        return {name: value for name, value in self.members.items() if name not in ISSUED and value is not None}

    def with_client_secret_of(self, other: "ClientInformation") -> "ClientInformation":
        """Return the same with the client secret of another, and with its expiry, which belongs to it."""
        own = {name: value for name, value in self.members.items() if name not in _SECRET}
        return ClientInformation({**own, **{name: other.members[name] for name in _SECRET if name in other.members}})

    def with_registration_client_uri(self, uri: str) -> "ClientInformation":
        """Return the same with another address to be managed at."""
        return ClientInformation({**self.members, "registration_client_uri": uri})

    def with_registration_access_token(self, token: Confidential) -> "ClientInformation":
        """Return the same with another registration access token."""
        return ClientInformation({**self.members, "registration_access_token": token.reveal()})

    def identity(self) -> "ClientInformation":
        """Return what says which client it is, and nothing to use it with."""
        names = ("client_id", "registration_client_uri")
        return ClientInformation({name: self.members[name] for name in names if name in self.members})

    def without_metadata(self) -> "ClientInformation":
        """Return what it takes to use the client and to end it, and nothing of what else is registered."""
        names = ("client_id", "registration_client_uri", "registration_access_token", "token_endpoint_auth_method")
        return ClientInformation({name: self.members[name] for name in (*names, *_SECRET) if name in self.members})

    def _confidential(self, name: str) -> Confidential | None:
        value = self.members.get(name)
        return Confidential(value) if isinstance(value, str) and value else None
