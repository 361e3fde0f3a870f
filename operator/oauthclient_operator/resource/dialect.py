"""What a server does otherwise than RFC 7591 and RFC 7592 say, as an issuer resource tells (`spec.dialect`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from ..oauth.json_object import JSON
from ..oauth.metadata_types import is_declared
from .json_path import child

MOST_KEYS: Final = 64
MOST_CLIENTS: Final = 1_000_000

Word = TypeVar("Word", bound=StrEnum)


class Management(StrEnum):
    """By what a client is read, updated and deleted."""

    REGISTRATION_ACCESS_TOKEN = "RegistrationAccessToken"  # noqa: S105 - a name
    """By the token that came with it (RFC 7592 section 3)."""
    ACCESS = "Access"
    """By an access token of the operator's own, at the client's URI: whoever has one may change everybody's clients."""
    NONE = "None"
    """By nothing, whatever the server answers."""


class SecretRotation(StrEnum):
    """What an update does to a client secret."""

    NONE = "None"
    OVERLAP = "Overlap"
    """Another one is issued, and the one of before is good for a while."""
    IMMEDIATE = "Immediate"
    """Another one is issued, and the one of before is not good any more."""


class SecretExpiry(StrEnum):
    """What ends at `client_secret_expires_at` (RFC 7591 section 3.2.1)."""

    SECRET = "Secret"  # noqa: S105 - a name
    CLIENT = "Client"


class UpdateSays(StrEnum):
    """Which members an update says (RFC 7592 section 2.2)."""

    FULL = "Full"
    """Those that are asked for, over all that the server answered."""
    ASKED = "Asked"
    """Those that are asked for, alone."""
    MERGE = "Merge"
    """As Full; what is not asked for any more is null, for what is left out stays."""


class Sending(StrEnum):
    """Whether something goes to the server at all."""

    SEND = "Send"
    OMIT = "Omit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Each is None where nobody says it: then it is found out where that is safe, and the RFC's way otherwise."""

    management: Management | None = None
    secret_rotation: SecretRotation | None = None
    secret_expiry: SecretExpiry | None = None
    update: UpdateSays | None = None
    send_client_secret: bool | None = None
    keys_per_client: int | None = None
    clients_per_token: int | None = None
    unknown_metadata: Sending | None = None
    scope: Sending | None = None

    @classmethod
    def of(cls, spec: Mapping[str, JSON], problems: list[str]) -> "Dialect":
        """Read `spec.dialect`; what is wrong in it is a problem, and is as if nobody said it."""
        written = child(spec, "dialect")
        return cls(
            management=_word(written, "management", Management, problems),
            secret_rotation=_word(written, "secretRotation", SecretRotation, problems),
            secret_expiry=_word(written, "secretExpiry", SecretExpiry, problems),
            update=_word(written, "update", UpdateSays, problems),
            send_client_secret=_flag(written, "sendClientSecret", problems),
            keys_per_client=_count(written, "keysPerClient", MOST_KEYS, problems),
            clients_per_token=_count(written, "clientsPerToken", MOST_CLIENTS, problems),
            unknown_metadata=_word(written, "unknownMetadata", Sending, problems),
            scope=_word(written, "scope", Sending, problems),
        )

    def omitted(self, members: Iterable[str]) -> frozenset[str]:
        """Return which of these members of client metadata do not go to the server.

        One with a language tag (RFC 7591 section 2.2) is unknown to servers that refuse what they do not know.
        """
        unknown, scope = self.unknown_metadata is Sending.OMIT, self.scope is Sending.OMIT
        return frozenset(n for n in members if (unknown and not is_declared(n)) or (scope and n == "scope"))


def _word(parent: Mapping[str, JSON], member: str, kind: type[Word], problems: list[str]) -> Word | None:
    written = parent.get(member)
    if written is None:
        return None
    if isinstance(written, str) and written in set(kind):
        return kind(written)
    problems.append(f"spec.dialect.{member}: write one of {', '.join(kind)}, or leave it out")
    return None


def _flag(parent: Mapping[str, JSON], member: str, problems: list[str]) -> bool | None:
    written = parent.get(member)
    if written is None or isinstance(written, bool):
        return written
    problems.append(f"spec.dialect.{member}: write true or false, or leave it out")
    return None


def _count(parent: Mapping[str, JSON], member: str, most: int, problems: list[str]) -> int | None:
    written = parent.get(member)
    if written is None:
        return None
    if isinstance(written, int) and not isinstance(written, bool) and 1 <= written <= most:
        return written
    problems.append(f"spec.dialect.{member}: write a number from 1 to {most}, or leave it out")
    return None
