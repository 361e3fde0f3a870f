"""How a client authenticates at the token endpoint, by the ids of the conformance cases."""

import base64
import traceback

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import ClientAuthenticationImpossible
from oauthclient_operator.exchange import Authorization, Request, bearer
from oauthclient_operator.oauth import client_authentication
from oauthclient_operator.oauth.authentication_methods import (
    ClientAuthentication,
    ClientSecretBasic,
    ClientSecretJWT,
    ClientSecretPost,
    NoAuthentication,
    NotPrepared,
    PrivateKeyJWT,
    SelfSignedTLSClientAuth,
    TLSClientAuth,
)
from oauthclient_operator.oauth.client_authentication import authenticate
from oauthclient_operator.oauth.json_object import JSON
from tests.pure.oauth.at_the_token_endpoint import CERTIFICATE, KEY, NOW, PEM, SERVER, client, sent


def basic(authorization: Authorization | None) -> str:
    assert authorization is not None
    assert authorization.scheme == "Basic"
    return base64.b64decode(authorization.credentials.reveal()).decode("ascii")


def test_CA_01_basic_puts_nothing_into_the_body() -> None:
    request, form = sent(ClientSecretBasic(), client(client_secret="bar"))
    assert basic(request.authorization) == "foo:bar"
    assert form == {"grant_type": "client_credentials"}


@pytest.mark.parametrize(
    ("client_id", "secret", "header"),
    [
        pytest.param(
            "client %&+-_.!~*'()`",
            "client %&+-_.!~*'()`",
            "client+%25%26%2B%2D%5F%2E%21%7E%2A%27%28%29%60:client+%25%26%2B%2D%5F%2E%21%7E%2A%27%28%29%60",
            id="CA-02",
        ),
        pytest.param(
            "1PpG/Q 1",
            "z/tZ9VwFZqApmIQ+ZH1I5pLk/uB4ud:X2/8bL+wfFTt1rFw=",
            base64.b64decode(
                "MVBwRyUyRlErMTp6JTJGdFo5VndGWnFBcG1JUSUyQlpIMUk1cExrJTJGdUI0dWQlM0FYMiUyRjhiTCUyQndmRlR0MXJGdyUzRA=="
            ).decode(),
            id="CA-03",
        ),
        pytest.param("ü£€", "p:ä", "%C3%BC%C2%A3%E2%82%AC:p%3A%C3%A4", id="CA-04"),
        pytest.param("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw", "s6BhdRkqt3:7Fjfp0ZBr1KtDRbnfVdmIw", id="RFC 6749 2.3.1"),
    ],
)
def test_basic_encodes_both_halves_first(client_id: str, secret: str, header: str) -> None:
    request, _ = sent(ClientSecretBasic(), client(client_id, client_secret=secret))
    assert basic(request.authorization) == header


def test_CA_05_post_sends_no_authorization() -> None:
    request, form = sent(ClientSecretPost(), client(client_secret="b a+r"), scope="a b")
    assert request.authorization is None
    assert form == {
        "grant_type": "client_credentials",
        "scope": "a b",
        "client_id": "foo",
        "client_secret": "b a+r",
    }


def test_CA_09_a_public_client_says_who_it_is() -> None:
    request, form = sent(NoAuthentication(), client(client_secret="bar"))
    assert request.authorization is None
    assert form == {"grant_type": "client_credentials", "client_id": "foo"}


@pytest.mark.parametrize("kind", [TLSClientAuth, SelfSignedTLSClientAuth])
def test_a_certificate_is_shown_and_the_client_named(kind: type[TLSClientAuth | SelfSignedTLSClientAuth]) -> None:
    request, form = sent(kind(CERTIFICATE), client(client_secret="bar"))
    assert request.certificate == CERTIFICATE
    assert client_authentication.certificate(kind(CERTIFICATE)) == CERTIFICATE
    assert request.authorization is None
    assert form == {"grant_type": "client_credentials", "client_id": "foo"}


def test_only_what_authenticates_by_tls_has_a_certificate() -> None:
    others: list[ClientAuthentication | NotPrepared] = [
        NotPrepared("x"),
        NoAuthentication(),
        ClientSecretBasic(),
        ClientSecretPost(),
        ClientSecretJWT(),
        PrivateKeyJWT(KEY),
    ]
    assert all(client_authentication.certificate(other) is None for other in others)


@pytest.mark.parametrize(
    ("authentication", "words"),
    [
        (ClientSecretBasic(), "client_secret_basic, and the server issued no client_secret"),
        (ClientSecretPost(), "client_secret_post, and the server issued no client_secret"),
        (ClientSecretJWT(), "client_secret_jwt, and the server issued no client_secret"),
        (NotPrepared("private_key_jwt"), 'token_endpoint_auth_method "private_key_jwt", and nothing was given'),
    ],
)
def test_CA_18_what_is_not_there_is_missed_when_it_is_used(
    authentication: ClientAuthentication | NotPrepared, words: str
) -> None:
    with pytest.raises(ClientAuthenticationImpossible, match=words):
        sent(authentication, client())


def test_a_secret_of_ones_own_wins_over_the_issued_one() -> None:
    _, form = sent(ClientSecretPost(Confidential("own")), client(client_secret="issued"))
    assert form["client_secret"] == "own"


@pytest.mark.parametrize("name", ["client_secret", "client_assertion", "client_assertion_type"])
def test_there_is_one_method_in_a_request(name: str) -> None:
    with pytest.raises(ValueError, match="authenticates already"):
        sent(ClientSecretBasic(), client(client_secret="bar"), **{name: "x"})
    with pytest.raises(ValueError, match="authenticates already"):
        authenticate(
            NoAuthentication(),
            server=SERVER,
            information=client(),
            form={},
            request=Request(method="POST", url="https://idp.example.com/", authorization=bearer(Confidential("x"))),
            now=NOW,
            jti="once",
        )


CANARY = "canary-7391"


def test_no_repr_and_no_traceback_shows_a_secret() -> None:
    information = client(client_secret=CANARY)
    methods: list[ClientAuthentication] = [
        ClientSecretBasic(Confidential(CANARY)),
        ClientSecretPost(Confidential(CANARY)),
        ClientSecretJWT(Confidential(CANARY)),
        PrivateKeyJWT(KEY),
    ]
    private_lines = PEM.splitlines()[1:-1]
    for method in methods:
        request, form = sent(method, information)
        shown = repr(method) + repr(request) + str(request)
        assert CANARY not in shown
        assert base64.b64encode(f"foo:{CANARY}".encode()).decode() not in shown
        assert form.get("client_assertion", CANARY) not in shown
        assert not any(line in shown for line in private_lines)

    def fail(header: dict[str, JSON], _: dict[str, JSON]) -> None:
        header["alg"] = "none"

    for method in (ClientSecretJWT(modify_assertion=fail), PrivateKeyJWT(KEY, modify_assertion=fail)):
        try:
            sent(method, information)
        except Exception:  # noqa: BLE001 - whatever it is, it must not show
            text = traceback.format_exc()
            assert CANARY not in text
            assert not any(line in text for line in private_lines)
        else:
            pytest.fail("an assertion was sent without a signature")
