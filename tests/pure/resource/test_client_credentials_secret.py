"""Which Secrets hold client credentials that may be sent somewhere, how they are used, and what is said of the others."""

import base64

import pytest

from oauthclient_operator import names
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import AccessDenied, ClientCredentialsMissing, ClientCredentialsNotForIssuer
from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.authentication_methods import (
    ClientSecretBasic,
    ClientSecretJWT,
    ClientSecretPost,
    PrivateKeyJWT,
)
from oauthclient_operator.oauth.jose import PrivateKey
from oauthclient_operator.resource.access import AuthenticationMethod
from oauthclient_operator.resource.addressed_secret import Recipient
from oauthclient_operator.resource.client_credentials_secret import LONGEST, client_credentials
from oauthclient_operator.resource.secret import Secret
from tests.pure.keys import encrypted_pem, jwk, pem, public_pem

ISSUER = "https://issuer.example"
ENDPOINT = f"{ISSUER}/token"
METHOD = AuthenticationMethod
SECRET = Confidential("hunter2-Zq81")
KEY = PrivateKey.parse(Confidential(pem("P-256")))


def secret(*, of_type: str = names.CLIENT_CREDENTIALS_TYPE, **data: str) -> Secret:
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    return Secret.parse({"type": of_type, "data": dict(encoded)})


def to(*, chosen: bool = False) -> Recipient:
    return Recipient(issuer=ISSUER, endpoint=ENDPOINT, chosen=chosen)


@pytest.mark.parametrize(
    ("data", "method", "authentication"),
    [
        pytest.param({"client_secret": "hunter2-Zq81"}, None, ClientSecretBasic(SECRET), id="a secret alone"),
        pytest.param(
            {"client_secret": " hunter2-Zq81\n"}, None, ClientSecretBasic(SECRET), id="a secret with a line break after"
        ),
        pytest.param(
            {"client_secret": "hunter2-Zq81"}, METHOD.CLIENT_SECRET_POST, ClientSecretPost(SECRET), id="in the body"
        ),
        pytest.param({"client_secret": "hunter2-Zq81"}, METHOD.CLIENT_SECRET_JWT, ClientSecretJWT(SECRET), id="a MAC"),
        pytest.param({"private_key": pem("P-256")}, None, PrivateKeyJWT(KEY), id="a key alone"),
        pytest.param(
            {"private_key": pem("P-256"), "client_secret": ""}, None, PrivateKeyJWT(KEY), id="an empty secret"
        ),
        pytest.param(
            {"private_key": pem("P-256"), "key_id": "2026\n"}, None, PrivateKeyJWT(KEY, kid="2026"), id="a named key"
        ),
        pytest.param({"private_key": jwk("P-256")}, None, PrivateKeyJWT(KEY), id="a key as a JWK"),
        pytest.param(
            {"private_key": pem("P-256"), "client_secret": "hunter2-Zq81"},
            METHOD.PRIVATE_KEY_JWT,
            PrivateKeyJWT(KEY),
            id="both, and the spec says that it is the key",
        ),
    ],
)
def test_it_is_used_as(data: dict[str, str], method: AuthenticationMethod | None, authentication: object) -> None:
    found = client_credentials(secret(issuer=ISSUER, client_id="registrar\n", **data), "idp-client", to(), method)
    assert (found.client_id, found.authentication) == ("registrar", authentication)
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize(
    ("named", "chosen"),
    [
        pytest.param({}, False, id="the issuer's own metadata name the endpoint: its name is enough"),
        pytest.param({"token_endpoint": ENDPOINT}, False, id="the Secret names that endpoint"),
        pytest.param({"token_endpoint": f"{ENDPOINT}\n"}, True, id="the spec chooses it, and the Secret names it"),
    ],
)
def test_it_is_sent_where(named: dict[str, str], *, chosen: bool) -> None:
    held = secret(issuer=ISSUER, client_id="registrar", client_secret="hunter2-Zq81", **named)
    assert client_credentials(held, "idp-client", to(chosen=chosen)).client_id == "registrar"


@pytest.mark.parametrize(
    ("named", "chosen", "why"),
    [
        pytest.param({}, True, "does not name the token endpoint, which spec.discovery", id="the spec alone names it"),
        pytest.param({"token_endpoint": f"{ENDPOINT}/"}, True, "names another token endpoint", id="the spec: another"),
        pytest.param({"token_endpoint": f"{ISSUER}/t"}, False, "names another token endpoint", id="metadata: another"),
        pytest.param({"token_endpoint": ""}, False, "names another token endpoint", id="an empty name"),
        pytest.param({"registration_endpoint": ENDPOINT}, True, "does not name the token endpoint", id="another key"),
        pytest.param({"issuer": "https://other.example"}, False, "names another issuer", id="another issuer's"),
        pytest.param({"issuer": f"{ISSUER}/"}, False, "names another issuer", id="almost the issuer's"),
    ],
)
def test_it_is_not_sent_where(named: dict[str, str], why: str, *, chosen: bool) -> None:
    held = secret(**{"issuer": ISSUER, "client_id": "registrar", "client_secret": "hunter2-Zq81", **named})
    with pytest.raises(ClientCredentialsNotForIssuer, match=why) as refusal:
        client_credentials(held, "idp-client", to(chosen=chosen))
    assert refusal.value.reason is Reason.ACCESS_DENIED
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    ("held", "method", "why"),
    [
        (None, None, "does not exist; create it with type oauth-operator.dev/client-credentials"),
        (secret(of_type="Opaque", issuer=ISSUER, client_id="a"), None, "is not a Secret of client credentials"),
        (
            secret(of_type=names.INITIAL_ACCESS_TOKEN_TYPE, issuer=ISSUER, client_id="a"),
            None,
            "its type must be oauth-operator.dev/client-credentials",
        ),
        (secret(client_id="a", client_secret="b"), None, "has no key issuer"),
        (secret(issuer=ISSUER, client_secret="b"), None, "has no key client_id"),
        (secret(issuer=ISSUER, client_id="\n", client_secret="b"), None, "has no key client_id, or an empty one"),
        (secret(issuer=ISSUER, client_id="ü", client_secret="b"), None, "no usable client identifier"),
        (secret(issuer=ISSUER, client_id="a"), None, "no key client_secret, or an empty one, and client_secret_basic"),
        (
            secret(issuer=ISSUER, client_id="a", private_key=pem("P-256")),
            METHOD.CLIENT_SECRET_POST,
            "no key client_secret, or an empty one, and client_secret_post needs it",
        ),
        (
            secret(issuer=ISSUER, client_id="a", client_secret="b"),
            METHOD.PRIVATE_KEY_JWT,
            "no key private_key, or an empty one, and private_key_jwt needs it",
        ),
        (
            secret(issuer=ISSUER, client_id="a", client_secret="b", private_key=pem("P-256")),
            None,
            "holds a client_secret and a private_key: take one out",
        ),
        (secret(issuer=ISSUER, client_id="a", private_key="hunter2"), None, "no usable private key"),
        (secret(issuer=ISSUER, client_id="a", private_key=public_pem("P-256")), None, "no usable private key"),
        (secret(issuer=ISSUER, client_id="a", private_key=encrypted_pem("P-256")), None, "no usable private key"),
        (secret(issuer=ISSUER, client_id="a", client_secret="b" * (LONGEST + 1)), None, "longer than 16 KiB"),
        (secret(issuer=ISSUER, client_id="a" * (LONGEST + 1), client_secret="b"), None, "longer than 16 KiB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_said_of_others(held: Secret | None, method: AuthenticationMethod | None, why: str) -> None:
    with pytest.raises(ClientCredentialsMissing, match=why) as refusal:
        client_credentials(held, "idp-client", to(), method)
    assert refusal.value.reason is Reason.ACCESS_DENIED
    assert isinstance(refusal.value, AccessDenied)
    assert "hunter2" not in str(refusal.value)
    assert refusal.value.__context__ is None, "what was read of the key is not dragged along"
