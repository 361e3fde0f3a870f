"""Who counts what was done, or nobody."""

from typing import Protocol

from ..oauth.outcome import Outcome
from ..record.calls import CallKind


class Observer(Protocol):
    """Who counts what was done."""

    def called(self, kind: CallKind, outcome: Outcome) -> None:
        """Count a call that changes something at an issuer, by what came of it."""
        ...

    def proved(self, result: object) -> None:
        """Count a proof of a client's credentials, by what came of it."""
        ...

    def asked_for_access(self, outcome: str) -> None:
        """Count an access token to be let in with, by what came of it."""
        ...

    def renewed(self, reason: str, strategy: str, outcome: str) -> None:
        """Count a replacement of what is published that ended."""
        ...


class Unobserved:
    """Nobody counts."""

    def called(self, kind: CallKind, outcome: Outcome) -> None:
        """Do nothing."""

    def proved(self, result: object) -> None:
        """Do nothing."""

    def asked_for_access(self, outcome: str) -> None:
        """Do nothing."""

    def renewed(self, reason: str, strategy: str, outcome: str) -> None:
        """Do nothing."""
