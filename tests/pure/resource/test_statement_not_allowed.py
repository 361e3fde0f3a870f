"""A software statement's claims go before the request's at one server and are ignored at another: both are judged."""

from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from tests.pure.oauth.test_statement_claims import statement
from tests.pure.resource.test_not_allowed import CB, EVIL, WEB, issuer, said

ISSUED: dict[str, Any] = {"iss": "https://voucher.example", "exp": 1}


def test_claims_that_are_allowed_are_not_objected_to() -> None:
    allowed = issuer(grantTypes=["authorization_code"], members=["redirect_uris", "software_statement", "software_id"])
    claims = {**ISSUED, "redirect_uris": [CB], "software_id": "x"}
    assert said(allowed, WEB, statement=statement(claims)) == []


@pytest.mark.parametrize(
    ("rules", "claims", "objection"),
    [
        pytest.param(
            {},
            {"redirect_uris": [EVIL]},
            f'redirect_uris "{EVIL}" of the software statement matches none of '
            "https://*.{namespace}.apps.example.com/* (allowed.redirectURIs)",
            id="a redirection URI",
        ),
        pytest.param(
            {},
            {"redirect_uris": None},
            "redirect_uris of the software statement is not of the type that it has to be, so it cannot be judged "
            "(allowed.redirectURIs)",
            id="null for redirection URIs",
        ),
        pytest.param(
            {},
            {"redirect_uris": [CB, [EVIL]]},
            "redirect_uris of the software statement is not of the type that it has to be, so it cannot be judged "
            "(allowed.redirectURIs)",
            id="a list within the list",
        ),
        pytest.param(
            {},
            {"REDIRECT_URIS": [EVIL]},
            "REDIRECT_URIS of the software statement is what some servers take for redirect_uris: write that, or leave it out "
            "(allowed.redirectURIs)",
            id="a claim in another case",
        ),
        pytest.param(
            {"grantTypes": ["authorization_code"]},
            {"grant_types": "implicit"},
            'grant_types "implicit" of the software statement is not one of authorization_code (allowed.grantTypes)',
            id="one grant type as a string",
        ),
        pytest.param(
            {"tokenEndpointAuthMethods": ["client_secret_basic"]},
            {"token_endpoint_auth_method": "none"},
            'token_endpoint_auth_method "none" of the software statement is not one of client_secret_basic '
            "(allowed.tokenEndpointAuthMethods)",
            id="a method",
        ),
        pytest.param(
            {"responseTypes": ["code", "none"]},
            {"response_types": ["code token"]},
            'response_types "code token" of the software statement is not one of code, none (allowed.responseTypes)',
            id="a response type",
        ),
        pytest.param(
            {"responseTypes": ["code", "none"], "grantTypes": ["authorization_code"]},
            {"response_types": None, "grant_types": [], "token_endpoint_auth_method": 1},
            None,
            id="null, which means what its absence does",
        ),
        pytest.param(
            {"members": ["redirect_uris", "software_statement"]},
            {"org_name": "x"},
            "org_name of the software statement is not one of redirect_uris, software_statement (allowed.members)",
            id="a member",
        ),
        pytest.param(
            {"members": ["redirect_uris"]},
            {},
            "software_statement is not one of redirect_uris (allowed.members)",
            id="that there is one",
        ),
    ],
)
def test_claims_are_held_to_the_same_rules(
    rules: dict[str, Any], claims: dict[str, Any], objection: str | None
) -> None:
    assert said(issuer(**rules), WEB, statement=statement({**ISSUED, **claims})) == ([objection] if objection else [])


def test_scopes_that_it_claims_are_judged_and_do_not_stand_for_those_of_the_request() -> None:
    allowed = issuer(scopes=["openid"])
    assert said(allowed, {**WEB, "scope": "openid"}, statement=statement({})) == []
    assert said(allowed, {**WEB, "scope": "openid"}, statement=statement({"scope": "admin"})) == [
        'scope "admin" of the software statement is not one of openid (allowed.scopes)'
    ]
    left_open = "is not written, so that the server would choose: write some of openid (allowed.scopes)"
    for empty in (None, "", " "):
        assert said(allowed, {**WEB, "scope": "openid"}, statement=statement({"scope": empty})) == [
            f"scope of the software statement {left_open}"
        ]
    # A server MAY ignore a software statement (RFC 7591 section 3.1.1).
    assert len(said(allowed, WEB, statement=statement({"scope": "openid"}))) == 1


def test_one_that_cannot_be_read_is_not_allowed() -> None:
    (objection,) = said(issuer(), WEB, statement=Confidential("a.b.c"))
    assert objection == (
        "software_statement cannot be read as a signed JWT whose claims are there once, so it cannot be judged "
        "(allowed.redirectURIs)"
    )


def test_nothing_of_it_is_in_an_objection() -> None:
    text = statement({"redirect_uris": [EVIL]}).reveal()
    echo = {"redirect_uris": [f"https://evil.example/{text}"]}
    found = said(issuer(), WEB, statement=Confidential(statement(echo).reveal()))
    assert not any(text in objection for objection in found)
    own = Confidential(text)
    assert not any(text[:20] in objection for objection in said(issuer(), WEB, statement=own))
