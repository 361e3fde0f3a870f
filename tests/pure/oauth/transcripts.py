"""What the RFCs print and what real servers answered: bodies as they were, credentials included, for they are made up."""

import json
from typing import Any

from oauthclient_operator.exchange import Response

ISSUER = "https://server.example.com"


def response(status: int, members: Any = None, *, body: bytes | None = None, **headers: str) -> Response:
    """Return a complete response; a header's name is written with underscores for hyphens."""
    content = body if body is not None else b"" if members is None else json.dumps(members).encode()
    return Response(status=status, headers={n.replace("_", "-"): v for n, v in headers.items()}, body=content)


RFC8414_3_2: dict[str, Any] = {
    "issuer": "https://server.example.com",
    "authorization_endpoint": "https://server.example.com/authorize",
    "token_endpoint": "https://server.example.com/token",
    "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
    "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
    "userinfo_endpoint": "https://server.example.com/userinfo",
    "jwks_uri": "https://server.example.com/jwks.json",
    "registration_endpoint": "https://server.example.com/register",
    "scopes_supported": ["openid", "profile", "email", "address", "phone", "offline_access"],
    "response_types_supported": ["code", "code token"],
    "service_documentation": "http://server.example.com/service_documentation.html",
    "ui_locales_supported": ["en-US", "en-GB", "en-CA", "fr-FR", "fr-CA"],
}

RFC7591_3_1: dict[str, Any] = {
    "redirect_uris": ["https://client.example.org/callback", "https://client.example.org/callback2"],
    "client_name": "My Example Client",
    "client_name#ja-Jpan-JP": "クライアント名",
    "token_endpoint_auth_method": "client_secret_basic",
    "logo_uri": "https://client.example.org/logo.png",
    "jwks_uri": "https://client.example.org/my_public_keys.jwks",
    "example_extension_parameter": "example_value",
}

RFC7591_3_2_1: dict[str, Any] = {
    "client_id": "s6BhdRkqt3",
    "client_secret": "cf136dc3c1fc93f31185e5885805d",
    "client_id_issued_at": 2893256800,
    "client_secret_expires_at": 2893276800,
    "redirect_uris": ["https://client.example.org/callback", "https://client.example.org/callback2"],
    "grant_types": ["authorization_code", "refresh_token"],
    "client_name": "My Example Client",
    "client_name#ja-Jpan-JP": "クライアント名",
    "token_endpoint_auth_method": "client_secret_basic",
    "logo_uri": "https://client.example.org/logo.png",
    "jwks_uri": "https://client.example.org/my_public_keys.jwks",
    "example_extension_parameter": "example_value",
}

RFC7592_3: dict[str, Any] = {
    **RFC7591_3_2_1,
    "registration_access_token": "reg-23410913-abewfq.123483",
    "registration_client_uri": "https://server.example.com/register/s6BhdRkqt3",
}

NODE_201: dict[str, Any] = {
    "application_type": "web",
    "grant_types": ["authorization_code"],
    "id_token_signed_response_alg": "RS256",
    "require_auth_time": False,
    "response_types": ["code"],
    "subject_type": "public",
    "token_endpoint_auth_method": "client_secret_basic",
    "post_logout_redirect_uris": [],
    "require_pushed_authorization_requests": False,
    "dpop_bound_access_tokens": False,
    "client_id_issued_at": 1795440067,
    "client_id": "rYfAjmmahGElnKNeii_eL071qo0cJ0BZws8uvZBCJ4o",
    "client_name": "a",
    "client_secret_expires_at": 0,
    "client_secret": "kw5egXxGMT6hABQYh8ihyz_4fuWe-eaheqr50-iER_SkmANo-VjB9KTcB9rv4xCycc2_fGA-IkvXQW9gArL19A",
    "redirect_uris": ["https://a.example/cb"],
    "scope": "openid",
    "registration_client_uri": "http://127.0.0.1:4001/reg/rYfAjmmahGElnKNeii_eL071qo0cJ0BZws8uvZBCJ4o",
    "registration_access_token": "sp7yW8Yh-j0B-xJzoivZIZ6nyHnsjFI3vBS32o-OKQU",
}

CANAILLE_PUT_200: dict[str, Any] = {
    "application_type": "web",
    "client_id": "4cc914d5-2a46-4bb1-8e44-dfaa0524bdc4",
    "client_id_issued_at": 1795440073,
    "client_name": "a",
    "client_secret": "c290f7dfac519be422f3663627b254cf52685b369ce103b6",
    "client_secret_expires_at": 0,
    "client_uri": None,
    "contacts": None,
    "default_acr_values": [],
    "default_max_age": None,
    "grant_types": ["authorization_code"],
    "id_token_signed_response_alg": "RS256",
    "jwks": None,
    "jwks_uri": None,
    "redirect_uris": ["https://a.example/cb2"],
    "registration_access_token": "eyJ.rat",
    "registration_client_uri": "http://127.0.0.1:4101/oauth/register/4cc914d5-2a46-4bb1-8e44-dfaa0524bdc4",
    "request_uris": [],
    "response_types": ["code"],
    "scope": None,
    "token_endpoint_auth_method": "client_secret_basic",
}

HYDRA_PUT_200: dict[str, Any] = {
    "client_id": "c7",
    "client_name": "",
    "redirect_uris": ["https://a.example/cb"],
    "grant_types": None,
    "response_types": None,
    "scope": "openid offline_access",
    "jwks": {},
    "client_secret_expires_at": 0,
    "token_endpoint_auth_method": "client_secret_basic",
    "registration_access_token": "ory_at_new",
    "created_at": "2026-01-01T00:00:00Z",
}
"""As its source says: no client_secret, no registration_client_uri, empty values of every kind."""
