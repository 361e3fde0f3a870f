"""What node-oidc-provider forgets, and what a resource says and does then: restarted, restored, switched off."""

from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pytest

from oauthclient_operator.names import PROVE_ANNOTATION, RETRY_ANNOTATION
from tests.cluster.scenarios.in_time import CONFIRMED, MINUTE, SLOWLY, Begin, InTime
from tests.cluster.scenarios.room import WEB, Body, Room, condition, conditions
from tests.parts.certificates import CertificateAuthority
from tests.parts.issuer_log import IssuerMark
from tests.parts.node_oidc_provider import NodeOIDCProvider, node_oidc_provider
from tests.parts.ports import free_port

EDITED: Body = {**WEB, "client_name": "Web shop, renamed"}
REREGISTER: Body = {"gone": "Reregister"}
TOKEN = "idp-token"
DAY = timedelta(days=1)
BEGINNING = IssuerMark(0)


class Start(Protocol):
    def __call__(self, directory: str, **options: Any) -> AbstractContextManager[NodeOIDCProvider]: ...


@pytest.fixture
def start(tmp_path: Path, certificate_authority: CertificateAuthority) -> Start:
    """Start a server at the same address each time; what it kept is gone with the one before."""
    at = partial(node_oidc_provider, port=free_port())
    return lambda directory, **options: at(tmp_path / directory, certificate_authority, **options)


def calls(server: NodeOIDCProvider, since: IssuerMark = BEGINNING) -> list[str]:
    """Return method and status of what concerned registrations, in order; proofs and discovery are left out."""
    asked = server.log.requests(since=since)
    return [f"{r.method} {r.status}" for r in asked if r.path == "/reg" or r.path.startswith("/reg/")]


def apply(room: Room, server: NodeOIDCProvider, metadata: Body = WEB, **policy: Any) -> None:
    room.apply("web", server.issuer, token=TOKEN, metadata=metadata, policy=policy)


def let_in(room: Room, server: NodeOIDCProvider) -> None:
    room.put_token(TOKEN, server.issuer, server.initial_access_token())


async def registered(operator: InTime, server: NodeOIDCProvider, **policy: Any) -> dict[str, str]:
    """Return what is published of a client that was registered and proven right after."""
    let_in(operator.room, server)
    apply(operator.room, server, **policy)
    await operator.live()
    operator.room.annotate("web", PROVE_ANNOTATION, "now")
    await operator.live()
    assert operator.ready() == ("True", "Registered")
    assert operator.said("CredentialsValid").startswith("the server accepted them")
    return operator.room.secret("web")


async def test_a_server_restarted_without_its_memory_is_found_out_by_the_next_edit_and_reported(
    room: Room, begin: Begin, start: Start
) -> None:
    async with begin() as operator:
        with start("before") as server:
            published = await registered(operator, server)
        with start("after") as server:
            await operator.live(DAY)
            assert (operator.ready(), calls(server)) == (("True", "Registered"), []), "nobody asked, so nobody knows"
            apply(room, server, EDITED)
            await operator.live(MINUTE)
            found = room.read("web")
            assert conditions(found)["Ready"] == ("False", "ManagementLost")
            assert conditions(found)["CredentialsValid"] == ("Unknown", "CredentialsRefused")
            assert "HTTP 401 invalid_token" in operator.said()
            assert "refused them once" in operator.said("CredentialsValid")
            await operator.live(CONFIRMED)
            found = room.read("web")
            assert conditions(found)["Ready"] == ("False", "ClientGone")
            assert conditions(found)["CredentialsValid"] == ("False", "ClientGone")
            assert conditions(found)["SecretPublished"] == ("True", "Published")
            assert conditions(found)["Stalled"] == ("True", "ClientGone")
            assert condition(found)["message"] == (
                f'the authorization server does not know client "{published["client_id"]}" any more, nor accepts its '
                "credentials: ask the server's administrator, who may have disabled or removed it, or set "
                "spec.policy.gone to Reregister, or annotate this resource with oauth-operator.dev/rotate, and another "
                "client takes its place; it is asked again from time to time"
            )
            await operator.live(2 * SLOWLY)
            assert set(calls(server)) == {"PUT 401"}, "it is tried again, and none is registered"
            assert room.secret("web") == published


async def test_of_a_client_that_was_never_proven_it_is_said_that_the_token_is_refused_and_no_more(
    room: Room, begin: Begin, start: Start
) -> None:
    async with begin() as operator:
        with start("before") as server:
            let_in(room, server)
            apply(room, server)
            await operator.live()
        with start("after") as server:
            apply(room, server, EDITED)
            await operator.live(CONFIRMED)
            found = conditions(room.read("web"))
            assert (found["Ready"], found["CredentialsValid"]) == (
                ("False", "ManagementLost"),
                ("Unknown", "NotProvable"),
            )


async def test_by_policy_another_client_is_registered_once_the_server_lets_the_operator_in_again(
    room: Room, begin: Begin, start: Start
) -> None:
    async with begin() as operator:
        with start("before") as server:
            published = await registered(operator, server, **REREGISTER)
        with start("after") as server:
            apply(room, server, EDITED, **REREGISTER)
            await operator.live(MINUTE + CONFIRMED)
            found = room.read("web")
            assert conditions(found)["Ready"] == ("False", "ClientGone")
            assert conditions(found)["Renewing"] == ("False", "RenewalFailed")
            assert "put a valid initial access token into the Secret" in operator.said("Renewing")
            assert room.secret("web") == published
            let_in(room, server)
            await operator.live(MINUTE)
            assert operator.ready() == ("True", "Registered")
            assert [*server.clients()] == [operator.client_id()] != [published["client_id"]]
            assert server.clients()[operator.client_id()]["client_name"] == EDITED["client_name"]
            assert conditions(room.read("web"))["CredentialsValid"] == ("True", "Proven")
            await operator.live(2 * DAY)
            assert "leaving" not in room.read("web")["status"]["rotation"]
            assert operator.ready() == ("True", "Registered")
            (note,) = (note for _, reason, note in room.events("web") if reason == "LeftBehind")
            assert published["client_id"] in note, "a 401 alone confirms no end"


async def test_restored_to_before_the_registration_it_is_gone_and_by_policy_replaced(
    room: Room, begin: Begin, start: Start
) -> None:
    with start("server") as server:
        let_in(room, server)
        saved = server.saved()
        async with begin() as operator:
            apply(room, server, **REREGISTER)
            await operator.live(MINUTE)
            published, since = room.secret("web"), server.log.mark()
            server.restore(saved)
            apply(room, server, EDITED, **REREGISTER)
            await operator.live(MINUTE)
            assert operator.ready() == ("False", "ManagementLost")
            assert room.secret("web") == published
            await operator.live(CONFIRMED)
            assert operator.ready() == ("True", "Registered")
            assert [*server.clients()] == [operator.client_id()] != [published["client_id"]]
            assert calls(server, since) == ["PUT 401", "POST 201"]


async def test_restored_to_before_an_update_the_token_before_the_newest_is_tried_once_and_all_goes_on(
    room: Room, begin: Begin, start: Start
) -> None:
    with start("server") as server:
        async with begin() as operator:
            published = await registered(operator, server)
            saved = server.saved()
            apply(room, server, EDITED)
            await operator.live()
            since = server.log.mark()
            server.restore(saved)
            apply(room, server, {**WEB, "client_name": "Once more"})
            await operator.live()
            assert calls(server, since) == ["PUT 401", "PUT 200"]
            assert operator.ready() == ("True", "Registered")
            assert room.secret("web") == published
            assert server.clients()[published["client_id"]]["client_name"] == "Once more"
            room.delete("web")
            await operator.live()
            assert (room.exists("web"), server.clients()) == (False, {})


async def test_where_registration_was_switched_off_the_client_lives_and_an_edit_waits_for_it(
    room: Room, begin: Begin, start: Start
) -> None:
    async with begin() as operator:
        with start("before") as server:
            published = await registered(operator, server, **REREGISTER)
            saved = server.saved()
        with start("off", registration=False) as server:
            server.restore(saved)
            apply(room, server, EDITED, **REREGISTER)
            await operator.live(MINUTE + CONFIRMED)
            found = conditions(room.read("web"))
            assert found["Ready"] == ("False", "UpdateUnsupported")
            assert found["CredentialsValid"] == ("True", "Proven")
            assert "answers that it does not support updates" in operator.said()
            assert calls(server) == ["PUT 404"]
            room.apply("another", server.issuer, token=TOKEN)
            await operator.live(timedelta(), "another")
            assert operator.ready("another")[0] == "False"
            saved = server.saved()
        with start("on") as server:
            server.restore(saved)
            room.annotate("web", RETRY_ANNOTATION, "now")
            await operator.live(MINUTE)
            assert operator.ready() == ("True", "Registered")
            assert calls(server) == ["PUT 200"]
            assert room.secret("web") == published
            await operator.live(SLOWLY, "web", "another")
            assert operator.ready("another") == ("True", "Registered")
