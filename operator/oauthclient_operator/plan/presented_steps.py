"""The steps that get what a registration presents; `action` has all the others."""

from dataclasses import dataclass

from ..resource.access import AccessByToken


@dataclass(frozen=True, slots=True)
class ReadInitialAccessToken:
    """Read the initial access token from the Secret of that name and hold it for the next call."""

    name: str


@dataclass(frozen=True, slots=True)
class ObtainAccess:
    """Obtain an access token that way, or take the one that is at hand, and hold it for the next call."""

    access: AccessByToken


@dataclass(frozen=True, slots=True)
class ReadSoftwareStatement:
    """Read the software statement from the Secret of that name and hold it for the next call."""

    name: str


Presented = ReadInitialAccessToken | ObtainAccess | ReadSoftwareStatement
"""Steps that get what is held for one call."""
