"""Mistakes of who calls the library: no part of the tree, and each with a code as its members have."""

from typing import ClassVar


class InvalidArgumentType(TypeError):
    """The caller of the library passed something of another type; nothing was sent."""

    code: ClassVar[str] = "invalid_argument_type"


class InvalidArgumentValue(ValueError):
    """The caller of the library passed a value that cannot be; nothing was sent."""

    code: ClassVar[str] = "invalid_argument_value"
