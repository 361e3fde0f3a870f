"""What a resource may ask for (RFC 7591 section 2): checklist C4, C5, C7 to C9, C11, C12 and C20."""

from typing import Any

import pytest

from oauthclient_operator.errors import InvalidClientMetadata
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from tests.pure.oauth.transcripts import RFC7591_3_1

CALLBACK = "https://shop.example.com/callback"
WEB: dict[str, Any] = {"redirect_uris": [CALLBACK]}
SERVICE: dict[str, Any] = {"grant_types": ["client_credentials"], "response_types": []}
EC: dict[str, Any] = {"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"}
RSA: dict[str, Any] = {"kty": "RSA", "n": "AQ", "e": "AQAB"}


def refusal(members: dict[str, Any], place: str = "") -> str:
    with pytest.raises(InvalidClientMetadata) as caught:
        ClientMetadata.parse(members, place)
    return str(caught.value)


ACCEPTED: dict[str, dict[str, Any]] = {
    "RFC 7591 section 3.1's example": RFC7591_3_1,
    "C4: a web app": WEB,
    "C4: a service needs no redirect_uris": SERVICE,
    "C4: a device needs no redirect_uris": {"grant_types": ["urn:ietf:params:oauth:grant-type:device_code"]},
    "C5: a query is part of the URI": {"redirect_uris": [f"{CALLBACK}?a=b"]},
    "C5: a private-use scheme": {"redirect_uris": ["com.example.app:/callback"], "application_type": "native"},
    "C5: http on loopback, native": {"redirect_uris": ["http://127.0.0.1/cb"], "application_type": "native"},
    "C5: http on IPv6 loopback, native": {"redirect_uris": ["http://[::1]:80/cb"], "application_type": "native"},
    "C5: http for a web app with code is the server's to judge": {"redirect_uris": ["http://localhost/cb"]},
    "C5: and with implicit": {"redirect_uris": ["http://localhost:3000/cb"], "grant_types": ["implicit"]},
    "C5: and http elsewhere": {"redirect_uris": ["http://shop.internal/cb"], "grant_types": ["implicit"]},
    "C5: of a native app, too": {"redirect_uris": ["http://shop.internal/cb"], "application_type": "native"},
    "C5: an IRI": {"redirect_uris": ["https://shop.example.com/käse"]},
    "C7: code": {**WEB, "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"]},
    "C7: implicit": {**WEB, "grant_types": ["implicit"], "response_types": ["token", "id_token token"]},
    "C7: hybrid": {**WEB, "grant_types": ["authorization_code", "implicit"], "response_types": ["code id_token"]},
    "C7: absent grant types mean authorization_code": {**WEB, "response_types": ["code"]},
    "C7: absent response types are the server's to choose": {**WEB, "grant_types": ["authorization_code"]},
    "C8: jwks": {**SERVICE, "jwks": {"keys": [EC]}},
    "C8: jwks_uri": {**SERVICE, "jwks_uri": "https://shop.example.com/jwks"},
    "C8: use for each where signing and encryption stand together": {
        **SERVICE,
        "jwks": {"keys": [{**EC, "use": "sig"}, {**RSA, "use": "enc"}]},
    },
    "C9: private_key_jwt with keys": {
        **SERVICE,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks": {"keys": [EC]},
    },
    "C9: private_key_jwt with signed_jwks_uri": {
        **SERVICE,
        "token_endpoint_auth_method": "private_key_jwt",
        "signed_jwks_uri": "https://shop.example.com/jwks.jwt",
    },
    "C9: tls_client_auth with one subject": {
        **SERVICE,
        "token_endpoint_auth_method": "tls_client_auth",
        "tls_client_auth_san_dns": "shop.example.com",
    },
    "C9: a method of the server's own": {**SERVICE, "token_endpoint_auth_method": "attest_jwt_client_auth"},
    "C11: language tags": {**WEB, "client_name#ja-Jpan-JP": "名", "client_name#de": "Laden", "tos_uri#de": CALLBACK},
    "C11: a tag on a member of another specification": {**WEB, "organization_name#fr": "Boutique"},
    "C12: scope is one string": {**WEB, "scope": "openid profile urn:example:a/b"},
    "C12: an empty scope": {**WEB, "scope": ""},
    "C19: members of other specifications": {**WEB, "x_server": {"a": [1, None, {"b": 0.5}]}, "y": 2**53 - 1},
}

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "C4: redirect_uris with authorization_code": ({"grant_types": ["authorization_code"]}, "add redirect_uris"),
    "C4: redirect_uris with implicit": ({"grant_types": ["implicit"]}, "add redirect_uris"),
    "C4: absent grant types mean authorization_code": ({}, "absent grant_types mean authorization_code"),
    "C4: an empty list is none": ({"redirect_uris": []}, "add redirect_uris"),
    "C5: a fragment": (
        {"redirect_uris": [CALLBACK, f"{CALLBACK}#x"]},
        "redirect_uris[1]: a redirection URI has no frag",
    ),
    "C5: an empty fragment": ({"redirect_uris": [f"{CALLBACK}#"]}, "leave out # and what follows"),
    "C5: relative": ({"redirect_uris": ["/callback"]}, "write an absolute URI"),
    "C5: without host": ({"redirect_uris": ["https:///callback"]}, "write the host"),
    "C5: white space": ({"redirect_uris": [f"{CALLBACK} x"]}, "write an absolute URI"),
    "C5: a line break": ({"redirect_uris": [f"{CALLBACK}\n"]}, "write an absolute URI"),
    "C5: a script": ({"redirect_uris": ["javascript:alert(1)"]}, "write the app's own URI"),
    "C5: a script in capitals": ({"redirect_uris": ["JavaScript:alert(1)"]}, "write the app's own URI"),
    "C7: code without authorization_code": ({**SERVICE, "response_types": ["code"]}, "needs authorization_code"),
    "C7: token without implicit": ({**WEB, "response_types": ["code", "token"]}, "needs implicit"),
    "C7: id_token without implicit": (
        {**WEB, "grant_types": ["authorization_code"], "response_types": ["code id_token"]},
        "needs implicit",
    ),
    "C7: authorization_code without code": ({**WEB, "response_types": []}, "add code"),
    "C7: implicit without token": (
        {**WEB, "grant_types": ["implicit", "authorization_code"], "response_types": ["code"]},
        "one with token or id_token",
    ),
    "C8: jwks and jwks_uri": (
        {**SERVICE, "jwks": {"keys": [EC]}, "jwks_uri": "https://shop.example.com/jwks"},
        "write jwks or jwks_uri, not both",
    ),
    "C8: a shared secret": ({**SERVICE, "jwks": {"keys": [{"kty": "oct", "k": "AQ"}]}}, "disclosed"),
    "C8: type oct": ({**SERVICE, "jwks": {"keys": [{"kty": "oct"}]}}, "disclosed"),
    "C8: a private key elsewhere": ({**SERVICE, "x_keys": [{"a": {**EC, "d": "AQ"}}]}, "disclosed"),
    "C8: a private key in PEM": ({**SERVICE, "x": "-----BEGIN EC PRIVATE KEY-----\nAQ"}, "disclosed"),
    "C8: a private key beside the set": ({**SERVICE, "jwks": {"keys": [], "old": {**RSA, "d": "AQ"}}}, "disclosed"),
    "C8: no set": ({**SERVICE, "jwks": [EC]}, "write a JWK Set"),
    "C8: no list of keys": ({**SERVICE, "jwks": {"keys": EC}}, "write a JWK Set"),
    "C8: a key without type": ({**SERVICE, "jwks": {"keys": [{"x": "AQ"}]}}, "write a JWK Set"),
    "C8: use for some where signing and encryption stand together": (
        {**SERVICE, "jwks": {"keys": [{**EC, "use": "sig"}, {**RSA, "use": "enc"}, RSA]}},
        "each needs use",
    ),
    "C8: use of another type": (
        {**SERVICE, "jwks": {"keys": [{**EC, "use": "sig"}, {**RSA, "use": "enc"}, {**RSA, "use": 7}]}},
        "each needs use",
    ),
    "C8: a key type of another type": ({**SERVICE, "jwks": {"keys": [{**EC, "kty": 7}]}}, "write a JWK Set"),
    "C9: private_key_jwt without keys": ({**SERVICE, "token_endpoint_auth_method": "private_key_jwt"}, "add jwks_uri"),
    "C9: self_signed_tls_client_auth without keys": (
        {**SERVICE, "token_endpoint_auth_method": "self_signed_tls_client_auth"},
        "add jwks_uri",
    ),
    "C9: tls_client_auth without subject": (
        {**SERVICE, "token_endpoint_auth_method": "tls_client_auth"},
        "exactly one",
    ),
    "C9: tls_client_auth with two subjects": (
        {
            **SERVICE,
            "token_endpoint_auth_method": "tls_client_auth",
            "tls_client_auth_san_dns": "a",
            "tls_client_auth_san_ip": "b",
        },
        "exactly one",
    ),
    "C9: signed with none": ({**SERVICE, "token_endpoint_auth_signing_alg": "none"}, "must not be none"),
    "C11: a tag on what is no text": ({**WEB, "redirect_uris#de": [CALLBACK]}, "only text for people"),
    "C11: a tag on keys": ({**SERVICE, "jwks#de": {"keys": [{**EC, "d": "AQ"}]}}, "only text for people"),
    "C11: no tag after #": ({**WEB, "client_name#": "x"}, "write a language tag"),
    "C11: what is no tag": ({**WEB, "client_name#j_a": "x"}, "write a language tag"),
    "C11: one tag twice": ({**WEB, "client_name#de": "x", "client_name#DE": "y"}, "it is there twice"),
    "C11: a tagged text has a type, too": ({**WEB, "client_name#de": ["x"]}, "write a string"),
    "C11: a tagged page is a URL, too": ({**WEB, "tos_uri#de": "terms"}, "write an absolute https URL"),
    "C12: scope as a list": ({**WEB, "scope": ["openid"]}, "write a string of words with spaces between"),
    "C12: scope with a line break": ({**WEB, "scope": "openid profile\n"}, "one space between"),
    "C12: scope with commas and quotes": ({**WEB, "scope": '"openid"'}, "without quotation marks"),
    "C20: software_statement": ({**WEB, "software_statement": "a.b.c"}, "is not written among the client metadata"),
    "C20: software_statement with a tag": (
        {**WEB, "software_statement#de": "a.b.c"},
        "is not written among the client metadata",
    ),
    "types: a list": ({"redirect_uris": CALLBACK}, "redirect_uris: write a list of strings"),
    "types: a list of strings": ({"redirect_uris": [CALLBACK, 7]}, "write a list of strings"),
    "types: an empty entry": ({"redirect_uris": [CALLBACK, ""]}, "an entry is empty"),
    "types: a flag": ({**WEB, "require_auth_time": "true"}, "write true or false"),
    "types: a number of seconds": ({**WEB, "default_max_age": True}, "write a number of seconds"),
    "types: a page": ({**WEB, "client_uri": "shop.example.com"}, "write an absolute https URL"),
    "bounds: entries": ({"redirect_uris": [CALLBACK] * 65}, "more than 64 entries"),
    "bounds: characters": ({**WEB, "client_name": "x" * 1025}, "longer than 1024"),
    "bounds: members": ({**WEB, **{f"x{i}": 1 for i in range(100)}}, "more than 100 members"),
    "bounds: bytes": ({**WEB, "x": "x" * 70_000}, "64 KiB"),
    "bounds: a member's name": ({**WEB, "x" * 257: 1}, "a name that is"),
    "bounds: a name that hides something": ({**WEB, "client_id\u200b": "x"}, "not printable"),
    "bounds: an integer that is another number elsewhere": ({**WEB, "x": [{"y": 2**53}]}, "beyond 2^53"),
    "bounds: an integer that the API server made a float": ({**WEB, "x": 1e300}, "beyond 2^53"),
    "bounds: half a surrogate pair": ({**WEB, "client_name": "\ud800"}, "surrogate"),
}


@pytest.mark.parametrize("members", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted_as_written(members: dict[str, Any]) -> None:
    assert ClientMetadata.parse(members).members == members


@pytest.mark.parametrize(("members", "advice"), REFUSED.values(), ids=REFUSED)
def test_refused_with_what_to_write(members: dict[str, Any], advice: str) -> None:
    message = refusal(members)
    assert advice in message
    assert refusal(members, "metadata").startswith(("metadata.", "metadata: "))


@pytest.mark.parametrize("member", ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"])
def test_C8_a_private_member_of_a_key_is_refused_and_not_shown(member: str) -> None:
    message = refusal({**SERVICE, "jwks": {"keys": [{**RSA, member: "c2VjcmV0"}]}})
    assert "treat a private key that was written here as disclosed" in message
    assert "c2VjcmV0" not in message


@pytest.mark.parametrize(
    "member",
    [
        "client_id",
        "client_secret",
        "client_id_issued_at",
        "client_secret_expires_at",
        "registration_access_token",
        "registration_client_uri",
    ],
)
@pytest.mark.parametrize("tag", ["", "#de"])
def test_C20_what_the_server_issues_is_refused_and_not_shown(member: str, tag: str) -> None:
    message = refusal({**WEB, f"{member}{tag}": "pass-9"})
    assert f"{member}{tag}: the authorization server issues it; leave it out" in message
    assert "pass-9" not in message


def test_C20_null_means_absent_whatever_the_member() -> None:
    written: dict[str, Any] = {**WEB, "client_id": None, "scope": None, "client_name#de": None, "x": {"y": None}}
    assert ClientMetadata.parse(written).members == {**WEB, "x": {"y": None}}


def test_all_that_is_wrong_is_said_at_once_up_to_a_bound() -> None:
    message = refusal({"redirect_uris": ["a", "b", "c"], "token_endpoint_auth_method": "private_key_jwt", "scope": " "})
    assert [problem.partition(":")[0] for problem in message.split("; ") if ":" in problem] == [
        "redirect_uris[0]",
        "redirect_uris[1]",
        "redirect_uris[2]",
        "token_endpoint_auth_method",
        "scope",
    ]
    assert refusal({"redirect_uris": ["x"] * 9}).endswith("; and 4 more")


def test_a_name_in_a_message_is_cleaned_and_cut() -> None:
    message = refusal({**WEB, "client_name#" + 'x"; ' * 60: "y"})
    assert '"' not in message
    assert len(message) < 300


@pytest.mark.parametrize(
    "other",
    [
        {**WEB, "client_name": "b"},
        {**WEB, "client_name": "a", "scope": ""},
        {"redirect_uris": [CALLBACK, "https://b.example"], "client_name": "a"},
        {"redirect_uris": ["https://b.example", CALLBACK], "client_name": "a"},
    ],
    ids=["a value", "a member", "an entry", "the order of entries"],
)
def test_the_digest_tells_a_change(other: dict[str, Any]) -> None:
    assert ClientMetadata.parse({**WEB, "client_name": "a"}).digest() != ClientMetadata.parse(other).digest()


def test_the_digest_does_not_mind_the_order_of_members() -> None:
    one = ClientMetadata.parse({**WEB, "client_name": "a", "x": {"a": 1, "b": 2}})
    other = ClientMetadata.parse({"x": {"b": 2, "a": 1}, "client_name": "a", **WEB})
    assert one.digest() == other.digest()


def test_the_digest_is_the_one_that_records_hold() -> None:
    """A record keeps it: if this changes, so must its version, or every client would be updated."""
    digest = "v1:090f97f1f125a625c14f0973b6620418d58a60eaeb8462da0a85b680137ce07b"
    assert ClientMetadata.parse({**WEB, "client_name": "ä"}).digest() == digest


def test_nothing_of_the_values_is_in_a_repr() -> None:
    assert "shop" not in repr(ClientMetadata.parse(WEB))
