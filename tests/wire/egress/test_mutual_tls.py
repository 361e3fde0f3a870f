"""Mutual TLS: the certificate of a request is shown to the server that was verified, and to no other."""

import base64
import logging
import traceback
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from oauthclient_operator.egress.door import Door
from oauthclient_operator.exchange import ClientCertificate, Incomplete, NotSent, Request, Response
from tests.parts.certificates import Certificate, CertificateAuthority, self_signed
from tests.parts.misbehaving import MisbehavingServer, respond
from tests.wire.egress.conftest import NAME

CLIENT = "client.example.com"


def showing(url: str, certificate: Certificate | None) -> Request:
    shown = None if certificate is None else ClientCertificate(chain=certificate.chain, key=certificate.key)
    return Request(method="POST", url=url, body=b"x=1", certificate=shown)


@pytest.fixture
def client_authority(tmp_path: Path) -> CertificateAuthority:
    return CertificateAuthority.made(tmp_path / "clients")


async def test_the_certificate_is_shown_in_the_handshake(
    door: Door, certificate_authority: CertificateAuthority, client_authority: CertificateAuthority
) -> None:
    client = client_authority.certificate(CLIENT)
    async with MisbehavingServer(
        respond(200, {}),
        certificate=certificate_authority.certificate(NAME),
        client_authority=client_authority.bundle,
    ) as server:
        assert isinstance(await door.exchange(showing(server.url(host=NAME), client), timeout=5), Response)
        assert server.requests[0].certificate == client.der
        # Its files are read for each exchange, so that one that is renewed is used at once.
        renewed = client_authority.certificate("renewed.example.com")
        renewed.chain.replace(client.chain)
        renewed.key.replace(client.key)
        assert isinstance(await door.exchange(showing(server.url(host=NAME), client), timeout=5), Response)
        assert server.requests[1].certificate == client.der


async def test_a_self_signed_certificate_is_shown_as_well(
    door: Door, certificate_authority: CertificateAuthority, tmp_path: Path
) -> None:
    client = self_signed(tmp_path, CLIENT)
    async with MisbehavingServer(
        respond(200, {}), certificate=certificate_authority.certificate(NAME), client_authority=client.chain
    ) as server:
        assert isinstance(await door.exchange(showing(server.url(host=NAME), client), timeout=5), Response)
        assert server.requests[0].certificate == client.der


async def test_without_a_certificate_that_the_server_takes_nothing_gets_through(
    door: Door, certificate_authority: CertificateAuthority, client_authority: CertificateAuthority, tmp_path: Path
) -> None:
    async with MisbehavingServer(
        respond(200, {}),
        certificate=certificate_authority.certificate(NAME),
        client_authority=client_authority.bundle,
    ) as server:
        for client in (None, self_signed(tmp_path, "nobody")):
            answer = await door.exchange(showing(server.url(host=NAME), client), timeout=5)
            # In TLS 1.3 the server looks at the certificate when the request may be on its way.
            assert isinstance(answer, Incomplete)
        assert not server.requests


async def test_a_certificate_is_not_shown_to_a_server_that_was_not_verified(
    door: Door, client_authority: CertificateAuthority
) -> None:
    seen: list[bytes] = []
    client = client_authority.certificate(CLIENT)
    # The server's own certificate is of an authority that the door does not trust.
    async with MisbehavingServer(
        respond(200, {}), certificate=client_authority.certificate(NAME), client_authority=client_authority.bundle
    ) as server:
        answer = await door.exchange(showing(server.url(host=NAME), client), timeout=5)
        seen += [received.body for received in server.requests]
    assert isinstance(answer, NotSent)
    assert answer.cause.startswith(f"the certificate of {NAME} is not valid: ")
    assert not seen


async def test_who_asks_and_does_not_insist_sees_a_certificate_only_of_who_has_one(
    door: Door, certificate_authority: CertificateAuthority, client_authority: CertificateAuthority
) -> None:
    client = client_authority.certificate(CLIENT)
    async with MisbehavingServer(
        respond(200, {}),
        certificate=certificate_authority.certificate(NAME),
        client_authority=client_authority.bundle,
    ) as server:
        assert server.context is not None
        server.context.verify_mode = server.context.verify_mode.CERT_OPTIONAL
        for certificate in (client, None):
            assert isinstance(await door.exchange(showing(server.url(host=NAME), certificate), timeout=5), Response)
        assert [received.certificate for received in server.requests] == [client.der, None]


async def test_a_certificate_is_never_sent_for_in_plain_http(
    door: Door, client_authority: CertificateAuthority
) -> None:
    async with MisbehavingServer(respond(200, {})) as server:
        answer = await door.exchange(showing(server.url(), client_authority.certificate(CLIENT)), timeout=5)
        assert answer == NotSent(cause="a client certificate is shown in TLS, and the URL is not an https one")
        assert not server.connections


CASES = {
    "no certificate": ("none.pem", "client.key", "the client certificate's file {0} cannot be read: no such file"),
    "no key": ("client.pem", "none.key", "the client certificate's file {1} cannot be read: no such file"),
    "a directory": (".", "client.key", "the client certificate's file {0} cannot be read: is a directory"),
    "an encrypted key": ("client.pem", "encrypted.key", "the private key {1} is encrypted"),
    "another's key": ("client.pem", "other.key", "its private key {1} cannot be used: KEY VALUES MISMATCH"),
    "no PEM": ("garbage", "client.key", "the client certificate {0} and its private key {1} cannot be used: they are"),
    "an empty key": ("client.pem", "empty", "cannot be used: they are not PEM files of a certificate and its key"),
    "in the wrong order": ("client.key", "client.pem", "cannot be used: they are not PEM files"),
}


@pytest.mark.parametrize("case", CASES)
async def test_what_cannot_be_used_is_named_and_not_quoted(
    case: str,
    door: Door,
    certificate_authority: CertificateAuthority,
    client_authority: CertificateAuthority,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    good, other = client_authority.certificate(CLIENT), client_authority.certificate("other.example.com")
    key = load_pem_private_key(good.key.read_bytes(), None)
    files = {
        "client.pem": good.chain.read_bytes(),
        "client.key": good.key.read_bytes(),
        "other.key": other.key.read_bytes(),
        "encrypted.key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"pass")),
        "garbage": b"canary-7391",
        "empty": b"",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    chain, private, cause = CASES[case]
    certificate = Certificate(chain=tmp_path / chain, key=tmp_path / private)
    async with MisbehavingServer(respond(200, {}), certificate=certificate_authority.certificate(NAME)) as server:
        answer = await door.exchange(showing(server.url(host=NAME), certificate), timeout=5)
        assert not server.connections
    assert isinstance(answer, NotSent)
    assert not answer.refused
    assert cause.format(certificate.chain, certificate.key) in answer.cause
    shown = repr(answer) + caplog.text + traceback.format_exc()
    assert "canary" not in shown
    assert base64.b64encode(b"pass").decode() not in shown
    assert not any(line in shown for line in good.key.read_text().splitlines()[1:-1])
