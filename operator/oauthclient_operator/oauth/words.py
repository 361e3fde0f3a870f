"""Words of others, made fit for a sentence of ours: cleaned, cut, and without anything that looks like a credential."""

import re
import unicodedata
from typing import Final

from ..confidential import Confidential

LIMIT: Final = 300
"""Characters of a server's words that are shown."""

_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
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


def words(text: str, *, limit: int = LIMIT, hide: Confidential | None = None) -> str:
    """Return a server's words, cleaned, without credentials.

    `hide` is the token that was presented; what else has the shape of a token is hidden, too: servers echo what they
    refuse.
    """
    text = text[: limit * 8]
    if hide is not None and hide.reveal():
        text = text.replace(hide.reveal(), "…")
    return cleaned(_LONG_RUN.sub(_hidden, text), limit=limit)


def _hidden(run: "re.Match[str]") -> str:
    """Hide a long run of letters and digits; names of metadata members have no digits and stay."""
    found = run.group()
    return "…" if any(c.isdigit() for c in found) and any(c.isalpha() for c in found) else found
