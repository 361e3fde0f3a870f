"""Extent and depth of JSON are found whatever is in its strings, and however its text comes."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator.cluster.json_text import LEVELS, Extent, is_too_deep

STRINGS = st.text(alphabet='a"\\[]{}é😀\x01', max_size=6)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers() | STRINGS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STRINGS, inner, max_size=4),
    max_leaves=30,
)
CONTAINERS = st.lists(VALUES, max_size=4) | st.dictionaries(STRINGS, VALUES, max_size=4)


@given(CONTAINERS, st.sampled_from(["", ",", "]", '}"[', ',{"a":[]}']), st.booleans(), st.data())
def test_the_end_is_found_however_the_text_comes(value: Any, beyond: str, escaped: bool, data: st.DataObject) -> None:
    before, own = " [", json.dumps(value, ensure_ascii=escaped)
    text = before + own + beyond
    extent, at = Extent(), len(before)
    cuts = data.draw(st.lists(st.integers(at, len(before + own)), max_size=6).map(sorted))
    for _, stop in pairwise([0, *cuts, len(text)]):
        at, is_whole = extent.end(text[:stop], at)
        if is_whole:
            break
    assert (at, is_whole) == (len(before + own), True)


@given(CONTAINERS)
def test_what_is_cut_short_has_no_end(value: Any) -> None:
    text = json.dumps(value)
    for stop in range(len(text)):
        assert not Extent().end(text[:stop], 0)[1]


def test_an_end_is_found_across_windows_that_part_strings_and_escapes() -> None:
    for more in range(40):
        text = json.dumps({"a" * more: ['\\"]}' * 50_000, "\\" * 9000, [[] for _ in range(50_000)]]})
        assert Extent().end(text + "]", 0) == (len(text), True)


@pytest.mark.parametrize(
    ("levels", "too_deep"), [(LEVELS - 1, False), (LEVELS, False), (LEVELS + 1, True), (9000, True)]
)
@pytest.mark.parametrize("wide", [1, 600])
def test_what_is_deeper_than_is_read_is_found(levels: int, too_deep: bool, wide: int) -> None:
    inner = "[" * (levels - 2) + '"[[["' + "]" * (levels - 2)
    text = '{"a":[' + ",".join([inner, *["[]"] * 600] * wide) + "]}"
    assert is_too_deep(text) is too_deep
    assert is_too_deep(f"x{text}x", 1, 1 + len(text)) is too_deep


def test_brackets_in_strings_are_no_brackets() -> None:
    assert not is_too_deep(json.dumps({"a": "[" * 5000 + '\\"]'}))
