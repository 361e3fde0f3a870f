"""What must not stand among a command's arguments, which every process can read: from stdin, a file or a prompt."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from ..confidential import Confidential
from ..errors import ClusterError

MOST: Final = 64 * 1024
"""Characters that are read; what servers issue is far shorter."""


class Credentials(NamedTuple):
    """What was given of them."""

    client_secret: Confidential | None = None
    registration_access_token: Confidential | None = None


def credentials(
    stdin: TextIO, prompt: Callable[[str], str], *, secret_from_stdin: bool, token_from_stdin: bool, ask: bool
) -> Credentials:
    """Read them from stdin, a line each, the client secret first; or ask for them, where somebody is there to be asked.

    Raises:
        ClusterError: a line is missing.
    """
    if secret_from_stdin or token_from_stdin:
        lines = stdin.read(MOST).split("\n")
        found = iter(line.strip() for line in lines if line.strip())
        return Credentials(
            client_secret=_line(found, "client secret") if secret_from_stdin else None,
            registration_access_token=_line(found, "registration access token") if token_from_stdin else None,
        )
    if not ask or not stdin.isatty():
        return Credentials()
    try:
        return Credentials(
            client_secret=_answer(prompt("Client secret (Enter: it has none): ")),
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


def _line(found: Iterator[str], what: str) -> Confidential:
    value = next(found, "")
    if not value:
        raise ClusterError(f"there is no {what} on stdin: one line for each, the client secret first")
    return Confidential(value)


def _answer(typed: str) -> Confidential | None:
    return Confidential(typed.strip()) if typed.strip() else None
