"""A list is read item by item, however its bytes come, and one that is not whole is none."""

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator.cluster import list_reader
from oauthclient_operator.cluster.json_text import LEVELS
from oauthclient_operator.cluster.list_reader import ListReader

ITEMS = [{"a": n, "s": '}]\\"é😀', "n": [1, {"b": None}]} for n in range(5)]
ABOUT = {"kind": "List", "metadata": {"resourceVersion": "5", "continue": None}, "n": 12}
BODY = json.dumps({**ABOUT, "items": ITEMS, "last": True}, ensure_ascii=False).encode()


def read(*chunks: bytes) -> tuple[list[Any], dict[str, Any]]:
    items: list[Any] = []
    reader = ListReader(items.append)
    for chunk in chunks:
        reader.feed(chunk)
    about = reader.end()
    assert reader.size == sum(map(len, chunks))
    return items, about


@given(st.lists(st.integers(1, len(BODY) - 1), max_size=40).map(sorted))
def test_it_does_not_matter_how_the_bytes_come(cuts: list[int]) -> None:
    ends = [0, *cuts, len(BODY)]
    items, about = read(*(BODY[begin:end] for begin, end in pairwise(ends)))
    assert items == ITEMS
    assert about == {**ABOUT, "items": None, "last": True}


@pytest.mark.parametrize(
    ("text", "items"), [('{"items":[]}', []), ('{ "items" : null }', []), ("{}", []), ('{"items":[ 1 , 2 ] }', [1, 2])]
)
def test_a_list_may_be_empty(text: str, items: list[Any]) -> None:
    assert read(text.encode())[0] == items


@pytest.mark.parametrize("at", range(0, len(BODY), 7))
def test_a_list_that_was_cut_short_is_none(at: int) -> None:
    with pytest.raises(ValueError, match=r"JSON|utf-8"):
        read(BODY[:at])


@pytest.mark.parametrize("text", ["[]", "null", '{"a":1}x', '{"items":[1 2]}', '{"a" 1}', "{a:1}", '"x"', "\udcff"])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|utf-8"):
        read(text.encode(errors="surrogateescape"))


def test_an_item_that_no_api_server_stores_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_reader, "LARGEST", 1000)
    with pytest.raises(ValueError, match="too large"):
        read(b'{"items":["', *[b"x" * 100] * 50)


def test_an_item_that_is_nested_deeper_than_python_reads_does_not_hide_the_others() -> None:
    deep = "[" * 5000 + '"]"' + "]" * 5000
    body = f'{{"items":[{{"x":{deep},"s":"}}"}},{{"y":1}}]}}'.encode()
    for size in (1000, len(body)):
        items, _ = read(*(body[begin : begin + size] for begin in range(0, len(body), size)))
        assert items[0]["s"] == "}"
        assert items[1] == {"y": 1}


@pytest.mark.parametrize("depth", [LEVELS, 501, *range(900, 1100, 25), 5000])
def test_what_could_be_read_is_never_too_deep_for_who_reads_it_next(depth: int) -> None:
    nested = b'{"items":[{"a":' + b"[" * depth + b"]" * depth + b"}]}"
    (item,), _ = read(nested)
    # Further down in the stack than where it was read, as whoever keeps it is.
    assert _deeper(300, lambda: json.loads(json.dumps(item))) == item


def _deeper(frames: int, act: Callable[[], Any]) -> Any:
    return act() if not frames else _deeper(frames - 1, act)
