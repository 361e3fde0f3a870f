"""An answer that a newer record could not take stands beside it, as version 0.1.0 left it there."""

import json
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.oauth.outcome import Committed, Outcome
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.unread_answer import UnreadAnswer
from tests.pure.record.steps import LOST, refused
from tests.pure.record.stored_secrets import shown
from tests.pure.records import ANSWER, call, empty_record

MADE = call(empty_record(), CallKind.REGISTER)


def test_it_is_the_line_that_version_0_1_0_wrote() -> None:
    line: str = shown("raw-answer")["data"][names.RAW_ANSWER_KEY]
    entry: dict[str, Any] = json.loads(line)
    assert UnreadAnswer(**entry).line().decode() == line


@pytest.mark.parametrize(
    ("outcome", "answer"), [(Committed(members=ANSWER), ANSWER), (LOST, "Ambiguous"), (refused(), "Rejected")], ids=str
)
def test_it_names_its_call_and_holds_the_answer_whole_or_says_what_came_of_it(outcome: Outcome, answer: object) -> None:
    unread = UnreadAnswer.of(MADE, outcome)
    assert (unread.call, unread.nonce, unread.answer) == (1, "nonce-1", answer)
    assert unread.line().endswith(b"\n")
    assert json.loads(unread.line()) == {"call": 1, "nonce": "nonce-1", "answer": answer}
    assert "s1" not in repr(unread)


def test_other_letters_stay_as_they_are() -> None:
    assert "ウェブ店" in UnreadAnswer(call=1, nonce="n", answer={"client_name": "ウェブ店"}).line().decode()
