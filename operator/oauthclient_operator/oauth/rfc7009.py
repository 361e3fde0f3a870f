"""OAuth 2.0 Token Revocation (RFC 7009): the request, of which client authentication is still missing."""

from urllib.parse import urlencode

from ..exchange import Purpose, Request
from .rfc6749 import FORM


def revocation_request(endpoint: str, form: dict[str, str], *, purpose: Purpose = Purpose.OTHER) -> Request:
    """Build a revocation request (section 2.1), whose form has to hold the `token`.

    Section 2.2: "The authorization server responds with HTTP status code 200 if the token has been revoked successfully
    or if the client submitted an invalid token."

    Raises:
        ValueError: there is no token in the form.
    """
    if not form.get("token"):
        raise ValueError("a revocation request needs a token")
    return Request(method="POST", url=endpoint, purpose=purpose, body=urlencode(form).encode(), media_type=FORM)
