"""An answer to a call whose record was meanwhile written by a newer version: kept raw, until that version reads it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..oauth.json_object import JSON
from ..oauth.outcome import Committed, Outcome
from .calls import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadAnswer:
    """What came of a call, by the call's number and nonce; `answer` is all that the server answered, or a word."""

    call: int
    nonce: str
    answer: Mapping[str, JSON] | str = field(repr=False)

    @classmethod
    def of(cls, call: Call, outcome: Outcome) -> "UnreadAnswer":
        """Return what is kept of an outcome."""
        answer = outcome.members if isinstance(outcome, Committed) else type(outcome).__name__
        return cls(call=call.number, nonce=call.nonce, answer=answer)

    def line(self) -> bytes:
        """Return it as one line of JSON, credentials included."""
        answer = self.answer if isinstance(self.answer, str) else {**self.answer}
        entry: dict[str, JSON] = {"call": self.call, "nonce": self.nonce, "answer": answer}
        return json.dumps(entry, ensure_ascii=False).encode() + b"\n"
