"""How many items a page is asked for follows how large the last one was."""

from typing import Any

import pytest

from oauthclient_operator.cluster.pages import Pages
from oauthclient_operator.errors import MalformedObject


def page(onward: str = "more", version: str = "7") -> dict[str, Any]:
    return {"metadata": {"resourceVersion": version, "continue": onward}, "items": None}


def test_small_pages_grow_and_large_ones_shrink_until_they_are_of_one_item() -> None:
    pages = Pages({"fieldSelector": "a=b"})
    limits = []
    for size in (1 << 20, 1 << 20, 1 << 20, 50 << 20, 50 << 20, 50 << 20, 50 << 20, 50 << 20, 1 << 20):
        limits.append(int(pages.query()["limit"]))
        assert pages.follows(page(), size)
    assert limits == [100, 200, 400, 500, 125, 31, 7, 1, 1]
    assert pages.query() == {"fieldSelector": "a=b", "continue": "more", "limit": "2"}


def test_the_last_page_tells_the_version() -> None:
    pages = Pages()
    assert not pages.follows(page(""), 1)
    assert pages.version == 7


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"items": None},
        {"metadata": {}, "items": None},
        {"metadata": {"resourceVersion": "7"}},
        {"metadata": {"resourceVersion": "7"}, "items": 5},
        page(version="x"),
        {"metadata": {"resourceVersion": "7", "continue": 5}, "items": None},
    ],
)
def test_what_is_no_list_is_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(MalformedObject):
        Pages().follows(odd, 1)
