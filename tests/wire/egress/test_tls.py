"""TLS: the name stays the name although an address is connected to, and the bundle is read again when it changes."""

import os
import ssl
from pathlib import Path

import pytest

from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.egress.trust import Trust
from oauthclient_operator.exchange import Incomplete, NotSent, Request, Response
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import MisbehavingServer, respond, send
from tests.wire.egress.conftest import NAME, resolver_of


def get(url: str) -> Request:
    return Request(method="GET", url=url)


async def test_server_name_host_header_and_certificate_check_keep_the_name(
    door: Door, certificate_authority: CertificateAuthority
) -> None:
    asked: list[str | None] = []
    certificate = certificate_authority.certificate(NAME)
    async with MisbehavingServer(respond(200, {}), certificate=certificate) as server:
        assert server.context is not None
        server.context.sni_callback = lambda _, name, __: asked.append(name)
        answer = await door.exchange(get(server.url(host=NAME)), timeout=5)
        assert isinstance(answer, Response)
        assert server.requests[0].headers["host"] == f"{NAME}:{server.port}"
    assert asked == [NAME]


async def test_an_address_is_verified_against_the_certificates_addresses(
    door: Door, certificate_authority: CertificateAuthority
) -> None:
    async with MisbehavingServer(respond(200, {}), certificate=certificate_authority.certificate()) as server:
        assert isinstance(await door.exchange(get(server.url()), timeout=5), Response)
    async with MisbehavingServer(respond(200, {}), certificate=certificate_authority.certificate(NAME)) as server:
        assert isinstance(await door.exchange(get(server.url()), timeout=5), NotSent)
        assert not server.requests


async def test_old_tls_is_not_spoken(door: Door, certificate_authority: CertificateAuthority) -> None:
    certificate = certificate_authority.certificate(NAME)
    async with MisbehavingServer(respond(200, {}), certificate=certificate) as server:
        assert server.context is not None
        with pytest.warns(DeprecationWarning, match="TLSv1"):
            server.context.minimum_version = ssl.TLSVersion.TLSv1
        with pytest.warns(DeprecationWarning, match="TLSv1"):
            server.context.maximum_version = ssl.TLSVersion.TLSv1_1
        answer = await door.exchange(get(server.url(host=NAME)), timeout=5)
        assert isinstance(answer, NotSent)
        assert answer.cause.startswith(f"TLS with {NAME} failed: ")


@pytest.mark.parametrize("size", [2, 100_000])
async def test_a_body_that_ends_with_the_connection_ends_with_the_servers_word(
    size: int, door: Door, certificate_authority: CertificateAuthority
) -> None:
    """Without a length, only the close_notify tells an end from a cut."""
    certificate = certificate_authority.certificate(NAME)
    response = send(b"HTTP/1.1 200 OK\r\n\r\n" + b"{" * size)
    async with MisbehavingServer(response, certificate=certificate) as server:
        whole = await door.exchange(get(server.url(host=NAME)), timeout=5)
        server.closes_without_a_word = True
        cut = await door.exchange(get(server.url(host=NAME)), timeout=5)
    assert isinstance(whole, Response)
    assert whole.body == b"{" * size
    assert isinstance(cut, Incomplete)
    assert (cut.status, cut.partial) == (200, b"{" * size)


async def test_a_large_request_and_response_go_through_tls_whole(
    door: Door, certificate_authority: CertificateAuthority
) -> None:
    body = os.urandom(200_000)
    certificate = certificate_authority.certificate(NAME)
    async with MisbehavingServer(respond(200, body=body), certificate=certificate) as server:
        request = Request(method="POST", url=server.url(host=NAME), body=body * 10)
        answer = await door.exchange(request, timeout=5)
        assert server.requests[0].body == body * 10
    assert isinstance(answer, Response)
    assert answer.body == body


def replace(bundle: Path, content: bytes) -> None:
    # As a mounted ConfigMap is: another file under the same name.
    new = bundle.with_suffix(".new")
    new.write_bytes(content)
    new.rename(bundle)


async def test_the_bundle_is_read_again_when_it_changes_and_kept_when_it_breaks(tmp_path: Path) -> None:
    old, new = CertificateAuthority.made(tmp_path / "old"), CertificateAuthority.made(tmp_path / "new")
    bundle = tmp_path / "bundle.pem"
    replace(bundle, old.bundle.read_bytes())
    door = Door(
        policy=EgressPolicy.parse(private_issuers=[NAME]), ca_bundle=bundle, resolver=resolver_of({NAME: ["127.0.0.1"]})
    )
    names = [door.trust]
    async with MisbehavingServer(respond(200, {}), certificate=new.certificate(NAME)) as server:

        async def trusted() -> bool:
            return isinstance(await door.exchange(get(server.url(host=NAME)), timeout=5), Response)

        assert not await trusted()
        replace(bundle, new.bundle.read_bytes())
        assert await trusted()
        names.append(door.trust)
        for broken in (b"", b"-----BEGIN CERTIFICATE-----\n", new.bundle.read_bytes()[:400]):
            replace(bundle, broken)
            assert await trusted()
        bundle.unlink()
        assert await trusted()
        assert door.trust == names[1]
        replace(bundle, old.bundle.read_bytes())
        assert not await trusted()
        names.append(door.trust)
    assert all(name.startswith("ca-bundle:") and len(name) == 26 for name in names)
    assert names[0] == names[2] != names[1]


@pytest.mark.parametrize("content", [None, b"", b"no certificate", b"\xff\xfe"])
def test_a_bundle_without_certificates_is_refused_at_the_start(content: bytes | None, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_bytes(content)
    with pytest.raises(ValueError, match="holds no certificates that can be read"):
        Trust(bundle)


def test_the_system_is_trusted_where_no_bundle_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    assert Door(policy=EgressPolicy()).trust == "system"
    assert not (tmp_path / "keys").exists()
