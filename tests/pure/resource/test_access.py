"""What `spec.access` says of tokens that the operator obtains: what is taken, and what is said of the rest."""

from typing import Any

import pytest

from oauthclient_operator.resource.access import (
    AccessByToken,
    AuthenticationMethod,
    ClientCredentials,
    ServiceAccountToken,
    TokenUse,
    access_by_token,
    audience_problem,
)

SECRET = {"secretRef": {"name": "idp-client"}}
KEYCLOAK = "https://idp.example.com/realms/shop"


@pytest.mark.parametrize(
    ("access", "read"),
    [
        pytest.param({}, None, id="registration is open"),
        pytest.param({"initialAccessToken": SECRET}, None, id="an initial access token is no matter of this module"),
        pytest.param({"clientCredentials": SECRET}, ClientCredentials(secret="idp-client"), id="a Secret is enough"),
        pytest.param(
            {
                "clientCredentials": {
                    **SECRET,
                    "tokenEndpointAuthMethod": "private_key_jwt",
                    "scope": "client.create client.read",
                    "audience": "urn:registration",
                    "resource": ["https://api.example.com/", "urn:x:y"],
                }
            },
            ClientCredentials(
                secret="idp-client",
                method=AuthenticationMethod.PRIVATE_KEY_JWT,
                scope="client.create client.read",
                audience="urn:registration",
                resources=("https://api.example.com/", "urn:x:y"),
            ),
            id="client credentials with all that can be said of them",
        ),
        pytest.param(
            {"clientCredentials": None, "serviceAccountToken": {"method": "ClientAssertion"}},
            ServiceAccountToken(use=TokenUse.CLIENT_ASSERTION),
            id="a service account's token as it is meant for the issuer; null is absent",
        ),
        pytest.param(
            {
                "serviceAccountToken": {
                    "method": "JWTBearer",
                    "audience": KEYCLOAK,
                    "clientID": "registrar",
                    "scope": "client.create",
                }
            },
            ServiceAccountToken(
                use=TokenUse.JWT_BEARER, audience=KEYCLOAK, client_id="registrar", scope="client.create"
            ),
            id="a service account's token with all that can be said of it",
        ),
        pytest.param(
            {"serviceAccountToken": {"method": "Bearer", "audience": KEYCLOAK}},
            ServiceAccountToken(use=TokenUse.BEARER, audience=KEYCLOAK),
            id="a service account's token that is the access token itself",
        ),
    ],
)
def test_it_is_read(access: dict[str, Any], read: AccessByToken | None) -> None:
    problems: list[str] = []
    assert access_by_token(access, problems) == read
    assert problems == []


CC, SA = "spec.access.clientCredentials", "spec.access.serviceAccountToken"


@pytest.mark.parametrize(
    ("access", "said"),
    [
        ({"clientCredentials": {}}, f"{CC}.secretRef.name: write the name"),
        ({"clientCredentials": {"secretRef": {"name": "../x"}}}, f"{CC}.secretRef.name: write the name"),
        ({"clientCredentials": "idp-client"}, f"{CC}.secretRef.name: write the name"),
        (
            {"clientCredentials": {**SECRET, "tokenEndpointAuthMethod": "none"}},
            f"{CC}.tokenEndpointAuthMethod: write one of client_secret_basic, client_secret_post, client_secret_jwt",
        ),
        ({"clientCredentials": {**SECRET, "scope": "a  b"}}, f"{CC}.scope: write words"),
        ({"clientCredentials": {**SECRET, "scope": 'a"b'}}, f"{CC}.scope: write words"),
        ({"clientCredentials": {**SECRET, "scope": "a\n"}}, f"{CC}.scope: write words"),
        ({"clientCredentials": {**SECRET, "scope": ""}}, f"{CC}.scope: write words"),
        ({"clientCredentials": {**SECRET, "scope": "a" * 1025}}, "1024 characters at most"),
        ({"clientCredentials": {**SECRET, "scope": ["a"]}}, f"{CC}.scope: write words"),
        ({"clientCredentials": {**SECRET, "audience": "a\x7f"}}, f"{CC}.audience: write visible ASCII"),
        ({"clientCredentials": {**SECRET, "resource": "https://a.example"}}, f"{CC}.resource: write a list"),
        ({"clientCredentials": {**SECRET, "resource": ["urn:a:b"] * 9}}, f"{CC}.resource: write a list of 8"),
        ({"clientCredentials": {**SECRET, "resource": ["urn:a:b", "x"]}}, f"{CC}.resource[1] is no absolute URI"),
        ({"clientCredentials": {**SECRET, "resource": ["https://a.example/#b"]}}, f"{CC}.resource[0] has a fragment"),
        ({"clientCredentials": {**SECRET, "resource": [7]}}, f"{CC}.resource[0] is no absolute URI"),
        ({"serviceAccountToken": {}}, f"{SA}.method: write one of ClientAssertion, JWTBearer, Bearer"),
        ({"serviceAccountToken": {"method": "Token"}}, f"{SA}.method: write one of"),
        (
            {"serviceAccountToken": {"method": "Bearer", "scope": "a"}},
            f"{SA}: leave clientID and scope out, for with method Bearer",
        ),
        ({"serviceAccountToken": {"method": "Bearer", "clientID": "a"}}, f"{SA}: leave clientID and scope out"),
        (
            {"serviceAccountToken": {"method": "JWTBearer", "audience": "https://kubernetes.default.svc"}},
            f"{SA}.audience is the cluster's own",
        ),
        ({"serviceAccountToken": {"method": "JWTBearer", "audience": "keycloak"}}, f"{SA}.audience is no URL"),
        ({"serviceAccountToken": {"method": "JWTBearer", "clientID": "ü"}}, f"{SA}.clientID: write visible ASCII"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_done_is_said_and_nothing_is_read(access: dict[str, Any], said: str) -> None:
    problems: list[str] = []
    assert access_by_token(access, problems) is None
    assert len(problems) == 1
    assert said in problems[0]


@pytest.mark.parametrize(
    ("audience", "why"),
    [
        (KEYCLOAK, None),
        ("http://127.0.0.1:8080/", None),
        ("https://kubernetes.default", "the cluster's own"),
        ("https://kubernetes.default.svc.cluster.local", "the cluster's own"),
        ("http://kubernetes.default.svc", "the cluster's own"),
        ("sts.amazonaws.com", "no URL"),
        ("https://idp.example.com https://kubernetes.default.svc", "no URL"),
        ("https://", "no URL"),
        ("https://" + "a" * 2048, "no URL"),
        ("", "no URL"),
    ],
)
def test_an_audience_is_an_authorization_servers(audience: str, why: str | None) -> None:
    found = audience_problem(audience)
    assert found is None if why is None else why in str(found)
