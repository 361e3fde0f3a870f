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
