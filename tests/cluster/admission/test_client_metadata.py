"""What `kubectl apply` says of client metadata: RFC 7591 section 2 and 2.1, each rule with its own words."""

import itertools
import json
from typing import Any

import pytest

from oauthclient_operator.errors import InvalidClientMetadata
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from tests.cluster.admission.account import Account, oauth_clients_path
from tests.cluster.admission.manifests import API_VERSION, complaints, oauth_client
from tests.parts.api_server import APIServer
from tests.parts.kubectl import Kubectl, KubectlError

CALLBACK = "https://shop.example.com/callback"
SERVICE = {"grant_types": ["client_credentials"]}
WEB = {"redirect_uris": [CALLBACK]}

NOT_BOTH = "spec.clientMetadata: Forbidden: write jwks or jwks_uri, not both (RFC 7591 section 2)"
NEEDS_REDIRECT_URIS = (
    "spec.clientMetadata.redirect_uris: Required value: redirect_uris is needed with grant type authorization_code or "
    "implicit, and absent grant_types mean authorization_code; add redirect_uris, or write grant_types without them, "
    "e.g. [client_credentials] (RFC 7591 section 2)"
)
CODE_NEEDS_GRANT = (
    "spec.clientMetadata.grant_types: Forbidden: a response type with code needs authorization_code in grant_types "
    "(RFC 7591 section 2.1)"
)
TOKEN_NEEDS_GRANT = (
    "spec.clientMetadata.grant_types: Forbidden: a response type with token or id_token needs implicit in grant_types "
    "(RFC 7591 section 2.1)"
)
GRANT_NEEDS_CODE = (
    "spec.clientMetadata.response_types: Forbidden: grant type authorization_code needs a response type with code, and "
    "absent grant_types mean authorization_code; add code to response_types, or leave response_types out "
    "(RFC 7591 section 2.1)"
)
GRANT_NEEDS_TOKEN = (
    "spec.clientMetadata.response_types: Forbidden: grant type implicit needs a response type with token or id_token "
    "(RFC 7591 section 2.1)"
)
NEEDS_KEYS = (
    "spec.clientMetadata.jwks: Required value: token_endpoint_auth_method private_key_jwt needs the client's public "
    "keys: add jwks_uri or jwks to clientMetadata (OpenID Connect Core 1.0 section 9), or spec.privateKey, and the "
    "operator makes them"
)
NEEDS_CERTIFICATES = (
    "spec.clientMetadata.jwks: Required value: token_endpoint_auth_method self_signed_tls_client_auth needs the "
    "client's public keys: add jwks_uri or jwks (RFC 8705 section 2.2.2)"
)
ONE_SUBJECT = (
    "spec.clientMetadata.token_endpoint_auth_method: Forbidden: tls_client_auth needs exactly one of "
    "tls_client_auth_subject_dn, tls_client_auth_san_dns, tls_client_auth_san_uri, tls_client_auth_san_ip and "
    "tls_client_auth_san_email (RFC 8705 section 2.1.2)"
)
NOT_NONE = (
    "spec.clientMetadata.token_endpoint_auth_signing_alg: Forbidden: token_endpoint_auth_signing_alg must not be none "
    "(OpenID Connect Registration 1.0 section 2); name an algorithm, e.g. ES256, or leave it out"
)
STATEMENT = (
    "spec.clientMetadata.software_statement: Forbidden: software_statement is confidential: leave it out here, "
    "put it into a Secret, and name that in spec.registration.softwareStatement"
)


ABSOLUTE = (
    "spec.clientMetadata.redirect_uris[0]: Invalid value: write a redirection URI as an absolute URI, "
    "e.g. https://shop.example.com/callback (RFC 6749 section 3.1.2)"
)
FRAGMENT = (
    "spec.clientMetadata.redirect_uris[0]: Invalid value: a redirection URI has no fragment: leave out # "
    "and what follows (RFC 6749 section 3.1.2)"
)


def _issued(member: str, section: str) -> str:
    return f"spec.clientMetadata.{member}: Forbidden: the authorization server issues it ({section}); leave it out"


@pytest.mark.parametrize(
    ("members", "said"),
    [
        pytest.param({"redirect_uris": [f"{CALLBACK}#top"]}, [FRAGMENT], id="C5: a fragment"),
        pytest.param({"redirect_uris": [f"{CALLBACK}#"]}, [FRAGMENT], id="C5: an empty fragment"),
        pytest.param({"redirect_uris": ["/callback"]}, [ABSOLUTE], id="C5: a path"),
        pytest.param({"redirect_uris": ["https:"]}, [ABSOLUTE], id="C5: a scheme alone"),
        pytest.param({"redirect_uris": [""]}, [ABSOLUTE], id="C5: an empty redirection URI"),
        pytest.param({"redirect_uris": ["https://a b"]}, [ABSOLUTE], id="C5: a space"),
        pytest.param({}, [NEEDS_REDIRECT_URIS], id="C4: nothing said, so authorization_code"),
        pytest.param({"redirect_uris": []}, [NEEDS_REDIRECT_URIS], id="C4: an empty list"),
        pytest.param({"grant_types": ["authorization_code"]}, [NEEDS_REDIRECT_URIS], id="C4: authorization_code"),
        pytest.param({"grant_types": ["implicit"]}, [NEEDS_REDIRECT_URIS], id="C4: implicit"),
        pytest.param(
            WEB | {"grant_types": ["client_credentials"], "response_types": ["code"]},
            [CODE_NEEDS_GRANT],
            id="C7: code without authorization_code",
        ),
        pytest.param(
            WEB | {"grant_types": ["implicit"], "response_types": ["code id_token"]},
            [CODE_NEEDS_GRANT],
            id="C7: a hybrid type without authorization_code",
        ),
        pytest.param(
            WEB | {"grant_types": ["authorization_code"], "response_types": ["code", "token"]},
            [TOKEN_NEEDS_GRANT],
            id="C7: token without implicit",
        ),
        pytest.param(
            WEB | {"grant_types": ["authorization_code"], "response_types": ["code id_token"]},
            [TOKEN_NEEDS_GRANT],
            id="C7: a hybrid type without implicit",
        ),
        pytest.param(
            WEB | {"response_types": ["code", "id_token"]},
            [TOKEN_NEEDS_GRANT],
            id="C7: id_token, and absent grant_types are authorization_code alone",
        ),
        pytest.param(
            WEB | {"grant_types": ["authorization_code"], "response_types": []},
            [GRANT_NEEDS_CODE],
            id="C7: authorization_code without code",
        ),
        pytest.param(WEB | {"response_types": ["none"]}, [GRANT_NEEDS_CODE], id="C7: the default grant without code"),
        pytest.param(
            WEB | {"grant_types": ["implicit", "authorization_code"], "response_types": ["code"]},
            [GRANT_NEEDS_TOKEN],
            id="C7: implicit without token",
        ),
        pytest.param(
            WEB | {"jwks_uri": "https://shop.example.com/jwks", "jwks": {"keys": []}}, [NOT_BOTH], id="C8: both"
        ),
        pytest.param(SERVICE | {"token_endpoint_auth_method": "private_key_jwt"}, [NEEDS_KEYS], id="C9: no keys"),
        pytest.param(
            SERVICE | {"token_endpoint_auth_method": "self_signed_tls_client_auth"},
            [NEEDS_CERTIFICATES],
            id="no certificates",
        ),
        pytest.param(SERVICE | {"token_endpoint_auth_signing_alg": "none"}, [NOT_NONE], id="C9: alg none"),
        pytest.param(SERVICE | {"token_endpoint_auth_method": "tls_client_auth"}, [ONE_SUBJECT], id="no subject"),
        pytest.param(
            SERVICE
            | {
                "token_endpoint_auth_method": "tls_client_auth",
                "tls_client_auth_san_dns": "shop.example.com",
                "tls_client_auth_subject_dn": "CN=shop",
            },
            [ONE_SUBJECT],
            id="two subjects",
        ),
        pytest.param(SERVICE | {"software_statement": "eyJhbGci"}, [STATEMENT], id="C14: a software statement"),
        *(
            pytest.param(SERVICE | {member: value}, [_issued(member, section)], id=f"C20: {member}")
            for member, value, section in (
                ("client_id", "s6BhdRkqt3", "RFC 7591 section 3.2.1"),
                ("client_secret", "cf136dc3c1fc93f31185e5885805d", "RFC 7591 section 3.2.1"),
                ("client_id_issued_at", 2893256800, "RFC 7591 section 3.2.1"),
                ("client_secret_expires_at", 0, "RFC 7591 section 3.2.1"),
                ("registration_access_token", "reg-23410913-abewfq.123483", "RFC 7592 section 3"),
                ("registration_client_uri", "https://idp.example.com/register/s6", "RFC 7592 section 3"),
            )
        ),
    ],
)
def test_client_metadata_are_refused(admin: Kubectl, room: str, members: dict[str, Any], said: list[str]) -> None:
    assert complaints(admin, oauth_client(room, members=members)) == said


def test_a_confidential_member_is_not_echoed(admin: Kubectl, room: str) -> None:
    value = "cf136dc3c1fc93f31185e5885805d"
    confidential = ("client_secret", "registration_access_token", "software_statement")
    said = complaints(admin, oauth_client(room, members=SERVICE | dict.fromkeys(confidential, value)))
    assert len(said) == len(confidential)
    assert value not in "\n".join(said)


@pytest.mark.parametrize(
    "members",
    [
        pytest.param(WEB, id="redirect_uris alone"),
        pytest.param({"redirect_uris": ["com.example.shop:/callback", "http://127.0.0.1/callback"]}, id="native"),
        pytest.param({"redirect_uris": ["urn:ietf:wg:oauth:2.0:oob"]}, id="a URN"),
        pytest.param(SERVICE | {"response_types": [], "redirect_uris": []}, id="a service's empty lists"),
        pytest.param({"grant_types": [], "response_types": [], "redirect_uris": []}, id="a resource server's"),
        pytest.param(
            WEB | {"grant_types": ["authorization_code", "implicit"], "response_types": ["code", "code id_token"]},
            id="hybrid",
        ),
        pytest.param(WEB | {"grant_types": ["implicit"], "response_types": ["id_token token"]}, id="implicit"),
        pytest.param({"grant_types": ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"]}, id="a device"),
        pytest.param(
            SERVICE | {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://shop.example.com/jwks"},
            id="C9: keys by URI",
        ),
        pytest.param(
            SERVICE | {"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_dns": "a.example"},
            id="one subject",
        ),
        pytest.param(SERVICE | {"token_endpoint_auth_method": "urn:example:attested"}, id="a server's own method"),
        pytest.param(WEB | {"redirect_uris": [f"{CALLBACK}/{n}" for n in range(64)]}, id="as many as there may be"),
    ],
)
def test_client_metadata_are_admitted(admin: Kubectl, room: str, members: dict[str, Any]) -> None:
    admin.apply(oauth_client(room, members=members), "--dry-run=server")


def test_grant_types_and_response_types_fit_by_the_schema_where_they_fit_by_the_operator(
    installed: APIServer, room: str
) -> None:
    administrator = Account.of(installed.kubeconfig, authority=installed.authority)
    grants: list[list[str] | None] = [None, [], ["client_credentials"], ["authorization_code"], ["implicit"]]
    grants.append(["authorization_code", "implicit"])
    types: list[list[str] | None] = [None, [], ["code"], ["id_token"], ["none"], ["code token"], ["code", "token"]]
    types.append(["codex", "my_token"])
    for grant_types, response_types in itertools.product(grants, types):
        both = {"grant_types": grant_types, "response_types": response_types}
        members = WEB | {name: value for name, value in both.items() if value is not None}
        manifest = oauth_client(room, "fits", members=members)
        answer = administrator.ask("POST", oauth_clients_path(room), manifest, dryRun="All")
        assert (answer.status == 201) == _parsed(members), f"{members}: {answer.message}"


def _parsed(members: dict[str, Any]) -> bool:
    try:
        ClientMetadata.parse(members)
    except InvalidClientMetadata:
        return False
    return True


@pytest.mark.parametrize("option", ["--server-side=false", "--server-side"], ids=["client-side", "server-side"])
def test_language_tags_and_extensions_arrive_as_written(admin: Kubectl, room: str, option: str) -> None:
    members = {
        "client_name": "Shop",
        "client_name#ja-Jpan-JP": "\u30af\u30e9\u30a4\u30a2\u30f3\u30c8\u540d",
        "x_example_tier": {"level": 3, "names": ["gold", None]},
        "x_example_number": 9007199254740993,
        "require_auth_time": False,
    } | WEB
    name = f"tagged{option.count('=')}"
    admin.apply(oauth_client(room, name, members=members), option)
    assert admin.json("get", "oauthclient", name, "-n", room)["spec"]["clientMetadata"] == members


def test_null_in_a_known_member_is_absent_and_in_an_unknown_one_it_arrives(admin: Kubectl, room: str) -> None:
    manifest = oauth_client(
        room, "nulls", members=WEB | {"client_secret": None, "client_name": None, "x_example": None}
    )
    # kubectl leaves null out of what it creates; other clients do not.
    collection = f"/apis/{API_VERSION}/namespaces/{room}/oauthclients"
    admin("create", "--raw", collection, "-f", "-", stdin=json.dumps(manifest))
    assert admin.json("get", "oauthclient", "nulls", "-n", room)["spec"]["clientMetadata"] == WEB | {"x_example": None}


def test_null_in_a_known_member_is_refused_where_server_side_apply_does_not_prune_it(admin: Kubectl, room: str) -> None:
    manifest = oauth_client(room, "null", members=WEB | {"client_name": None})
    with pytest.raises(KubectlError, match=r'client_name in body must be of type string: "null"'):
        admin.apply(manifest, "--server-side")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("scope", ["openid"]),
        ("redirect_uris", CALLBACK),
        ("require_auth_time", "true"),
        ("default_max_age", "3600"),
        ("contacts", "me"),
    ],
)
def test_a_value_of_another_type_is_refused_where_it_stands(admin: Kubectl, room: str, member: str, value: str) -> None:
    with pytest.raises(KubectlError, match=rf"spec\.clientMetadata\.{member} in body must be of type"):
        admin.apply(oauth_client(room, members=WEB | {member: value}), "--dry-run=server")
