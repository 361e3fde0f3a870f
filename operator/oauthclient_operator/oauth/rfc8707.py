"""Resource indicators (RFC 8707): what an access token is to be good for."""

from urllib.parse import urlsplit


def resource_problem(written: str) -> str | None:
    """Return what is wrong with a value of the parameter `resource` (section 2), as a sentence without a subject."""
    try:
        parts = urlsplit(written)
    except ValueError:
        return "is no URI"
    # The section says: "Its value MUST be an absolute URI, as specified by Section 4.3 of [RFC3986]."
    if not parts.scheme or not (parts.netloc or parts.path) or not all(33 <= ord(c) <= 126 for c in written):
        return "is no absolute URI; write one with its scheme, e.g. https://api.example.com"
    # The section says too: "The URI MUST NOT include a fragment component."
    return "has a fragment; leave out what begins with #" if "#" in written else None
