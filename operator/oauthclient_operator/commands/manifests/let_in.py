"""How an issuer's terms let the operator in, as JSON and for people: what is named and what is asked, and no secret."""

from collections.abc import Iterator, Mapping
from typing import Final, assert_never

from ...names import REGISTRAR
from ...oauth import rfc6749, rfc7523
from ...oauth.json_object import JSON
from ...resource.access import ClientCredentials, ServiceAccountToken, TokenUse
from ...resource.terms import Access, ByInitialAccessToken, IssuerTerms, Open

_CREDENTIALS: Final = frozenset({"assertion", "client_assertion"})
"""Parameters of an access token request that are as good as a password."""
_TOKEN_ENDPOINT: Final = "POST the token_endpoint of these metadata"  # noqa: S105 - a place


def as_json(terms: IssuerTerms) -> dict[str, JSON]:
    """Return the ways in, of which one at most is not null, and what a token endpoint is asked besides credentials."""
    found: dict[str, JSON] = {"initialAccessToken": None, "clientCredentials": None, "serviceAccountToken": None}
    match access := terms.access:
        case Open():
            pass
        case ByInitialAccessToken(secret=secret):
            found["initialAccessToken"] = {"secret": secret}
        case ClientCredentials(secret=secret, method=method):
            # Without one it is the Secret that decides, which nobody reads here.
            found["clientCredentials"] = {"secret": secret, "tokenEndpointAuthMethod": method}
        case ServiceAccountToken(use=use):
            found["serviceAccountToken"] = {"method": use, "audience": _audience(terms, access)}
        case _:
            assert_never(access)
    asked = _asked(access)
    found["accessTokenRequest"] = (
        None
        if asked is None
        else {name: [*value] if isinstance(value, tuple) else value for name, value in asked.items()}
    )
    return found


def in_words(terms: IssuerTerms, whose: str = "") -> Iterator[str]:
    """Yield the same for people, in lines; `whose` says in which namespace a Secret is."""
    match access := terms.access:
        case Open():
            yield "by open registration"
        case ByInitialAccessToken(secret=secret):
            yield f"by the token in {whose}Secret {secret}"
        case ClientCredentials(secret=secret):
            yield f"by an access token for the client credentials in {whose}Secret {secret}:"
        case ServiceAccountToken(use=TokenUse.BEARER):
            yield f"by a token of the service account {REGISTRAR} for the audience {_audience(terms, access)}"
        case ServiceAccountToken():
            yield f"by an access token for one of the service account {REGISTRAR}, whose audience is"
            yield f"{_audience(terms, access)}:"
        case _:
            assert_never(access)
    if (asked := _asked(access)) is not None:
        said = (f"{name}={value if isinstance(value, str) else ' '.join(value)}" for name, value in asked.items())
        yield f"{_TOKEN_ENDPOINT}: {', '.join(said)}"


def _asked(access: Access) -> rfc6749.Form | None:
    """Return what an access token request says besides credentials, or None where there is none."""
    match access:
        case ClientCredentials(scope=scope, audience=audience, resources=resources):
            extensions = {"audience": audience or (), "resource": resources}
            return _without_credentials({**rfc6749.client_credentials(scope), **extensions})
        case ServiceAccountToken(use=TokenUse.CLIENT_ASSERTION, client_id=client_id, scope=scope):
            return _without_credentials({**rfc6749.client_credentials(scope), **rfc7523.parameters(client_id, "")})
        case ServiceAccountToken(use=TokenUse.JWT_BEARER, client_id=client_id, scope=scope):
            return _without_credentials(rfc7523.authorization_grant("", client_id=client_id, scope=scope))
        case _:
            return None


def _without_credentials(form: rfc6749.Form) -> Mapping[str, str | tuple[str, ...]]:
    return {name: value for name, value in form.items() if name not in _CREDENTIALS and value}


def _audience(terms: IssuerTerms, access: ServiceAccountToken) -> str:
    return access.audience or terms.issuer
