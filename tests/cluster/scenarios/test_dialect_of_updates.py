"""Servers that take no update, or none that says what they answered themselves, as an issuer resource says of them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from oauthclient_operator.record.calls import CallKind
from tests.cluster.scenarios.issuer_resources import issuer_resource, pem
from tests.cluster.scenarios.left_behind import UNCONFIRMED, delete, release
from tests.cluster.scenarios.room import WEB, Body, Room, condition
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import response
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.processes import Process
from tests.parts.spring_authorization_server import CLIENT_ID, SCOPE, SpringAuthorizationServer

EDITED: Body = {**WEB, "client_name": "Web shop, edited"}


class Picky(MisbehavingIssuer):
    """It answers with a member of its own, and refuses an update that says it, as RFC 7592 has one do."""

    def _register(self, metadata: dict[str, Any]) -> bytes:
        return super()._register({**metadata, "tenant": "shop"})

    def _update(self, client: dict[str, Any], metadata: dict[str, Any]) -> bytes:
        if "tenant" in metadata:
            return response(400, {"error": "invalid_client_metadata", "error_description": "tenant is ours to say"})
        return super()._update(client, {**metadata, "tenant": "shop"})


@pytest.fixture
def picky(certificate_authority: CertificateAuthority) -> Iterator[Picky]:
    issuer = Picky(certificate=certificate_authority.certificate())
    with issuer.server.in_thread():
        yield issuer


@pytest.mark.parametrize(
    ("dialect", "calls"), [({}, ["PUT", "PUT"]), ({"update": "Asked"}, ["PUT"])], ids=["absent", "Asked"]
)
def test_an_update_that_says_what_is_asked_alone_is_taken_at_once(
    room: Room, operator: Process, picky: Picky, dialect: Body, calls: list[str]
) -> None:
    assert operator.running()
    with issuer_resource(room, picky.issuer) as issuer:
        issuer.apply(dialect=dialect)
        issuer.apply_client()
        room.wait_for("web", "Registered")
        issuer.apply_client(metadata=EDITED)
        client_id = room.wait_for("web", "Registered")["status"]["clientID"]
        assert picky.clients[client_id]["client_name"] == EDITED["client_name"]
        assert picky.calls == ["POST", *calls]
        said = json.loads(picky.server.requests[-1].body)
        assert {name: said[name] for name in EDITED} == EDITED
        assert "tenant" not in said
        delete(room)


def test_what_spring_registers_is_neither_changed_nor_ended_where_the_issuer_says_that_it_manages_none(
    room: Room, operator: Process, spring_authorization_server: SpringAuthorizationServer
) -> None:
    assert operator.running()
    server = spring_authorization_server
    with issuer_resource(room, server.issuer) as issuer:
        issuer.put_credentials(issuer.name, CLIENT_ID, server.secret)
        access = {"clientCredentials": {"secretRef": {"name": issuer.name}, "scope": SCOPE}}
        dialect = {"clientsPerToken": 1, "scope": "Omit", "management": "None"}
        issuer.apply(trust={"caBundle": pem(server.trust)}, access=access, dialect=dialect)
        uid = issuer.apply_client()
        status = room.wait_for("web", "Registered")["status"]
        assert status["registration"]["manageable"] is False
        before = room.secret("web")
        issuer.apply_client(metadata=EDITED)
        said = condition(room.wait_for("web", "UpdateUnsupported"))["message"]
        assert "clients are not managed there (spec.dialect.management: None)" in said
        assert room.secret("web") == before
        delete(room)
        # It answered with an address and a token for it, and neither was used.
        record = room.record(uid)
        assert [client.information.registration_client_uri is not None for client in record.clients] == [True]
        assert {call.what.kind for call in record.closed} == {CallKind.REGISTER}
        assert release(room, uid) == UNCONFIRMED
