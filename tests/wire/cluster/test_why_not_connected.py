"""Where the API server cannot be reached it is said where it was looked for, and what kept us from it."""

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from oauthclient_operator.cluster import contact
from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.target import secret
from oauthclient_operator.errors import ClusterError, RequestRefused, Unanswered
from tests.parts.certificates import CertificateAuthority
from tests.parts.kubeconfig import write_kubeconfig

WEB = secret("shop", "web")


async def why(
    tmp_path: Path,
    server: str,
    authority: bytes | None = None,
    proxy: str | None = None,
    of_kind: type[ClusterError] = Unanswered,
) -> str:
    """Return what is said of a request there."""
    kubeconfig = write_kubeconfig(tmp_path / "kubeconfig", server=server, authority=authority, token="t0ken")
    if proxy is not None:
        content = json.loads(kubeconfig.read_text())
        content["clusters"][0]["cluster"]["proxy-url"] = proxy
        kubeconfig.write_text(json.dumps(content))
    connection = await Connection.open(kubeconfig, {})
    try:
        with pytest.raises(of_kind) as raised:
            await connection.request("GET", WEB)
    finally:
        await connection.close()
    assert "t0ken" not in str(raised.value)
    return str(raised.value).removeprefix("GET secrets shop/web: no complete answer ")


async def test_nobody_listens(tmp_path: Path, unused_tcp_port: int) -> None:
    said = await why(tmp_path, f"https://127.0.0.1:{unused_tcp_port}")
    assert said == f"(127.0.0.1:{unused_tcp_port}: Connection refused)"


async def test_the_name_has_no_address(tmp_path: Path) -> None:
    assert await why(tmp_path, "https://api.nowhere.invalid:6443") == "(api.nowhere.invalid has no address)"


@asynccontextmanager
async def of_another_authority(tmp_path: Path) -> AsyncIterator[tuple[str, bytes]]:
    """Yield the address of a server, and an authority that does not vouch for it."""
    ours, theirs = (CertificateAuthority.made(tmp_path / name) for name in ("ours", "theirs"))
    certificate, context = theirs.certificate(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    server = TestServer(web.Application(), host="127.0.0.1")
    await server.start_server(ssl=context)
    async with server:
        yield f"127.0.0.1:{server.make_url('').port}", ours.bundle.read_bytes()


async def test_the_certificate_is_another_authoritys(tmp_path: Path) -> None:
    async with of_another_authority(tmp_path) as (address, authority):
        said = await why(tmp_path, f"https://{address}", authority)
    assert said == f"({address}: unable to get local issuer certificate)"


async def test_who_shows_no_other_certificate_for_long_is_not_waited_for_with_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process reads the authority when it begins: an answer of an authorization server can be written down no more."""
    monkeypatch.setattr(contact, "DISTRUSTED_FOR", 0.0)
    async with of_another_authority(tmp_path) as (address, authority):
        said = await why(tmp_path, f"https://{address}", authority, of_kind=RequestRefused)
    assert said == f"({address}: unable to get local issuer certificate)"


async def test_it_does_not_speak_tls(tmp_path: Path) -> None:
    async with TestServer(web.Application(), host="127.0.0.1") as server:
        url = server.make_url("")
        said = await why(tmp_path, f"https://127.0.0.1:{url.port}")
    assert said == f"(127.0.0.1:{url.port} does not speak TLS as it has to)"


async def test_the_proxy_is_away(tmp_path: Path, unused_tcp_port: int) -> None:
    said = await why(tmp_path, "https://api.example.com:6443", proxy=f"http://127.0.0.1:{unused_tcp_port}")
    assert said == f"(the proxy 127.0.0.1:{unused_tcp_port}: Connection refused)"
