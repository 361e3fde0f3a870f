"""Secrets that are looked at in turn: spread over the interval, nothing asked at a start, what is otherwise is told."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from oauthclient_operator.errors import RequestRefused, Unanswered
from oauthclient_operator.plan.observed import Unread
from oauthclient_operator.resource.key import oauth_client
from oauthclient_operator.watching.watches import Watches
from tests.pure.secret_checks import COUNT, EVERY, World, body, metadata
from tests.pure.virtual_time import in_virtual_time, now


def run(main: Coroutine[Any, Any, None]) -> None:
    in_virtual_time(main)


def test_each_is_looked_at_once_in_an_interval_and_never_many_at_once() -> None:
    async def scenario() -> None:
        world = World(COUNT)
        for name in world.there:
            world.follow(name)
        # Where nobody has looked yet, it is as the status says: a start asks nothing.
        assert world.known("web-0") == metadata("web-0")
        await asyncio.sleep(10 * EVERY)  # On standby.
        began = now()
        await world.passes(5 * EVERY)
        looks = Counter(name for _, name in world.reads)
        assert set(looks) == set(world.there)
        assert set(looks.values()) <= {4, 5, 6}
        assert world.told == []
        tenths = Counter(int((at - began) * 10 / EVERY) for at, _ in world.reads)
        assert max(tenths[tenth] for tenth in range(10)) < COUNT / 4
        assert min(tenths[tenth] for tenth in range(50)) > 0

    run(scenario())


def test_what_went_or_was_changed_is_told_once() -> None:
    async def scenario() -> None:
        world = World(3)
        for name in world.there:
            world.follow(name)
        del world.there["web-0"]
        world.there["web-1"] = body("web-1", 7)
        await world.passes(3 * EVERY)
        assert sorted(world.told) == ["web-0", "web-1"]
        assert world.known("web-0") is None
        assert world.known("web-1") == metadata("web-1", 7)
        # The status speaks of what is gone, until it is written again.
        world.follow("web-0", 1)
        assert world.known("web-0") is None
        world.follow("web-0", 9)
        assert world.known("web-0") == metadata("web-0", 9)

    run(scenario())


def test_of_a_restored_cluster_the_look_is_believed_though_its_version_is_lower() -> None:
    async def scenario() -> None:
        world = World()
        world.follow("web-0", 50)
        await world.passes(EVERY)
        assert (world.told, world.known("web-0")) == (["web-0"], metadata("web-0", 1))

    run(scenario())


def test_a_write_of_ours_during_a_look_is_what_counts() -> None:
    async def scenario() -> None:
        world = World()
        world.follow("web-0")
        world.there["web-0"] = body("web-0", 2)
        looked = asyncio.Event()

        def we_write() -> None:
            world.checks.offer(body("web-0", 3))
            looked.set()

        world.meanwhile = we_write
        looking = asyncio.create_task(world.checks.run())
        await looked.wait()
        looking.cancel()
        assert (world.told, world.known("web-0")) == ([], metadata("web-0", 3))
        world.checks.offer(body("web-0", 2))
        assert world.known("web-0") == metadata("web-0", 3)

    run(scenario())


def test_a_look_without_an_answer_says_nothing_and_a_refused_one_that_nothing_is_known() -> None:
    async def scenario() -> None:
        world = World()
        world.follow("web-0")
        world.fault = Unanswered("lost")
        await world.passes(2 * EVERY)
        assert (world.told, world.known("web-0")) == ([], metadata("web-0"))
        world.fault = RequestRefused("403", status=403)
        await world.passes(2 * EVERY)
        assert (world.told, world.known("web-0")) == (["web-0"], None)
        world.fault = None
        await world.passes(2 * EVERY)
        assert (world.told, world.known("web-0")) == (["web-0"] * 2, metadata("web-0"))

    run(scenario())


def test_a_credential_is_unread_until_somebody_looks() -> None:
    async def scenario() -> None:
        world = World(0)
        world.follow("token", None)
        assert world.known("token") == Unread()
        await world.passes(2 * EVERY)
        assert (world.told, world.known("token")) == (["token"], None)
        world.there["token"] = body("token", 5)
        await world.passes(2 * EVERY)
        assert (world.told, world.known("token")) == (["token"] * 2, metadata("token", 5))

    run(scenario())


def test_what_a_resource_says_of_its_secrets_is_what_is_known_before_the_first_look() -> None:
    async def scenario() -> None:
        unused: Any = None
        watches = Watches(
            unused,
            namespaces=(),
            records_namespace="records",
            wake=lambda *_: None,
            disregard=lambda *_: None,
            secret_check_interval=timedelta(minutes=10),
        )
        assert len(watches.informers) == 2, "records and namespaces"
        about = {"namespace": "shop", "name": "web", "uid": "owner-web-0"}
        presented = {"initialAccessToken": "token", "softwareStatement": "statement"}
        spec: Any = {"registration": {member: {"secretRef": {"name": name}} for member, name in presented.items()}}
        watches.take("ADDED", {"metadata": {**about, "resourceVersion": "1"}, "spec": spec})
        assert watches.secret("shop", "web-0") is None
        for name in presented.values():
            assert watches.presented_version("shop", name) == Unread()
            watches.offer_secret(body(name, 3))
            assert watches.presented_version("shop", name) == f"uid-{name}/3"
        status: Any = {
            "clientID": "c",
            "secret": {"name": "web-0", "uid": "uid-web-0", "resourceVersion": "1"},
            "conditions": [{"type": "Ready", "status": "True", "reason": "Registered"}],
        }
        watches.take("MODIFIED", {"metadata": {**about, "resourceVersion": "2"}, "spec": spec, "status": status})
        assert watches.secret("shop", "web-0") == metadata("web-0")
        # There is a client, and it is well: whether they are others is of no interest any more.
        assert [watches.presented_version("shop", name) for name in presented.values()] == [Unread(), Unread()]
        watches.take("DELETED", {"metadata": {**about, "resourceVersion": "3"}})
        assert watches.secret("shop", "web-0") is None

    run(scenario())


def test_what_no_resource_refers_to_any_more_is_not_looked_at() -> None:
    async def scenario() -> None:
        world = World(2)
        shared = ("shop", "web-0")
        for resource in ("a", "b"):
            world.checks.follow(("shop", resource), {shared: metadata("web-0")})
        world.checks.follow(("shop", "a"), {("shop", "web-1"): metadata("web-1")})
        await world.passes(EVERY)
        assert {name for _, name in world.reads} == {"web-0", "web-1"}
        for resource in ("a", "b"):
            world.checks.follow(("shop", resource), {})
        world.reads.clear()
        world.checks.offer(body("web-0", 9))
        await world.passes(2 * EVERY)
        assert (world.reads, world.known("web-0")) == ([], Unread())

    run(scenario())


def test_what_came_and_went_costs_a_standby_no_memory() -> None:
    async def scenario() -> None:
        world = World(1)
        world.follow("web-0")
        for number in range(1000):
            world.follow(f"gone-{number}")
            world.checks.follow(("shop", f"gone-{number}"), {})
        assert len(world.checks._turns) < 100
        await world.passes(2 * EVERY)
        assert {name for _, name in world.reads} == {"web-0"}

    run(scenario())


def test_a_late_word_of_a_deletion_takes_nothing_from_the_next_resource_of_that_name() -> None:
    unused: Any = None
    woken: list[Any] = []
    watches = Watches(
        unused,
        namespaces=(),
        records_namespace="records",
        wake=lambda key, _because: woken.append(key),
        disregard=lambda *_: None,
    )
    about = {"namespace": "shop", "name": "web"}
    watches.take("ADDED", {"metadata": {**about, "uid": "new", "resourceVersion": "3"}, "spec": {}})
    watches.take("DELETED", {"metadata": {**about, "uid": "old", "resourceVersion": "2"}})
    woken.clear()
    watches.secrets._changed("shop", "web")
    assert woken == [oauth_client("shop", "web")]


def test_a_secret_in_the_way_is_followed_while_the_status_says_so() -> None:
    async def main() -> None:
        unused: Any = None
        watches = Watches(
            unused, namespaces=(), records_namespace="records", wake=lambda *_: None, disregard=lambda *_: None
        )
        about: dict[str, Any] = {"namespace": "shop", "name": "web", "uid": "u1", "resourceVersion": "1"}
        status: dict[str, Any] = {"conditions": [{"type": "Ready", "reason": "SecretNotOwned"}]}
        watches.offer_resource({"metadata": about, "spec": {"secret": {"name": "theirs"}}, "status": status})
        watches.secrets.strays.offer(body("theirs", 7))
        found = watches.secret("shop", "theirs")
        assert found is not None
        assert found.version == "uid-theirs/7"
        watches.offer_resource({"metadata": {**about, "resourceVersion": "2"}, "spec": {}, "status": {}})
        assert watches.secret("shop", "theirs") is None

    in_virtual_time(main())
