"""Discovery (RFC 8414, OpenID Connect Discovery 1.0): checklist D1 to D6 and D8 to D10."""

from typing import Any

import pytest

from oauthclient_operator.errors import DiscoveryFailed, IssuerMismatch, IssuerUnavailable
from oauthclient_operator.names import PUBLISHED_ENDPOINTS
from oauthclient_operator.oauth.rfc8414 import (
    WORD_LIMIT,
    WORDS_LIMIT,
    DiscoveryForm,
    issuer_problem,
    no_metadata,
    server_metadata,
    well_known_urls,
)
from tests.pure.oauth.transcripts import ISSUER, RFC8414_3_2, response

OAUTH, OPENID = "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"


def metadata(**members: Any) -> Any:
    document = {n: v for n, v in {**RFC8414_3_2, **members}.items() if v is not ...}
    return server_metadata(ISSUER, response(200, document, content_type="application/json"))


@pytest.mark.parametrize(
    "issuer",
    [
        "https://idp.example.com",
        "https://idp.example.com/",
        "https://idp.example.com:8443/realms/shop",
        "https://[2001:db8::1]:8443/a",
        "HTTPS://idp.example.com",
        "https://idp.example.com/a%20b;c=d",
        "http://127.0.0.1:4001",
    ],
)
def test_D1_an_issuer_identifier_is_a_url(issuer: str) -> None:
    assert issuer_problem(issuer) is None


@pytest.mark.parametrize(
    ("issuer", "advice"),
    [
        ("", "https://"),
        ("idp.example.com", "https://"),
        ("ftp://idp.example.com", "https://"),
        ("https:///realms/shop", "host"),
        ("https://", "host"),
        ("https://idp.example.com/?tenant=1", "query"),
        ("https://idp.example.com?", "query"),
        ("https://idp.example.com/#", "fragment"),
        ("https://user@idp.example.com", "user information"),
        ("https://user:pass-9@idp.example.com/a", "user information"),
        ("https://@idp.example.com", "user information"),
        ("https://idp.example.com\\@evil.example", "https://"),
        ("https://idp.example.com:port", "URL"),
        ("https://idp.example.com:99999", "URL"),
        ("https://[::1", "URL"),
        ("https://idp.example.com/a b", "white space"),
        ("https://idp.example.com/a\n", "white space"),
        ("https://idp\t.example.com", "white space"),
        (" https://idp.example.com", "white space"),
        ("https://bücher.example", "xn--"),
        ("https://idp.example.com/\u202e", "characters"),
        ("https://idp.example.com/" + "a" * 2048, "longer"),
    ],
    ids=ascii,
)
def test_D1_what_is_no_issuer_identifier_is_said_with_what_to_write(issuer: str, advice: str) -> None:
    problem = issuer_problem(issuer)
    assert problem is not None
    assert advice in problem
    assert "pass-9" not in problem


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        ("https://h.example", f"https://h.example{OAUTH}"),
        ("https://h.example/", f"https://h.example{OAUTH}"),
        ("https://h.example/a", f"https://h.example{OAUTH}/a"),
        ("https://h.example/a/", f"https://h.example{OAUTH}/a"),
        ("https://h.example:8443/a/b", f"https://h.example:8443{OAUTH}/a/b"),
        ("https://[2001:db8::1]/a", f"https://[2001:db8::1]{OAUTH}/a"),
        ("https://h.example/a%2Fb", f"https://h.example{OAUTH}/a%2Fb"),
    ],
)
def test_D2_the_well_known_string_is_inserted_between_host_and_path(issuer: str, url: str) -> None:
    assert well_known_urls(issuer, DiscoveryForm.OAUTH) == (url,)


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        ("https://h.example", f"https://h.example{OPENID}"),
        ("https://h.example/", f"https://h.example{OPENID}"),
        ("https://h.example/a", f"https://h.example/a{OPENID}"),
        ("https://h.example/a/", f"https://h.example/a{OPENID}"),
    ],
)
def test_D3_the_openid_string_is_appended(issuer: str, url: str) -> None:
    assert well_known_urls(issuer, DiscoveryForm.OPENID) == (url,)


def test_D4_auto_tries_openid_appended_then_oauth_inserted_then_openid_inserted() -> None:
    assert well_known_urls("https://h.example/a/", DiscoveryForm.AUTO) == (
        f"https://h.example/a{OPENID}",
        f"https://h.example{OAUTH}/a",
        f"https://h.example{OPENID}/a",
    )


def test_D4_without_a_path_there_are_two_places() -> None:
    assert well_known_urls("https://h.example/", DiscoveryForm.AUTO) == (
        f"https://h.example{OPENID}",
        f"https://h.example{OAUTH}",
    )


def test_D5_a_200_with_a_json_object_is_read() -> None:
    found = metadata()
    assert found.issuer == ISSUER
    assert found.registration_endpoint == f"{ISSUER}/register"
    assert found.endpoints == {
        "authorization_endpoint": f"{ISSUER}/authorize",
        "token_endpoint": f"{ISSUER}/token",
        "userinfo_endpoint": f"{ISSUER}/userinfo",
        "jwks_uri": f"{ISSUER}/jwks.json",
    }


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_D5_the_content_type_may_have_parameters_and_any_case(content_type: str) -> None:
    assert server_metadata(ISSUER, response(200, RFC8414_3_2, content_type=content_type)).issuer == ISSUER


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(response(204), id="204"),
        pytest.param(response(206, RFC8414_3_2), id="206"),
        pytest.param(response(302, location="https://elsewhere.example"), id="a redirect is not followed"),
        pytest.param(response(304), id="304"),
        pytest.param(response(403), id="403"),
        pytest.param(response(404, RFC8414_3_2), id="404"),
        pytest.param(response(200, RFC8414_3_2, content_type="text/html"), id="an HTML page"),
        pytest.param(response(200, RFC8414_3_2, content_type="text/plain"), id="somebody's upload"),
        pytest.param(response(200, body=b"<html>"), id="no JSON"),
        pytest.param(response(200, [RFC8414_3_2]), id="a list"),
        pytest.param(response(200, body=b'{"issuer": "' + ISSUER.encode() + b'", "issuer": "x"}'), id="two issuers"),
        pytest.param(response(200, {**RFC8414_3_2, "more": "x" * 300_000}), id="too large"),
        pytest.param(response(200, {**RFC8414_3_2, "issuer": None}), id="no issuer"),
        pytest.param(response(200, {**RFC8414_3_2, "issuer": [ISSUER]}), id="an issuer of another type"),
        pytest.param(response(200, {**RFC8414_3_2, "registration_endpoint": 7}), id="an endpoint of another type"),
        pytest.param(response(200, {**RFC8414_3_2, "registration_endpoint": "/register"}), id="a relative endpoint"),
        pytest.param(response(200, {**RFC8414_3_2, "registration_endpoint": "https://h/\r\nX: y"}), id="line break"),
    ],
)
def test_D5_anything_else_is_no_metadata(answer: Any) -> None:
    with pytest.raises(DiscoveryFailed) as failure:
        server_metadata(ISSUER, answer)
    assert not isinstance(failure.value, IssuerMismatch)
    assert failure.value.__context__ is None or failure.value.__suppress_context__


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308, 399])
def test_D5_a_redirect_is_said_not_to_be_followed(status: int) -> None:
    with pytest.raises(DiscoveryFailed, match="redirects are not followed"):
        server_metadata(ISSUER, response(status, RFC8414_3_2, location="https://elsewhere.example"))


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_D5_later_is_not_never(status: int) -> None:
    with pytest.raises(IssuerUnavailable) as failure:
        server_metadata(ISSUER, response(status, retry_after="120"))
    assert failure.value.retry_after == 120


@pytest.mark.parametrize(
    "other",
    [
        f"{ISSUER}/",
        "https://SERVER.example.com",
        "https://server.example.com:443",
        "https://server.example.com/%61",
        "http://server.example.com",
        "https://server.example.com.evil.example",
        "https://ｓerver.example.com",
        f"{ISSUER}\u200b",
        f" {ISSUER}",
    ],
    ids=ascii,
)
def test_D6_issuers_are_compared_code_point_by_code_point(other: str) -> None:
    with pytest.raises(IssuerMismatch):
        metadata(issuer=other)


def test_D6_the_message_shows_both_values_also_where_they_look_like_tokens() -> None:
    tenant = "https://login.example.com/5e3ce6c0-2b1f-4285-8d4b-75ee78787346/v2.0"
    with pytest.raises(IssuerMismatch) as failure:
        server_metadata(tenant, response(200, {**RFC8414_3_2, "issuer": f"{tenant}/"}))
    assert f'"{tenant}"' in str(failure.value)
    assert f'"{tenant}/"' in str(failure.value)


def test_D6_the_others_value_is_cleaned_and_cut() -> None:
    with pytest.raises(IssuerMismatch) as failure:
        metadata(issuer='https://evil.example\n"; all is well\u202e' + "x" * 10_000)
    message = str(failure.value)
    assert "\n" not in message
    assert "\u202e" not in message
    assert '"; all' not in message
    assert len(message) < 1000


def test_D8_unknown_members_are_ignored() -> None:
    assert metadata(surprise={"deep": [1, 2]}, signed_metadata="a.b.c") == metadata()


@pytest.mark.parametrize("empty", [None, "", ...], ids=["null", "empty", "absent"])
def test_D8_what_is_empty_is_absent(empty: Any) -> None:
    found = metadata(registration_endpoint=empty, token_endpoint=empty, token_endpoint_auth_methods_supported=empty)
    assert found.registration_endpoint is None
    assert "token_endpoint" not in found.endpoints
    assert found.token_endpoint_auth_methods_supported == ("client_secret_basic",)


@pytest.mark.parametrize(
    "bad", [7, ["https://h"], "token", "javascript:x", "https://h/\nA=b", "https://h/" + "a" * 2048]
)
def test_D8_an_endpoint_for_apps_that_is_no_url_is_not_passed_on(bad: Any) -> None:
    assert "token_endpoint" not in metadata(token_endpoint=bad).endpoints


def test_D8_the_longest_endpoint_is_passed_on() -> None:
    longest = "https://h/" + "a" * 2038
    assert metadata(token_endpoint=longest, registration_endpoint=longest).registration_endpoint == longest


@pytest.mark.parametrize("name", PUBLISHED_ENDPOINTS)
def test_D8_every_endpoint_that_apps_may_need_is_passed_on(name: str) -> None:
    assert metadata(**{name: f"{ISSUER}/x"}).endpoints[name] == f"{ISSUER}/x"


def test_D9_what_a_document_says_of_an_endpoint_that_is_known_is_not_looked_at() -> None:
    for said in ("/register", 7, "https://elsewhere.example/register"):
        answer = response(200, {**RFC8414_3_2, "registration_endpoint": said})
        assert server_metadata(ISSUER, answer, needs_endpoint=False).registration_endpoint is None


def test_an_issuer_that_publishes_nothing_has_the_defaults() -> None:
    found = no_metadata(ISSUER)
    assert (found.issuer, found.registration_endpoint, found.endpoints) == (ISSUER, None, {})
    assert found.token_endpoint_auth_methods_supported == ("client_secret_basic",)


def test_D9_a_document_without_registration_endpoint_is_metadata_all_the_same() -> None:
    assert metadata(registration_endpoint=...).registration_endpoint is None


@pytest.mark.parametrize(
    ("member", "default"),
    [
        ("token_endpoint_auth_methods_supported", ("client_secret_basic",)),
        ("grant_types_supported", ("authorization_code", "implicit")),
    ],
)
def test_D10_defaults_hold_only_where_the_member_is_omitted(member: str, default: tuple[str, ...]) -> None:
    assert getattr(metadata(**{member: ...}), member) == default
    assert getattr(metadata(**{member: ["x", 7]}), member) == ("x",)


def test_of_a_list_no_more_is_kept_than_anybody_looks_at() -> None:
    found = metadata(dpop_signing_alg_values_supported=["x" * 10_000, "ES256", *map(str, range(10_000))])
    kept = found.dpop_signing_alg_values_supported
    assert (len(kept), max(map(len, kept)), kept[1]) == (WORDS_LIMIT, WORD_LIMIT, "ES256")
