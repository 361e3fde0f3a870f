"""A service's own request for a token, with nothing but what is in its Secret (RFC 6749 section 4.4)."""

import base64
import json
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote_plus, urlencode
from urllib.request import Request, urlopen


def fetch_token(credentials: Mapping[str, str], trust: Path) -> dict[str, Any]:
    """Return the token endpoint's answer to the client credentials grant, with client_secret_basic."""
    # RFC 6749 section 2.3.1: identifier and secret are form-encoded, each, before they are joined.
    pair = ":".join(quote_plus(credentials[key]) for key in ("client_id", "client_secret"))
    request = Request(
        credentials["token_endpoint"],
        data=urlencode({"grant_type": "client_credentials"}).encode(),
        headers={"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}", "Accept": "application/json"},
    )
    try:
        with urlopen(request, context=ssl.create_default_context(cafile=trust), timeout=10) as response:
            answer: dict[str, Any] = json.load(response)
    except HTTPError as error:
        answer = json.load(error)
    return answer
