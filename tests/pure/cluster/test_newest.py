"""The newest copy wins, whatever the order of arrival; a list is the truth but for what was offered after it was asked for."""

import itertools

import pytest

from oauthclient_operator.cluster.newest import Copy, Newest

A, B, ELSEWHERE = ("shop", "a"), ("shop", "b"), ("other", "a")


def copy(version: int, uid: str = "u1", value: str = "") -> Copy[str]:
    return Copy(uid=uid, version=version, value=value or f"{uid}@{version}")


def shown(newest: Newest[str]) -> dict[tuple[str, str], str]:
    return dict(newest.items())


def test_in_whatever_order_copies_arrive_the_newest_stays() -> None:
    copies = [copy(1), copy(2), copy(10), copy(3, uid="u0")]
    for order in itertools.permutations(copies):
        newest: Newest[str] = Newest()
        for one in order:
            newest.offer(A, one)
        assert newest.get(A) == "u1@10"


@pytest.mark.parametrize(
    ("offered", "taken"),
    [
        (copy(6), True),
        (copy(5), False),
        (copy(4), False),
        pytest.param(copy(6, uid="u2"), True, id="a new object of the same name"),
        pytest.param(copy(4, uid="u0"), False, id="a late copy of the object that had the name before"),
    ],
)
def test_a_copy_is_taken_if_it_is_newer(offered: Copy[str], taken: bool) -> None:
    newest: Newest[str] = Newest()
    assert newest.offer(A, copy(5))
    assert newest.offer(A, offered) is taken
    assert newest.get(A) == (offered.value if taken else "u1@5")


def test_what_was_removed_is_not_brought_back_by_a_late_copy() -> None:
    newest: Newest[str] = Newest()
    newest.offer(A, copy(5))
    assert newest.remove(A, "u1", 7)
    assert not newest.offer(A, copy(6))
    assert newest.get(A) is None
    assert newest.offer(A, copy(8, uid="u2"))


def test_the_end_of_one_object_does_not_remove_another_of_its_name() -> None:
    newest: Newest[str] = Newest()
    newest.offer(A, copy(9, uid="u2"))
    for version in (7, 10):
        assert not newest.remove(A, "u1", version)
    assert newest.get(A) == "u2@9"


def test_a_late_word_of_removal_from_a_selection_does_not_undo_a_newer_copy() -> None:
    newest: Newest[str] = Newest()
    newest.offer(A, copy(8))
    assert not newest.remove(A, "u1", 7)
    assert newest.get(A) == "u1@8"


def test_only_so_many_removed_ones_are_remembered() -> None:
    newest: Newest[str] = Newest()
    for number in range(5000):
        newest.remove(("shop", str(number)), "u1", 7)
    assert len(newest._removed) == 4096
    assert not newest.offer(("shop", "4999"), copy(7))
    assert newest.offer(("shop", "0"), copy(7))


def test_a_list_adds_changes_and_removes() -> None:
    newest: Newest[str] = Newest()
    newest.offer(A, copy(1))
    newest.offer(B, copy(2))
    changed = newest.replace(None, {B: copy(5), ELSEWHERE: copy(3)}, 6, since=newest.mark())
    assert sorted(changed) == sorted([A, B, ELSEWHERE])
    assert shown(newest) == {B: "u1@5", ELSEWHERE: "u1@3"}
    assert not newest.offer(A, copy(6)), "what the list did not show at 6 cannot be alive at 6"


def test_a_list_that_shows_what_is_known_changes_nothing() -> None:
    newest: Newest[str] = Newest()
    newest.offer(A, copy(1))
    assert newest.replace(None, {A: copy(1)}, 9, since=newest.mark()) == []


def test_a_list_of_one_namespace_says_nothing_of_others() -> None:
    newest: Newest[str] = Newest()
    newest.offer(A, copy(1))
    newest.offer(ELSEWHERE, copy(2))
    assert newest.replace("shop", {}, 9, since=newest.mark()) == [A]
    assert shown(newest) == {ELSEWHERE: "u1@2"}


def test_what_we_wrote_while_the_list_was_on_its_way_stays() -> None:
    newest: Newest[str] = Newest()
    newest.offer(A, copy(1))
    mark = newest.mark()
    newest.offer(A, copy(12))
    newest.offer(B, copy(11))
    assert newest.replace(None, {A: copy(1)}, 10, since=mark) == []
    assert shown(newest) == {A: "u1@12", B: "u1@11"}


def test_after_a_restore_from_a_backup_the_list_counts_though_its_versions_are_lower() -> None:
    newest: Newest[str] = Newest()
    newest.offer(A, copy(100))
    newest.offer(B, copy(101))
    newest.remove(ELSEWHERE, "u1", 102)
    newest.replace(None, {A: copy(50)}, 60, since=newest.mark())
    assert shown(newest) == {A: "u1@50"}
    assert newest.offer(A, copy(61))
    assert newest.offer(ELSEWHERE, copy(62))
