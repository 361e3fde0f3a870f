"""What must hold of whatever leaves a parser: its messages, and what may not be seen in them."""

import unicodedata
from typing import Any, Final

from oauthclient_operator.confidential import Confidential

MESSAGE_LIMIT: Final = 8 * 1024
"""Characters of a message: it goes into a condition, an Event and a line of the log."""
_RECOGNISABLE: Final = 12
"""Characters; of a shorter secret its appearance somewhere says nothing."""


def one_line(text: str | None) -> None:
    """Hold text for people to one bounded line in which nothing rewrites what stands around it."""
    if text is None:
        return
    assert len(text) <= MESSAGE_LIMIT, f"a message of {len(text)} characters"
    bad = {unicodedata.category(c) for c in text} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    assert not bad, f"a message holds characters of {sorted(bad)}: {text!a}"


def refused(error: Exception, *, limit: int = MESSAGE_LIMIT) -> None:
    """Hold a refusal to a message that can be shown, with no exception behind it that would show more."""
    one_line(str(error))
    assert len(str(error)) <= limit
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__


def not_shown(secret: Confidential | None, *values: Any, public: str | None = None) -> None:
    """Hold values to a repr and a str in which a secret is not to be read, unless it stands in what is public, too."""
    text = secret.reveal() if secret is not None else ""
    if len(text) >= _RECOGNISABLE and text not in (public or ""):
        for value in values:
            assert text not in repr(value), "a secret is in a repr"
            # What is confidential refuses to be a text.
            assert isinstance(value, Confidential) or text not in str(value), "a secret is in a str"
