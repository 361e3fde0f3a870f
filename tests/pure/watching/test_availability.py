"""An issuer's server is out of order, or answers again: its resources are looked at, and not more often than is of use."""

import asyncio
import copy
from typing import Any

from oauthclient_operator.resource.key import Key, cluster_issuer
from oauthclient_operator.watching.issuers import Issuers
from oauthclient_operator.workqueue import WorkQueue
from tests.pure.virtual_time import in_virtual_time, now
from tests.pure.watching.issuers import BODY

URL = BODY["spec"]["issuer"]


class World:
    """Issuers that a test tells of, and when each is to be looked at."""

    def __init__(self, *issuers: tuple[str, str]) -> None:
        self.now = 0.0
        self.looks: list[tuple[str, float]] = []
        followed: Any = type("Sources", (), {"follow": lambda *_: None})()
        self.issuers = Issuers(lambda _key: None, self._take, followed, clock=lambda: self.now)
        for name, url in issuers:
            self.issuers.take("ADDED", self.body(name, url))

    def body(self, name: str, url: str) -> dict[str, Any]:
        body = copy.deepcopy(BODY)
        body["metadata"].update(name=name, uid=f"uid-of-{name}")
        body["spec"]["issuer"] = url
        return body

    def changes(self) -> None:
        self.issuers.availability_changed(URL)

    def _take(self, key: Key, delay: float) -> None:
        assert key == cluster_issuer(key.name)
        self.looks.append((key.name, self.now + delay))


def test_each_resource_of_that_issuer_is_looked_at_at_once() -> None:
    world = World(("ours", URL), ("theirs", URL), ("other", f"{URL}/other"))
    world.now = 7.0
    world.changes()
    assert sorted(world.looks) == [("ours", 7.0), ("theirs", 7.0)]


def test_a_server_that_goes_and_comes_again_is_looked_at_both_times_at_once() -> None:
    world = World(("ours", URL))
    for world.now in (0.0, 5.0, 60.0, 3600.0):
        world.changes()
    assert [at for _, at in world.looks] == [0.0, 5.0, 60.0, 3600.0]


def test_one_that_comes_and_goes_each_second_is_looked_at_each_minute_and_after_its_last_change() -> None:
    world = World(("ours", URL))
    for second in range(3600):
        world.now = float(second)
        world.changes()
    times = [at for _, at in world.looks]
    assert len(set(times)) <= 4 + 3600 / 60 + 1, "each time is one look"
    assert times[-1] >= world.now, "what was so last is seen"
    assert times[-1] <= world.now + 60


def test_an_issuer_that_is_gone_is_not_looked_at() -> None:
    world = World(("ours", URL))
    gone = world.body("ours", URL)
    gone["metadata"]["resourceVersion"] = "11"
    world.issuers.take("DELETED", gone)
    world.changes()
    assert world.looks == []


def test_what_changes_after_a_pass_that_came_before_the_look_that_was_due_is_seen() -> None:
    async def main() -> None:
        works, seen = [True], list[bool]()

        async def look(key: Key) -> None:
            seen.append(works[-1])
            # Ready: in an hour. Out of order: soon.
            queue.add_after(key, 3600.0 if works[-1] else 300.0)

        queue: WorkQueue[Key] = WorkQueue(look, workers=1)
        followed: Any = type("Sources", (), {"follow": lambda *_: None})()
        issuers = Issuers(queue.add, queue.add_after, followed, clock=now)
        issuers.take("ADDED", copy.deepcopy(BODY))
        working = asyncio.create_task(queue.run())
        for now_works in (False, True, False, True, False, True):
            works.append(now_works)
            issuers.availability_changed(URL)
            await asyncio.sleep(5)
        queue.add(cluster_issuer("corporate"))  # A person annotates it: the timer of the look that is due is stopped.
        await asyncio.sleep(5)
        works.append(False)
        issuers.availability_changed(URL)
        await asyncio.sleep(60)
        working.cancel()
        assert seen[-1] is False

    in_virtual_time(main())
