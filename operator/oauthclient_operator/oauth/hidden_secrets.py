"""A client secret that is none: servers that keep hashes, or show no secrets, put one of these where it belongs.

Spring Authorization Server answers a read with `{bcrypt}…`; management interfaces answer with asterisks.
"""

import re
from enum import StrEnum
from typing import Final

from ..confidential import Confidential


class Hidden(StrEnum):
    """What stands in a client secret's place, as a word for a sentence."""

    HASH = "a hash"
    MASK = "a mask"


_HASHES: Final = (
    # Spring Security's and LDAP's prefix, and the modular crypt format.
    re.compile(r"\{[A-Za-z0-9@._-]{2,40}\}.+", re.DOTALL),
    re.compile(r"\$[a-z0-9-]{1,20}\$.+", re.DOTALL | re.IGNORECASE),
    # Django, passlib and Werkzeug; digests by their names.
    re.compile(r"(?:pbkdf2|bcrypt|scrypt|argon2|hmac|s?sha-?[1-5]|md5)[a-z0-9_-]*[$:].+", re.DOTALL | re.IGNORECASE),
)
_MASKS: Final = (
    # No secret of letters, digits and base64's signs holds three of these in a row.
    re.compile(r".*[*\u2022\u25cf\u2217\u00b7\u2026]{3}.*", re.DOTALL),
    re.compile(r"(.)\1{2,}", re.DOTALL),
    re.compile(r"[<\[(].*[>\])]", re.DOTALL),
    re.compile(
        r"[_-]*(?:(?:client[ _-]?)?secret[ _-](?:is[ _-])?)?"
        r"(?:redacted|hidden|masked|confidential|not[ _-]?(?:shown|available|disclosed|returned)|n/a|null)[_-]*",
        re.IGNORECASE,
    ),
)


def hidden(secret: Confidential | None) -> Hidden | None:
    """Say what a client secret looks like, if it looks like nothing that an app could authenticate with."""
    if secret is None:
        return None
    shown = secret.reveal().strip()
    if any(form.fullmatch(shown) for form in _HASHES):
        return Hidden.HASH
    return Hidden.MASK if any(form.fullmatch(shown) for form in _MASKS) else None
