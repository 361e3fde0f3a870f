"""OAuth 2.0 Token Introspection (RFC 7662): the request, of which client authentication is still missing."""

from urllib.parse import urlencode

from ..exchange import Purpose, Request
from .rfc6749 import FORM


def introspection_request(endpoint: str, form: dict[str, str], *, purpose: Purpose = Purpose.OTHER) -> Request:
    """Build an introspection request (section 2.1), whose form has to hold the `token`.

    Section 2.3: "a properly formed and authorized query for an inactive or otherwise invalid token (or a token the
    protected resource is not allowed to know about) is not considered an error response by this specification."

    Raises:
        ValueError: there is no token in the form.
    """
    if not form.get("token"):
        raise ValueError("an introspection request needs a token")
    return Request(method="POST", url=endpoint, purpose=purpose, body=urlencode(form).encode(), media_type=FORM)
