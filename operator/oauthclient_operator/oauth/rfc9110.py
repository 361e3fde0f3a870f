"""HTTP Semantics (RFC 9110), as far as OAuth needs them: dates, and the challenges of a WWW-Authenticate header.

Of section 11 a scanner that looks at each character once, for who answers may write anything; nothing here looks back.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from ..exchange import Challenge

HEADER_LIMIT: Final = 8 * 1024
"""Characters; a longer header is not read."""

# Possessive: what was taken is never given back. The names are those of RFC 9110 sections 5.6 and 11.2.
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]++")
_TOKEN68: Final = re.compile(r"[A-Za-z0-9._~+/-]++=*+(?=[ \t]*+(?:,|$))")
_QUOTED: Final = re.compile(r'"((?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[^\x00-\x08\x0a-\x1f\x7f])*+)"')
_PAIR: Final = re.compile(r"\\(.)")
_SPACE: Final = re.compile(r"[ \t]*+")
_GAP: Final = re.compile(r"[ \t,]*+")
_EQUALS: Final = re.compile(r"[ \t]*+=[ \t]*+")


def date(written: str) -> datetime | None:
    """Read an HTTP date (section 5.6.7), or return None where it is none."""
    try:
        found = parsedate_to_datetime(written)
    except (ValueError, TypeError, OverflowError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def challenges(header: str) -> tuple[Challenge, ...] | None:
    """Read a WWW-Authenticate header, several of which are one with a comma between (section 5.3).

    None where it is not readable to its end, or holds no challenge: half a header must not be taken for the whole.
    Of a parameter that stands there twice, against section 11.2, the last holds.
    """
    if len(header) > HEADER_LIMIT:
        return None
    found: list[Challenge] = []
    # Section 5.6.1.2: "A recipient MUST parse and ignore a reasonable number of empty list elements".
    at = _end(_GAP, header, 0)
    while at < len(header):
        read = _challenge(header, at)
        if read is None:
            return None
        challenge, at = read
        found.append(challenge)
    return tuple(found) or None


def _challenge(header: str, at: int) -> tuple[Challenge, int] | None:
    """Return the challenge that begins here, and where the next one does."""
    match = _TOKEN.match(header, at)
    if match is None:
        return None
    # Section 11.1: a scheme name is case-insensitive.
    scheme, at = match.group().lower(), match.end()
    if at < len(header) and header[at] not in " \t,":
        return None
    if at == len(header) or header[at] == ",":
        return Challenge(scheme=scheme), _end(_GAP, header, at)
    at = _end(_SPACE, header, at)
    if (token68 := _TOKEN68.match(header, at)) is not None:
        return Challenge(scheme=scheme, token68=token68.group()), _end(_GAP, header, token68.end())
    apart = at
    at = _end(_GAP, header, at)
    if at == apart < len(header) and _parameter(header, at) is None:
        # Without a comma it can only belong to this scheme, and it is neither a parameter nor a token68.
        return None
    parameters: dict[str, str] = {}
    while (read := _parameter(header, at)) is not None:
        name, value, at = read
        parameters[name] = value
        at = _end(_SPACE, header, at)
        if at < len(header) and header[at] != ",":
            return None
        at = _end(_GAP, header, at)
    return Challenge(scheme=scheme, parameters=parameters), at


def _parameter(header: str, at: int) -> tuple[str, str, int] | None:
    """Return name and value of the parameter that stands here, and its end; None where something else does."""
    name = _TOKEN.match(header, at)
    if name is None or (equals := _EQUALS.match(header, name.end())) is None:
        return None
    # Section 11.2: "the name token is matched case-insensitively".
    key = name.group().lower()
    if (quoted := _QUOTED.match(header, equals.end())) is not None:
        # Section 5.6.4: "Recipients that process the value of a quoted-string MUST handle a quoted-pair as if it were
        # replaced by the octet following the backslash."
        return key, _PAIR.sub(r"\1", quoted[1]), quoted.end()
    value = _TOKEN.match(header, equals.end())
    return None if value is None else (key, value.group(), value.end())


def _end(pattern: "re.Pattern[str]", header: str, at: int) -> int:
    match = pattern.match(header, at)
    return at if match is None else match.end()
