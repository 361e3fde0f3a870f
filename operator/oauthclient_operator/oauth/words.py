"""Words of others, made fit for a sentence of ours: cleaned, cut, and without anything that looks like a credential."""

import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from ..confidential import Confidential

LIMIT: Final = 300
"""Characters of a server's words that are shown."""

_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SEPARATOR: Final = re.compile(r"[^A-Za-z0-9]+")
_PIECE: Final = 8
"""Letters and digits of a token that nobody says by chance."""
_LEAST: Final = 4
_LONG_RUN: Final = re.compile(r"[A-Za-z0-9_~+=-]{20,}")


def cleaned(text: str, *, limit: int = LIMIT) -> str:
    """Return text in one line that can be put between double quotes.

    Control and bidirectional characters go, for they could rewrite the line around them.
    """
    # The input is bounded, too: what is far beyond the limit is not shown, and need not be looked at.
    printable = "".join(" " if unicodedata.category(c) in _UNPRINTABLE else c for c in text[: limit * 8])
    line = " ".join(printable.split()).replace('"', "'")
    return line if len(line) <= limit else line[:limit] + "…"


def quoted(value: str, limit: int = 200) -> str:
    """Return a value for a sentence, cleaned and cut; a server or a tenant chose it."""
    return f'"{cleaned(value, limit=limit)}"'


def words(text: str, *, limit: int = LIMIT, hide: Iterable[Confidential] = ()) -> str:
    """Return a server's words, cleaned, without credentials.

    `hide` are those that are known, such as the token that was presented, of which no piece is shown, however it was
    taken apart; what else has the shape of a token is hidden, too: servers echo what they refuse.
    """
    # Quotation marks become apostrophes, of which a token may have some: what is shown must not become the token.
    text = text[: limit * 8].replace('"', "'")
    for token in (credential.reveal().replace('"', "'") for credential in hide if credential.reveal()):
        # One of two letters is no secret, and would take every other word apart.
        text = text.replace(token, "…") if len(token) >= _LEAST or text == token else text
        if _holds_piece(text, token):
            return "…"
    return cleaned(_LONG_RUN.sub(_hidden, text), limit=limit)


def visible(text: str) -> str:
    """Return text as it is, but for characters that could rewrite the line around them: those as JSON escapes them."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(json.dumps(c)[1:-1] if unicodedata.category(c) in _UNPRINTABLE else c for c in text)


def _holds_piece(text: str, token: str) -> bool:
    """Whether a piece of a token is in a text, whatever was put between its letters and digits."""
    said, presented = (_SEPARATOR.sub("", t).casefold() for t in (text, token))
    pieces = {said[i : i + _PIECE] for i in range(len(said) - _PIECE + 1)}
    return any(presented[i : i + _PIECE] in pieces for i in range(len(presented) - _PIECE + 1))


def _hidden(run: "re.Match[str]") -> str:
    """Hide a long run of letters and digits; names of metadata members have no digits and stay."""
    found = run.group()
    return "…" if any(c.isdigit() for c in found) and any(c.isalpha() for c in found) else found
