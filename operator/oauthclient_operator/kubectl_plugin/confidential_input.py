"""What must not stand among a command's arguments, which every process can read: from stdin, a file or a prompt."""

import select
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from ..confidential import Confidential
from ..errors import ClusterError

MOST: Final = 64 * 1024
"""Characters that are read; what servers issue is far shorter."""
_BY_FLAGS: Final = (
    "--client-secret-from-stdin and --registration-access-token-from-stdin read one line each, the client secret first"
)
_NOT_UTF_8: Final = "nothing is written, for what is on stdin is not UTF-8"
_PATIENCE: Final = 1.0
"""Seconds in which stdin says something, or ends, where no flag asks for any of it."""


class Credentials(NamedTuple):
    """What was given of them."""

    client_secret: Confidential | None = None
    registration_access_token: Confidential | None = None


def credentials(
    stdin: TextIO | None,
    prompt: Callable[[str], str],
    *,
    secret_from_stdin: bool,
    token_from_stdin: bool,
    has_secret: bool = True,
) -> Credentials:
    """Read them from stdin, a line each, the client secret first; or ask for them, where somebody is there to be asked.

    `has_secret` says whether a client secret is asked for: who has a key has none.

    Raises:
        ClusterError: a line is missing, or is there that nobody said what it is, or may still come.
    """
    if secret_from_stdin or token_from_stdin:
        found = iter(_lines(stdin))
        read = Credentials(
            client_secret=_line(found, "client secret") if secret_from_stdin else None,
            registration_access_token=_line(found, "registration access token") if token_from_stdin else None,
        )
        if next(found, None) is not None:
            raise ClusterError(f"nothing is written, for stdin has more lines than were asked for; {_BY_FLAGS}")
        return read
    if stdin is None:
        return Credentials()
    if not stdin.isatty():
        _hold_to_nothing(stdin)
        return Credentials()
    try:
        return Credentials(
            client_secret=_answer(prompt("Client secret (Enter: it has none): ")) if has_secret else None,
            registration_access_token=_answer(prompt("Registration access token (Enter: there is none): ")),
        )
    except EOFError:
        raise ClusterError("nothing is written, for the answers were broken off") from None


def private_key(file: Path) -> Confidential:
    """Read a private key, PEM.

    Raises:
        ClusterError: the file cannot be read.
    """
    try:
        with file.open(encoding="utf-8") as opened:
            return Confidential(opened.read(MOST))
    except (OSError, ValueError) as error:
        raise ClusterError(f"the file {file} cannot be read ({type(error).__name__})") from None


def _hold_to_nothing(stdin: TextIO) -> None:
    """Hold stdin to be at its end: what somebody forgot a flag for must not be left out.

    Nor is the end of one waited for that stays open, as in many scripts.
    """
    if not _is_readable(stdin):
        raise ClusterError(
            f"nothing is written, for stdin is open, and no flag says what is to come there; {_BY_FLAGS}; if nothing "
            "is, redirect it: < /dev/null"
        )
    try:
        for _ in range(MOST):
            if not (read := stdin.read(1)):
                return
            if not read.isspace():
                break
    except UnicodeError:
        raise ClusterError(_NOT_UTF_8) from None
    raise ClusterError(f"nothing is written, for there is something on stdin, and no flag says what; {_BY_FLAGS}")


def _is_readable(stdin: TextIO) -> bool:
    try:
        return bool(select.select([stdin], [], [], _PATIENCE)[0])
    except (OSError, ValueError):
        # No file, or on a system that can tell it of sockets alone.
        return True


def _lines(stdin: TextIO | None) -> list[str]:
    """Return the lines of stdin that hold something."""
    if stdin is None:
        return []
    try:
        read = stdin.read(MOST + 1)
        # Where the locale says so what is no UTF-8 is read as halves of characters.
        read.encode()
    except UnicodeError:
        # Of its value nothing is said, which the error has in it.
        raise ClusterError(_NOT_UTF_8) from None
    if len(read) > MOST:
        raise ClusterError(f"nothing is written, for there are more than {MOST} characters on stdin")
    return [line.strip() for line in read.split("\n") if line.strip()]


def _line(found: Iterator[str], what: str) -> Confidential:
    value = next(found, "")
    if not value:
        raise ClusterError(f"nothing is written, for there is no {what} on stdin; {_BY_FLAGS}")
    return Confidential(value)


def _answer(typed: str) -> Confidential | None:
    try:
        typed.encode()
    except UnicodeError:
        raise ClusterError("nothing is written, for what was typed is not UTF-8") from None
    return Confidential(typed.strip()) if typed.strip() else None
