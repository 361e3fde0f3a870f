"""The newest copy wins, whatever the order of arrival; a list is the truth but for what was offered after it was asked for."""

import itertools

import pytest

from oauthclient_operator.cluster.versioned_cache import Copy, VersionedCache

A, B, ELSEWHERE = ("shop", "a"), ("shop", "b"), ("other", "a")


def copy(version: int, uid: str = "u1", value: str = "") -> Copy[str]:
    return Copy(uid=uid, version=version, value=value or f"{uid}@{version}")


def shown(cache: VersionedCache[str]) -> dict[tuple[str, str], str]:
    return dict(cache.items())


def test_in_whatever_order_copies_arrive_the_newest_stays() -> None:
    copies = [copy(1), copy(2), copy(10), copy(3, uid="u0")]
    for order in itertools.permutations(copies):
        cache: VersionedCache[str] = VersionedCache()
        for one in order:
            cache.offer(A, one)
        assert cache.get(A) == "u1@10"


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
    cache: VersionedCache[str] = VersionedCache()
    assert cache.offer(A, copy(5))
    assert cache.offer(A, offered) is taken
    assert cache.get(A) == (offered.value if taken else "u1@5")


def test_what_was_removed_is_not_brought_back_by_a_late_copy() -> None:
    cache: VersionedCache[str] = VersionedCache()
    cache.offer(A, copy(5))
    assert cache.remove(A, "u1", 7)
    assert not cache.offer(A, copy(6))
    assert cache.get(A) is None
    assert cache.offer(A, copy(8, uid="u2"))


def test_the_end_of_one_object_does_not_remove_another_of_its_name() -> None:
    cache: VersionedCache[str] = VersionedCache()
    cache.offer(A, copy(9, uid="u2"))
    for version in (7, 10):
        assert not cache.remove(A, "u1", version)
    assert cache.get(A) == "u2@9"


def test_a_late_word_of_removal_from_a_selection_does_not_undo_a_newer_copy() -> None:
    cache: VersionedCache[str] = VersionedCache()
    cache.offer(A, copy(8))
    assert not cache.remove(A, "u1", 7)
    assert cache.get(A) == "u1@8"


def test_only_so_many_removed_ones_are_remembered() -> None:
    cache: VersionedCache[str] = VersionedCache()
    for number in range(5000):
        cache.remove(("shop", str(number)), "u1", 7)
    assert len(cache._tombstones) == 4096
    assert not cache.offer(("shop", "4999"), copy(7))
    assert cache.offer(("shop", "0"), copy(7))


def test_a_list_adds_changes_and_removes() -> None:
    cache: VersionedCache[str] = VersionedCache()
    cache.offer(A, copy(1))
    cache.offer(B, copy(2))
    changed = cache.replace(None, {B: copy(5), ELSEWHERE: copy(3)}, 6, since=cache.mark())
    assert sorted(changed) == sorted([A, B, ELSEWHERE])
    assert shown(cache) == {B: "u1@5", ELSEWHERE: "u1@3"}
    assert not cache.offer(A, copy(6)), "what the list did not show at 6 cannot be alive at 6"


def test_a_list_that_shows_what_is_known_changes_nothing() -> None:
    cache: VersionedCache[str] = VersionedCache()
    cache.offer(A, copy(1))
    assert cache.replace(None, {A: copy(1)}, 9, since=cache.mark()) == []


def test_a_list_of_one_namespace_says_nothing_of_others() -> None:
    cache: VersionedCache[str] = VersionedCache()
    cache.offer(A, copy(1))
    cache.offer(ELSEWHERE, copy(2))
    assert cache.replace("shop", {}, 9, since=cache.mark()) == [A]
    assert shown(cache) == {ELSEWHERE: "u1@2"}


def test_what_we_wrote_while_the_list_was_on_its_way_stays() -> None:
    cache: VersionedCache[str] = VersionedCache()
    cache.offer(A, copy(1))
    mark = cache.mark()
    cache.offer(A, copy(12))
    cache.offer(B, copy(11))
    assert cache.replace(None, {A: copy(1)}, 10, since=mark) == []
    assert shown(cache) == {A: "u1@12", B: "u1@11"}


def test_after_a_restore_from_a_backup_the_list_counts_though_its_versions_are_lower() -> None:
    cache: VersionedCache[str] = VersionedCache()
    cache.offer(A, copy(100))
    cache.offer(B, copy(101))
    cache.remove(ELSEWHERE, "u1", 102)
    cache.replace(None, {A: copy(50)}, 60, since=cache.mark())
    assert shown(cache) == {A: "u1@50"}
    assert cache.offer(A, copy(61))
    assert cache.offer(ELSEWHERE, copy(62))
