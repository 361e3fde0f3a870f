"""Client metadata as a resource asks for them (RFC 7591 section 2, OpenID Connect Registration 1.0 section 2).

What is written is what is sent. The checks here are those that make a registration fail, or dangerous, at every
server; the API server makes most of them at `kubectl apply`, and they are made again because CEL cannot see members
that the schema does not declare, and is no security boundary.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..errors import SpecError
from .json_object import JSON, objection
from .salvage import ISSUED

NOT_YET: Final = "software_statement"
PRIVATE_KEY_MEMBERS: Final = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
MEMBERS_LIMIT: Final = 100
DEPTH_LIMIT: Final = 16
SIZE_LIMIT: Final = 64 * 1024
_LARGEST_INTEGER: Final = 2**53
_LISTS: Final = (
    "redirect_uris",
    "grant_types",
    "response_types",
    "contacts",
    "post_logout_redirect_uris",
    "request_uris",
)
_KEYED_METHODS: Final = ("private_key_jwt", "self_signed_tls_client_auth")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]+")


@dataclass(frozen=True, slots=True)
class ClientMetadata:
    """The members that are sent, nulls left out."""

    members: Mapping[str, JSON]

    @classmethod
    def parse(cls, members: Mapping[str, JSON]) -> "ClientMetadata":
        """Check what a resource asks for.

        Raises:
            SpecError: it cannot be asked for; the message says what to write, and repeats no value.
        """
        # null means absent, as in RFC 7592 section 2.2; the API server keeps a null of an undeclared member.
        present = {name: value for name, value in members.items() if value is not None}
        _check_bounds(present)
        _check_members(present)
        _check_redirection(present)
        _check_keys(present)
        return cls(present)

    @classmethod
    def confirmed(cls, members: Mapping[str, JSON]) -> "ClientMetadata":
        """Take members that were checked when they were asked for."""
        return cls(members)

    def digest(self) -> str:
        """Return a versioned digest of exactly these members, whatever their order."""
        canonical = json.dumps(self.members, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return f"v1:{hashlib.sha256(canonical.encode()).hexdigest()}"

    @property
    def token_endpoint_auth_method(self) -> str:
        """The method asked for; RFC 7591 section 2: "If unspecified or omitted, the default is "client_secret_basic"."""
        value = self.members.get("token_endpoint_auth_method")
        return value if isinstance(value, str) else "client_secret_basic"

    @property
    def grant_types(self) -> frozenset[str]:
        """The grants asked for; RFC 7591 section 2: "the default behavior is that the client will use only the
        "authorization_code" Grant Type".
        """
        return listed(self.members.get("grant_types"), ("authorization_code",))

    @property
    def response_types(self) -> frozenset[str]:
        """The response types asked for; RFC 7591 section 2: "the default is that the client will use only the "code"
        response type".
        """
        return listed(self.members.get("response_types"), ("code",))

    @property
    def redirect_uris(self) -> frozenset[str]:
        """The redirection URIs asked for."""
        return listed(self.members.get("redirect_uris"), ())


def _check_bounds(members: Mapping[str, JSON]) -> None:
    if len(members) > MEMBERS_LIMIT:
        raise SpecError(f"spec.clientMetadata has more than {MEMBERS_LIMIT} members")
    for name, value in members.items():
        if (why := objection(value, DEPTH_LIMIT)) is not None:
            raise SpecError(f"spec.clientMetadata.{_shown(name)} cannot be sent: {why}")
        if any(abs(n) > _LARGEST_INTEGER for n in _integers(value)):
            # The API server keeps such an integer as a float, which is another number.
            raise SpecError(f"spec.clientMetadata.{_shown(name)} has an integer beyond 2^53; write it as a string")
    if len(json.dumps(members, ensure_ascii=False).encode()) > SIZE_LIMIT:
        raise SpecError(f"spec.clientMetadata is larger than {SIZE_LIMIT // 1024} KiB")


def _check_members(members: Mapping[str, JSON]) -> None:
    for name in members:
        # A language tag (RFC 7591 section 2.2) must not bring in what the plain name may not.
        base = name.partition("#")[0]
        if base in ISSUED:
            raise SpecError(f"spec.clientMetadata.{base} is issued by the authorization server; leave it out")
        if base == NOT_YET:
            raise SpecError(
                "spec.clientMetadata.software_statement is confidential and not supported yet; leave it out"
            )
    for name in _LISTS:
        value = members.get(name)
        if value is not None and not (isinstance(value, list) and all(isinstance(v, str) for v in value)):
            raise SpecError(f"spec.clientMetadata.{name} is a list of strings (RFC 7591 section 2)")
    if not isinstance(members.get("scope", ""), str):
        raise SpecError("spec.clientMetadata.scope is one string of words with spaces between (RFC 7591 section 2)")
    if not isinstance(members.get("token_endpoint_auth_method", ""), str):
        raise SpecError("spec.clientMetadata.token_endpoint_auth_method is a string (RFC 7591 section 2)")


def _check_redirection(members: Mapping[str, JSON]) -> None:
    metadata = ClientMetadata.confirmed(members)
    grants, responses, uris = metadata.grant_types, metadata.response_types, metadata.redirect_uris
    for uri in uris:
        if not _URI.fullmatch(uri):
            raise SpecError(
                "spec.clientMetadata.redirect_uris holds one that is not an absolute URI (RFC 6749 section 3.1.2)"
            )
        if "#" in uri:
            # RFC 6749 section 3.1.2: "The endpoint URI MUST NOT include a fragment component."
            raise SpecError("spec.clientMetadata.redirect_uris holds one with a fragment; leave out # and what follows")
    redirecting = grants & {"authorization_code", "implicit"}
    if redirecting and not uris:
        # RFC 7591 section 2: "Clients using flows with redirection MUST register their redirection URI values."
        raise SpecError(
            "spec.clientMetadata.redirect_uris is needed with grant type authorization_code or implicit, and absent "
            "grant_types mean authorization_code; add redirect_uris, or write grant_types without them"
        )
    if "response_types" not in members:
        return
    words = {word for value in responses for word in value.split()}
    for word, grant in (("code", "authorization_code"), ("token", "implicit"), ("id_token", "implicit")):
        if word in words and grant not in grants:
            raise SpecError(
                f"response type {word} needs {grant} in spec.clientMetadata.grant_types (RFC 7591 section 2.1)"
            )
    if "authorization_code" in grants and "code" not in words:
        raise SpecError("grant type authorization_code needs a response type with code (RFC 7591 section 2.1)")
    if "implicit" in grants and not words & {"token", "id_token"}:
        raise SpecError("grant type implicit needs a response type with token or id_token (RFC 7591 section 2.1)")


def _check_keys(members: Mapping[str, JSON]) -> None:
    jwks, method = members.get("jwks"), members.get("token_endpoint_auth_method")
    if jwks is not None and members.get("jwks_uri") is not None:
        # RFC 7591 section 2: "The "jwks_uri" and "jwks" parameters MUST NOT both be present".
        raise SpecError("spec.clientMetadata has jwks and jwks_uri; write one of them (RFC 7591 section 2)")
    if jwks is not None:
        _check_jwks(jwks)
    has_keys = jwks is not None or any(members.get(n) is not None for n in ("jwks_uri", "signed_jwks_uri"))
    if method in _KEYED_METHODS and not has_keys:
        raise SpecError(f"token_endpoint_auth_method {method} needs the client's public keys: add jwks_uri or jwks")
    if members.get("token_endpoint_auth_signing_alg") == "none":
        # OpenID Connect Registration 1.0 section 2: "The value none MUST NOT be used."
        raise SpecError("spec.clientMetadata.token_endpoint_auth_signing_alg must not be none")


def _check_jwks(jwks: JSON) -> None:
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise SpecError(
            "spec.clientMetadata.jwks is a JWK Set: an object with keys, a list of objects (RFC 7517 section 5)"
        )
    for key in keys:
        if isinstance(key, dict) and (
            key.get("kty") == "oct" or any(key.get(m) is not None for m in PRIVATE_KEY_MEMBERS)
        ):
            raise SpecError(
                "spec.clientMetadata.jwks holds public keys only; leave out the private members, and treat a private "
                "key that was written here as disclosed"
            )


def _integers(value: JSON) -> list[int]:
    if isinstance(value, bool):
        return []
    if isinstance(value, int | float):
        return [int(value)] if value == value and abs(value) != float("inf") else []  # noqa: PLR0124 - NaN
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [n for child in children for n in _integers(child)]


def listed(value: JSON, default: tuple[str, ...] = ()) -> frozenset[str]:
    """Return a list-valued member as the set that it is; some servers answer a string where it would have one element."""
    if value is None:
        return frozenset(default)
    values = value if isinstance(value, list) else [value]
    return frozenset(v for v in values if isinstance(v, str))


def _shown(name: str) -> str:
    return re.sub(r"[^\w#.-]", "?", name[:64])
