"""The server that other tests trust to misbehave does what it is told, and behaves otherwise; through the whole door."""

import json
from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.egress.door import Door
from oauthclient_operator.exchange import Answer, Incomplete, Request, Response, bearer
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.resource.key import oauth_client
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import hang, reset, send
from tests.parts.misbehaving_issuer import MisbehavingIssuer

CALLER = Caller(key=oauth_client("shop", "web"), uid="u1")
METADATA = {"redirect_uris": ["https://app.example.com/cb"]}


def request(method: str, url: str, token: str | None, members: dict[str, Any] | None = None) -> Request:
    return Request(
        method=method,
        url=url,
        authorization=bearer(Confidential(token)) if token else None,
        body=None if members is None else json.dumps(members).encode(),
    )


def read(answer: Answer, status: int) -> Any:
    assert isinstance(answer, Response)
    assert answer.status == status
    return json.loads(answer.body)


async def test_a_client_lives_from_discovery_to_deletion(
    door: Door, certificate_authority: CertificateAuthority
) -> None:
    certificate = certificate_authority.certificate()
    behaving = MisbehavingIssuer(certificate=certificate, initial_access_token="iat", renews_secret=True)
    issuers = AuthorizationServers(lambda _issuer: door, exchange_timeout=5, concurrency=2)
    async with behaving.server:
        found = await issuers.discover(MetadataSource(issuer=behaving.issuer), CALLER)
        assert found.registration_endpoint is not None
        assert issuers.admits_endpoint(behaving.address, found.registration_endpoint)
        with issuers.slot(behaving.address, CALLER):
            post = request("POST", found.registration_endpoint, "iat", METADATA)
            made = read(await issuers.exchange(post, behaving.address, timeout=5), 201)
            uri, token = made["registration_client_uri"], made["registration_access_token"]
            put = request("PUT", uri, token, METADATA | {"client_id": made["client_id"], "client_name": "Shop"})
            changed = read(await issuers.exchange(put, behaving.address, timeout=5), 200)
            assert changed["client_name"] == "Shop"
            assert changed["client_secret"] != made["client_secret"]
            read(await issuers.exchange(put, behaving.address, timeout=5), 401)
            delete = request("DELETE", uri, changed["registration_access_token"])
            answer = await issuers.exchange(delete, behaving.address, timeout=5)
            assert isinstance(answer, Response)
            assert answer.status == 204
            read(await issuers.exchange(delete, behaving.address, timeout=5), 401)
        await issuers.discover(MetadataSource(issuer=behaving.issuer), CALLER)
        assert behaving.calls == ["POST", "PUT", "PUT", "DELETE", "DELETE"]
        assert len(behaving.server.requests) == 6
    assert issuers.trust(behaving.address) == door.trust
    assert not behaving.clients
    await issuers.close()


@pytest.mark.parametrize("applied", [True, False])
async def test_an_answer_is_lost_once_with_the_work_done_or_not(applied: bool, door: Door) -> None:
    issuer = MisbehavingIssuer()
    async with issuer.server:
        post = request("POST", issuer.server.url("/reg"), None, METADATA)
        for spoil in (lambda _: reset, lambda _: hang, lambda right: send(right[:-9])):
            issuer.spoil("POST", spoil, applied=applied)
            assert isinstance(await door.exchange(post, timeout=0.5), Incomplete)
        assert len(issuer.clients) == (3 if applied else 0)
        read(await door.exchange(post, timeout=5), 201)


async def test_a_client_is_not_what_was_asked_for(door: Door) -> None:
    issuer = MisbehavingIssuer(manages=False)
    async with issuer.server:
        issuer.alter("POST", lambda members: members | {"grant_types": ["implicit"]})
        made = read(await door.exchange(request("POST", issuer.server.url("/reg"), None, METADATA), timeout=5), 201)
        assert made["grant_types"] == ["implicit"]
        assert "registration_access_token" not in made


async def test_it_serves_on_a_loop_of_its_own(door: Door) -> None:
    issuer = MisbehavingIssuer()
    with issuer.server.in_thread():
        read(await door.exchange(request("POST", issuer.server.url("/reg"), None, METADATA), timeout=5), 201)
    assert len(issuer.clients) == 1
