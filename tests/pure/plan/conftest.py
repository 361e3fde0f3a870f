"""What is planned in these tests has to say that it is tried again where only a person can mend it, and only if it is."""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from oauthclient_operator.names import Reason
from oauthclient_operator.plan.action import Wait

_SAID: Final = re.compile(r"from time to time|slowly by itself|the request is repeated|are read again")
_UNTIL_SOMETHING_ELSE: Final = frozenset(
    {
        # A secret expires then, or another one leaves.
        Reason.INVALID_SPEC,
        # A late answer can come until then.
        Reason.REGISTRATION_AMBIGUOUS,
        # What ends these is seen; and a refusal of the API server's is the API server's words in these tests.
        Reason.SECRET_NOT_OWNED,
        Reason.SECRET_NOT_PUBLISHABLE,
    }
)


@pytest.fixture(autouse=True)
def it_is_said_what_is_tried_again_from_time_to_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hold every wait of a test to it, whatever the test is about."""
    waits: list[Wait] = []
    made = Wait.__init__

    def noted(wait: Wait, *values: Any, **named: Any) -> None:
        made(wait, *values, **named)
        waits.append(wait)

    monkeypatch.setattr(Wait, "__init__", noted)
    yield
    stalled = [wait for wait in waits if wait.verdict.stalled]
    silent = [w for w in stalled if w.until is not None and _SAID.search(w.verdict.message) is None]
    assert [w.verdict for w in silent if w.verdict.reason not in _UNTIL_SOMETHING_ELSE] == []
    assert [w.verdict for w in stalled if w.until is None and "from time to time" in w.verdict.message] == []
