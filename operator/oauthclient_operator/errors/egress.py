"""What ends an exchange with an issuer early; the door makes a value of it, and none of these leaves it."""

from ..exchange import TLSFailure


class ExchangeError(Exception):
    """Base of what ends an exchange before its answer is complete; never raised itself."""


class Withheld(ExchangeError):
    """Nothing of the request was written, and nothing will be; the message is a sentence for people."""


class Objected(Withheld):
    """It is our own side that does not write it."""


class NotSecured(Withheld):
    """TLS does not come about, and only a person can mend that."""

    def __init__(self, message: str, failure: TLSFailure) -> None:
        super().__init__(message)
        self.failure = failure


class BoundExceeded(ExchangeError):
    """The response is more than the door takes; the message is a sentence for people."""


class NameNotResolved(ExchangeError):
    """The name has no address as far as we were told; the message is a sentence for people."""


class NameNotAsked(NameNotResolved):
    """Nobody was asked: our own side could not."""


class KeyEncrypted(ExchangeError):
    """The private key that belongs to the client certificate can be read with a passphrase only."""
