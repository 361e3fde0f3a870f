"""What a resource says reaches a terminal without control characters, and not without end."""

from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.kubectl_plugin import answers, tables
from oauthclient_operator.kubectl_plugin.checks import holding
from oauthclient_operator.kubectl_plugin.turns import Standing
from oauthclient_operator.status import MESSAGE_LIMIT

HOSTILE: Final = "\x1b]0;owned\x07\x1b[2J\rall is well\n\u202eweb: done: registered"
FORBIDDEN: Final = ("\x1b", "\x07", "\r", "\u202e")
AT: Final = "2026-01-01T12:00:00Z"


def body(said: str, *, ready: str = "False") -> dict[str, Any]:
    conditions = [
        {"type": kind, "status": status, "reason": said, "message": said, "lastTransitionTime": AT}
        for kind, status in (("Ready", ready), ("Renewing", "False"))
    ]
    status = {
        "observedGeneration": 1,
        "conditions": conditions,
        "clientID": said,
        "secret": {"name": said, "uid": "u", "resourceVersion": "1"},
    }
    return {"metadata": {"namespace": "shop", "name": "web", "generation": 1}, "status": status}


def every_table(said: str) -> list[str]:
    standing = Standing.of(body(said))
    return [
        tables.one(standing),
        tables.one(Standing.of(body(said, ready="True"))),
        tables.standings([standing], all_namespaces=False),
        tables.standings([standing], all_namespaces=True),
        tables.checks([holding(said, False, said)]),
    ]


def test_no_table_lets_a_control_character_through() -> None:
    for text in every_table(HOSTILE):
        assert not [mark for mark in FORBIDDEN if mark in text], repr(text)
        assert "all is well" in text
        assert "\nweb: done" not in text


def test_no_table_is_without_end() -> None:
    for text in every_table("x" * 1_000_000):
        assert len(text) < 20 * tables.LONGEST


def test_nothing_of_the_operators_own_words_is_cut() -> None:
    said = "y" * MESSAGE_LIMIT
    assert said in tables.one(Standing.of(body(said)))
    assert f"web: {said}" in tables.standings([Standing.of(body(said))], all_namespaces=False)


@pytest.mark.parametrize("verb", ["status", "rotate"])
def test_nor_does_what_is_told_while_somebody_waits(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    stands = answers.wanted(verb, timedelta(seconds=1)).stands
    for said in (HOSTILE, "x" * 1_000_000):
        answers.telling("web")(stands(body(said)))
        shown = capsys.readouterr().err
        assert not [mark for mark in FORBIDDEN if mark in shown], repr(shown)
        assert shown.startswith("web: Ready is False")
        assert shown.count("\n") == 1
        assert len(shown) < 2 * tables.LONGEST
