"""A client that a program registered is read, updated and deleted by its configuration (RFC 7592)."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from oauthclient_operator.client_library import (
    ClientSecretBasic,
    ClientSecretPost,
    Configuration,
    NoAuthentication,
    Send,
    client_credentials_grant,
    delete_client,
    read_client,
    update_client,
)
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import (
    ClientNotManageable,
    IssuerNotAsked,
    IssuerUnavailable,
    ManagementAmbiguous,
    ManagementRejected,
    ManagementUnauthorized,
    OAuthError,
)
from oauthclient_operator.exchange import Answer, Incomplete, NotSent, Request, Response, bearer
from tests.pure.client_library.op import CLIENT, MANAGED, OP, URI, answered

RENEWED = {**MANAGED, "client_secret": "baz", "registration_access_token": "rat-2"}
ALL: dict[str, Callable[[Configuration], Awaitable[Configuration | None]]] = {
    "read": read_client,
    "update": lambda configuration: update_client(configuration, {"client_name": "Shop"}),
    "deletion": delete_client,
}
every = pytest.mark.parametrize("call", ALL.values(), ids=list(ALL))


async def registered(op: OP, **metadata: Any) -> Configuration:
    return await op.register(metadata)


def managed(*answers: Answer, **more: Any) -> OP:
    return OP(registration=answered(201, {**MANAGED, **more}), management=list(answers))


async def test_a_read_shows_the_token_at_the_address_that_was_given_and_nothing_else() -> None:
    op = managed(answered(200, {**MANAGED, "client_name": "Shop"}))
    read = await read_client(await registered(op, client_name="Shop"))
    (request,) = op.managed
    assert (request.method, request.url, request.body) == ("GET", URI, None)
    assert request.authorization == bearer(Confidential("rat-1"))
    assert read.client_metadata()["client_name"] == "Shop"
    assert read.deviations == ()


@pytest.mark.parametrize("call", [read_client, ALL["update"]], ids=["read", "update"])
async def test_renewed_credentials_are_those_that_hold_from_now_on(
    call: Callable[[Configuration], Awaitable[Configuration]],
) -> None:
    op = managed(answered(200, RENEWED), answered(204))
    before = await registered(op)
    after = await call(before)
    assert after.client_secret == Confidential("baz")
    assert before.client_secret == Confidential("bar"), "a configuration does not change"
    await client_credentials_grant(after)
    await delete_client(after)
    assert op.managed[-1].authorization == bearer(Confidential("rat-2"))


async def test_what_an_answer_does_not_repeat_stays() -> None:
    op = managed(answered(200, {"client_id": "foo"}), answered(204))
    after = await read_client(await registered(op))
    assert after.client_secret == Confidential("bar")
    await delete_client(after)
    assert [request.method for request in op.managed] == ["GET", "DELETE"]


async def test_an_update_says_all_that_is_wanted_over_what_the_server_added() -> None:
    op = managed(answered(200, MANAGED), application_type="web", contacts=["a@example.com"], client_name="Shop")
    before = await registered(op, client_name="Shop", contacts=["a@example.com"])
    after = await update_client(before, {"client_name": "Web shop", "client_uri": None})
    sent = json.loads(op.managed[0].body or b"")
    assert sent == {"client_id": "foo", "application_type": "web", "client_name": "Web shop"}
    assert after.requested.members == {"client_name": "Web shop"}


async def test_the_client_authenticates_as_it_is_registered_after_an_update() -> None:
    public = {**MANAGED, "token_endpoint_auth_method": "none"}
    op = managed(answered(200, public))
    after = await update_client(await registered(op), {"token_endpoint_auth_method": "none"})
    assert after.client_authentication == NoAuthentication()


async def test_what_the_caller_chose_stays_after_an_update() -> None:
    op = managed(answered(200, {**MANAGED, "token_endpoint_auth_method": "client_secret_basic"}))
    before = await op.register({}, ClientSecretPost())
    assert (await update_client(before, {"client_name": "x"})).client_authentication == ClientSecretPost()
    assert (await registered(op)).client_authentication == ClientSecretBasic()


@every
async def test_a_client_without_address_or_token_is_not_managed(call: Any) -> None:
    op = OP(registration=answered(201, {**CLIENT, "registration_client_uri": URI}))
    configuration = await registered(op)
    with pytest.raises(ClientNotManageable):
        await call(configuration)
    assert op.managed == []


REFUSED: list[tuple[Answer, type[OAuthError]]] = [
    (answered(401, {"error": "invalid_token"}), ManagementUnauthorized),
    (answered(404), ManagementUnauthorized),
    (answered(400, {"error": "access_denied"}), ManagementUnauthorized),
    (answered(403, {"error": "insufficient_scope"}), ManagementRejected),
    (answered(405), ManagementRejected),
    (answered(429, retry_after="7"), IssuerUnavailable),
    (answered(503, retry_after="7"), ManagementAmbiguous),
    (answered(202), ManagementAmbiguous),
    (Incomplete(cause="the connection broke"), ManagementAmbiguous),
    (NotSent(cause="there is no route"), IssuerUnavailable),
    (NotSent(cause="there is no descriptor", ours=True), IssuerNotAsked),
]


@every
@pytest.mark.parametrize(("answer", "kind"), REFUSED, ids=lambda v: str(getattr(v, "status", getattr(v, "cause", ""))))
async def test_what_is_not_done_is_told_apart(call: Any, answer: Answer, kind: type[OAuthError]) -> None:
    with pytest.raises(OAuthError) as caught:
        await call(await registered(managed(answer)))
    assert type(caught.value) is kind
    if isinstance(answer, Response) and "retry-after" in answer.headers:
        assert caught.value.retry_after == 7


@pytest.mark.parametrize("call", [read_client, ALL["update"]], ids=["read", "update"])
async def test_credentials_of_a_broken_answer_are_kept(call: Any) -> None:
    partial = json.dumps(RENEWED).encode()[:-1]
    op = managed(Incomplete(cause="the connection broke", status=200, partial=partial))
    with pytest.raises(ManagementAmbiguous) as lost:
        await call(await registered(op))
    assert lost.value.client_secret == Confidential("baz")
    assert lost.value.registration_access_token == Confidential("rat-2")
    assert (lost.value.status, lost.value.client_id) == (200, "foo")


async def test_another_clients_information_is_not_taken_for_this_ones() -> None:
    with pytest.raises(ManagementAmbiguous, match="of another client"):
        await read_client(await registered(managed(answered(200, {**MANAGED, "client_id": "other"}))))


@every
async def test_a_cancellation_of_what_was_sent_is_told_and_not_forgotten(call: Any) -> None:
    op, sent = managed(), asyncio.Event()

    async def hanging(request: Request, send: Send) -> Answer:
        if request.url != URI:
            return await op.transport(request, send)
        sent.set()
        await asyncio.Event().wait()
        raise AssertionError

    configuration = await op.register(transport=hanging)
    task = asyncio.create_task(call(configuration))
    await sent.wait()
    task.cancel()
    with pytest.raises(ManagementAmbiguous):
        await task


async def test_no_echo_of_the_token_is_shown() -> None:
    echo = answered(403, {"error": "access_denied", "error_description": "not with rat-1"})
    with pytest.raises(ManagementRejected) as refusal:
        await delete_client(await registered(managed(echo)))
    assert "rat-1" not in f"{refusal.value}{vars(refusal.value)}"
