"""What a server registered beyond what its issuer resource allows, whether it was asked to or not."""

from typing import Any

import pytest

from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.resource.not_allowed import MOST, granted_beyond
from tests.pure.oauth.test_statement_claims import statement
from tests.pure.resource.test_not_allowed import CB, EVIL, issuer

STRICT: dict[str, Any] = {
    "grantTypes": ["authorization_code", "refresh_token"],
    "responseTypes": ["code"],
    "scopes": ["openid", "email"],
    "tokenEndpointAuthMethods": ["client_secret_basic"],
    "members": ["redirect_uris"],
}


def beyond(**answered: Any) -> list[str]:
    information = ClientInformation.parse({"client_id": "c1", "client_secret": "s3cr3t-4711-abcdef", **answered})
    return [str(found) for found in granted_beyond(issuer(**STRICT), "shop", information)]


@pytest.mark.parametrize(
    "answered",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"redirect_uris": [CB], "scope": "openid"}, id="as asked"),
        pytest.param({"redirect_uris": CB, "grant_types": "authorization_code"}, id="lists of one as strings"),
        pytest.param({"redirect_uris": [f"{CB}/2"], "grant_types": ["refresh_token"]}, id="otherwise, and allowed"),
        pytest.param({"grant_types": None, "scope": "", "redirect_uris": [], "response_types": []}, id="empty"),
        pytest.param({"application_type": "web", "id_token_signed_response_alg": "RS256"}, id="what it filled in"),
        pytest.param({"GRANT_TYPES": ["implicit"]}, id="another member"),
    ],
)
def test_what_is_within(answered: dict[str, Any]) -> None:
    assert beyond(**answered) == []


@pytest.mark.parametrize(
    ("answered", "said"),
    [
        pytest.param(
            {"redirect_uris": [CB, EVIL]},
            f'redirect_uris "{EVIL}" in the server\'s answer matches none of https://*.{{namespace}}.apps.example.com/* '
            "(allowed.redirectURIs)",
            id="a redirection URI",
        ),
        pytest.param(
            {"post_logout_redirect_uris": ["+"]},
            'post_logout_redirect_uris "+" in the server\'s answer could be read in more than one way: it holds a '
            "character other than letters, digits and ._~&=:- (allowed.redirectURIs)",
            id="what is no URI",
        ),
        pytest.param(
            {"grant_types": ["authorization_code", "implicit"]},
            'grant_types "implicit" in the server\'s answer is not one of authorization_code, refresh_token '
            "(allowed.grantTypes)",
            id="a grant type",
        ),
        pytest.param(
            {"response_types": ["code", "id_token"]},
            'response_types "id_token" in the server\'s answer is not one of code (allowed.responseTypes)',
            id="a response type",
        ),
        pytest.param(
            {"scope": "openid admin"},
            'scope "admin" in the server\'s answer is not one of email, openid (allowed.scopes)',
            id="a scope",
        ),
        pytest.param(
            {"scope": ["openid", "admin"]},
            'scope "admin" in the server\'s answer is not one of email, openid (allowed.scopes)',
            id="scopes as a list",
        ),
        pytest.param(
            {"token_endpoint_auth_method": "none"},
            'token_endpoint_auth_method "none" in the server\'s answer is not one of client_secret_basic '
            "(allowed.tokenEndpointAuthMethods)",
            id="a method",
        ),
        pytest.param(
            {"grant_types": {"a": 1}},
            "grant_types in the server's answer is not of the type that it has to be, so it cannot be judged "
            "(allowed.grantTypes)",
            id="what cannot be read",
        ),
    ],
)
def test_what_is_beyond(answered: dict[str, Any], said: str) -> None:
    assert beyond(**answered) == [said]


def test_no_credential_is_shown() -> None:
    token = statement({"redirect_uris": [EVIL]}).reveal()
    found = beyond(
        redirect_uris=["https://evil.example/s3cr3t-4711-abcdef", f"https://evil.example/{token}"],
        software_statement=token,
    )
    assert len(found) == 2
    assert not any("4711" in objection or token[:20] in objection for objection in found)


def test_a_long_answer_is_bounded() -> None:
    assert beyond(redirect_uris=[f"x.y:/{n}" for n in range(5000)]) == [
        "redirect_uris in the server's answer has more than 256 values (allowed.redirectURIs)"
    ]
    assert len(beyond(redirect_uris=[f"x.y:/{n}" for n in range(100)])) == MOST
