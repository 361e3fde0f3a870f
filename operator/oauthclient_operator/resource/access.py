"""How an issuer's `spec.access` lets the operator in by access tokens that it obtains, as values."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from ..oauth.json_object import JSON
from ..oauth.rfc8414 import URL_LIMIT
from ..oauth.rfc8707 import resource_problem
from .json_path import child, text
from .kubernetes_names import is_secret_name
from .words import Choice

WORD_LIMIT: Final = 1024
"""Characters of a scope, and of a client identifier."""
SELDOM: Final = timedelta(minutes=1)
"""In which one token is thrown away at most for answers that may be about what a tenant made."""
RESOURCES: Final = 8

_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*")
"""RFC 6749 section 3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E ), with a space between two of them."""
_VISIBLE: Final = re.compile(r"[\x20-\x7e]+")
"""RFC 6749 appendix A.1: client-id = *VSCHAR."""
_AUDIENCE: Final = re.compile(r"https?://[!-~]+")
_OF_THE_CLUSTER: Final = ("https://kubernetes.default", "http://kubernetes.default")


class AuthenticationMethod(StrEnum):
    """How the operator authenticates at the token endpoint with credentials of its own."""

    CLIENT_SECRET_BASIC = "client_secret_basic"  # noqa: S105 - a name
    CLIENT_SECRET_POST = "client_secret_post"  # noqa: S105 - a name
    CLIENT_SECRET_JWT = "client_secret_jwt"  # noqa: S105 - a name
    PRIVATE_KEY_JWT = "private_key_jwt"


class TokenUse(StrEnum):
    """What is done with a token of the registrar's service account."""

    CLIENT_ASSERTION = "ClientAssertion"
    """It authenticates a client that asks for an access token (RFC 7523 section 2.2)."""
    JWT_BEARER = "JWTBearer"
    """It is the authorization grant for one (section 2.1)."""
    BEARER = "Bearer"
    """It is the access token itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """With a token by the client credentials that a Secret holds; without a method by what it holds."""

    secret: str
    method: AuthenticationMethod | None = None
    scope: str | None = None
    audience: str | None = None
    resources: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Return what tells it from every other way in."""
        return _digest(self.secret, self.method, self.scope, self.audience, *self.resources)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccountToken:
    """With a token of the registrar's service account for that audience, or without one for the issuer."""

    use: TokenUse
    audience: str | None = None
    client_id: str | None = None
    scope: str | None = None

    @property
    def digest(self) -> str:
        """Return what tells it from every other way in."""
        return _digest(self.use, self.audience, self.client_id, self.scope)


AccessByToken = ClientCredentials | ServiceAccountToken


def access_by_token(access: Mapping[str, JSON], problems: list[str]) -> AccessByToken | None:
    """Read how `spec.access` says that tokens are obtained; None where it does not, or not so that it can be done."""
    if access.get("clientCredentials") is not None:
        return _client_credentials(child(access, "clientCredentials"), problems)
    if access.get("serviceAccountToken") is not None:
        return _service_account_token(child(access, "serviceAccountToken"), problems)
    return None


def audience_problem(audience: str) -> str | None:
    """Return why no token of the registrar's is asked for an audience, as a sentence without a subject, or None.

    A token for the cluster's own API server would make whoever receives it one of the cluster's accounts.
    """
    if _AUDIENCE.fullmatch(audience) is None or len(audience) > URL_LIMIT:
        return "is no URL; write the one that the authorization server expects, or leave it out for the issuer"
    if audience.startswith(_OF_THE_CLUSTER):
        return "is the cluster's own: a token for it would be good at the API server; write the authorization server's"
    return None


def _digest(*words: str | None) -> str:
    return hashlib.sha256("\0".join(word or "" for word in words).encode()).hexdigest()[:16]


def _client_credentials(written: Mapping[str, JSON], problems: list[str]) -> ClientCredentials | None:
    place, before = "spec.access.clientCredentials", len(problems)
    name = text(child(written, "secretRef"), "name")
    if name is None or not is_secret_name(name):
        problems.append(
            f"{place}.secretRef.name: write the name of the Secret that holds the client credentials, e.g. idp-client"
        )
    method = _choice(written, f"{place}.tokenEndpointAuthMethod", AuthenticationMethod, problems)
    scope = _word(written, f"{place}.scope", _SCOPE, WORD_LIMIT, problems)
    audience = _word(written, f"{place}.audience", _VISIBLE, URL_LIMIT, problems)
    resources = _resources(written, f"{place}.resource", problems)
    if name is None or len(problems) > before:
        return None
    return ClientCredentials(secret=name, method=method, scope=scope, audience=audience, resources=resources)


def _service_account_token(written: Mapping[str, JSON], problems: list[str]) -> ServiceAccountToken | None:
    place, before = "spec.access.serviceAccountToken", len(problems)
    use = _choice(written, f"{place}.method", TokenUse, problems)
    audience = _word(written, f"{place}.audience", _VISIBLE, URL_LIMIT, problems)
    if audience is not None and (why := audience_problem(audience)) is not None:
        problems.append(f"{place}.audience {why}")
    client_id = _word(written, f"{place}.clientID", _VISIBLE, WORD_LIMIT, problems)
    scope = _word(written, f"{place}.scope", _SCOPE, WORD_LIMIT, problems)
    if use is TokenUse.BEARER and (client_id is not None or scope is not None):
        problems.append(f"{place}: leave clientID and scope out, for with method Bearer no other token is asked for")
    if use is None and len(problems) == before:
        problems.append(f"{place}.method: write one of {', '.join(TokenUse)}")
    if use is None or len(problems) > before:
        return None
    return ServiceAccountToken(use=use, audience=audience, client_id=client_id, scope=scope)


def _choice(parent: Mapping[str, JSON], place: str, kind: type[Choice], problems: list[str]) -> Choice | None:
    written = parent.get(place.rpartition(".")[2])
    if written is None:
        return None
    if isinstance(written, str) and written in set(kind):
        return kind(written)
    problems.append(f"{place}: write one of {', '.join(kind)}")
    return None


def _word(parent: Mapping[str, JSON], place: str, form: re.Pattern[str], limit: int, problems: list[str]) -> str | None:
    written = parent.get(member := place.rpartition(".")[2])
    if written is None:
        return None
    if isinstance(written, str) and len(written) <= limit and form.fullmatch(written) is not None:
        return written
    what = "words of visible ASCII with one space between two of them" if member == "scope" else "visible ASCII"
    problems.append(f"{place}: write {what}, {limit} characters at most, or leave it out")
    return None


def _resources(parent: Mapping[str, JSON], place: str, problems: list[str]) -> tuple[str, ...]:
    written = parent.get("resource")
    if written is None:
        return ()
    if not isinstance(written, list) or len(written) > RESOURCES:
        problems.append(f"{place}: write a list of {RESOURCES} URIs at most (RFC 8707 section 2)")
        return ()
    found: list[str] = []
    for number, value in enumerate(written):
        if not isinstance(value, str) or len(value) > URL_LIMIT:
            problems.append(f"{place}[{number}] is no absolute URI of {URL_LIMIT} characters at most")
        elif (why := resource_problem(value)) is not None:
            problems.append(f"{place}[{number}] {why}")
        else:
            found.append(value)
    return tuple(found)
