"""What was read is not what it should be; a message names the place and the fault, never a value."""


class ParseError(ValueError):
    """Base of all that cannot be parsed; never raised itself."""


class MalformedJSON(ParseError):
    """The text is not a JSON object that can be relied on; the message is fixed and holds nothing of the text."""


class NotClientInformation(ParseError):
    """The members hold no client identifier; the message is fixed."""


class InvalidClientMetadata(ParseError):
    """Client metadata cannot be honoured as they are written; `problems` say what to write, and so does the message."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class MalformedObject(ParseError):
    """What came is no object of the API server; the message holds nothing of it."""


class UnreadableRecord(ParseError):
    """The JSON is not a record; the message names the place, never a value."""


class NewerSchema(UnreadableRecord):
    """The record was written by a newer operator and is not to be touched."""


class UnreadableManifest(ParseError):
    """A file's text is no YAML that can be relied on, or is more than is read; the message says on which line."""
