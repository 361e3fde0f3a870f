"""What a server made of a request (P5): what an app cannot live with, and what is only named."""

from typing import Any

import pytest

from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.rfc7591 import ClientInformation, deviations, insufficiency, kept_members
from tests.pure.oauth.transcripts import HYDRA_PUT_200, NODE_201, RFC7591_3_1, RFC7591_3_2_1

CB = "https://a.example/cb"
ASKED: dict[str, Any] = {"redirect_uris": [CB], "client_name": "a"}


def answer(**members: Any) -> ClientInformation:
    return ClientInformation.parse({"client_id": "c", "client_secret": "s", **members})


def lacking(asked: dict[str, Any], information: ClientInformation) -> str | None:
    return insufficiency(ClientMetadata.confirmed(asked), information)


ENOUGH: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "as asked": (ASKED, ASKED),
    "nothing is echoed": (ASKED, {}),
    "more than asked": (
        ASKED,
        {"redirect_uris": [CB, f"{CB}2"], "grant_types": ["authorization_code", "refresh_token"]},
    ),
    "one URI as a string": (ASKED, {"redirect_uris": CB}),
    "Hydra's nulls": (ASKED, {"grant_types": None, "response_types": None, "redirect_uris": [CB]}),
    "Keycloak's response types": ({**ASKED, "response_types": ["code"]}, {"response_types": ["code", "none"]}),
    "Canaille takes response types apart": (
        {**ASKED, "response_types": ["code id_token"], "grant_types": ["authorization_code", "implicit"]},
        {"response_types": ["id_token", "code"]},
    ),
    "no refresh token": (
        {**ASKED, "grant_types": ["authorization_code", "refresh_token"]},
        {"grant_types": ["authorization_code"]},
    ),
    "another secret method": (
        {**ASKED, "token_endpoint_auth_method": "client_secret_post"},
        {"token_endpoint_auth_method": "client_secret_basic"},
    ),
    "a secret for a public client": (
        {**ASKED, "token_endpoint_auth_method": "none"},
        {"token_endpoint_auth_method": "client_secret_basic"},
    ),
    "a public client as asked": (
        {**ASKED, "token_endpoint_auth_method": "none"},
        {"token_endpoint_auth_method": "none", "client_secret": None},
    ),
    "a public client where nothing was asked": (ASKED, {"token_endpoint_auth_method": "none", "client_secret": None}),
    "keys that are not echoed": (
        {**ASKED, "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [{"kty": "EC"}]}},
        {"token_endpoint_auth_method": "private_key_jwt", "client_secret": None, "jwks": {}},
    ),
    "mutual TLS as asked": ({**ASKED, "token_endpoint_auth_method": "tls_client_auth"}, {"client_secret": None}),
    "another name": (ASKED, {"client_name": "b", "scope": "openid"}),
}
NOT_ENOUGH: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no secret": (ASKED, {"client_secret": None}, "client_secret_basic, and no client_secret was issued"),
    "no secret for the method asked": (
        {**ASKED, "token_endpoint_auth_method": "client_secret_jwt"},
        {"client_secret": ""},
        "client_secret_jwt, and no client_secret was issued",
    ),
    "made public": (
        {**ASKED, "token_endpoint_auth_method": "client_secret_basic"},
        {"token_endpoint_auth_method": "none"},
        'token_endpoint_auth_method is "none"',
    ),
    "keys wanted from an app without": (
        {**ASKED, "token_endpoint_auth_method": "client_secret_basic"},
        {"token_endpoint_auth_method": "private_key_jwt"},
        "private_key_jwt, and the client has no keys",
    ),
    "a certificate wanted from an app without": (
        ASKED,
        {"token_endpoint_auth_method": "tls_client_auth"},
        'token_endpoint_auth_method is "tls_client_auth"',
    ),
    "a redirection URI lost": (
        {**ASKED, "redirect_uris": [CB, f"{CB}2"]},
        {"redirect_uris": [CB]},
        f'redirect_uris lacks "{CB}2"',
    ),
    "a redirection URI changed": (ASKED, {"redirect_uris": [f"{CB}/"]}, f'redirect_uris lacks "{CB}"'),
    "the grant lost": (
        {"grant_types": ["client_credentials"]},
        {"grant_types": ["authorization_code"]},
        'grant_types lacks "client_credentials"',
    ),
    "the default grant lost": (
        ASKED,
        {"grant_types": ["client_credentials"]},
        'grant_types lacks "authorization_code"',
    ),
    "a response type lost": (
        {**ASKED, "response_types": ["code", "code id_token"]},
        {"response_types": ["code"]},
        'response_types lacks "id_token"',
    ),
}


@pytest.mark.parametrize(("asked", "answered"), ENOUGH.values(), ids=ENOUGH)
def test_P5_enough(asked: dict[str, Any], answered: dict[str, Any]) -> None:
    assert lacking(asked, answer(**answered)) is None


@pytest.mark.parametrize(("asked", "answered", "why"), NOT_ENOUGH.values(), ids=NOT_ENOUGH)
def test_P5_not_enough(asked: dict[str, Any], answered: dict[str, Any], why: str) -> None:
    found = lacking(asked, answer(**answered))
    assert found is not None
    assert why in found


@pytest.mark.parametrize(
    ("name", "asked", "answered"),
    [
        ("scope", "openid profile", "profile openid"),
        ("scope", "openid openid", "openid"),
        ("grant_types", ["a", "b"], ["b", "a"]),
        ("redirect_uris", [CB, f"{CB}2"], [f"{CB}2", CB]),
        ("redirect_uris", [CB], CB),
        ("contacts", ["a@example.com"], ["a@example.com", "a@example.com"]),
        ("response_types", ["code id_token"], ["id_token code"]),
        ("client_uri", "", None),
        ("contacts", [], None),
        ("contacts", [], ""),
        ("client_name#ja-Jpan-JP", "x", "x"),
        ("grant_types", ["authorization_code"], None),
        ("response_types", ["code"], []),
        ("application_type", "web", None),
        ("require_auth_time", False, None),
        ("x", {"a": 1, "b": [2]}, {"b": [2], "a": 1}),
    ],
)
def test_P5_the_same_in_other_words_is_no_deviation(name: str, asked: Any, answered: Any) -> None:
    assert deviations(ClientMetadata.confirmed({name: asked}), answer(**{name: answered})) == ()


@pytest.mark.parametrize(
    ("name", "asked", "answered"),
    [
        ("client_name", "a", "b"),
        ("client_name", "a", None),
        ("client_name", "a b", "b a"),
        ("scope", "openid profile", "openid"),
        ("grant_types", ["authorization_code", "refresh_token"], None),
        ("response_types", [], ["code"]),
        ("response_types", ["code", "id_token"], ["code id_token"]),
        ("token_endpoint_auth_method", "client_secret_post", None),
        ("redirect_uris", [CB], [CB, f"{CB}2"]),
        ("default_acr_values", ["a", "b"], ["b", "a"]),
        ("require_auth_time", True, None),
        ("x", 1, True),
        ("x", 1, "1"),
        ("x", [1], [[1]]),
    ],
)
def test_P5_what_was_changed_or_dropped_is_named(name: str, asked: Any, answered: Any) -> None:
    assert deviations(ClientMetadata.confirmed({name: asked}), answer(**{name: answered})) == (name,)


def test_P5_names_are_sorted_and_only_those_asked_for() -> None:
    asked: dict[str, Any] = {"scope": "a", "client_name": "a", "contacts": ["a"]}
    assert deviations(ClientMetadata.confirmed(asked), answer(grant_types=["x"], scope="b")) == (
        "client_name",
        "contacts",
        "scope",
    )


def test_C11_a_language_tag_in_another_case_is_the_same_member() -> None:
    information = answer(**{"client_name#JA-jpan-jp": "名"})
    assert deviations(ClientMetadata.confirmed({"client_name#ja-Jpan-JP": "名"}), information) == ()


@pytest.mark.parametrize(
    ("asked", "answered"),
    [(RFC7591_3_1, RFC7591_3_2_1), ({"redirect_uris": [CB], "client_name": "a", "scope": "openid"}, NODE_201)],
    ids=["RFC 7591", "node"],
)
def test_P5_what_real_servers_fill_in_is_no_deviation(asked: dict[str, Any], answered: dict[str, Any]) -> None:
    information = ClientInformation.parse(answered)
    assert deviations(ClientMetadata.confirmed(asked), information) == ()
    assert lacking(asked, information) is None


def test_P5_hydra_empties_what_it_dropped() -> None:
    asked: dict[str, Any] = {"redirect_uris": [CB], "client_name": "a", "jwks": {"keys": []}}
    assert deviations(ClientMetadata.confirmed(asked), ClientInformation.parse(HYDRA_PUT_200)) == (
        "client_name",
        "jwks",
    )


@pytest.mark.parametrize(
    ("previous", "requested", "answered", "kept"),
    [
        pytest.param({"logo_uri": "l"}, {}, {"logo_uri": "l"}, ("logo_uri",), id="a merging server keeps it"),
        pytest.param({"logo_uri": "l"}, {}, {}, (), id="a replacing server drops it"),
        pytest.param({"logo_uri": "l"}, {}, {"logo_uri": ""}, (), id="or empties it"),
        pytest.param({"scope": "a b"}, {}, {"scope": "openid"}, (), id="or has a default of its own"),
        pytest.param({"scope": "a b"}, {}, {"scope": "b a"}, ("scope",), id="kept in other words"),
        pytest.param(
            {"grant_types": ["authorization_code"]}, {}, {"grant_types": ["authorization_code"]}, (), id="a default"
        ),
        pytest.param({"logo_uri": "l"}, {"logo_uri": "l"}, {"logo_uri": "l"}, (), id="still asked for"),
        pytest.param(
            {"logo_uri": "l", "contacts": ["c"]},
            {},
            {"contacts": "c", "logo_uri": "l"},
            ("contacts", "logo_uri"),
            id="sorted",
        ),
    ],
)
def test_M11_what_was_taken_out_and_kept_is_named(previous: Any, requested: Any, answered: Any, kept: Any) -> None:
    assert kept_members(previous, requested, answer(**answered)) == kept


INSTEAD: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "another URI": (ASKED, {"redirect_uris": ["https://b.example/cb"]}, '; the server has "https://b.example/cb"'),
    "another grant": (ASKED, {"grant_types": ["client_credentials"]}, '; the server has "client_credentials"'),
    "another response type": (
        {**ASKED, "response_types": ["code"]},
        {"response_types": ["none"]},
        '; the server has "none"',
    ),
    "many": (
        ASKED,
        {"redirect_uris": [f"https://b.example/{n}" for n in range(9)]},
        '; the server has "https://b.example/0", "https://b.example/1", "https://b.example/2" and 6 more',
    ),
    "its own secret, in the place of a URI": (ASKED, {"redirect_uris": ["q7-Xw 2p-Lk 9z"]}, '; the server has "…"'),
}


@pytest.mark.parametrize(("asked", "answered", "instead"), INSTEAD.values(), ids=INSTEAD)
def test_what_the_server_has_instead_is_shown(asked: dict[str, Any], answered: dict[str, Any], instead: str) -> None:
    found = lacking(asked, answer(**{"client_secret": "q7Xw2pLk9z", **answered}))
    assert found is not None
    assert found.endswith(instead)
