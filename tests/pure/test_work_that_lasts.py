"""Passes that hang, as in writes that the API server holds: nobody else's wait for them longer than for seconds."""

import asyncio
from collections.abc import Iterable
from typing import Any

from oauthclient_operator.reconcile.settings import Next
from oauthclient_operator.reconcile.work import LASTING, Work
from oauthclient_operator.resource.key import Key, oauth_client
from oauthclient_operator.workqueue import WorkQueue
from tests.pure.simulation.operator_process import Chance
from tests.pure.simulation.queued import LoopClock
from tests.pure.virtual_time import in_virtual_time, now

HELD = 35.0


def begun(keys: Iterable[str], *, workers: int, per_group: int, later: Iterable[str] = ()) -> list[tuple[str, float]]:
    """Return when work on each key begins that hangs where its name ends in a digit; some are added after a second."""
    found: list[tuple[str, float]] = []

    async def work(key: str) -> None:
        found.append((key, now()))
        await asyncio.sleep(HELD if key[-1].isdigit() else 0.5)

    async def main() -> None:
        queue = WorkQueue(
            work, workers=workers, per_group=per_group, lasting=LASTING, groups=lambda key: (key[0], None)
        )
        running = asyncio.create_task(queue.run())
        for key in keys:
            queue.add(key)
        await asyncio.sleep(1)
        for key in later:
            queue.add(key)
        await asyncio.sleep(10 * HELD)
        queue.stop()
        await running

    in_virtual_time(main())
    return found


def test_groups_whose_keys_hang_keep_those_of_others_waiting_for_a_while_alone() -> None:
    """And have no more in work than their share for all that."""
    hanging = ["a1", "a2", "a3", "b1", "b2", "b3"]
    found = dict(begun(hanging, workers=4, per_group=2, later=["c", "cc"]))
    assert {key: at for key, at in found.items() if at < HELD} == {
        **dict.fromkeys(["a1", "a2", "b1", "b2"], 0.0),
        **dict.fromkeys(["c", "cc"], LASTING),
    }
    assert {key: at for key, at in found.items() if at >= HELD} == {"a3": HELD, "b3": HELD}


def test_a_worker_is_taken_back_where_somebody_waits_and_once() -> None:
    found = begun(["a1", "b1", "c1"], workers=1, per_group=1, later=["d"])
    assert [at for _, at in found] == [n * LASTING for n in range(4)], "each after the one before it has hung for long"


def test_no_worker_is_taken_back_while_all_wait_for_what_we_may_ask() -> None:
    found: list[tuple[str, float]] = []

    async def work(key: str) -> None:
        found.append((key, now()))
        await asyncio.sleep(HELD)

    async def main() -> None:
        queue = WorkQueue(work, workers=1, lasting=LASTING, unless=lambda: now() < 9.5, groups=lambda key: (key, None))
        running = asyncio.create_task(queue.run())
        for key in "abc":
            queue.add(key)
        await asyncio.sleep(HELD)
        queue.stop()
        await running

    in_virtual_time(main())
    assert found == [("a", 0.0), ("b", 10.0), ("c", 10.0 + LASTING)]


def test_what_hangs_is_bounded_in_all() -> None:
    keys = [f"{group}1" for group in "abcdefghij"]
    found = begun(keys, workers=2, per_group=1)
    assert sum(at < HELD for _, at in found) == 8
    assert len(found) == 10


def test_a_new_client_is_looked_at_within_seconds_though_writes_of_five_hundred_others_are_held() -> None:
    """Of fifty namespaces, which a webhook is asked about that does not answer; three writes each."""
    waited: list[float] = []

    class Passes:
        async def reconcile(self, key: Key) -> Next:
            if key.namespace == "well":
                waited.append(now() - came[key])
                return Next()
            await asyncio.sleep(3 * HELD)
            return Next(backoff=True)

        def stop(self) -> None: ...

    came = dict[Key, float]()

    async def main() -> None:
        passes: Any = Passes()
        work = Work(issuer_of=lambda *_: "", clock=LoopClock(), chance=Chance())
        work.begin(passes)
        for number in range(500):
            work.add(oauth_client(f"held-{number % 50}", f"{number}"))
        running = asyncio.create_task(work.run())
        for number in range(60):
            await asyncio.sleep(10)
            key = oauth_client("well", f"{number}")
            came[key] = now()
            work.add(key)
        work.stop()
        await running

    in_virtual_time(main())
    assert max(waited) <= LASTING
    assert len(waited) >= 59
