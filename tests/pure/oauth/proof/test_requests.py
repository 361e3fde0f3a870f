"""What is sent for a proof: nothing that could mint a token, and of the client nothing but what authenticates it."""

import base64
import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.exchange import Purpose, Request
from oauthclient_operator.oauth import jose
from oauthclient_operator.oauth.authentication_methods import ClientSecretBasic, ClientSecretPost, PrivateKeyJWT
from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.proof.credentials import Credentials, Invented, credentials_of
from oauthclient_operator.oauth.proof.probes import Probe, ProbeAudience, ProbeForm, ProbeKind, probes
from oauthclient_operator.oauth.proof.requests import client_request, control_request
from oauthclient_operator.oauth.proof.results import NotProvable, Obstacle
from oauthclient_operator.oauth.rfc7009 import revocation_request
from oauthclient_operator.oauth.rfc7662 import introspection_request
from oauthclient_operator.oauth.rfc8414 import ServerMetadata
from tests.pure.oauth.proof.fake import (
    CLIENT,
    ISSUER,
    NOBODYS_KEY,
    RIGHT_KEY,
    SECRET,
    FakeServer,
    basic,
    credentials,
    invent,
)
from tests.pure.oauth.proof.servers import BASIC, KEY, KINDS, MAC, NONE, POST

METHODS = (BASIC, POST, MAC, KEY, NONE)
SERVER = FakeServer(replace(KINDS[0], introspection=KINDS[0].revocation)).metadata
AT = 1_800_000_000


def all_probes(method: str) -> tuple[Probe, ...]:
    return probes(credentials(method).authentication, SERVER)


def sent(request: Request) -> dict[str, str]:
    assert request.body is not None
    assert request.media_type == "application/x-www-form-urlencoded"
    return {name: values[0] for name, values in parse_qs(request.body.decode(), strict_parsing=True).items()}


def jwt(form: dict[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    header, claims, _ = form["client_assertion"].split(".")
    read = [json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in (header, claims)]
    return read[0], read[1]


def both(method: str, probe: Probe) -> tuple[Request, Request, Invented]:
    made, subject = invent(), credentials(method)
    return (
        control_request(probe, SERVER, subject, made, now=AT),
        client_request(probe, SERVER, subject, made, now=AT),
        made,
    )


@pytest.mark.parametrize("method", METHODS)
def test_the_control_differs_in_who_asks_and_in_nothing_else(method: str) -> None:
    ours = {"client_id", "client_secret", "client_assertion"}
    for probe in all_probes(method):
        control, client, _ = both(method, probe)
        assert (control.method, control.url, control.purpose) == (client.method, client.url, Purpose.PROVE)
        assert sent(control).keys() == sent(client).keys()
        assert {n: v for n, v in sent(control).items() if n not in ours} == {
            n: v for n, v in sent(client).items() if n not in ours
        }
        assert (control.authorization is None) == (client.authorization is None)


@pytest.mark.parametrize("method", METHODS)
def test_nothing_of_the_client_is_in_the_control(method: str) -> None:
    for probe in all_probes(method):
        control, client, made = both(method, probe)
        form = sent(control)
        who = basic(control) if control.authorization is not None else (form["client_id"], form.get("client_secret"))
        assert who[0] == made.client_id
        assert who[1] != SECRET
        assert CLIENT not in form.values()
        if "client_assertion" in form:
            (header, claims), (known, _) = jwt(form), jwt(sent(client))
            assert (claims["iss"], claims["sub"], claims["jti"]) == (made.client_id, made.client_id, made.jtis[0])
            assert header["alg"] == known["alg"]
            assert ("kid" in header) == ("kid" in known)
            if method == KEY:
                assert header["kid"] == NOBODYS_KEY.thumbprint


@pytest.mark.parametrize("method", METHODS)
def test_no_grant_is_asked_for_that_mints_a_token(method: str) -> None:
    for probe in all_probes(method):
        _, client, made = both(method, probe)
        form = sent(client)
        if probe.kind is ProbeKind.TOKEN:
            assert form["grant_type"] == "authorization_code"
            assert form["code"] == form["code_verifier"] == made.value
            assert form["redirect_uri"].endswith(".invalid/")
        else:
            assert form["token"] == made.value
            assert "grant_type" not in form
            assert "token_type_hint" not in form


def test_the_assertion_is_for_the_issuer_or_for_the_endpoint_that_is_called() -> None:
    audiences = {}
    for probe in all_probes(KEY):
        header, claims = jwt(sent(both(KEY, probe)[1]))
        assert header["kid"] == "k-1"
        assert (claims["iat"], claims["exp"], claims["sub"]) == (AT, AT + 60, CLIENT)
        audiences[probe.kind, probe.audience] = claims["aud"]
    assert audiences == {
        (kind, audience): ISSUER if audience is ProbeAudience.ISSUER else f"{ISSUER}/{kind}"
        for kind in ProbeKind
        for audience in ProbeAudience
    }


DAY = 86400


@pytest.mark.parametrize(("off", "begins", "ends"), [(-DAY, AT - DAY, AT - DAY + 60), (DAY, AT + DAY, AT + 60)])
@pytest.mark.parametrize("method", [KEY, MAC])
def test_an_assertion_of_another_time_is_good_at_no_time_to_come(method: str, off: int, begins: int, ends: int) -> None:
    for probe in all_probes(method):
        made = invent()
        request = client_request(probe, SERVER, credentials(method), made, now=AT, off=off, number=2)
        claims = jwt(sent(request))[1]
        assert (claims["iat"], claims["nbf"], claims["exp"]) == (begins, begins, ends)
        assert claims["jti"] == made.jtis[3]
        assert claims["aud"] == (ISSUER if probe.audience is ProbeAudience.ISSUER else f"{ISSUER}/{probe.kind}")


def test_no_jti_is_used_twice() -> None:
    forms = [sent(request) for probe in all_probes(KEY) for request in both(KEY, probe)[:2]]
    assert len({jwt(form)[1]["jti"] for form in forms}) == len(forms) == 12


def test_with_basic_the_client_stands_in_the_form_only_where_it_is_meant_to() -> None:
    for probe in all_probes(BASIC):
        form = sent(both(BASIC, probe)[1])
        assert form.get("client_id") == (CLIENT if probe.form is ProbeForm.CLIENT_ID else None)
        assert "client_secret" not in form


ORDER = [ProbeKind.REVOCATION, ProbeKind.TOKEN, ProbeKind.INTROSPECTION]


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_the_probes(method: str) -> None:
    found = all_probes(method)
    assert [probe.kind for probe in found] == ORDER * (1 if method in (POST, NONE) else 2)
    assert [probe.audience for probe in found] == (
        [ProbeAudience.ISSUER] * 3 + [ProbeAudience.ENDPOINT] * 3 if method in (MAC, KEY) else [None] * len(found)
    )
    assert [probe.form for probe in found] == (
        [ProbeForm.PLAIN] * 3 + [ProbeForm.CLIENT_ID] * 3 if method == BASIC else [ProbeForm.PLAIN] * len(found)
    )


@pytest.mark.parametrize(("said", "first"), [((), "revocation"), ((BASIC, POST), "revocation"), ((POST,), "token")])
def test_revocation_is_left_out_where_the_server_says_that_the_method_is_not_for_there(
    said: tuple[str, ...], first: str
) -> None:
    server = replace(SERVER, revocation_endpoint_auth_methods_supported=said)
    assert probes(credentials(BASIC).authentication, server)[0].kind.value == first


def test_an_endpoint_that_the_metadata_do_not_name_cannot_be_asked() -> None:
    server: ServerMetadata = replace(SERVER, endpoints={})
    with pytest.raises(ValueError, match="no such endpoint"):
        client_request(Probe(kind=ProbeKind.TOKEN), server, credentials(BASIC), invent(), now=AT)


@pytest.mark.parametrize("key", [None, jose.generate("ES384")], ids=["none", "of another kind"])
def test_a_control_needs_a_key_of_the_same_kind(key: jose.PrivateKey | None) -> None:
    with pytest.raises(ValueError, match="signs as the client's does"):
        control_request(all_probes(KEY)[0], SERVER, credentials(KEY), replace(invent(), key=key), now=AT)


def test_credentials_are_not_shown() -> None:
    shown = repr([credentials(method) for method in METHODS]) + repr(invent())
    assert SECRET not in shown
    assert "made-up" not in shown


def information(**members: Any) -> ClientInformation:
    return ClientInformation({"client_id": CLIENT, **members})


def asked(method: str | None) -> ClientMetadata:
    return ClientMetadata.confirmed({} if method is None else {"token_endpoint_auth_method": method})


HELD: list[tuple[str | None, dict[str, Any], Any]] = [
    (None, {"client_secret": SECRET}, ClientSecretBasic(Confidential(SECRET))),
    (BASIC, {"client_secret": SECRET}, ClientSecretBasic(Confidential(SECRET))),
    # The server's word goes before what was asked.
    (BASIC, {"client_secret": SECRET, "token_endpoint_auth_method": POST}, ClientSecretPost(Confidential(SECRET))),
    (None, {}, credentials(NONE).authentication),
    (NONE, {"client_secret": SECRET}, credentials(NONE).authentication),
    (KEY, {}, PrivateKeyJWT(RIGHT_KEY, kid="k-1")),
]


@pytest.mark.parametrize(("method", "members", "authentication"), HELD)
def test_a_registered_client_is_proven_by_its_newest_credential(
    method: str | None, members: dict[str, Any], authentication: Any
) -> None:
    found = credentials_of(information(**members), asked(method), key=RIGHT_KEY, kid="k-1")
    assert found == Credentials(client_id=CLIENT, authentication=authentication)


@pytest.mark.parametrize(
    ("method", "why"),
    [
        (KEY, Obstacle.NO_KEY),
        ("tls_client_auth", Obstacle.NO_KEY),
        ("self_signed_tls_client_auth", Obstacle.NO_KEY),
        ("attest_jwt_client_auth", Obstacle.NO_KEY),
        (BASIC, Obstacle.NO_SECRET),
        (MAC, Obstacle.NO_SECRET),
    ],
)
def test_what_is_not_the_operators_cannot_be_proven_by_it(method: str, why: Obstacle) -> None:
    assert credentials_of(information(), asked(method)) == NotProvable(why)


def test_the_registered_algorithm_signs() -> None:
    key = jose.generate("RS256")
    members = {"token_endpoint_auth_signing_alg": "PS384"}
    found = credentials_of(information(**members), asked(KEY), key=key)
    assert isinstance(found, Credentials)
    made = replace(invent(), key=jose.generate("RS256"))
    for make in (client_request, control_request):
        header, _ = jwt(sent(make(all_probes(KEY)[0], SERVER, found, made, now=AT)))
        assert header == {"alg": "PS384"}


@pytest.mark.parametrize("make", [revocation_request, introspection_request])
def test_a_request_about_a_token_needs_one(make: Any) -> None:
    with pytest.raises(ValueError, match="needs a token"):
        make("https://idp.example/x", {"token": ""})


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "ES512", "EdDSA", "Ed25519", "RS256", "PS256"])
def test_a_key_that_is_made_up_signs_by_its_algorithm(algorithm: str) -> None:
    first, second = jose.generate(algorithm), jose.generate(algorithm)
    assert first.thumbprint != second.thumbprint
    assert len(jose.sign(first.only(algorithm), {}, {"sub": "x"}).split(".")) == 3


@pytest.mark.parametrize("algorithm", ["HS256", "none", "RS1", "P-256"])
def test_no_key_is_made_up_for_another_algorithm(algorithm: str) -> None:
    with pytest.raises(ValueError, match="no private key fits"):
        jose.generate(algorithm)
