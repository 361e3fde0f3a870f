"""Assertions by which clients authenticate (RFC 7523 section 3): as an app makes one, and as a server judges it."""

import base64
import json
import warnings
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs

from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import JWKRegistry
from joserfc.jws import deserialize_compact

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.exchange import Request
from oauthclient_operator.oauth import jose
from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.oauth.rfc7523 import ASSERTION_TYPE, LIFETIME
from tests.pure.simulation.authorization_server import ISSUER

METHOD: Final = "private_key_jwt"
CLOCKS_AGREE: Final = 10
"""Seconds that an assertion's clock may be ahead."""
_AUDIENCES: Final = (ISSUER, f"{ISSUER}/token", f"{ISSUER}/revoke")


def shown(request: Request) -> str | None:
    """Return the assertion that a request shows, if it does."""
    form = parse_qs(request.body.decode() if request.body else "")
    return form["client_assertion"][0] if form.get("client_assertion_type") == [ASSERTION_TYPE] else None


def subject(assertion: str) -> str:
    """Return who an assertion says that it is."""
    return str(_part(assertion, 1).get("sub"))


def made(published: Mapping[str, str], now: datetime) -> str:
    """Return what an app shows that has read its Secret (docs/keys.md)."""
    algorithm, at = published["token_endpoint_auth_signing_alg"], int(now.timestamp())
    key = jose.PrivateKey.parse(Confidential(published["private_key"]), algorithm=algorithm)
    who = published["client_id"]
    claims: dict[str, JSON] = {
        "iss": who,
        "sub": who,
        "aud": ISSUER,
        "jti": f"{who} at {now}",
        "iat": at,
        "exp": at + LIFETIME,
    }
    return jose.sign(key, {"alg": algorithm, "kid": published["key_id"]}, claims)


def accepts(client: Mapping[str, Any], assertion: str, now: datetime) -> bool:
    """Say whether a server lets a client in that shows this: it is signed by a key of its, and is for us and now."""
    keys = {key.get("kid"): key for key in client.get("jwks", {}).get("keys", [])}
    if client.get("token_endpoint_auth_method") != METHOD or (jwk := keys.get(_part(assertion, 0).get("kid"))) is None:
        return False
    try:
        with warnings.catch_warnings():
            # EdDSA is the older name of Ed25519 (RFC 9864), and what servers know.
            warnings.simplefilter("ignore", SecurityWarning)
            signed = deserialize_compact(assertion, JWKRegistry.import_key(jwk), algorithms=[jwk["alg"]])
    except JoseError:
        return False
    claims, at = json.loads(signed.payload), now.timestamp()
    return (
        claims["iss"] == claims["sub"] == client["client_id"]
        and claims["aud"] in _AUDIENCES
        and claims["iat"] - CLOCKS_AGREE <= at < claims["exp"]
    )


def _part(assertion: str, which: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(assertion.split(".")[which] + "=="))
    return found
