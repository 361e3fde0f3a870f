"""Whoever waits in a group of many delays a group of one by one."""

from oauthclient_operator.turns import Turns


def order(turns: Turns[str]) -> list[str]:
    return [turns.next() for _ in range(len(turns))]


def test_groups_have_turns_and_subgroups_within_them() -> None:
    turns: Turns[str] = Turns()
    for key, group, subgroup in (
        ("a1", "a", "x"),
        ("a2", "a", "x"),
        ("a3", "a", "y"),
        ("b1", "b", "x"),
        ("a4", "a", "x"),
        ("b2", "b", "x"),
    ):
        turns.add(key, group, subgroup)
    assert order(turns) == ["a1", "b1", "a3", "b2", "a2", "a4"]


def test_a_thousand_of_another_group_are_one_keys_delay() -> None:
    turns: Turns[str] = Turns()
    for number in range(1000):
        turns.add(f"many-{number}", "many", "")
    turns.add("one", "one", "")
    assert order(turns).index("one") == 1


def test_in_a_group_first_come_is_first_served() -> None:
    turns: Turns[str] = Turns()
    for key in "abc":
        turns.add(key, None, None)
    assert turns.next() == "a"
    turns.add("a", None, None)
    assert "a" in turns
    assert order(turns) == ["b", "c", "a"]
    assert "a" not in turns
    turns.add("d", None, None)
    turns.clear()
    assert not len(turns)
