"""What a software statement claims (RFC 7591 section 2.3), read without a key: the server says if it is true."""

import base64
import binascii
from collections.abc import Mapping
from typing import Final

from ..confidential import Confidential
from ..errors import MalformedJSON
from .json_object import JSON, decode
from .metadata_rules import SOFTWARE_STATEMENT
from .rfc7591 import is_signed_jwt

LONGEST: Final = 16 * 1024
"""Characters of a statement that is read."""
_LEVELS: Final = 16
_OF_EVERY_JWT: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti"})
"""RFC 7519 section 4.1: they are about the statement, not about the client."""


def claimed_metadata(statement: Confidential) -> Mapping[str, JSON] | None:
    """Return the claims of a software statement that may be client metadata, or None where they cannot be read.

    A claim that is there twice could be read in two ways, and so could a statement within the statement.
    """
    text = statement.reveal()
    if len(text) > LONGEST or not is_signed_jwt(text):
        return None
    encoded = text.split(".")[1]
    try:
        # RFC 7515 section 2: base64url "with all trailing '=' characters omitted".
        payload = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        claims = decode(payload, limit=LONGEST, depth=_LEVELS)
    except (binascii.Error, MalformedJSON):
        return None
    if SOFTWARE_STATEMENT in claims:
        return None
    return {name: value for name, value in claims.items() if name not in _OF_EVERY_JWT}
