"""Credentials where an answer should have none: what is recorded of it is shown to many, and sent to others.

A server, or a gateway before it, writes what it was sent into what it answers, and what it issues into more than one
member.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from ..confidential import Confidential
from ..exchange import Answer, NotSent
from .json_object import JSON
from .metadata_rules import SOFTWARE_STATEMENT
from .outcome import Ambiguous, Committed, NotUnderstood, Outcome, Rejected
from .salvage import ISSUED

HIDDEN: Final = "…"
"""Stands in an answer in the place of a text that held a credential."""
ECHO: Final = "a credential where none belongs, which is not kept"

_SEPARATOR: Final = re.compile(r"[^A-Za-z0-9]+")
_PIECE: Final = 8
"""Letters and digits in a row, some of both, that nobody says by chance; names of members and words have no digits."""
_ENOUGH: Final = 16
"""Letters and digits that nobody guesses: a token that says more than an identifier in it is still a secret."""


class Credentials:
    """Credentials that one exchange knows, to be found in texts, also in pieces; `public` is what anybody may see."""

    def __init__(self, credentials: Iterable[Confidential | None], public: Iterable[str] = ()) -> None:
        known = {_squeezed(c.reveal()) for c in credentials if c is not None} - {""}
        open_to_all = [_squeezed(text) for text in public]
        self._whole = known.difference(open_to_all)
        self._pieces = {p for c in known for p in _pieces(c)}.difference(
            p for text in open_to_all for p in _pieces(text)
        )

    def in_text(self, text: str) -> bool:
        """Whether a text is or holds one of them, or a piece of one, whatever was put between its letters."""
        said = _squeezed(text)
        return self._holds_whole(said) or any(piece in self._pieces for piece in _pieces(said))

    def given_away_by(self, text: str) -> bool:
        """Whether a text leaves so little of one of them unsaid that it is a secret no longer.

        Some servers write a client's identifier into its tokens, which says nothing of their rest.
        """
        if not self.in_text(text):
            return False
        said = _squeezed(text)
        shown = self._pieces.intersection(_pieces(said))
        return self._holds_whole(said) or any(_unsaid(c, shown) < min(_ENOUGH, len(c)) for c in self._whole)

    def _holds_whole(self, said: str) -> bool:
        return said in self._whole or any(len(c) >= _PIECE and c in said for c in self._whole)


def without_echoes(
    outcome: Outcome,
    answer: Answer,
    presented: Confidential | None,
    *,
    asked: Mapping[str, JSON] | None = None,
    statement: Confidential | None = None,
    secret: Confidential | None = None,
) -> Outcome:
    """Return an outcome without credentials where none belong; `asked` are the metadata of a registration.

    `secret` is the client secret that was sent.

    `statement` is the software statement that was sent; it belongs into the member of that name (RFC 7591 section
    3.2.1: "its value MUST be returned unmodified in the response").

    A new client's identifier cannot be left out, and anybody may see it (RFC 6749 section 2.2: "The client identifier
    is not a secret; it is exposed to the resource owner"): one that gives away the token that was presented is none.
    """
    match outcome:
        case Committed(members=members) if members:
            return _of_committed(outcome, _status(answer), presented, asked, known(statement, secret))
        case Rejected(salvage=found) | Ambiguous(salvage=found) | NotUnderstood(salvage=found) if found:
            return replace(outcome, salvage=_issued(found, presented, asked))
        case _:
            return outcome


def known(*presented: Confidential | None) -> tuple[Confidential, ...]:
    """Return those of what may be presented that there are."""
    return tuple(credential for credential in presented if credential is not None)


def unless_credential(text: str, hide: Iterable[Confidential], public: Iterable[str] = ()) -> str:
    """Return a text, or what stands in its place where it holds a credential."""
    return HIDDEN if Credentials(hide, public).in_text(text) else text


def credentials(members: Mapping[str, JSON], presented: Iterable[Confidential]) -> list[Confidential]:
    """Return the credentials that an exchange knows: what was presented, and those that its answer issues."""
    issued = [members.get(name) for name in ("client_secret", "registration_access_token")]
    return [*presented, *(Confidential(value) for value in issued if isinstance(value, str))]


def is_hidden(value: JSON) -> bool:
    """Whether a text was taken out of a member's value: what is left is not the server's word."""
    return any(text == HIDDEN for text in _texts([value]))


def _of_committed(
    outcome: Committed,
    status: int,
    presented: Confidential | None,
    asked: Mapping[str, JSON] | None,
    sent: tuple[Confidential, ...],
) -> Committed | NotUnderstood:
    members = outcome.members
    own = _issued(members, presented, asked)
    if "client_id" not in own:
        cause = f"HTTP {status} with a client_id that holds the token that was presented, and is neither shown nor used"
        return NotUnderstood(status=status, cause=cause, salvage=own)
    public = [*_texts([members.get("client_id"), *(asked or {}).values()])]
    tokens = Credentials(credentials(members, known(presented)), public)
    hidden = Credentials(credentials(members, (*known(presented), *sent)), public) if sent else tokens
    found = ((n, _member(n, v, tokens, hidden)) for n, v in members.items() if n in own or n not in ISSUED)
    kept = {name: value for name, value in found if name in ISSUED or not hidden.in_text(name)}
    return outcome if kept == members else replace(outcome, members=kept, flaws=(*outcome.flaws, ECHO))


def _issued(
    members: Mapping[str, JSON], presented: Confidential | None, asked: Mapping[str, JSON] | None
) -> dict[str, JSON]:
    """Return what a server issued, without an identifier or a host that gives a credential away."""
    own = {name: members[name] for name in ISSUED if name in members}
    public = [*_texts([*(asked or {}).values()])]
    if asked is not None and Credentials([presented], public).given_away_by(str(own.get("client_id"))):
        del own["client_id"]
    # What is behind the host may be a credential of the client's management, and is shown to nobody.
    host = _host(str(own.get("registration_client_uri", "")))
    if Credentials(credentials(members, known(presented)), public).given_away_by(host):
        del own["registration_client_uri"]
    return own


def _member(name: str, value: JSON, tokens: Credentials, hidden: Credentials) -> JSON:
    """Return a member's value as it is kept: without what is hidden, but for where it belongs."""
    if name in ISSUED:
        return value
    if name == SOFTWARE_STATEMENT and isinstance(value, str):
        # Two signed JWTs begin alike, and are no less secret for it.
        return HIDDEN if tokens.given_away_by(value) else value
    return _kept(value, hidden)


def _kept(value: JSON, hidden: Credentials) -> JSON:
    """Return a member's value without texts that hold a credential."""
    if isinstance(value, list):
        return [_kept(entry, hidden) for entry in value]
    if isinstance(value, dict):
        return {name: _kept(inner, hidden) for name, inner in value.items() if not hidden.in_text(name)}
    return HIDDEN if isinstance(value, str) and hidden.in_text(value) else value


def _texts(values: Iterable[JSON]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from value
            yield from _texts(value.values())
        elif isinstance(value, list):
            yield from _texts(value)


def _status(answer: Answer) -> int:
    return 0 if isinstance(answer, NotSent) or answer.status is None else answer.status


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def _squeezed(text: str) -> str:
    return _SEPARATOR.sub("", text).casefold()


def _pieces(squeezed: str) -> Iterator[str]:
    pieces = (squeezed[i : i + _PIECE] for i in range(len(squeezed) - _PIECE + 1))
    return (p for p in pieces if not p.isalpha() and not p.isdigit())


def _unsaid(credential: str, shown: set[str]) -> int:
    """Return how many letters and digits of a credential are in none of its pieces that are shown."""
    said: set[int] = set()
    for start in range(len(credential) - _PIECE + 1):
        if credential[start : start + _PIECE] in shown:
            said.update(range(start, start + _PIECE))
    return len(credential) - len(said)
