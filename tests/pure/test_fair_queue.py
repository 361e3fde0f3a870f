"""Whoever waits in a group of many delays a group of one by one."""

from oauthclient_operator.fair_queue import FairQueue


def order(queue: FairQueue[str]) -> list[str]:
    return [queue.next() for _ in range(len(queue))]


def test_groups_have_turns_and_subgroups_within_them() -> None:
    queue: FairQueue[str] = FairQueue()
    for key, group, subgroup in (
        ("a1", "a", "x"),
        ("a2", "a", "x"),
        ("a3", "a", "y"),
        ("b1", "b", "x"),
        ("a4", "a", "x"),
        ("b2", "b", "x"),
    ):
        queue.add(key, group, subgroup)
    assert order(queue) == ["a1", "b1", "a3", "b2", "a2", "a4"]


def test_a_thousand_of_another_group_are_one_keys_delay() -> None:
    queue: FairQueue[str] = FairQueue()
    for number in range(1000):
        queue.add(f"many-{number}", "many", "")
    queue.add("one", "one", "")
    assert order(queue).index("one") == 1


def test_in_a_group_first_come_is_first_served() -> None:
    queue: FairQueue[str] = FairQueue()
    for key in "abc":
        queue.add(key, None, None)
    assert queue.next() == "a"
    queue.add("a", None, None)
    assert "a" in queue
    assert order(queue) == ["b", "c", "a"]
    assert "a" not in queue
    queue.add("d", None, None)
    queue.clear()
    assert not len(queue)


def test_who_takes_long_waits_until_the_others_have_used_as_much() -> None:
    queue: FairQueue[str] = FairQueue()
    for number in range(100):
        queue.add(f"slow-{number}", "slow", "")
        queue.add(f"quick-{number}", "quick", "")
    begun = []
    for _ in range(110):
        key = queue.next()
        begun.append(key)
        queue.done(key, 0.3 if key.startswith("slow") else 0.001)
    assert sum(key.startswith("quick") for key in begun) == 100
    assert begun.index("quick-99") <= 101, "one slow key was begun before it was known how long it takes"


def test_a_pause_makes_no_debt_forgotten_and_saves_nothing_up() -> None:
    queue: FairQueue[str] = FairQueue()
    queue.add("slow-0", "slow", "")
    queue.done(queue.next(), 10.0)
    for number in range(20):
        queue.add(f"quick-{number}", "quick", "")
    queue.add("slow-1", "slow", "")
    begun = []
    for _ in range(21):
        begun.append(queue.next())
        queue.done(begun[-1], 0.1)
    assert begun[-1] == "slow-1"
    # Whoever was away for all that time has no more than its turn.
    for number in range(20):
        queue.add(f"quick-{number}", "quick", "")
        queue.add(f"idle-{number}", "idle", "")
    begun = []
    for _ in range(20):
        begun.append(queue.next())
        queue.done(begun[-1], 0.1)
    assert sum(key.startswith("quick") for key in begun) >= 8


def test_of_one_group_no_more_are_in_work_than_its_share() -> None:
    queue: FairQueue[str] = FairQueue(at_once=2)
    for number in range(5):
        queue.add(f"many-{number}", "many", "")
    taken = [queue.next(), queue.next()]
    assert (queue.has_next, len(queue)) == (False, 3)
    queue.add("one", "one", "")
    assert queue.next() == "one"
    assert not queue.has_next
    queue.done(taken[0], 0.0)
    assert queue.next() == "many-2"


def test_tenants_that_went_are_forgotten() -> None:
    queue: FairQueue[str] = FairQueue()
    for number in range(10_000):
        queue.add("key", f"tenant-{number}", "")
        queue.done(queue.next(), 0.0)
    assert len(queue._groups) < 1000


def test_who_always_has_one_in_work_saves_nothing_up_by_it() -> None:
    queue: FairQueue[str] = FairQueue()
    queue.add("hangs", "evil", "")
    assert queue.next() == "hangs"
    for number in range(100):
        queue.add(f"good-{number}", "good", "")
        queue.done(queue.next(), 0.6)
    for number in range(10):
        queue.add(f"evil-{number}", "evil", "")
        queue.add(f"good-again-{number}", "good", "")
    begun = []
    for _ in range(6):
        key = queue.next()
        begun.append(key.startswith("good"))
        queue.done(key, 0.6)
    assert sum(begun) >= 2
