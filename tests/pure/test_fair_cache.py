"""Who fills a cache loses its own first, and nobody makes it grow beyond its bounds."""

import pytest

from oauthclient_operator.fair_cache import FairCache

SHARE, ALL = 10, 25


def cache() -> FairCache[str, str]:
    return FairCache(per_tenant=SHARE, in_all=ALL)


def fill(kept: FairCache[str, str], tenant: str, count: int, weight: int = 1) -> list[str]:
    keys = [f"{tenant}{number}" for number in range(count)]
    for key in keys:
        kept.put(key, key.upper(), tenant, weight)
    return keys


def there(kept: FairCache[str, str], keys: list[str]) -> list[str]:
    return [key for key in keys if kept.get(key) is not None]


def test_a_tenant_with_more_than_its_share_loses_its_own_oldest() -> None:
    kept = cache()
    good, many = fill(kept, "good", 3), fill(kept, "many", 1000)
    assert there(kept, good) == good
    assert there(kept, many) == many[-SHARE:]


def test_where_all_have_too_much_whoever_has_most_loses_its_oldest() -> None:
    kept = cache()
    fill(kept, "a", 10), fill(kept, "b", 10), fill(kept, "c", 2)
    latest = fill(kept, "d", 8)
    assert there(kept, latest) == latest
    assert there(kept, ["c0", "c1"]) == ["c0", "c1"]
    assert (kept.weight, len(kept)) == (ALL, ALL)


def test_weights_are_counted_not_entries() -> None:
    kept = cache()
    heavy = fill(kept, "a", 3, weight=4)
    assert there(kept, heavy) == heavy[1:]
    assert kept.weight == 8


def test_what_weighs_more_than_a_share_is_not_kept() -> None:
    kept = cache()
    before = fill(kept, "a", 3)
    kept.put("heavy", "HEAVY", "a", SHARE + 1)
    assert (there(kept, [*before, "heavy"]), kept.weight) == (before, 3)


@pytest.mark.parametrize("last", ["good", "many"], ids=["used last by the other", "used last by the one that fills it"])
def test_what_another_tenant_uses_stays_when_one_of_its_users_fills_the_cache(last: str) -> None:
    kept = cache()
    kept.put("shared", "SHARED", "many")
    assert kept.use("shared", "good") == "SHARED"
    assert kept.use("shared", last) == "SHARED"
    fill(kept, "many", 1000)
    assert kept.get("shared") == "SHARED"
    fill(kept, "good", 1000)
    assert kept.get("shared") is None, "nobody pays for it any more"


def test_what_a_tenant_puts_anew_is_still_its_other_users_too() -> None:
    kept = cache()
    kept.put("shared", "SHARED", "good")
    kept.put("shared", "NEWER", "many")
    fill(kept, "many", 1000)
    assert kept.get("shared") == "NEWER"


def test_what_another_makes_grow_costs_a_tenant_that_alone() -> None:
    kept = cache()
    good = fill(kept, "good", SHARE - 1)
    kept.put("shared", "SHARED", "good")
    kept.put("shared", "GROWN", "many", 2)
    assert there(kept, good) == good
    assert kept.get("shared") == "GROWN", "who made it grow pays"
    fill(kept, "many", 1000)
    assert kept.get("shared") is None


def test_what_many_use_is_counted_once_in_all_and_a_little_for_each_further_user() -> None:
    kept: FairCache[str, str] = FairCache(per_tenant=10, in_all=25, per_user=2)
    for tenant in "abcdefgh":
        kept.put("shared", "SHARED", tenant, 8)
    assert kept.weight == 8 + 7 * 2
    kept.put("shared", "SHARED", "i", 8)
    assert (kept.weight, kept.get("shared")) == (8 + 8 * 2, "SHARED")
    kept.put("shared", "SHARED", "j", 8)
    assert (kept.weight, kept.get("shared")) == (8 + 8 * 2, "SHARED"), "one gives it up, the others keep it"
    kept.pop("shared")
    assert (kept.weight, kept._of, kept._charged) == (0, {}, {})


def test_a_use_makes_it_the_newest_and_a_look_does_not() -> None:
    kept = cache()
    keys = fill(kept, "a", SHARE)
    kept.use(keys[0], "a")
    kept.get(keys[1])
    kept.put("new", "NEW", "a")
    assert there(kept, [*keys[:3], "new"]) == [keys[0], keys[2], "new"]


def test_nothing_is_left_of_what_is_forgotten_and_of_those_who_have_nothing() -> None:
    kept = cache()
    for number in range(1000):
        kept.put("one", "ONE", f"tenant-{number}")
    kept.pop("one")
    kept.pop("one")
    assert (len(kept), kept.weight, kept.use("one", "a"), kept._of, kept._charged) == (0, 0, None, {}, {})
