"""Mistakes of who calls the library: each has a code, as what an authorization server says has."""

from typing import ClassVar


class InvalidArgument(Exception):
    """Base of the mistakes in what the caller of the library passed; never raised itself."""

    code: ClassVar[str]


class InvalidArgumentType(InvalidArgument, TypeError):
    """The caller of the library passed something of another type; nothing was sent."""

    code: ClassVar[str] = "invalid_argument_type"


class InvalidArgumentValue(InvalidArgument, ValueError):
    """The caller of the library passed a value that cannot be; nothing was sent."""

    code: ClassVar[str] = "invalid_argument_value"
