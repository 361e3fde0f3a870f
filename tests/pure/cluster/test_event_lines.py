"""Events are cut from a watch's bytes; one that is too large makes whoever watches list anew."""

import json

import pytest

from oauthclient_operator.cluster import event_lines
from oauthclient_operator.cluster.event_lines import LIST_ANEW, EventLines


def test_it_does_not_matter_how_the_bytes_come() -> None:
    body = b'{"a":1}\n\n{"b":2}\n  \n{"c":'
    for size in range(1, len(body) + 1):
        lines = EventLines()
        found = [line for at in range(0, len(body), size) for line in lines.feed(body[at : at + size])]
        assert found == [b'{"a":1}', b'{"b":2}'], "what is not whole is no event"


def test_an_event_that_is_too_large_is_never_held_and_has_its_object_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_lines, "LARGEST", 100)
    lines = EventLines()
    assert lines.feed(b"a\n" + b"x" * 60) == [b"a"]
    for _ in range(50):
        assert lines.feed(b"x" * 60) == []
        assert sum(map(len, lines._parts)) <= 160
    assert lines.feed(b"x\nb\n") == [LIST_ANEW, b"b"]
    assert json.loads(LIST_ANEW)["object"]["code"] == 410
