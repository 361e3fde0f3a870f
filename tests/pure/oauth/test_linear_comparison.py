"""Who answers chooses how many members come: comparing them with what was asked looks at each once, not at each pair."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from oauthclient_operator.oauth import comparison, rfc7591
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.rfc7591 import ClientInformation, deviations, insufficiency, kept_members

ASKED, ANSWERED = 98, 12_500
"""As many as a spec may have, and as many as fit into an answer of 128 KiB."""
ASKED_NAMES = [f"client_name#a-{number}" for number in range(ASKED)]
ANSWER: dict[str, Any] = {f"m#{number}": "" for number in range(ANSWERED)}
REDIRECT_URIS = [f"https://app.example/{number}" for number in range(64)]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the members and entries that are looked at."""
    looks: Counter[str] = Counter()

    def counting(function: Callable[..., Any], size: Callable[[Any], int]) -> Callable[..., Any]:
        def call(value: Any) -> Any:
            looks["all"] += size(value)
            return function(value)

        return call

    monkeypatch.setattr(comparison, "folded", counting(comparison.folded, lambda _name: 1))
    monkeypatch.setattr(
        rfc7591, "entries", counting(comparison.entries, lambda v: len(v) if isinstance(v, list) else 1)
    )
    return looks


def answer(**members: Any) -> ClientInformation:
    return ClientInformation.parse({"client_id": "c", "client_secret": "s", **members})


def test_members_with_a_language_tag_are_found_without_a_look_at_all_for_each(counted: Counter[str]) -> None:
    asked: dict[str, Any] = dict.fromkeys(ASKED_NAMES, "Shop")
    assert deviations(ClientMetadata.confirmed(asked), answer(**ANSWER)) == tuple(sorted(ASKED_NAMES))
    assert counted["all"] <= ANSWERED + ASKED


def test_members_that_were_taken_out_are_looked_for_in_the_same_way(counted: Counter[str]) -> None:
    previous: dict[str, Any] = dict.fromkeys(ASKED_NAMES, "Shop")
    held = {"client_name#A-0": "Shop"}
    assert kept_members(previous, {}, answer(**ANSWER, **held)) == (ASKED_NAMES[0],)
    assert counted["all"] <= ANSWERED + 1 + ASKED


def test_redirect_uris_are_compared_with_those_of_the_answer_read_once(counted: Counter[str]) -> None:
    asked = ClientMetadata.confirmed({"redirect_uris": [*REDIRECT_URIS]})
    others: list[Any] = ["a"] * ANSWERED
    assert insufficiency(asked, answer(redirect_uris=others)) is not None
    assert counted["all"] <= ANSWERED + len(REDIRECT_URIS)
