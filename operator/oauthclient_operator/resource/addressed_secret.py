"""A Secret whose contents are shown to one issuer: its type says what they are, and its own keys say for whom."""

from dataclasses import dataclass

from .. import names
from ..errors import OperatorError
from ..oauth.rfc8414 import URL_LIMIT
from ..oauth.words import quoted
from .secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who would see them; `chosen` says that the spec, and not the issuer's own metadata, names the endpoint.

    `place` is where the Secret has to be, for the end of a clause: "" in the namespace of who reads the sentence.
    """

    issuer: str
    endpoint: str
    chosen: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What such Secrets hold, in words and as a type, and the errors that say what is amiss with one."""

    noun: str
    short: str
    secret_type: str
    missing: type[OperatorError]
    not_for_issuer: type[OperatorError]
    endpoint_key: str = names.ENDPOINT_KEY
    """Where it says to which endpoint they go; what that is called is its name in the issuer's metadata."""

    @property
    def endpoint(self) -> str:
        """What that endpoint is, in words."""
        return self.endpoint_key.replace("_", " ")


@dataclass(frozen=True, slots=True)
class AddressedSecret:
    """One such Secret, of the right type and for the right issuer."""

    secret: Secret
    name: str
    contents: Contents

    def value(self, key: str) -> str | None:
        """Return the text under a key, or None where there is none.

        Raises:
            OperatorError: what is there is no text.
        """
        try:
            value = self.secret.value(key)
        except ValueError:
            raise self.contents.missing(f"Secret {self.name} holds no text in its key {key}") from None
        # An editor, `echo` and a YAML block add a line break at the end: it is part of no value, whichever the key.
        return value if value is None else value.strip()

    def required(self, key: str) -> str:
        """Return the text under a key.

        Raises:
            OperatorError: there is none.
        """
        value = self.value(key)
        if value is None:
            raise self.contents.missing(f"Secret {self.name} has no key {key}")
        return value


def addressed(secret: Secret | None, name: str, to: Recipient, contents: Contents, key: str) -> AddressedSecret:
    """Return a Secret whose contents may be sent to that recipient; `key` is where they are.

    Who may create an OAuthClient but not read Secrets must not be able to send one anywhere: the Secret's own type says
    what it is, and its own keys say for whom.

    Raises:
        OperatorError: there is none, or it is of another type, or for another issuer or endpoint.
    """
    noun, short = contents.noun, contents.short
    if secret is None:
        raise contents.missing(
            f"Secret {name} does not exist{to.place}; create it with type {contents.secret_type} and the keys {key} "
            "and issuer"
        )
    if secret.type != contents.secret_type:
        raise contents.missing(f"Secret {name} is not {noun}: its type must be {contents.secret_type}")
    found = AddressedSecret(secret, name, contents)
    if found.required(names.ISSUER_KEY) != to.issuer:
        raise contents.not_for_issuer(
            f"Secret {name} names another issuer than spec.issuer, so its {short} is not sent there; its key issuer "
            "must hold the issuer identifier, character by character"
        )
    named = found.value(contents.endpoint_key)
    if named is None and to.chosen:
        raise contents.not_for_issuer(
            f"Secret {name} does not name the {contents.endpoint}, which spec.discovery chooses here, so its {short} "
            f"is not sent there; if it is for {quoted(to.endpoint, URL_LIMIT)}, its key {contents.endpoint_key} "
            "must say so, character by character"
        )
    if named is not None and named != to.endpoint:
        raise contents.not_for_issuer(
            f"Secret {name} names another {contents.endpoint} in its key {contents.endpoint_key}, so its {short} "
            f"is not sent there; if it is for {quoted(to.endpoint, URL_LIMIT)}, the key must hold that, character "
            "by character"
        )
    return found
