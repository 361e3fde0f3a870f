"""What redirection URIs must be (RFC 6749 section 3.1.2).

What application_type and the implicit grant add to that is not judged here. OpenID Connect Registration 1.0 section 2:
"The Authorization Server MUST verify that all the registered redirect_uris conform to these constraints": it knows
which of them it insists on, and many take http://localhost of a web client.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from .json_object import JSON

_URI: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):[!-~\u00a1-\U0010ffff]+")
_HOST: Final = re.compile(r"https?://(\[[^\]/?#]*\]|[^/?#:]+)", re.IGNORECASE)
_SCRIPT: Final = frozenset({"javascript", "data", "vbscript"})


def redirection_problems(members: Mapping[str, JSON]) -> Iterator[str]:
    """Yield what is wrong with redirection URIs."""
    for place, uri in enumerate(entries(members, "redirect_uris")):
        for why in _problems(uri):
            yield f"redirect_uris[{place}]: {why}"


def entries(members: Mapping[str, JSON], name: str) -> list[str]:
    """Return the strings of a member that is a list."""
    value = members.get(name)
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


def _problems(uri: str) -> Iterator[str]:
    parts = _URI.fullmatch(uri)
    if parts is None:
        # RFC 6749 section 3.1.2: "The redirection endpoint URI MUST be an absolute URI".
        yield "write an absolute URI, e.g. https://shop.example.com/callback (RFC 6749 section 3.1.2)"
        return
    if "#" in uri:
        # RFC 6749 section 3.1.2: "The endpoint URI MUST NOT include a fragment component."
        yield "a redirection URI has no fragment: leave out # and what follows (RFC 6749 section 3.1.2)"
    scheme = parts["scheme"].lower()
    if scheme in _SCRIPT:
        yield f"a {scheme}: URI would run at the authorization server; write the app's own URI"
    elif scheme in ("http", "https") and _HOST.match(uri) is None:
        yield "write the host, e.g. https://shop.example.com/callback (RFC 6749 section 3.1.2)"
