"""What an issuer does not allow of a client, one thing at a time: by which rule, which member and value, and why."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..confidential import Confidential
from ..oauth.words import cleaned, words

_LISTED: Final = 5
_LONGEST_VALUE: Final = 200
_LONGEST_NAME: Final = 80
_USER_INFORMATION: Final = re.compile(r"//[^/?#]*@")


class Rule(StrEnum):
    """Where the rule stands in the issuer resource, below `spec`."""

    NAMESPACES = "allowed.namespaces"
    REDIRECT_URIS = "allowed.redirectURIs"
    GRANT_TYPES = "allowed.grantTypes"
    RESPONSE_TYPES = "allowed.responseTypes"
    SCOPES = "allowed.scopes"
    TOKEN_ENDPOINT_AUTH_METHODS = "allowed.tokenEndpointAuthMethods"  # noqa: S105 - a place in a manifest
    MEMBERS = "allowed.members"


class Source(StrEnum):
    """Who says what is objected to."""

    REQUEST = "request"
    STATEMENT = "software statement"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """`member` and `value` are cleaned and cut, for others chose them; no value where it is about the member itself.

    `why` is the end of a sentence that begins with them, of words of ours and of the issuer resource's.
    """

    rule: Rule
    source: Source
    member: str
    value: str | None
    why: str

    @classmethod
    def to(
        cls,
        rule: Rule,
        source: Source,
        member: str,
        value: str | None,
        why: str,
        hide: Iterable[Confidential] = (),
    ) -> "Objection":
        """Make one of words of others, in which no credential is shown, the ones to `hide` above all."""
        known = tuple(hide)
        return cls(
            rule=rule,
            source=source,
            member=cleaned(member, limit=_LONGEST_NAME),
            value=None if value is None else _shown(value, known),
            why=why,
        )

    def __str__(self) -> str:
        subject = self.member if self.value is None else f'{self.member} "{self.value}"'
        return f"{subject}{_OF[self.source]} {self.why} ({self.rule})"


_OF: Final = {
    Source.REQUEST: "",
    Source.STATEMENT: " of the software statement",
    Source.ANSWER: " in the server's answer",
}


def among(allowed: Iterable[str], begins: str = "is not one of") -> str:
    """Return the end of a sentence about a value that is not among those which the issuer resource names."""
    values = sorted(allowed)
    if not values:
        return "is not allowed, and nothing else is"
    shown = ", ".join(cleaned(value, limit=_LONGEST_NAME) for value in values[:_LISTED])
    return f"{begins} {shown}{f' and {len(values) - _LISTED} more' if len(values) > _LISTED else ''}"


def _shown(value: str, hide: tuple[Confidential, ...]) -> str:
    # What stands before an @ may be a password.
    text = _USER_INFORMATION.sub("//…@", value[: _LONGEST_VALUE * 8])
    return words(text, limit=_LONGEST_VALUE, hide=hide) if hide else cleaned(text, limit=_LONGEST_VALUE)
