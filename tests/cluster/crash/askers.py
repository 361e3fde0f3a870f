"""Whose a request to an authorization server is: by the client that asks, and by the name of one that is made."""

import base64
import json
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

from tests.parts.relay import Asked


def client_id(asked: Asked) -> str | None:
    """Return the client that a request is of or about: in its path, its credentials or its assertion."""
    path = urlsplit(asked.target).path
    if path.startswith("/reg/"):
        return path.removeprefix("/reg/")
    scheme, _, written = asked.authorization.partition(" ")
    if scheme == "Basic":
        return unquote_plus(base64.b64decode(written).decode().partition(":")[0])
    form = parse_qs(asked.body.decode(errors="replace"))
    if "client_assertion" in form:
        claims = form["client_assertion"][0].split(".")[1]
        said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        return str(said["sub"])
    return form.get("client_id", [None])[0]


def client_name(content: bytes) -> str:
    """Return the name that client metadata, or client information, say."""
    try:
        said: dict[str, Any] = json.loads(content)
        return str(said.get("client_name", ""))
    except ValueError:
        return ""
