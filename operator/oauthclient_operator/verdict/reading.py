"""The words for a read of a client that brought nothing, or not yet."""

from typing import Final

from ..names import REFRESH_ANNOTATION, Reason
from ..record.calls import CallOutcome, ClosedCall
from .verdict import Verdict
from .words import cause, server_words

_READ: Final = f"a read of the client (the annotation {REFRESH_ANNOTATION} asks for one)"
_REPEATED: Final = "it is repeated when the annotation has another value"


def read_lost(call: ClosedCall) -> Verdict:
    """One read had no complete answer."""
    return Verdict(
        reason=Reason.PENDING, message=f"the answer to a read of the client was lost{cause(call)}; the read is repeated"
    )


def read_waits(why: str) -> str:
    """Return, for the end of a sentence, that a read cannot be made yet."""
    return f"{_READ} waits: {why}"


def read_failed(call: ClosedCall) -> str:
    """Return, for the end of a sentence, what came of a client's last read, which is not repeated by itself."""
    if call.unsupported:
        return f"{_READ} is nothing that the authorization server does ({server_words(call)}); nothing changed"
    match call.outcome:
        case CallOutcome.REJECTED:
            return f"{_READ} was refused ({server_words(call)}): nothing changed, and {_REPEATED}"
        case CallOutcome.NOT_UNDERSTOOD:
            came = f"{_READ} was answered{cause(call)}, and no client can be read in that"
        case _:
            came = f"the answer to {_READ} was lost{cause(call)}, and to its repetition"
    doubt = "where the server renews client secrets when it is read, what is published may be out of date"
    return f"{came}: {doubt}; {_REPEATED}"
