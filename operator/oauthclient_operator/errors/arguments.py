"""Mistakes of who calls the library: each has a code, as what an authorization server says has."""

from typing import ClassVar, Self


class InvalidArgument(Exception):
    """Base of the mistakes in what the caller of the library passed; never raised itself."""

    code: ClassVar[str]


class InvalidArgumentType(InvalidArgument, TypeError):
    """The caller of the library passed something of another type; nothing was sent."""

    code: ClassVar[str] = "invalid_argument_type"

    @classmethod
    def of(cls, name: str, value: object, expected: str) -> Self:
        """Say of an argument what it has to be, and of which type it is; the value is not repeated."""
        return cls(f"{name} has to be {expected}, and is of the type {type(value).__name__}")


class InvalidArgumentValue(InvalidArgument, ValueError):
    """The caller of the library passed a value that cannot be; nothing was sent."""

    code: ClassVar[str] = "invalid_argument_value"
