"""What an issuer objects to before a call: of the spec with the RFC's defaults, member by member, by rule."""

from typing import Any

import pytest

from oauthclient_operator.resource.allowed import Allowed
from oauthclient_operator.resource.not_allowed import MOST, MOST_VALUES, URI_MEMBERS, objections
from oauthclient_operator.resource.objection import Objection
from tests.processor_time import least
from tests.pure.resource.test_allowed import LEAST

CB = "https://web.shop.apps.example.com/cb"
EVIL = "https://evil.example/cb"
WEB: dict[str, Any] = {"redirect_uris": [CB]}


def issuer(**rules: Any) -> Allowed:
    problems: list[str] = []
    allowed = Allowed.of({"allowed": {**LEAST, **rules}}, problems)
    assert problems == []
    return allowed


def said(allowed: Allowed, metadata: dict[str, Any], **more: Any) -> list[str]:
    found = objections(allowed, "shop", {}, metadata, **more)
    assert all(isinstance(objection, Objection) for objection in found)
    return [str(objection) for objection in found]


def test_what_is_allowed_is_not_objected_to() -> None:
    allowed = issuer(
        grantTypes=["authorization_code", "refresh_token"],
        responseTypes=["code", "code id_token"],
        scopes=["openid", "email"],
        tokenEndpointAuthMethods=["client_secret_basic"],
        members=["redirect_uris", "grant_types", "response_types", "scope", "client_name"],
    )
    metadata = {
        **WEB,
        "grant_types": ["refresh_token", "authorization_code"],
        "response_types": ["id_token code"],
        "scope": "email openid",
        "client_name": "Shop",
        "client_name#ja": "\u5e97",
        "logo_uri": None,
    }
    assert said(allowed, metadata) == []
    assert said(issuer(), metadata) == []


NAMESPACE = "is none of those that the issuer is for (allowed.namespaces)"


def test_a_namespace_whose_labels_are_not_known_is_not_said_to_be_none_that_is_selected() -> None:
    selects = issuer(namespaces={"names": ["other"], "selector": {"matchLabels": {"oauth": "corporate"}}})
    (unknown,) = objections(selects, "shop", None, {})
    (known,) = objections(selects, "shop", {"oauth": "none"}, {})
    assert "its labels are not known" in str(unknown)
    assert "labels" not in str(known)


def test_of_a_namespace_that_is_not_let_in_nothing_else_is_said() -> None:
    (objection,) = objections(issuer(), "prod-shop", None, {"redirect_uris": [EVIL]})
    assert str(objection) == f'namespace "prod-shop" {NAMESPACE}'


@pytest.mark.parametrize(
    ("rules", "metadata", "objection"),
    [
        pytest.param(
            {},
            {"redirect_uris": [CB, EVIL]},
            f'redirect_uris "{EVIL}" matches none of https://*.{{namespace}}.apps.example.com/* (allowed.redirectURIs)',
            id="a redirection URI elsewhere",
        ),
        pytest.param(
            {"redirectURIs": []},
            WEB,
            f'redirect_uris "{CB}" is not allowed, and nothing else is (allowed.redirectURIs)',
            id="a redirection URI where there is no pattern",
        ),
        pytest.param(
            {},
            {"redirect_uris": ["https://me:secret@evil.example/cb"]},
            'redirect_uris "https://…@evil.example/cb" could be read in more than one way: it holds user information '
            "before its host (allowed.redirectURIs)",
            id="a redirection URI that could be read in two ways, whose password is not shown",
        ),
        pytest.param(
            {"grantTypes": ["authorization_code"]},
            {**WEB, "grant_types": ["authorization_code", "implicit"]},
            'grant_types "implicit" is not one of authorization_code (allowed.grantTypes)',
            id="a grant type",
        ),
        pytest.param(
            {"grantTypes": ["client_credentials"]},
            WEB,
            'grant_types "authorization_code" is what its absence means, and is not one of client_credentials '
            "(allowed.grantTypes)",
            id="the grant type that no grant types mean",
        ),
        pytest.param(
            {"grantTypes": ["client_credentials"]},
            {**WEB, "grant_types": []},
            'grant_types "authorization_code" is what its absence means, and is not one of client_credentials '
            "(allowed.grantTypes)",
            id="the grant type that an empty list means to many a server",
        ),
        pytest.param(
            {"responseTypes": ["code id_token"]},
            {**WEB, "response_types": ["code"]},
            'response_types "code" is not one of code id_token (allowed.responseTypes)',
            id="a response type that is a part of what is allowed",
        ),
        pytest.param(
            {"responseTypes": ["id_token"]},
            WEB,
            'response_types "code" is what its absence means, and is not one of id_token (allowed.responseTypes)',
            id="the response type that no response types mean",
        ),
        pytest.param(
            {"tokenEndpointAuthMethods": ["private_key_jwt"]},
            WEB,
            'token_endpoint_auth_method "client_secret_basic" is what its absence means, and is not one of '
            "private_key_jwt (allowed.tokenEndpointAuthMethods)",
            id="the method that no method means",
        ),
        pytest.param(
            {"tokenEndpointAuthMethods": ["private_key_jwt"]},
            {**WEB, "token_endpoint_auth_method": "none"},
            'token_endpoint_auth_method "none" is not one of private_key_jwt (allowed.tokenEndpointAuthMethods)',
            id="a method",
        ),
        pytest.param(
            {"scopes": ["openid", "email"]},
            {**WEB, "scope": "openid admin"},
            'scope "admin" is not one of email, openid (allowed.scopes)',
            id="a scope",
        ),
        pytest.param(
            {"scopes": ["openid", "email"]},
            WEB,
            "scope is not written, so that the server would choose: write some of email, openid (allowed.scopes)",
            id="no scope, which is the server's choice",
        ),
        pytest.param(
            {"scopes": ["openid"]},
            {**WEB, "scope": " "},
            "scope is not written, so that the server would choose: write some of openid (allowed.scopes)",
            id="a scope of nothing",
        ),
        pytest.param(
            {"scopes": ["openid"]},
            {**WEB, "scope": "openid\tadmin"},
            'scope "openid admin" is not one of openid (allowed.scopes)',
            id="a scope with a tab, which is no space",
        ),
        pytest.param(
            {"members": ["redirect_uris"]},
            {**WEB, "jwks_uri": "https://a.example/jwks"},
            "jwks_uri is not one of redirect_uris (allowed.members)",
            id="a member",
        ),
        pytest.param(
            {"members": ["redirect_uris"]},
            {**WEB, "client_name#ja": "x"},
            "client_name#ja is not one of redirect_uris (allowed.members)",
            id="a member in another language",
        ),
        pytest.param(
            {},
            {**WEB, "Redirect_URIs": [EVIL]},
            "Redirect_URIs is what some servers take for redirect_uris: write that, or leave it out (allowed.redirectURIs)",
            id="a member in another case",
        ),
        pytest.param(
            {},
            {**WEB, "redirect_uri\u017f": [EVIL]},
            "redirect_uri\u017f is what some servers take for redirect_uris: write that, or leave it out (allowed.redirectURIs)",
            id="a member with a letter that Go takes for another",
        ),
        pytest.param(
            {},
            {**WEB, "redirectUris": [EVIL]},
            "redirectUris is what some servers take for redirect_uris: write that, or leave it out (allowed.redirectURIs)",
            id="a member in another fashion",
        ),
        pytest.param(
            {"scopes": ["openid"]},
            {**WEB, "scope": "openid", "SCOPE": "admin"},
            "SCOPE is what some servers take for scope: write that, or leave it out (allowed.scopes)",
            id="a second scope",
        ),
        pytest.param(
            {},
            {**WEB, "Software_Statement": "e30.e30.c2ln"},
            "Software_Statement is what some servers take for software_statement: write that, or leave it out "
            "(allowed.redirectURIs)",
            id="a software statement under another name",
        ),
        pytest.param(
            {},
            {"redirect_uris": {"a": CB}},
            "redirect_uris is not of the type that it has to be, so it cannot be judged (allowed.redirectURIs)",
            id="redirection URIs that are no list",
        ),
        pytest.param(
            {},
            {"redirect_uris": [CB] * 257},
            "redirect_uris has more than 256 values (allowed.redirectURIs)",
            id="more redirection URIs than are judged",
        ),
        pytest.param(
            {"scopes": ["openid"]},
            {**WEB, "scope": "openid " * 257},
            "scope has more than 256 values (allowed.scopes)",
            id="more scopes than are judged",
        ),
        pytest.param(
            {"grantTypes": ["authorization_code"]},
            {**WEB, "grant_types": ["\x1b[2Kx\n" + "y" * 300]},
            f'grant_types "[2Kx {"y" * 195}…" is not one of authorization_code (allowed.grantTypes)',
            id="a value that would rewrite its line",
        ),
    ],
)
def test_what_is_not_allowed_is_named_by_rule_member_and_value(
    rules: dict[str, Any], metadata: dict[str, Any], objection: str
) -> None:
    assert said(issuer(**rules), metadata) == [objection]


@pytest.mark.parametrize("member", URI_MEMBERS)
def test_every_member_by_which_codes_and_tokens_leave_goes_by_the_patterns(member: str) -> None:
    for value in ([EVIL], EVIL):
        (objection,) = said(issuer(), {member: value})
        assert objection.startswith(f'{member} "{EVIL}" matches none of')
    assert said(issuer(), {member: [CB]}) == []


@pytest.mark.parametrize("member", ["jwks_uri", "logo_uri", "request_uris", "sector_identifier_uri", "client_uri"])
def test_what_the_server_or_people_read_is_a_matter_of_members_alone(member: str) -> None:
    assert said(issuer(), {member: EVIL}) == []
    assert len(said(issuer(members=["redirect_uris"]), {member: EVIL})) == 1


def test_a_client_without_redirection_says_that_it_has_no_response_type() -> None:
    machine: dict[str, Any] = {"grant_types": ["client_credentials"], "response_types": []}
    assert said(issuer(redirectURIs=[], grantTypes=["client_credentials"], responseTypes=[]), machine) == []


def test_what_the_operator_adds_counts_and_what_the_issuer_resource_says_need_not_be_among_the_members() -> None:
    allowed = issuer(members=["redirect_uris"])
    assert said(allowed, WEB, adds=["jwks"]) == ["jwks is not one of redirect_uris (allowed.members)"]
    assert said(allowed, {**WEB, "contacts": ["a@example.com"]}, issuers_own={"contacts"}) == []
    # Its value is held to the rules all the same.
    assert len(said(issuer(scopes=["openid"]), {**WEB, "scope": "admin"}, issuers_own={"scope"})) == 1


def test_they_stand_in_the_order_of_the_rules_and_are_bounded() -> None:
    allowed = issuer(grantTypes=[], scopes=["openid"], members=[])
    metadata: dict[str, Any] = {"scope": "b a", "grant_types": ["y", "x"], "redirect_uris": [EVIL]}
    found = objections(allowed, "shop", {}, metadata)
    assert [(o.member, o.value, o.rule.value) for o in found] == [
        ("redirect_uris", EVIL, "allowed.redirectURIs"),
        ("grant_types", "y", "allowed.grantTypes"),
        ("grant_types", "x", "allowed.grantTypes"),
        ("scope", "b", "allowed.scopes"),
        ("scope", "a", "allowed.scopes"),
        ("scope", None, "allowed.members"),
        ("grant_types", None, "allowed.members"),
        ("redirect_uris", None, "allowed.members"),
    ]
    assert found == objections(allowed, "shop", {}, metadata)
    many: dict[str, Any] = {"redirect_uris": [f"{EVIL}/{n}" for n in range(64)]}
    assert len(objections(allowed, "shop", {}, many)) == MOST


def test_many_uris_and_many_patterns_take_no_time_to_speak_of() -> None:
    patterns = [f"https://*.{{namespace}}.apps{number}.example.com/a/b/*" for number in range(64)]
    uris: dict[str, Any] = {
        "redirect_uris": [f"https://web.shop.apps63.example.com/a/b/{number}" for number in range(MOST_VALUES)]
    }
    assert said(issuer(redirectURIs=patterns), uris) == []
    assert least(lambda: said(issuer(redirectURIs=patterns), uris), below=2) < 2
