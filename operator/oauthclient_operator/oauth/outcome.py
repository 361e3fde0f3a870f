"""What came of a call that changes something at the authorization server: one of five outcomes, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..exchange import Challenge, NotSent
from .json_object import JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A complete refusal: the server did not do it.

    `error` is the error code of RFC 7591 section 3.2.2 or RFC 6750 section 3.1, `description` the server's words,
    cleaned and cut; `challenges` are those of WWW-Authenticate, as they came; `retry_after` is in seconds; `json` says
    whether the body was a JSON object. `salvage` is as in `Ambiguous`.
    """

    status: int
    error: str | None
    description: str | None
    retry_after: float | None
    json: bool = False
    challenges: tuple[Challenge, ...] = field(default=(), compare=False)
    salvage: Mapping[str, JSON] = field(default_factory=dict, repr=False)

    def sentence(self) -> str:
        """Return what the server said, for the end of a sentence."""
        code = f": {self.error}" if self.error is not None else ""
        words = f' ("{self.description}")' if self.description is not None else ""
        return f"HTTP {self.status}{code}{words}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguous:
    """Nobody can say whether the server did it.

    `cause` is a sentence for people. `salvage` are the members that the server issues, as far as they were complete
    in what came.
    """

    cause: str
    salvage: Mapping[str, JSON] = field(default_factory=dict, repr=False)
    retry_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotUnderstood:
    """The server says with a complete answer that it did it, and no client can be read in that; it may have.

    The same request would be answered in the same way. `cause` says for people what came and what is wrong with it,
    in our words and the server's, cleaned and cut; `salvage` is as in `Ambiguous`.
    """

    status: int
    cause: str
    salvage: Mapping[str, JSON] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """The server did it; `members` is its whole answer, and empty for a deletion.

    `flaws` name, for people, what of the answer's form is not as it should be and was taken all the same.
    """

    members: Mapping[str, JSON] = field(repr=False)
    flaws: tuple[str, ...] = ()


Outcome = NotSent | Rejected | Ambiguous | NotUnderstood | Committed
Success = Committed | Rejected | NotUnderstood | Ambiguous
"""What a complete 2xx can come to."""
