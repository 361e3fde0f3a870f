"""Before a server with many clients: a gateway that answers 401 to everything, and then a server that forgot them all."""

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from oauthclient_operator.reconcile.fleet import FIRST_PAUSE, SHORTEST_PAUSE
from tests.cluster.scenarios.in_time import MINUTE, Begin, InTime
from tests.cluster.scenarios.room import WEB, Body, Room
from tests.parts.misbehaving import Received, respond
from tests.parts.misbehaving_issuer import MisbehavingIssuer

CLIENTS = 12
NAMES = [f"web-{number:02}" for number in range(CLIENTS)]
POLICY = {"gone": "Reregister", "unmanageable": "Reregister"}


def apply(room: Room, issuer: MisbehavingIssuer, client_name: str) -> None:
    metadata: Body = {**WEB, "client_name": client_name}
    for name in NAMES:
        room.apply(name, issuer.issuer, metadata=metadata, policy=POLICY)


def ready(operator: InTime) -> set[tuple[str, str]]:
    return {operator.ready(name) for name in NAMES}


@pytest.mark.timeout(300)
async def test_many_clients_behind_a_gateway_that_refuses_for_a_minute_and_then_really_gone(
    room: Room, begin: Begin, issuer: MisbehavingIssuer
) -> None:
    async with begin() as operator:
        apply(room, issuer, "Web shop")
        await operator.live(FIRST_PAUSE, *NAMES)
        assert ready(operator) == {("True", "Registered")}
        assert issuer.calls == ["POST"] * CLIENTS
        published = {name: room.secret(name) for name in NAMES}

        behind = issuer.server.behave
        issuer.server.behave = respond(401, {"error": "invalid_client"})
        apply(room, issuer, "Web shop, renamed")
        await operator.live(MINUTE, *NAMES)
        assert ready(operator) == {("False", "ManagementLost")}
        issuer.server.behave = behind
        await operator.live(20 * MINUTE, *NAMES)
        assert ready(operator) == {("True", "Registered")}
        assert (issuer.calls.count("POST"), len(issuer.clients)) == (CLIENTS, CLIENTS)
        assert {client["client_name"] for client in issuer.clients.values()} == {"Web shop, renamed"}
        assert {name: room.secret(name) for name in NAMES} == published

        came: list[datetime] = []

        async def noted(received: Received, writer: asyncio.StreamWriter) -> None:
            if received.method == "POST" and received.target == "/reg":
                came.append(operator.clock.now())
            await behind(received, writer)

        issuer.server.behave = noted
        issuer.clients.clear()
        apply(room, issuer, "Web shop, once more")
        await operator.live(timedelta(hours=1), *NAMES)
        assert ready(operator) == {("True", "Registered")}
        assert {operator.client_id(name) for name in NAMES} == {*issuer.clients}
        assert len(came) == len(issuer.clients) == CLIENTS
        # One at a time, and each comes twice as soon as the one before.
        pauses = [max(FIRST_PAUSE / 2**number, SHORTEST_PAUSE) for number in range(1, CLIENTS)]
        assert all(after - before >= pause for (before, after), pause in zip(pairwise(came), pauses, strict=True))
