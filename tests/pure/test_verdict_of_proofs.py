"""What a proof came to is said in one sentence's half, each in its own words."""

import pytest

from oauthclient_operator.oauth.proof.results import (
    Doubt,
    NotKnown,
    NotProvable,
    Obstacle,
    Refused,
    Unavailable,
    Valid,
)
from oauthclient_operator.verdict.proving import found

RESULTS: list[Valid | Refused | NotKnown | Unavailable | NotProvable] = [
    Valid(),
    Refused(known=True),
    Refused(known=False),
    Unavailable(why="the answer was HTTP 429"),
    *map(NotKnown, Doubt),
    *map(NotProvable, Obstacle),
]


def test_each_result_has_words_of_its_own() -> None:
    said = [found(result) for result in RESULTS]
    assert len({*said}) == len(RESULTS)
    assert [words for words in said if "\n" in words or words.endswith(".")] == []


@pytest.mark.parametrize("result", [NotKnown(Doubt.ELSEWHERE), NotProvable(Obstacle.ELSEWHERE)], ids=repr)
def test_what_an_administrator_can_do_is_said(result: NotKnown | NotProvable) -> None:
    assert "--allow-endpoint-origin" in found(result)


def test_what_could_not_be_asked_says_why() -> None:
    assert "HTTP 429" in found(Unavailable(why="the answer was HTTP 429"))


def test_a_client_that_is_unknown_is_not_called_deleted_alone() -> None:
    """An administrator's "disabled" looks the same."""
    assert "deleted or disabled" in found(Refused(known=False))
