"""What a pass remembers of the versions that the one before has read."""

from typing import Any

import pytest

from oauthclient_operator.plan.observed import Unread
from oauthclient_operator.reconcile.presented import LastRead, Presented


def token(version: Any) -> Presented:
    return Presented(token=version)


@pytest.mark.parametrize(
    ("known", "read", "now", "of", "counts", "at_first"),
    [
        pytest.param("1", "2", "1", "a", "2", "2", id="the watch is behind"),
        pytest.param("1", "2", "2", "a", "2", "2", id="it has come to the same"),
        pytest.param("1", "2", "3", "a", "3", "3", id="it is ahead"),
        pytest.param(None, "2", None, "a", "2", "2", id="the last look had found none"),
        pytest.param("1", None, "1", "a", None, None, id="it is gone"),
        pytest.param("1", "2", None, "a", None, None, id="and it is known that it is gone"),
        pytest.param(Unread(), "2", Unread(), "a", "2", Unread(), id="nobody has looked"),
        pytest.param(Unread(), "2", "3", "a", "3", "3", id="somebody has looked since"),
        pytest.param(None, "2", None, "b", None, None, id="another Secret is named"),
        pytest.param(Unread(), "2", Unread(), "b", Unread(), Unread(), id="another, at which nobody has looked"),
    ],
)
def test_what_was_read_counts_until_something_else_is_known(
    known: Any, read: Any, now: Any, of: str, counts: Any, at_first: Any
) -> None:
    before = LastRead(of="a", known=token(known), read=token(read))
    after = before.knowing(token(now), of)
    assert (after.read, after.at_first) == (token(counts), token(at_first))
    assert after.known == token(now)
