"""What the authorization server said, quoted in a sentence."""

from collections.abc import Collection
from typing import Final

from ..oauth.words import cleaned, quoted
from ..record.calls import CallOutcome, ClosedCall
from ..record.clients import Client
from ..record.pairs import OwnKey, Pair
from .reaching import advice

_LISTED: Final = 5


def oddities(answer: ClosedCall | None) -> str:
    """Return what of an answer that was taken is not as it should be, for the end of a sentence."""
    if answer is None or answer.outcome is not CallOutcome.COMMITTED or answer.said.description is None:
        return ""
    return f"; the server's answer was taken although it is not as it should be: {answer.said.description}"


def named(client: Client, pair: Pair | None = None) -> str:
    """Return what a client is called, or a pair of it: a key of the operator's has a name of its own."""
    key = f"key {pair.credential.kid} of " if pair is not None and isinstance(pair.credential, OwnKey) else ""
    return f"{key}client {quoted(client.information.client_id)}"


def at_another_issuer(client: Client, other: Client | None) -> str:
    """Return where a client is, where that is not where the other one is: they may have one identifier."""
    return "" if other is None or client.issuer == other.issuer else f" at {client.issuer}"


def listed(names: Collection[str]) -> str:
    """Return some names, sorted, cleaned and cut, as part of a sentence; others chose them."""
    shown = ", ".join(cleaned(name, limit=80) for name in sorted(names)[:_LISTED])
    return f"{shown} and {len(names) - _LISTED} more" if len(names) > _LISTED else shown


def server_words(call: ClosedCall) -> str:
    """Return status code, error and description of an answer, as the server's words."""
    said = call.said
    if call.outcome in (CallOutcome.NOT_SENT, CallOutcome.AMBIGUOUS, CallOutcome.NOT_UNDERSTOOD) and said.description:
        # What came, or kept it away, in our own words; and what to do where only a person can.
        return said.description if said.tls is None else f"{said.description}: {advice(said.tls)}"
    parts = [f"HTTP {said.status}" if said.status else "no complete answer", said.error or ""]
    words = " ".join(p for p in parts if p)
    return f"{words}: {quoted(said.description)}" if said.description else words


def cause(call: ClosedCall | None) -> str:
    """Return in parentheses what is known of why a call has no outcome, for the middle of a sentence."""
    return f" ({call.said.description})" if call is not None and call.said.description is not None else ""
