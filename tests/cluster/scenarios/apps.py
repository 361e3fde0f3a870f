"""An app that has read the published Secret, and nothing else: whether its authorization server lets it in."""

import secrets
import time
from pathlib import Path
from typing import Any, Final

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.oauth import rfc6749
from oauthclient_operator.oauth.authentication_methods import ClientAuthentication, ClientSecretBasic, PrivateKeyJWT
from oauthclient_operator.oauth.client_authentication import authenticate
from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.oauth.jose import PrivateKey
from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.oauth.outcome import Rejected
from oauthclient_operator.oauth.rfc7523 import Audience
from oauthclient_operator.oauth.rfc8414 import ServerMetadata

Published = dict[str, str]
BY_SECRET: Final = {
    "grant_types": ["client_credentials"],
    "response_types": [],
    "redirect_uris": [],
    "token_endpoint_auth_method": "client_secret_basic",
}
"""The client metadata of a service."""
BY_KEY: Final = {**BY_SECRET, "token_endpoint_auth_method": "private_key_jwt"}


WEB_BY_KEY: Final[dict[str, Any]] = {
    "grant_types": ["authorization_code"],
    "response_types": ["code"],
    "redirect_uris": ["https://shop.example.com/callback"],
    "token_endpoint_auth_method": "private_key_jwt",
}
"""Those of a web application."""


async def is_let_in(found: Published, trust: Path) -> bool:
    """Whether an app that presents a code that nobody issued is told so: the server accepts its credentials then.

    Canaille gives a token by client_credentials to who authenticates with `client_secret_basic` alone.
    """
    form = {
        "grant_type": "authorization_code",
        "code": secrets.token_urlsafe(),
        "redirect_uri": WEB_BY_KEY["redirect_uris"][0],
    }
    answer = await _ask(found, trust, form, jwk=False)
    return isinstance(answer, Rejected) and answer.error == "invalid_grant"


async def gets_token(found: Published, trust: Path, *, scope: str | None = None, jwk: bool = False) -> bool:
    """Whether an app that has read this of the Secret gets a token by client_credentials; `jwk` is the key as a JWK."""
    form = {"grant_type": "client_credentials", **({} if scope is None else {"scope": scope})}
    return isinstance(await _ask(found, trust, form, jwk=jwk), rfc6749.TokenResponse)


async def _ask(found: Published, trust: Path, form: dict[str, str], *, jwk: bool) -> object:
    server = ServerMetadata(
        issuer=found["issuer"],
        registration_endpoint=None,
        endpoints={"token_endpoint": found["token_endpoint"]},
        token_endpoint_auth_methods_supported=(),
        grant_types_supported=(),
    )
    members: dict[str, JSON] = {name: found[name] for name in ("client_id", "client_secret") if name in found}
    request = authenticate(
        _authentication(found, jwk=jwk),
        server=server,
        information=ClientInformation.parse(members),
        form=form,
        request=rfc6749.token_request(found["token_endpoint"], form),
        now=int(time.time()),
        jti=secrets.token_hex(16),
    )
    door = Door(policy=EgressPolicy.parse(private_issuers=["127.0.0.1", "localhost"]), ca_bundle=trust)
    return rfc6749.judge_token(await door.exchange(request, timeout=10))


def _authentication(found: Published, *, jwk: bool) -> ClientAuthentication:
    if found["token_endpoint_auth_method"] == "client_secret_basic":
        return ClientSecretBasic()
    written = Confidential(found["private_key_jwk" if jwk else "private_key"])
    key = PrivateKey.parse(written, algorithm=found["token_endpoint_auth_signing_alg"])
    # Every server of the tests takes the token endpoint as the audience, and Canaille nothing else.
    return PrivateKeyJWT(key, kid=found["key_id"], audience=Audience.TOKEN_ENDPOINT)
