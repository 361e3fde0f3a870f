"""A change of an issuer that is an update of each client is tried on one of them before the others are told."""

import asyncio
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.errors import RequestRefused
from oauthclient_operator.exchange import Response
from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.issuer_changes import (
    CHANGED,
    CHANGED_AGAIN,
    NO,
    READY,
    SPACES,
    applied,
    change,
    generations,
    later,
    of,
    with_clients,
    writes,
)
from tests.pure.simulation.platform import CLIENT, SPEC


@pytest.mark.parametrize("wakes_issuer", [True, False])
def test_when_the_first_is_ready_each_of_the_others_is_updated_once(wakes_issuer: bool) -> None:
    platform = with_clients(("shop",), each=5)
    platform.wakes_issuer = wakes_issuer
    change(platform)
    assert platform.server.calls == ["PUT"] * 5
    assert generations(platform) == [2] * 5
    assert applied(platform)[:2] == ("True", "Applied")
    assert {c["require_pushed_authorization_requests"] for c in platform.server.clients.values()} == {True}


def test_the_others_are_told_nothing_while_the_first_is_on_its_way() -> None:
    async def main() -> None:
        before = writes(platform)
        platform.apply_issuer(CHANGED)
        sent: list[int] = []
        seen = platform.server.exchange

        async def exchange(request: Any, issuer: Any, **more: Any) -> Any:
            sent.append(sum(writes(platform)[place] != version for place, version in before.items()))
            return await seen(request, issuer, **more)

        platform.server.exchange = exchange  # type: ignore[method-assign] # looked at in between
        await platform.settle()
        assert sent[0] == 0, "no status was written before the first update"
        assert sent[1] == 1, "and the first one's alone before the second"

    platform = with_clients(("shop",), each=3)
    asyncio.run(main())


def test_a_change_that_updates_nobody_holds_nobody_up_and_is_not_said() -> None:
    platform = with_clients(("shop",), each=3)
    change(platform, {**SPEC, "defaults": {"proof": {"interval": "12h"}}})
    assert (platform.server.calls, generations(platform)) == ([], [2] * 3)
    issuer = platform.issuer()
    assert issuer is not None
    assert {c["type"] for c in issuer["status"]["conditions"]} == {"Ready", "Discovered"}


def test_where_the_first_is_refused_the_others_keep_what_they_have_and_the_issuer_says_why() -> None:
    platform = with_clients(("shop",), each=5)
    before = writes(platform)
    platform.server.refuses = NO
    change(platform)
    (refused,) = (name for (_, name), version in writes(platform).items() if before["shop", name] != version)
    assert platform.said(name=refused)[:2] == ("False", "UpdateRejected")
    assert sorted(generations(platform)) == [1, 1, 1, 1, 2]
    status, reason, message = applied(platform)
    assert (status, reason) == ("False", "ClientNotReady")
    assert f"shop/{refused} (UpdateRejected)" in message
    assert platform.said(name=None)[:2] == ("True", "Ready"), "new clients can be registered"
    calls = len(platform.server.calls)
    later(platform, minutes=9)
    assert sorted(generations(platform)) == [1, 1, 1, 1, 2]
    assert len(platform.server.calls) == calls


def test_in_a_pause_that_doubles_one_more_is_tried_and_a_server_that_was_mended_lets_all_go() -> None:
    platform = with_clients(("shop",), each=5)
    platform.server.refuses = NO
    change(platform)
    later(platform, minutes=11)
    assert sorted(generations(platform)) == [1, 1, 1, 2, 2]
    later(platform, minutes=18)
    assert sorted(generations(platform)) == [1, 1, 1, 2, 2]
    platform.server.refuses = None
    later(platform, minutes=20)
    assert generations(platform) == [2] * 5
    assert applied(platform)[:2] == ("True", "Applied")
    assert {platform.said(name=f"web-{number}")[:2] for number in range(5)} == {READY}


def test_what_one_tenant_makes_fail_keeps_the_others_not_waiting() -> None:
    platform = with_clients(SPACES)
    spoiled = of(SPACES[0])["clientMetadata"] | {"client_name": "Bad"}
    platform.apply("web-0", SPACES[0], clientMetadata=spoiled)
    asyncio.run(platform.settle())
    platform.server.refuses_named = "Bad"
    change(platform)
    asked_first = next(key.namespace for key in platform.passes if key.namespace and key.namespace in SPACES)
    assert asked_first == SPACES[0]
    assert platform.said(name="web-0", namespace=SPACES[0])[:2] == ("False", "UpdateRejected")
    assert generations(platform) == [2] * 4
    assert applied(platform)[:2] == ("True", "Applied")


def test_three_tenants_whose_clients_fail_are_enough() -> None:
    platform = with_clients(SPACES)
    platform.server.refuses = NO
    change(platform)
    assert sorted(generations(platform)) == [1, 2, 2, 2]
    assert applied(platform)[2].count("UpdateRejected") == 3


def test_another_edit_of_the_issuer_is_tried_at_once() -> None:
    platform = with_clients(("shop",), each=4)
    platform.server.refuses = NO
    change(platform)
    platform.server.refuses = None
    change(platform, CHANGED_AGAIN)
    assert generations(platform) == [3] * 4
    assert {platform.said(name=f"web-{number}")[:2] for number in range(4)} == {READY}


@pytest.mark.parametrize("way", ["deleted", "paused", "of another issuer"])
def test_a_first_client_that_leaves_is_no_word_on_the_change(way: str) -> None:
    platform = with_clients(("shop",), each=3)
    rollouts = platform.world.rollouts
    platform.apply_issuer(CHANGED)

    async def main() -> None:
        # Until somebody was sent, and not until it went.
        while (change := rollouts._changes["corporate"]).first is None:
            key = next(iter(platform.woken))
            del platform.woken[key]
            await (platform.clients if key.namespace else platform.issuers).reconcile(key)
        first = change.first
        body = platform.api.get("oauthclients", "shop", first.name)
        if way == "deleted":
            platform.delete(first.name)
        elif way == "paused":
            body["metadata"].setdefault("annotations", {})[names.PAUSED_ANNOTATION] = "true"
            platform.api.put(("oauthclients", "shop", first.name), body)
        else:
            platform.api.apply("shop", first.name, {**CLIENT, "issuerRef": {"kind": names.ISSUER_KIND, "name": "b"}})
        await platform.settle()
        body = platform.api.get("oauthclients", "shop", first.name)
        rest = [name for name in ("web-0", "web-1", "web-2") if name != first.name]
        assert [platform.said(name=name)[:2] for name in rest] == [READY] * 2
        assert body is None or body["status"]["issuer"]["generation"] == 1

    asyncio.run(main())
    assert applied(platform)[:2] == ("True", "Applied")


def test_an_issuer_that_does_not_answer_keeps_the_others_as_they_are_and_then_all_go() -> None:
    platform = with_clients(("shop",), each=3)
    platform.server.refuses = Response(status=503)
    change(platform)
    assert sorted(generations(platform)) == [1, 1, 2]
    platform.server.refuses = None
    later(platform, minutes=40)
    assert generations(platform) == [2] * 3


def test_of_a_generation_that_its_clients_do_not_go_by_yet_nothing_is_said() -> None:
    platform = with_clients(("shop",), each=2)
    change(platform)
    assert applied(platform)[:2] == ("True", "Applied")

    async def refused(*_: Any) -> Any:
        raise RequestRefused("forbidden", status=403)

    platform.api.read_config_map = refused
    change(platform, {**CHANGED_AGAIN, "trust": {"caBundleRef": {"name": "idp-ca"}}})
    issuer = platform.issuer()
    assert issuer is not None
    assert {c["type"] for c in issuer["status"]["conditions"]} == {"Ready", "Discovered"}
    assert generations(platform) == [2] * 2


@pytest.mark.parametrize("answer", [Response(status=503), NO], ids=["on its way", "refused"])
def test_while_a_newer_edit_cannot_be_taken_up_the_change_before_it_goes_on(answer: Response) -> None:
    platform = with_clients(("shop",), each=3)
    platform.server.refuses = answer
    change(platform)
    assert sorted(generations(platform)) == [1, 1, 2]

    async def refused(*_: Any) -> Any:
        raise RequestRefused("forbidden", status=403)

    read, platform.api.read_config_map = platform.api.read_config_map, refused
    change(platform, {**CHANGED_AGAIN, "trust": {"caBundleRef": {"name": "idp-ca"}}})
    assert platform.said(name=None)[0] == "False"
    assert sorted(generations(platform)) == [1, 1, 2]
    platform.server.refuses = None
    later(platform, minutes=60)
    assert generations(platform) == [2] * 3
    platform.api.read_config_map = read
    change(platform, CHANGED_AGAIN)
    assert generations(platform) == [4] * 3


def test_a_clients_own_edit_and_a_persons_word_wait_for_nobody() -> None:
    platform = with_clients(("shop",), each=4)
    platform.server.refuses = NO
    change(platform)
    platform.server.refuses = None
    waiting = [n for n in range(4) if platform.said(name=f"web-{n}")[:2] == READY]
    edited, asked, left = (f"web-{n}" for n in waiting)
    platform.apply(edited, clientMetadata={**CLIENT["clientMetadata"], "client_name": "Other"})
    body = platform.api.get("oauthclients", "shop", asked)
    body["metadata"].setdefault("annotations", {})[names.RETRY_ANNOTATION] = "now"
    platform.api.put(("oauthclients", "shop", asked), body)
    platform.wake(oauth_client("shop", asked))
    asyncio.run(platform.settle())
    found = {name: platform.api.get("oauthclients", "shop", name)["status"]["issuer"] for name in (edited, asked, left)}
    assert [found[name]["generation"] for name in (edited, asked, left)] == [2, 2, 1]


def test_a_client_that_waits_is_renewed_with_what_its_server_has() -> None:
    platform = with_clients(("shop",), each=3)
    platform.server.refuses = NO
    change(platform)
    (name, *_) = (f"web-{n}" for n in range(3) if platform.said(name=f"web-{n}")[:2] == READY)
    known = set(platform.server.clients)
    body = platform.api.get("oauthclients", "shop", name)
    body["metadata"].setdefault("annotations", {})[names.ROTATE_ANNOTATION] = "now"
    platform.api.put(("oauthclients", "shop", name), body)
    platform.wake(oauth_client("shop", name))
    asyncio.run(platform.settle())
    assert platform.said(name=name)[:2] == READY
    (fresh,) = set(platform.server.clients) - known
    assert "require_pushed_authorization_requests" not in platform.server.clients[fresh]
    body = platform.api.get("oauthclients", "shop", name)
    assert (body["status"]["clientID"], body["status"]["issuer"]["generation"]) == (fresh, 1)
