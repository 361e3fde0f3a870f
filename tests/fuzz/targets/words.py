"""Words of others that are shown: one line, bounded, without what was presented."""

from typing import Final

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.oauth.words import cleaned, quoted, words
from tests.fuzz.properties import not_shown, one_line
from tests.fuzz.target import Target

PRESENTED: Final = Confidential("it's-a-token")
"""A token may hold an apostrophe (RFC 6749 appendix A.12), into which a quotation mark is turned."""


def run(data: bytes) -> None:
    # As JSON has them: half of a surrogate pair, too.
    text = data.decode("utf-8", "surrogatepass" if _decodes(data) else "replace")
    for shown in (cleaned(text), words(text), quoted(text), words(text, hide=[PRESENTED])):
        one_line(shown)
        assert len(shown) <= 303
    assert '"' not in cleaned(text)
    assert cleaned(cleaned(text, limit=300), limit=301) == cleaned(text, limit=300)
    not_shown(PRESENTED, words(text, hide=[PRESENTED]))


def _decodes(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


TARGET: Final = Target(
    name="words",
    run=run,
    parsers=(cleaned, quoted, words),
    words=(
        PRESENTED.reveal().encode(),
        b'it"s-a-token',
        "\u202e".encode(),
        "\u200b".encode(),
        "\u2028".encode(),
        b"\x1b[2J",
        b"\r\n",
        b"\xed\xa0\x80",
        b"eyJhbGciOiJIUzI1NiJ9",
    ),
)
