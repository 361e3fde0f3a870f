"""Of a large or deep object nothing is read but what is kept, in few steps and few bytes, whatever it is made of."""

import json
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from oauthclient_operator import names
from oauthclient_operator.cluster import kept
from oauthclient_operator.cluster.json_text import LEVELS
from oauthclient_operator.cluster.list_reader import ListReader
from oauthclient_operator.cluster.outline import LARGE, outline, outlined, parse
from oauthclient_operator.errors import InvalidClientMetadata
from oauthclient_operator.oauth.client_metadata import ClientMetadata

from .test_json_text import VALUES

SIZE = 1_300_000
"""Characters; what etcd takes is a little more."""
WINDOWS = 8 << 20
"""Bytes that it may take to look at a part of a text."""
IDENTITY: dict[str, Any] = {"namespace": "shop", "name": "web", "uid": "u1", "resourceVersion": "7"}
EXTENSIONS = {
    "lists": "[" + ",".join(["[]"] * (SIZE // 3)) + "]",
    "objects": "[" + ",".join(["{}"] * (SIZE // 3)) + "]",
    "numbers": "[" + ",".join(["1"] * (SIZE // 2)) + "]",
    "empty strings": "[" + ",".join(['""'] * (SIZE // 3)) + "]",
    "strings of brackets": "[" + ",".join(['"[{"'] * (SIZE // 5)) + "]",
    "escapes": '"' + "\\u003c" * SIZE + '"',
    "members": json.dumps({f"{n:x}": 1 for n in range(SIZE // 10)}),
    "deep lists": "[" + ",".join(["[" * 900 + "]" * 900] * (SIZE // 1800)) + "]",
    "lists as deep as is read": "[" + ",".join(["[" * 50 + "]" * 50] * (SIZE // 100)) + "]",
    "many lists far below": "[" * 5000 + ",".join(["[]"] * (SIZE // 3)) + "]" * 5000,
    "many levels, each with a list before": '{"a":[[],' * (SIZE // 20) + "1" + "]}" * (SIZE // 20),
}
METADATA: dict[str, dict[str, Any]] = {
    "labels": {"labels": {f"l{n:x}": "" for n in range(100_000)}},
    "owners": {
        "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "n", "uid": str(n)} for n in range(14_000)]
    },
    "managed fields": {"managedFields": [{"fieldsV1": {f"f:{n}": {} for n in range(100_000)}}]},
    "finalizers": {"finalizers": [f"a.b/{n:x}" for n in range(100_000)]},
}


def resource(extension: str = "1", metadata: dict[str, Any] | None = None) -> str:
    body = {
        "apiVersion": names.API_VERSION,
        "kind": names.KIND,
        "metadata": IDENTITY | {"annotations": {names.RESOLVE_ANNOTATION: "u1/1"}} | (metadata or {}),
        "spec": {"clientMetadata": {"x": "HERE"}, "issuer": "https://idp", "policy": {"deletion": "Retain"}},
        "status": {"clientID": "a"},
    }
    return json.dumps(body, separators=(",", ":")).replace('"HERE"', extension)


def cost(act: Callable[[], object]) -> tuple[int, int]:
    """Return how many functions were called, those in C included, and how many bytes there were at most."""
    calls = 0

    def count(_frame: object, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
    tracemalloc.start()
    try:
        act()
        return calls, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def listed(*items: str) -> list[Any]:
    found: list[Any] = []
    reader = ListReader(lambda item: found.append(kept.resource(item)))  # type: ignore[arg-type] # an object
    text = f'{{"metadata":{{"resourceVersion":"9"}},"items":[{",".join(items)}]}}'.encode()
    for begin in range(0, len(text), 100_000):
        reader.feed(text[begin : begin + 100_000])
    reader.end()
    return found


@pytest.mark.parametrize("extension", EXTENSIONS.values(), ids=EXTENSIONS.keys())
def test_client_metadata_of_a_megabyte_take_few_steps_and_few_bytes_in_a_list(extension: str) -> None:
    text = resource(extension)
    calls, most = cost(lambda: listed(text))
    assert calls < len(text) / 100, "not one for each bracket, string or member"
    assert most < 4 * len(text) + WINDOWS, "the text, and no object for each of its values"


@pytest.mark.parametrize("extension", EXTENSIONS.values(), ids=EXTENSIONS.keys())
def test_client_metadata_of_a_megabyte_take_few_steps_and_few_bytes_in_an_event(extension: str) -> None:
    text = f'{{"type":"MODIFIED","object":{resource(extension)}}}'
    calls, most = cost(lambda: outlined(text))
    assert calls < len(text) / 100
    assert most < 2 * len(text) + WINDOWS


@pytest.mark.parametrize("extension", EXTENSIONS.values(), ids=EXTENSIONS.keys())
def test_they_are_too_large_and_all_else_is_as_it_is(extension: str) -> None:
    first, item, last = listed(resource(), resource(extension), resource())
    assert first == last == kept.resource(json.loads(resource()))
    with pytest.raises(InvalidClientMetadata, match="larger than 64 KiB"):
        ClientMetadata.parse(item["spec"].pop("clientMetadata"))
    first["spec"].pop("clientMetadata")
    assert item == first


@pytest.mark.parametrize("metadata", METADATA.values(), ids=METADATA.keys())
def test_whatever_an_objects_metadata_are_made_of_they_are_read_in_few_steps(metadata: dict[str, Any]) -> None:
    text = json.dumps({"type": "MODIFIED", "object": json.loads(resource("1", metadata))}, separators=(",", ":"))
    calls, most = cost(lambda: outlined(text))
    assert calls < len(text) / 100
    assert most < 2 * len(text) + (16 << 20), "few enough objects"
    found: Any = outlined(text)
    for keep in (kept.resource, lambda body: kept.secret(body["metadata"])):
        assert keep(found["object"]) == keep(json.loads(text)["object"])


def test_client_metadata_that_are_too_deep_are_said_to_be() -> None:
    nested = resource("[" * 5000 + "]" * 5000)
    (item,) = listed(nested)
    found: Any
    for found in (item, parse(nested), outlined(nested)):
        with pytest.raises(InvalidClientMetadata, match="nested too deeply"):
            ClientMetadata.parse(found["spec"]["clientMetadata"])
        assert found["spec"]["policy"] == {"deletion": "Retain"}


def test_a_record_or_secret_with_much_in_it_is_read_whole_where_it_is_read_by_name() -> None:
    secret = {"metadata": IDENTITY | {"labels": {f"l{n}": "" for n in range(50_000)}}, "data": {"a": "x" * LARGE}}
    assert parse(json.dumps(secret)) == secret


@given(VALUES, VALUES, VALUES)
def test_what_is_neither_large_nor_deep_is_read_as_it_is(spec: Any, metadata: Any, status: Any) -> None:
    event = {"type": "ADDED", "object": {"metadata": metadata, "spec": {"clientMetadata": spec}, "status": status}}
    assert outline(json.dumps(event)) == event
    assert outline(f" {json.dumps(event, ensure_ascii=False, indent=1)}\n") == event


@pytest.mark.parametrize(
    "text",
    [
        *("{", '{"a"}', '{"a":1', '{"a":[}', '{"a":1,}', "{1:2}", '{"a":1}x', '{"a":1 "b":2}'),
        pytest.param("{" + "[" * 100_000, id="a hundred thousand brackets in the place of a name"),
    ],
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|Expecting|delimiter"):
        outline(text)


def test_what_is_no_object_is_nothing() -> None:
    assert outline("[" * (LEVELS + 1) + "]" * (LEVELS + 1)) is None
