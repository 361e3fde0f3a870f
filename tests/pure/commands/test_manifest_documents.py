"""YAML is read as kubectl reads it, with the line of every value, and nothing is built of it that was not written."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator.commands.manifests.documents import MOST_VALUES, Document, documents
from oauthclient_operator.errors import UnreadableManifest
from tests.processor_time import least


def read(text: str) -> list[Any]:
    return [document.value for document in documents(text)]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("text", "text"),
        ("12", 12),
        ("-1_000", -1000),
        ("0x1F", 31),
        ("0b101", 5),
        ("010", 8),
        ("0o10", 8),
        ("0x", "0x"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("yes", True),
        ("OFF", False),
        ("y", "y"),
        ("~", None),
        ("", None),
        ("'12'", "12"),
        ('"yes"', "yes"),
        ("!!str 12", "12"),
        ("2026-11-29", "2026-11-29"),
        ("1:30", "1:30"),
        ("[a, {b: c}]", ["a", {"b": "c"}]),
        ("!Ref bucket", "bucket"),
        ("9" * 401, "9" * 401),
    ],
)
def test_a_value_is_what_kubectl_makes_of_it(written: str, value: Any) -> None:
    assert read(f"a: {written}") == [{"a": value}]


def test_a_number_that_json_does_not_have_is_infinite_and_so_refused_where_it_is_sent() -> None:
    assert read("[.inf, -.INF, .nan, 1e999]") == [[float("inf")] * 4]


def test_documents_are_counted_as_they_are_written_and_empty_ones_are_left_out() -> None:
    found = list(documents("# a\n---\n---\na: 1\n---\n# b\n---\nb: 2\n"))
    assert [(document.number, document.value) for document in found] == [(2, {"a": 1}), (4, {"b": 2})]


def test_each_value_knows_its_line_and_what_is_not_there_that_of_what_it_would_stand_in() -> None:
    (document,) = documents("a:\n  b:\n    - c\n    - d: 1\n  e: {f: 2,\n    g: 3}\n")
    paths: list[tuple[str | int, ...]] = [(), ("a",), ("a", "b", 0), ("a", "b", 1, "d"), ("a", "e", "g"), ("a", "x", 1)]
    assert [document.line(path) for path in paths] == [1, 1, 3, 4, 6, 1]


def test_json_is_read_with_its_lines_too() -> None:
    (document,) = documents('{\n\t"a": "\\u003c",\n\t"b": [true, null]\n}\n')
    assert (document.value, document.line(("b",))) == ({"a": "<", "b": [True, None]}, 3)


def test_anchors_aliases_and_merges_are_followed() -> None:
    text = "base: &base {a: 1, b: 2}\nother: &other {b: 3}\nmerged:\n  <<: [*other, *base]\n  c: 4\nsame: *base\n"
    (found,) = read(text)
    assert (found["merged"], found["same"]) == ({"a": 1, "b": 3, "c": 4}, {"a": 1, "b": 2})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("a: b: c", "line 1: this is no YAML: mapping values are not allowed", id="no YAML"),
        pytest.param("a: 1\nb: [\n", "line 3: this is no YAML", id="unfinished"),
        pytest.param("a: \x01", "line 1: this is no YAML: ", id="a control character"),
        pytest.param("a: 1\nb: 2\na: 3\n", 'line 3: "a" is there twice', id="twice"),
        pytest.param("? [a]\n: b\n", "line 1: the name of a member is no text", id="a name that is a list"),
        pytest.param("a: *b", "line 1: an alias has no anchor before it", id="no anchor"),
        pytest.param("a: &a [*a]", "line 1: an alias has no anchor before it", id="what holds itself"),
        pytest.param("[" * 70 + "]" * 70, "line 1: it is nested deeper than 64 levels", id="too deep"),
        pytest.param("{{ .Values.a }}: 1\n", "a template has to be rendered first", id="a template"),
    ],
)
def test_what_cannot_be_relied_on_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(UnreadableManifest) as refused:
        read(text)
    assert said in str(refused.value)


def test_what_stands_before_it_is_read() -> None:
    found: list[Document] = []
    with pytest.raises(UnreadableManifest):
        found.extend(documents("a: 1\n---\nb: [\n"))
    assert [document.value for document in found] == [{"a": 1}]


@given(st.text(max_size=40) | st.text(alphabet="ab:-[]{},&*<!|>'\"# \n\t%?0x.", max_size=60))
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    try:
        for document in documents(text):
            assert document.line(("a", 0)) >= 1
    except UnreadableManifest as refused:
        said = str(refused)
    else:
        said = "line 1: nothing"
    assert said.startswith("line ")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
            + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 40)),
            id="a thousand million laughs",
        ),
        pytest.param(f"a: &a {'x' * 1_000_000}\nb: [{', '.join(['*a'] * 1000)}]\n", id="one long text many times"),
        pytest.param(f"[{'x,' * (MOST_VALUES + 1)}]", id="too many values"),
    ],
)
def test_a_small_text_does_not_become_a_large_value(text: str) -> None:
    def refused() -> None:
        with pytest.raises(UnreadableManifest, match=f"more than {MOST_VALUES} values"):
            read(text)

    assert least(refused, below=30) < 30
