"""Whatever a program holds, and wherever a server repeats it: no error of any call shows it, or enough of it to know it."""

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from oauthclient_operator.client_library import (
    ClientAuthentication,
    ClientSecretPost,
    Configuration,
    Options,
    PrivateKey,
    PrivateKeyJWT,
    Send,
    client_credentials_grant,
    delete_client,
    read_client,
    restore,
    update_client,
)
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import ClientAuthenticationImpossible, IssuerMismatch, IssuerUnavailable, OAuthError
from oauthclient_operator.exchange import Answer, Incomplete, NotSent, Request
from oauthclient_operator.oauth.jose import private_jwk, private_pem
from tests.pure.client_library.op import DOCUMENT, MANAGED, OP, URI, answered
from tests.pure.client_library.test_confidential import shown
from tests.pure.keys import parsed

Call = Callable[[OP, Configuration], Awaitable[Any]]

KEY: Final = parsed("P-256")
DPOP_KEY: Final = parsed("P-384")
HELD: Final = {
    # None of them looks like a credential: what looks so is hidden whether it is known or not.
    "client secret": "TOPSECRETVALUE",
    "registration access token": "KeyToTheRoomOfMany",
    "initial access token": "LetMeInOnlyOnce",
    "software statement": "StatedBy.SomebodyElse.AndSigned",
    "own client secret": "HandPickedByUs",
}


def private(key: PrivateKey) -> dict[str, str]:
    pem = "".join(line for line in private_pem(key).reveal().splitlines() if "-----" not in line)
    return {"d": json.loads(private_jwk(key).reveal())["d"], "PEM": pem}


PRIVATE: Final = {
    f"{name} of the {which}": value
    for which, key in (("key", KEY), ("DPoP key", DPOP_KEY))
    for name, value in private(key).items()
}
METADATA: Final = {"client_name": "Shop", "software_statement": HELD["software statement"]}
ISSUED: Final = {
    **MANAGED,
    "client_secret": HELD["client secret"],
    "registration_access_token": HELD["registration access token"],
}
FORMS: Final[dict[str, Callable[[str], str]]] = {
    "whole": lambda secret: secret,
    "in a sentence": lambda secret: f"what is {secret} to do here",
    "in capitals": str.upper,
    "apart": " ".join,
    "cut": lambda secret: f"it begins with {secret[:12]}",
    "behind much else": lambda secret: "so " * 95 + secret,
}


def registering(op: OP, configuration: Configuration) -> Awaitable[Configuration]:
    return op.register(
        METADATA,
        configuration.client_authentication,  # type: ignore[arg-type] # the one that was given
        initial_access_token=Confidential(HELD["initial access token"]),
        dpop_key=DPOP_KEY,
    )


CALLS: Final[dict[str, Call]] = {
    "discovery": registering,
    "registration": registering,
    "read": lambda _, configuration: read_client(configuration),
    "update": lambda _, configuration: update_client(configuration, METADATA),
    "deletion": lambda _, configuration: delete_client(configuration),
    "token": lambda _, configuration: client_credentials_grant(configuration),
}
PLACES: Final[dict[str, Callable[[str], Answer]]] = {
    **{
        f"{member}, {status}": lambda said, member=member, status=status: answered(status, {member: said})  # type: ignore[misc]
        for member in ("error", "error_description", "message", "detail")
        for status in (200, 201, 202, 302, 400, 401, 403, 404, 405, 408, 429, 500, 501, 503)
    },
    "both": lambda said: answered(400, {"error": said, "error_description": said}),
    "an error with a code": lambda said: answered(400, {"error": "invalid_request", "error_description": said}),
    "a member's name": lambda said: answered(200, {said: 1}),
    "a client_id": lambda said: answered(500, {"client_id": said}),
    "another client": lambda said: answered(200, {"client_id": said}),
    "a token_type": lambda said: answered(200, {"access_token": "at", "token_type": said}),
    "an issuer": lambda said: answered(200, {**DOCUMENT, "issuer": said}),
    "an endpoint": lambda said: answered(200, {**DOCUMENT, "registration_endpoint": said}),
    "a body": lambda said: answered(200, body=said.encode()),
    "a media type": lambda said: answered(200, body=b"<html>", content_type=said),
    "a media type of a refusal": lambda said: answered(400, body=b"<html>", content_type=said),
    "a challenge's error": lambda said: answered(401, www_authenticate=f'Bearer error="{said}"'),
    "a challenge's words": lambda said: answered(
        403, www_authenticate=f'Bearer error="insufficient_scope", error_description="{said}"'
    ),
    "a challenge's scheme": lambda said: answered(401, www_authenticate=said),
    "how long to wait": lambda said: answered(429, retry_after=said),
    "a place": lambda said: answered(302, location=f"https://op.example.com/{said}"),
    "a nonce": lambda said: answered(400, {"error": "use_dpop_nonce", "error_description": said}, dpop_nonce=said),
    "broken off": lambda said: Incomplete(
        cause="it broke", status=400, partial=json.dumps({"error_description": said}).encode()[:-1]
    ),
    "broken off at our side": lambda said: Incomplete(
        cause="it broke", status=200, partial=json.dumps({"client_id": said}).encode(), ours=True
    ),
}

IDENTIFIERS: Final = {"an issuer", "a client_id", "another client", "broken off at our side"}
"""Some servers write identifiers into tokens: what has a part of one, without a digit, is an identifier still."""


def authentications() -> Iterator[tuple[ClientAuthentication, dict[str, str]]]:
    issued = {name: secret for name, secret in HELD.items() if name != "own client secret"}
    yield ClientSecretPost(Confidential(HELD["own client secret"])), HELD
    yield PrivateKeyJWT(KEY), {**issued, **PRIVATE}


def configured(server: OP, authentication: ClientAuthentication) -> Configuration:
    stored = {
        "version": 1,
        "authorization_server_metadata": DOCUMENT,
        "requested_client_metadata": METADATA,
        "client_information": ISSUED,
    }
    options = Options(
        transport=server.transport,
        initial_access_token=Confidential(HELD["initial access token"]),
        dpop_key=DPOP_KEY,
    )
    return restore(stored, authentication, options)


def answering(call: str, answer: Answer) -> OP:
    match call:
        case "discovery":
            return OP(discovery=answer)
        case "registration":
            return OP(registration=answer)
        case "token":
            return OP(token=answer)
        case _:
            return OP(management=answer)


def assert_not_recognisable(secret: str, seen: str) -> None:
    """Hold what is seen to holding no ten letters and digits of a secret in a row, whatever was put between them."""
    plain, said = (re.sub(r"[^A-Za-z0-9]+", "", text).casefold() for text in (secret, seen))
    for start in range(len(plain) - 9):
        assert plain[start : start + 10] not in said, seen


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("call", CALLS)
async def test_no_echo_is_shown(call: str, place: str, caplog: pytest.LogCaptureFixture) -> None:
    for authentication, secrets in authentications():
        issued = {"client secret", "registration access token"} if CALLS[call] is registering else set()
        for name in secrets.keys() - issued:
            secret = secrets[name]
            for form in FORMS.keys() - ({"cut"} if place in IDENTIFIERS else set()):
                server = answering(call, PLACES[place](FORMS[form](secret)))
                configuration = configured(server, authentication)
                try:
                    await CALLS[call](server, configuration)
                except OAuthError as error:
                    raised = error
                    seen = await shown(lambda error=raised: _raise(error), caplog)  # type: ignore[misc]
                    assert_not_recognisable(secret, f"{seen}{getattr(error, 'client_id', '')}")


async def _raise(error: OAuthError) -> None:
    raise error


async def test_what_is_no_secret_is_shown() -> None:
    said = "redirect_uris of Shop lacks https://shop.example.com/callback"
    server = OP(management=answered(400, {"error": "invalid_redirect_uri", "error_description": said}))
    for authentication, _ in authentications():
        with pytest.raises(OAuthError) as refusal:
            await read_client(configured(server, authentication))
        assert (refusal.value.error, refusal.value.error_description) == ("invalid_redirect_uri", said)
    with pytest.raises(IssuerMismatch, match=r'name the issuer "https://another\.example/realms/4f9c2b7e81d05a36'):
        await registering(
            OP(discovery={**DOCUMENT, "issuer": "https://another.example/realms/4f9c2b7e81d05a36aa77"}),
            configured(server, PrivateKeyJWT(KEY)),
        )


@pytest.mark.parametrize("authentication", [ClientSecretPost(), PrivateKeyJWT(KEY)], ids=["secret", "assertion"])
async def test_no_echo_of_what_a_token_request_showed_is_shown(authentication: ClientAuthentication) -> None:
    server = OP()
    echoed: list[str] = []

    async def repeating(request: Request, send: Send) -> Answer:
        if "/token" not in request.url:
            return await server.transport(request, send)
        # Taken apart, so that it has not the shape of a token.
        proof = "" if request.proof is None else request.proof.reveal()
        form = dict(pair.split("=") for pair in (request.body or b"").decode().split("&"))
        secret = form.get("client_assertion") or form["client_secret"]
        echoed.extend((secret, proof))
        words = " ".join(re.findall(".{9}", secret)[-8:] + re.findall(".{9}", proof)[-8:])
        return answered(400, {"error": "invalid_client", "error_description": words})

    configuration = await server.register({}, authentication, transport=repeating, dpop_key=DPOP_KEY)
    with pytest.raises(OAuthError) as refusal:
        await client_credentials_grant(configuration)
    assert len(echoed) == 2
    for secret in echoed:
        assert_not_recognisable(secret, f"{refusal.value}{vars(refusal.value)}")


async def test_a_method_that_repeats_what_is_held_is_not_shown() -> None:
    for secret in (*HELD.values(), *PRIVATE.values()):
        registered = answered(201, {**ISSUED, "token_endpoint_auth_method": secret})
        options: dict[str, Any] = {"initial_access_token": Confidential(HELD["initial access token"]), "dpop_key": KEY}
        configuration = await OP(registration=registered).register(METADATA, **options)
        with pytest.raises(ClientAuthenticationImpossible) as impossible:
            await client_credentials_grant(configuration)
        if secret not in (HELD["own client secret"], *private(DPOP_KEY).values()):
            assert_not_recognisable(secret, str(impossible.value))


async def test_a_host_that_repeats_what_is_held_is_not_shown() -> None:
    async def nowhere(request: Request, send: Send) -> Answer:
        host = urlsplit(request.url).hostname
        return (
            NotSent(cause=f"{host} has no address")
            if host != "op.example.com"
            else await server.transport(request, send)
        )

    server = OP(
        registration=answered(201, ISSUED),
        management=answered(200, {"client_id": "foo", "registration_client_uri": "https://TOPSECRETVALUE.example/"}),
    )
    configuration = await read_client(await server.register(transport=nowhere))
    assert configuration.information.registration_client_uri != URI
    with pytest.raises(IssuerUnavailable) as unavailable:
        await delete_client(configuration)
    assert "topsecretvalue" not in str(unavailable.value).casefold()


async def test_an_answer_that_names_the_client_by_its_own_identifier_keeps_it() -> None:
    broken = Incomplete(cause="it broke", status=200, partial=json.dumps(MANAGED).encode()[:-1])
    managed = {**MANAGED, "registration_access_token": "foo-foo-foo", "client_secret": "foo"}
    server = OP(registration=answered(201, managed), management=broken)
    with pytest.raises(OAuthError) as lost:
        await read_client(await server.register())
    assert vars(lost.value)["client_id"] == "foo"
