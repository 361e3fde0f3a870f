"""JSON Web Tokens (RFC 7519) that somebody else issued: for whom one is. Nothing here verifies one."""

import base64
import binascii
from typing import Final

from ..confidential import Confidential
from ..errors import MalformedJSON
from .json_object import decode

LIMIT: Final = 16 * 1024
"""Characters of a token."""


def audiences(token: Confidential) -> frozenset[str] | None:
    """Return whom a signed JWT is for; None where it is no JWT, or does not say.

    Section 4.1.3: "the "aud" value is an array of case-sensitive strings [...]. In the special case when the JWT has
    one audience, the "aud" value MAY be a single case-sensitive string".
    """
    parts = token.reveal().split(".")
    if len(parts) != 3 or len(token.reveal()) > LIMIT:
        return None
    try:
        claims = decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)), limit=LIMIT)
    except (MalformedJSON, binascii.Error, ValueError):
        return None
    found = claims.get("aud")
    named = found if isinstance(found, list) else [found]
    texts = [text for text in named if isinstance(text, str) and text]
    return frozenset(texts) if texts and len(texts) == len(named) else None
