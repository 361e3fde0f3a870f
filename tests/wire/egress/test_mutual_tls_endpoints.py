"""A client that authenticates by TLS: at the token endpoint, and where the metadata have aliases at those."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from oauthclient_operator.egress.door import Door
from oauthclient_operator.exchange import ClientCertificate, Request, Response
from oauthclient_operator.oauth import rfc6749, rfc7591, rfc8705
from oauthclient_operator.oauth.authentication_methods import SelfSignedTLSClientAuth, TLSClientAuth
from oauthclient_operator.oauth.client_authentication import authenticate, certificate
from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.outcome import Committed
from oauthclient_operator.oauth.rfc6749 import TokenResponse
from oauthclient_operator.oauth.rfc8414 import server_metadata
from tests.parts.certificates import CertificateAuthority, self_signed
from tests.parts.misbehaving import MisbehavingServer, respond, script
from tests.wire.egress.conftest import NAME


@pytest.mark.parametrize("aliased", [True, False], ids=["aliased", "one endpoint for all"])
@pytest.mark.parametrize("method", [TLSClientAuth, SelfSignedTLSClientAuth])
async def test_D12_registration_and_token_by_mutual_TLS(
    method: type[TLSClientAuth | SelfSignedTLSClientAuth],
    aliased: bool,
    door: Door,
    certificate_authority: CertificateAuthority,
    tmp_path: Path,
) -> None:
    clients = CertificateAuthority.made(tmp_path / "clients")
    client = self_signed(tmp_path, "client") if method is SelfSignedTLSClientAuth else clients.certificate("client")
    vouching = client.chain if method is SelfSignedTLSClientAuth else clients.bundle
    shown = ClientCertificate(chain=client.chain, key=client.key)
    own = certificate_authority.certificate(NAME)
    registered = {"client_id": "foo", "token_endpoint_auth_method": method.method}
    answers = script(respond(201, registered), respond(200, {"access_token": "x", "token_type": "Bearer"}))
    async with (
        MisbehavingServer(answers, certificate=own, client_authority=vouching) as inner,
        MisbehavingServer(respond(500), certificate=own) as outer,
    ):
        endpoints: dict[str, Any] = {
            "registration_endpoint": inner.url("/reg", host=NAME),
            "token_endpoint": inner.url("/token", host=NAME),
        }
        plain = {name: outer.url("/", host=NAME) for name in endpoints}
        document: dict[str, Any] = {"issuer": outer.url("", host=NAME), **(plain if aliased else endpoints)}
        if aliased:
            document["mtls_endpoint_aliases"] = endpoints
        outer.behave = respond(200, document)
        fetched = await door.exchange(Request(method="GET", url=outer.url("/", host=NAME)), timeout=5)
        assert isinstance(fetched, Response)
        server = server_metadata(document["issuer"], fetched)

        authentication = method(shown)
        by_tls = certificate(authentication) is not None
        to = rfc8705.endpoint(server, "registration_endpoint", use_aliases=by_tls)
        assert to is not None
        request = rfc7591.registration_request(to, ClientMetadata.confirmed({}), None)
        outcome = rfc7591.judge(await door.exchange(_with(request, shown), timeout=5))
        assert isinstance(outcome, Committed)

        to = rfc8705.endpoint(server, "token_endpoint", use_aliases=by_tls)
        assert to is not None
        form = {"grant_type": "client_credentials"}
        request = authenticate(
            authentication,
            server=server,
            information=ClientInformation.parse(outcome.members),
            form=form,
            request=rfc6749.token_request(to, form),
            now=0,
            jti="once",
        )
        token = rfc6749.judge_token(await door.exchange(request, timeout=5))
        assert isinstance(token, TokenResponse)
        assert [(r.target, r.certificate) for r in inner.requests] == [("/reg", client.der), ("/token", client.der)]
        assert parse_qs(inner.requests[1].body.decode()) == {
            "grant_type": ["client_credentials"],
            "client_id": ["foo"],
        }
        assert inner.requests[1].headers["content-type"] == "application/x-www-form-urlencoded"
        assert "authorization" not in inner.requests[1].headers
        assert len(outer.requests) == 1


def _with(request: Request, shown: ClientCertificate) -> Request:
    return Request(method=request.method, url=request.url, body=request.body, certificate=shown)
