"""A program and its authorization server over real sockets: certificates, time, cancellation, and what is around it."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oauthclient_operator.client_library import Configuration, Options, Send, dynamic_client_registration
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import (
    EgressRefused,
    InvalidArgumentValue,
    IssuerUnavailable,
    RegistrationAmbiguous,
    RegistrationRejected,
)
from oauthclient_operator.exchange import Answer, NotSent, Request, Response
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import MisbehavingServer, hang, leave, respond, send
from tests.parts.misbehaving_issuer import MisbehavingIssuer

METADATA: dict[str, Any] = {"client_name": "Shop", "redirect_uris": ["https://shop.example.com/cb"]}
Registers = Callable[..., Coroutine[Any, Any, Configuration]]


@pytest.fixture
def issuer(certificate_authority: CertificateAuthority) -> MisbehavingIssuer:
    return MisbehavingIssuer(certificate=certificate_authority.certificate())


@pytest.fixture
def register(issuer: MisbehavingIssuer, certificate_authority: CertificateAuthority) -> Registers:
    async def register(**options: Any) -> Configuration:
        trusted = {"ca_bundle": certificate_authority.bundle, "timeout": 5.0}
        return await dynamic_client_registration(issuer.issuer, METADATA, options=Options(**{**trusted, **options}))

    return register


async def test_a_client_is_registered(issuer: MisbehavingIssuer, register: Registers) -> None:
    async with issuer.server:
        configuration = await register()
        assert configuration.client_metadata() == issuer.clients["client-1"]
        assert configuration.deviations == ()
        assert configuration.insufficiency is None
        assert issuer.server.requests[-1].json() == METADATA


async def test_URL_01_REQ_01_REQ_12_what_stands_in_the_headers(issuer: MisbehavingIssuer, register: Registers) -> None:
    async with issuer.server:
        await register(initial_access_token=Confidential("iat"))
        discovery, registration = issuer.server.requests
        assert registration.headers["content-type"] == "application/json"
        assert registration.headers["content-length"] == str(len(registration.body))
        assert "transfer-encoding" not in registration.headers
        assert (discovery.headers.get("authorization"), registration.headers["authorization"]) == (None, "Bearer iat")
        for sent in (discovery, registration):
            assert sent.headers["accept"] == "application/json"
            assert sent.headers["user-agent"].startswith("oauthclient-operator/")


async def through(request: Request, send: Send) -> Answer:
    return await send(request)


@pytest.mark.parametrize("transport", [None, through], ids=["the door", "a transport"])
async def test_a_certificate_of_a_stranger_is_believed_by_nobody(
    transport: Any, issuer: MisbehavingIssuer, register: Registers, tmp_path: Path
) -> None:
    stranger = CertificateAuthority.made(tmp_path)
    async with issuer.server:
        with pytest.raises(IssuerUnavailable, match="certificate"):
            await register(transport=transport, ca_bundle=stranger.bundle)
        assert issuer.server.requests == []


@pytest.mark.parametrize("written", [str, Path])
async def test_the_authorities_to_trust_are_in_a_file_however_its_path_is_written(
    written: Callable[[Path], str | Path],
    issuer: MisbehavingIssuer,
    register: Registers,
    certificate_authority: CertificateAuthority,
) -> None:
    async with issuer.server:
        assert (await register(ca_bundle=written(certificate_authority.bundle))).client_id == "client-1"


async def test_a_transport_cannot_send_what_must_not_leave(issuer: MisbehavingIssuer, register: Registers) -> None:
    async def downgrade(request: Request, send: Send) -> Answer:
        return await send(replace(request, url=request.url.replace("https:", "http:")))

    async with issuer.server:
        with pytest.raises(EgressRefused, match="plain http"):
            await register(transport=downgrade)
        assert issuer.server.connections == 0


async def test_a_transport_can_look_and_change(issuer: MisbehavingIssuer, register: Registers) -> None:
    seen: list[str] = []

    async def repair(request: Request, send: Send) -> Answer:
        answer = await send(request)
        assert isinstance(answer, Response)
        seen.append(f"{request.method} {answer.status}")
        return replace(answer, body=answer.body.replace(b'"client_name"', b'"x"')) if request.body else answer

    async with issuer.server:
        configuration = await register(transport=repair)
    assert seen == ["GET 200", "POST 201"]
    assert configuration.client_metadata()["x"] == "Shop"


async def test_plain_http_needs_to_be_said() -> None:
    issuer = MisbehavingIssuer()
    async with issuer.server:
        with pytest.raises(EgressRefused, match="plain http"):
            await dynamic_client_registration(issuer.issuer, METADATA)
        assert issuer.server.connections == 0
        options = Options(allow_insecure_requests=True)
        assert (await dynamic_client_registration(issuer.issuer, METADATA, options=options)).client_id == "client-1"


async def test_a_bundle_without_certificates_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    for bundle in (tmp_path / "empty.pem", tmp_path / "missing.pem", str(tmp_path / "missing.pem"), ""):
        with pytest.raises(InvalidArgumentValue, match="ca_bundle"):
            await dynamic_client_registration("https://op.example.com", {}, options=Options(ca_bundle=bundle))


async def test_DR_16_discovery_that_takes_too_long() -> None:
    options = Options(timeout=0.2, allow_insecure_requests=True)
    async with MisbehavingServer(hang) as server:
        with pytest.raises(IssuerUnavailable, match="within 1 s"):
            await dynamic_client_registration(server.url()[:-1], {}, options=options)


@pytest.mark.parametrize("transport", [None, through], ids=["the door", "a transport"])
@pytest.mark.parametrize("applied", [True, False])
async def test_each_exchange_has_the_whole_time(
    transport: Any, applied: bool, issuer: MisbehavingIssuer, register: Registers
) -> None:
    issuer.spoil("POST", lambda _: hang, applied=applied)
    async with issuer.server:
        with pytest.raises(RegistrationAmbiguous, match="within 1 s"):
            await register(timeout=0.3, transport=transport)
        assert (issuer.calls, len(issuer.clients)) == (["POST"], applied)


async def test_what_came_before_the_connection_broke_is_kept(issuer: MisbehavingIssuer, register: Registers) -> None:
    # All but the last bytes: the credentials have come, and the end has not.
    issuer.alter("POST", lambda client: {**client, "z": "the last member"})
    issuer.spoil("POST", lambda right: send(right[:-2]), applied=True)
    async with issuer.server:
        with pytest.raises(RegistrationAmbiguous) as lost:
            await register()
        client = issuer.clients["client-1"]
        assert lost.value.client_id == "client-1"
        assert lost.value.registration_access_token == Confidential(client["registration_access_token"])
        # With it the client can be deleted (RFC 7592 section 2.3).
        assert lost.value.registration_client_uri == client["registration_client_uri"]


async def cancelled_when(task: "asyncio.Task[Any]", happened: asyncio.Event) -> None:
    async with asyncio.timeout(5):
        await happened.wait()
    task.cancel()
    await asyncio.wait({task}, timeout=5)


@pytest.mark.parametrize("transport", [None, through], ids=["the door", "a transport"])
async def test_who_is_cancelled_during_discovery_is_cancelled(transport: Any) -> None:
    options = Options(allow_insecure_requests=True, transport=transport)
    async with MisbehavingServer(hang) as server:
        task = asyncio.create_task(dynamic_client_registration(server.url()[:-1], {}, options=options))
        await cancelled_when(task, server.arrived)
        assert task.cancelled()


@pytest.mark.parametrize("transport", [None, through], ids=["the door", "a transport"])
async def test_who_is_cancelled_while_the_registration_is_under_way_hears_that_it_is_ambiguous(
    transport: Any, issuer: MisbehavingIssuer, register: Registers
) -> None:
    posted = asyncio.Event()

    async def hanging(*arguments: Any) -> None:
        posted.set()
        await hang(*arguments)

    issuer.spoil("POST", lambda _: hanging, applied=True)
    async with issuer.server:
        task = asyncio.create_task(register(transport=transport))
        await cancelled_when(task, posted)
        assert isinstance(task.exception(), RegistrationAmbiguous)
        assert issuer.calls == ["POST"]


@pytest.mark.parametrize("transport", [None, through], ids=["the door", "a transport"])
async def test_who_is_cancelled_before_the_first_byte_is_cancelled(
    transport: Any, issuer: MisbehavingIssuer, register: Registers
) -> None:
    # Whoever greets so never finishes the TLS handshake.
    deaf = MisbehavingServer(hang, greeting=hang)
    async with issuer.server, deaf:
        issuer.documents = lambda _, right: respond(
            200, {**right, "registration_endpoint": deaf.url("/reg").replace("http:", "https:")}
        )
        task = asyncio.create_task(register(transport=transport))
        await cancelled_when(task, deaf.arrived)
        assert task.cancelled()


async def test_a_transport_that_fails_afterwards_loses_nothing(issuer: MisbehavingIssuer, register: Registers) -> None:
    async def failing(request: Request, send: Send) -> Answer:
        answer = await send(request)
        if request.method == "POST":
            raise ValueError(f"I saw {answer!r} {request.body!r}")
        return answer

    async with issuer.server:
        with pytest.raises(RegistrationAmbiguous, match=r"ValueError in test_exchanges\.py, line \d+") as lost:
            await register(transport=failing)
        client = issuer.clients["client-1"]
        assert lost.value.client_secret == Confidential(client["client_secret"])
        assert (lost.value.status, lost.value.__context__) == (201, None)


async def test_a_transport_that_tries_again_does_not_forget_the_first_time(
    issuer: MisbehavingIssuer, register: Registers
) -> None:
    async def again(request: Request, send: Send) -> Answer:
        answer = await send(request)
        if request.method == "POST":
            # Its own mistake: the second request goes nowhere.
            return await send(replace(request, url="https://127.0.0.1:1/reg"))
        return answer

    async with issuer.server:
        with pytest.raises(RegistrationAmbiguous) as lost:
            await register(transport=again)
        assert lost.value.client_id == "client-1"
        issuer.spoil("POST", lambda _: respond(400, {"error": "invalid_client_metadata"}), applied=False)
        with pytest.raises(IssuerUnavailable, match="not sent"):
            await register(transport=again)


async def test_a_transport_that_is_cancelled_afterwards_loses_nothing(
    issuer: MisbehavingIssuer, register: Registers
) -> None:
    answered = asyncio.Event()

    async def slow(request: Request, send: Send) -> Answer:
        answer = await send(request)
        if request.method == "POST":
            answered.set()
            await asyncio.Event().wait()
        return answer

    async with issuer.server:
        task = asyncio.create_task(register(transport=slow))
        await cancelled_when(task, answered)
        lost = task.exception()
        assert isinstance(lost, RegistrationAmbiguous)
        assert lost.client_id == "client-1"


async def test_a_transport_has_no_more_time_than_the_exchange() -> None:
    async def never(_: Request, __: Send) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(IssuerUnavailable, match="within 1 s"):
        await dynamic_client_registration("https://op.example.com", {}, options=Options(transport=never, timeout=0.05))


async def test_ERR_13_what_a_transport_did_not_send_it_says(issuer: MisbehavingIssuer, register: Registers) -> None:
    async def away(request: Request, send: Send) -> Answer:
        return await send(request) if request.method == "GET" else NotSent(cause="not today")

    async with issuer.server:
        with pytest.raises(IssuerUnavailable, match="not sent: not today"):
            await register(transport=away)
        assert issuer.calls == []


async def test_a_redirect_is_not_followed(issuer: MisbehavingIssuer, register: Registers) -> None:
    issuer.spoil("POST", lambda _: respond(307, location=issuer.server.url("/reg")), applied=False)
    async with issuer.server:
        with pytest.raises(RegistrationRejected) as refusal:
            await register()
        assert refusal.value.status == 307
        assert issuer.calls == ["POST"]


async def test_an_end_without_a_word_is_ambiguous(issuer: MisbehavingIssuer, register: Registers) -> None:
    issuer.spoil("POST", lambda _: leave, applied=True)
    async with issuer.server:
        with pytest.raises(RegistrationAmbiguous):
            await register()
