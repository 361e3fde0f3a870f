"""What interrupts a pass over a resource or a record; whoever began the pass decides what comes next."""


class PassInterrupted(Exception):
    """Base of what interrupts a pass; never raised itself."""


class Stale(PassInterrupted):
    """What was observed is no longer so; the pass ends and another begins."""


class LeaseTooShort(PassInterrupted):
    """The lease does not cover the exchange, or is lost; nothing was begun."""


class OtherCallOpen(PassInterrupted):
    """Another process has a call open in the same record, or has written something else into it."""


class AnswerNotRecorded(PassInterrupted):
    """The record could not take the answer; `undone` says that the new client was deregistered at once."""

    def __init__(self, client_id: str | None, *, undone: bool) -> None:
        super().__init__("the answer could not be recorded")
        self.client_id = client_id
        self.undone = undone
