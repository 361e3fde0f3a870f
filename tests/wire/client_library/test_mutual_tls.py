"""A client that shows a certificate, through the library: at an aliased registration endpoint, and at the token endpoint."""

from pathlib import Path

import pytest

from oauthclient_operator.client_library import (
    Options,
    SelfSignedTLSClientAuth,
    TLSClientAuth,
    client_credentials_grant,
    dynamic_client_registration,
)
from oauthclient_operator.errors import IssuerUnavailable
from oauthclient_operator.exchange import ClientCertificate
from tests.parts.certificates import CertificateAuthority, self_signed
from tests.parts.misbehaving import MisbehavingServer, respond, script


@pytest.mark.parametrize("method", [TLSClientAuth, SelfSignedTLSClientAuth], ids=lambda method: method.method)
async def test_SEC_11_a_certificate_is_shown_at_the_aliases_and_nowhere_else(
    method: type[TLSClientAuth | SelfSignedTLSClientAuth], certificate_authority: CertificateAuthority, tmp_path: Path
) -> None:
    clients = CertificateAuthority.made(tmp_path / "clients")
    client = clients.certificate("client") if method is TLSClientAuth else self_signed(tmp_path, "client")
    vouching = clients.bundle if method is TLSClientAuth else client.chain
    own = certificate_authority.certificate()
    answers = script(respond(201, {"client_id": "foo"}), respond(200, {"access_token": "x", "token_type": "Bearer"}))
    async with (
        MisbehavingServer(answers, certificate=own, client_authority=vouching) as inner,
        MisbehavingServer(respond(500), certificate=own) as outer,
    ):
        names = {"registration_endpoint": "/reg", "token_endpoint": "/token"}
        document = {"issuer": outer.url(""), **{name: outer.url(path) for name, path in names.items()}}
        aliases = {name: inner.url(path) for name, path in names.items()}
        outer.behave = respond(200, {**document, "mtls_endpoint_aliases": aliases})
        options = Options(ca_bundle=certificate_authority.bundle, timeout=5)
        authentication = method(ClientCertificate(chain=client.chain, key=client.key))
        configuration = await dynamic_client_registration(document["issuer"], {}, authentication, options)
        assert (await client_credentials_grant(configuration)).token_type == "bearer"
        assert [(r.target, r.certificate) for r in inner.requests] == [("/reg", client.der), ("/token", client.der)]
        assert [(r.method, r.certificate) for r in outer.requests] == [("GET", None)]


async def test_a_certificate_that_is_not_there_is_missed_before_anything_is_sent(
    certificate_authority: CertificateAuthority, tmp_path: Path
) -> None:
    async with MisbehavingServer(respond(500), certificate=certificate_authority.certificate()) as server:
        issuer = server.url("")
        server.behave = respond(200, {"issuer": issuer, "registration_endpoint": server.url("/reg")})
        options = Options(ca_bundle=certificate_authority.bundle, timeout=5)
        missing = ClientCertificate(chain=tmp_path / "client.pem", key=tmp_path / "client.key")
        with pytest.raises(IssuerUnavailable, match="not sent"):
            await dynamic_client_registration(issuer, {}, TLSClientAuth(missing), options)
        assert [request.method for request in server.requests] == ["GET"]
