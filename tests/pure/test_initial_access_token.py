"""An initial access token goes where its own Secret says, whatever an OAuthClient says."""

import base64
from dataclasses import replace

import pytest

from oauthclient_operator import names
from oauthclient_operator.errors import InitialAccessTokenUnusable
from oauthclient_operator.names import Reason
from oauthclient_operator.resource.addressed_secret import Recipient
from oauthclient_operator.resource.initial_access_token import initial_access_token
from oauthclient_operator.resource.secret import Secret
from tests.pure.keys import pem

ISSUER = "https://issuer.example"
ENDPOINT = f"{ISSUER}/register"
KEY = pem("P-256")


def secret(**data: str) -> Secret:
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    return Secret.parse({"type": names.INITIAL_ACCESS_TOKEN_TYPE, "data": dict(encoded)})


def to(endpoint: str = ENDPOINT, *, chosen: bool = False) -> Recipient:
    return Recipient(issuer=ISSUER, endpoint=endpoint, chosen=chosen)


@pytest.mark.parametrize(
    ("named", "recipient"),
    [
        pytest.param({}, to(), id="the issuer's own metadata name the endpoint: its name is enough"),
        pytest.param({"registration_endpoint": ENDPOINT}, to(), id="the Secret names that endpoint"),
        pytest.param(
            {"registration_endpoint": ENDPOINT}, to(chosen=True), id="the Secret and the spec name one endpoint"
        ),
    ],
)
def test_it_is_sent_where(named: dict[str, str], recipient: Recipient) -> None:
    found = initial_access_token(secret(token="a-token", issuer=ISSUER, **named), "idp-token", recipient)
    assert found.token.reveal() == "a-token"


@pytest.mark.parametrize(
    ("named", "recipient", "why"),
    [
        pytest.param({}, to(chosen=True), "does not name the registration endpoint", id="the spec alone names it"),
        pytest.param(
            {"registration_endpoint": f"{ENDPOINT}/"}, to(chosen=True), "names another", id="the spec names another"
        ),
        pytest.param({"registration_endpoint": f"{ISSUER}/old"}, to(), "names another", id="the metadata name another"),
        pytest.param({"registration_endpoint": ""}, to(chosen=True), "names another", id="an empty name"),
        pytest.param({"registration_endpoint": f"{ENDPOINT}\n/"}, to(), "names another", id="a line break within it"),
        pytest.param({"registration_endpoint": "\n"}, to(), "names another", id="white space alone is an empty name"),
        pytest.param(
            {"registration_endpoint": ENDPOINT, "issuer": "https://other.example"},
            to(chosen=True),
            "names another issuer",
            id="another issuer's endpoint of that name",
        ),
    ],
)
def test_it_is_not_sent_where(named: dict[str, str], recipient: Recipient, why: str) -> None:
    with pytest.raises(InitialAccessTokenUnusable, match=why) as refusal:
        initial_access_token(secret(**{"token": "a-token", "issuer": ISSUER, **named}), "idp-token", recipient)
    assert refusal.value.reason is Reason.INITIAL_ACCESS_TOKEN_NOT_FOR_ISSUER
    assert "a-token" not in str(refusal.value)


@pytest.mark.parametrize("space", [" ", "\n", "\r\n", "\t", "\n\n"], ids=repr)
@pytest.mark.parametrize("key", ["issuer", "token", "registration_endpoint", "dpop_key"])
def test_white_space_around_a_value_is_dropped_whichever_its_key(key: str, space: str) -> None:
    values = {"issuer": ISSUER, "token": "a-token", "registration_endpoint": ENDPOINT, "dpop_key": KEY}
    values[key] = f"{space}{values[key]}{space}"
    found = initial_access_token(secret(**values), "idp-token", to(chosen=True))
    assert found.token.reveal() == "a-token"
    assert found.dpop_key is not None


@pytest.mark.parametrize(("key", "why"), [("issuer", "another issuer"), ("token", "no usable initial access token")])
def test_white_space_alone_is_no_value(key: str, why: str) -> None:
    values = {"issuer": ISSUER, "token": "a-token", key: " \n"}
    with pytest.raises(InitialAccessTokenUnusable, match=why):
        initial_access_token(secret(**values), "idp-token", to())


def test_what_the_secret_has_to_say_is_said() -> None:
    with pytest.raises(InitialAccessTokenUnusable) as refusal:
        initial_access_token(secret(token="a-token", issuer=ISSUER), "idp-token", to(chosen=True))
    assert str(refusal.value) == (
        "Secret idp-token does not name the registration endpoint, which spec.discovery chooses here, so its token is "
        f'not sent there; if it is for "{ENDPOINT}", its key registration_endpoint must say so, character by character'
    )


@pytest.mark.parametrize("kind", ["Opaque", names.RECORD_TYPE, "kubernetes.io/service-account-token"])
def test_no_secret_of_another_type_is_one_whatever_it_holds(kind: str) -> None:
    other = replace(secret(token="a-token", issuer=ISSUER, registration_endpoint=ENDPOINT), type=kind)
    with pytest.raises(InitialAccessTokenUnusable, match="its type must be"):
        initial_access_token(other, "idp-token", to())


def test_the_words_of_a_document_are_cut_and_cleaned() -> None:
    with pytest.raises(InitialAccessTokenUnusable) as refusal:
        initial_access_token(
            secret(token="a-token", issuer=ISSUER), "idp-token", to(f"{ISSUER}/\u202e{'x' * 5000}", chosen=True)
        )
    assert "\u202e" not in str(refusal.value)
    assert len(str(refusal.value)) < 2500
