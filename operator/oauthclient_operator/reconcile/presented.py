"""Which versions there are of the Secrets that a registration presents something of: as known, and as read."""

from typing import NamedTuple

from ..plan.observed import Observed, Unread


class Presented(NamedTuple):
    """Which version there is of each."""

    token: str | Unread | None = None
    statement: str | Unread | None = None

    @classmethod
    def of(cls, observed: Observed) -> "Presented":
        """Return those that are known in a pass."""
        return cls(observed.initial_access_token_version, observed.software_statement_version)


class LastRead(NamedTuple):
    """What was known of them when they were read, and what was read: that counts until something else is known.

    `of` is which they are: what was read of one says nothing of another, of which as little may be known.

    Not every watch is as fast as a pass, and where Secrets are looked at, that takes minutes: without this a pass would
    hold what the one before has read for a change, and try again at once what came to nothing.
    """

    of: object = None
    known: Presented = Presented()
    read: Presented = Presented()

    def knowing(self, known: Presented, of: object) -> "LastRead":
        """Return the same where this is what is known now, and of which."""
        if of != self.of:
            return LastRead(of, known, known)
        pairs = zip(known, self.known, self.read, strict=True)
        return LastRead(of, known, Presented(*(read if now == before else now for now, before, read in pairs)))

    def is_changed_by(self, read: Presented) -> bool:
        """Whether one that was known, or read, is another now."""
        return any(
            not isinstance(before, Unread) and before != now for before, now in zip(self.read, read, strict=True)
        )

    @property
    def at_first(self) -> Presented:
        """The versions that a pass begins with; what nobody has looked at is looked at by each."""
        pairs = zip(self.known, self.read, strict=True)
        return Presented(*(known if isinstance(known, Unread) else read for known, read in pairs))
