"""Which type and size the known members of client metadata have; what is not listed is passed on as written."""

from collections.abc import Iterator, Mapping
from typing import Final

from .json_object import JSON
from .words import cleaned

HUMAN_READABLE: Final = frozenset({"client_name", "client_uri", "logo_uri", "tos_uri", "policy_uri"})
"""RFC 7591 section 2.2: what may be there once per language."""

_LISTS: Final = {
    "redirect_uris": (64, 2048),
    "grant_types": (32, 256),
    "response_types": (32, 256),
    "contacts": (32, 1024),
    "post_logout_redirect_uris": (64, 2048),
    "request_uris": (64, 2048),
    "default_acr_values": (32, 1024),
    "authorization_details_types": (32, 1024),
}
_TEXTS: Final = {
    "token_endpoint_auth_method": 256,
    "client_name": 1024,
    "client_uri": 2048,
    "logo_uri": 2048,
    "scope": 4096,
    "tos_uri": 2048,
    "policy_uri": 2048,
    "jwks_uri": 2048,
    "software_id": 1024,
    "software_version": 1024,
    "application_type": 256,
    "subject_type": 256,
    "sector_identifier_uri": 2048,
    "initiate_login_uri": 2048,
    "id_token_signed_response_alg": 256,
    "id_token_encrypted_response_alg": 256,
    "id_token_encrypted_response_enc": 256,
    "userinfo_signed_response_alg": 256,
    "userinfo_encrypted_response_alg": 256,
    "userinfo_encrypted_response_enc": 256,
    "request_object_signing_alg": 256,
    "request_object_encryption_alg": 256,
    "request_object_encryption_enc": 256,
    "authorization_signed_response_alg": 256,
    "authorization_encrypted_response_alg": 256,
    "authorization_encrypted_response_enc": 256,
    "introspection_signed_response_alg": 256,
    "introspection_encrypted_response_alg": 256,
    "introspection_encrypted_response_enc": 256,
    "token_endpoint_auth_signing_alg": 256,
    "tls_client_auth_subject_dn": 2048,
    "tls_client_auth_san_dns": 2048,
    "tls_client_auth_san_uri": 2048,
    "tls_client_auth_san_ip": 2048,
    "tls_client_auth_san_email": 2048,
    "backchannel_logout_uri": 2048,
    "frontchannel_logout_uri": 2048,
    "backchannel_token_delivery_mode": 256,
    "backchannel_client_notification_endpoint": 2048,
    "backchannel_authentication_request_signing_alg": 256,
    "signed_jwks_uri": 2048,
}
_FLAGS: Final = frozenset(
    {
        "require_auth_time",
        "tls_client_certificate_bound_access_tokens",
        "dpop_bound_access_tokens",
        "require_pushed_authorization_requests",
        "require_signed_request_object",
        "backchannel_logout_session_required",
        "frontchannel_logout_session_required",
        "backchannel_user_code_parameter",
    }
)
DECLARED: Final = frozenset({*_LISTS, *_TEXTS, *_FLAGS, "jwks", "default_max_age"})
"""The members whose type is known."""
_LARGEST_INTEGER: Final = 2**53 - 1


def is_declared(name: str) -> bool:
    """Whether a member's type is known."""
    return name in DECLARED


def type_problems(members: Mapping[str, JSON]) -> Iterator[str]:
    """Yield what is wrong with the types and sizes of known members, and with numbers anywhere."""
    for name, value in members.items():
        plain = name.partition("#")[0]
        shown = cleaned(name, limit=80)
        if plain in _LISTS:
            yield from _list_problems(shown, plain, value)
        elif plain in _TEXTS and not isinstance(value, str):
            advice = " of words with spaces between" if plain == "scope" else ""
            yield f"{shown}: write a string{advice} (RFC 7591 section 2)"
        elif plain in _TEXTS and isinstance(value, str) and len(value) > _TEXTS[plain]:
            yield f"{shown}: it is longer than {_TEXTS[plain]} characters"
        elif plain in _FLAGS and not isinstance(value, bool):
            yield f"{shown}: write true or false"
        elif plain == "default_max_age" and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            yield f"{shown}: write a number of seconds (OpenID Connect Registration 1.0 section 2)"
        if _holds_large_integer(value):
            # RFC 8259 section 6: beyond it, implementations do not agree on the value.
            yield f"{shown}: it holds an integer beyond 2^53; write a smaller one, or a string"


def _list_problems(shown: str, name: str, value: JSON) -> Iterator[str]:
    most, longest = _LISTS[name]
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        yield f"{shown}: write a list of strings"
    elif len(value) > most:
        yield f"{shown}: it has more than {most} entries"
    elif any(isinstance(v, str) and not 0 < len(v) <= longest for v in value):
        yield f"{shown}: an entry is empty or longer than {longest} characters"


def _holds_large_integer(value: JSON) -> bool:
    match value:
        case dict():
            return any(_holds_large_integer(v) for v in value.values())
        case list():
            return any(_holds_large_integer(v) for v in value)
        case bool() | str() | None:
            return False
        case _:
            # The API server turns an integer beyond 64 bits into a float.
            return abs(value) > _LARGEST_INTEGER and value == int(value)
