"""What is confidential comes from stdin, a file or a prompt, and is put into no text."""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import ClusterError
from oauthclient_operator.kubectl_plugin import confidential_input
from oauthclient_operator.kubectl_plugin.confidential_input import Credentials


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def never(_: str) -> str:
    raise AssertionError("nobody is to be asked")


@pytest.mark.parametrize(
    ("written", "secret", "token", "expected"),
    [
        ("s\n", True, False, ("s", None)),
        ("  t \r\n", False, True, (None, "t")),
        ("s\nt", True, True, ("s", "t")),
        ("\ns\n\nt\n\n", True, True, ("s", "t")),
        (" \n", False, False, (None, None)),
    ],
)
def test_stdin_has_a_line_for_each(
    written: str, secret: bool, token: bool, expected: tuple[str | None, str | None]
) -> None:
    found = confidential_input.credentials(
        io.StringIO(written), never, secret_from_stdin=secret, token_from_stdin=token
    )
    assert tuple(value and value.reveal() for value in found) == expected
    assert all(repr(value) in ("None", "Confidential(…)") for value in found)


@pytest.mark.parametrize("written", ["", "\n", "one line\n"])
def test_a_line_that_is_missing_is_said_and_no_other_shown(written: str) -> None:
    with pytest.raises(ClusterError, match="on stdin") as missing:
        confidential_input.credentials(io.StringIO(written), never, secret_from_stdin=True, token_from_stdin=True)
    assert "one line\n" not in str(missing.value)


def test_who_sits_at_a_terminal_is_asked_and_may_have_none() -> None:
    answers = iter(["s", " "])
    asked: list[str] = []

    def prompt(words: str) -> str:
        asked.append(words)
        return next(answers)

    found = confidential_input.credentials(Terminal(), prompt, secret_from_stdin=False, token_from_stdin=False)
    assert found == Credentials(client_secret=Confidential("s"))
    assert len(asked) == 2


def test_who_has_a_key_is_asked_for_the_token_alone() -> None:
    asked: list[str] = []

    def prompt(words: str) -> str:
        asked.append(words)
        return "t"

    found = confidential_input.credentials(
        Terminal(), prompt, secret_from_stdin=False, token_from_stdin=False, has_secret=False
    )
    assert found == Credentials(registration_access_token=Confidential("t"))
    assert asked == ["Registration access token (Enter: there is none): "]


def test_without_stdin_there_is_nothing() -> None:
    found = confidential_input.credentials(None, never, secret_from_stdin=False, token_from_stdin=False)
    assert found == Credentials()


@pytest.mark.parametrize(
    ("written", "secret", "token", "why"),
    [
        ("hush\n", False, False, "no flag says what"),
        ("\n" * (confidential_input.MOST + 1), False, False, "no flag says what"),
        ("hush\nhush-token\n", True, False, "more lines"),
        ("hush\nhush-token\n", False, True, "more lines"),
        ("hush\nhush-token\nhush-more", True, True, "more lines"),
        ("hush" * confidential_input.MOST, True, False, "characters"),
    ],
)
def test_what_nobody_said_the_meaning_of_is_refused_and_not_shown(
    written: str, secret: bool, token: bool, why: str
) -> None:
    with pytest.raises(ClusterError, match=f"nothing is written, for .*{why}") as refused:
        confidential_input.credentials(io.StringIO(written), never, secret_from_stdin=secret, token_from_stdin=token)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    ("errors", "flag", "why"),
    [
        ("strict", True, "not UTF-8"),
        ("surrogateescape", True, "not UTF-8"),
        ("strict", False, "not UTF-8"),
        # It is not looked at any further.
        ("surrogateescape", False, "no flag says what"),
    ],
)
def test_what_is_not_utf_8_is_refused_without_its_value(errors: str, flag: bool, why: str) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(b"hush\xff\xfe\n"), encoding="utf-8", errors=errors)
    with pytest.raises(ClusterError, match=why) as refused:
        confidential_input.credentials(stdin, never, secret_from_stdin=flag, token_from_stdin=False)
    assert "hush" not in str(refused.value)
    assert refused.value.__cause__ is None
    with pytest.raises(ClusterError, match="not UTF-8"):
        confidential_input.credentials(
            Terminal(), lambda _: "hush\udcff", secret_from_stdin=False, token_from_stdin=False
        )


@pytest.fixture
def pipe() -> Iterator[tuple[TextIO, BinaryIO]]:
    """Return a stdin that is open, and what is on the other side."""
    read, write = os.pipe()
    with os.fdopen(read, encoding="utf-8") as stdin, os.fdopen(write, "wb", buffering=0) as other:
        yield stdin, other


def test_nobody_waits_for_a_stdin_that_stays_open_and_that_no_flag_asks_for(
    pipe: tuple[TextIO, BinaryIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confidential_input, "_PATIENCE", 0.0)
    with pytest.raises(ClusterError, match=r"nothing is written, for stdin is open.*< /dev/null"):
        confidential_input.credentials(pipe[0], never, secret_from_stdin=False, token_from_stdin=False)


def test_nor_for_the_end_of_what_no_flag_asks_for(pipe: tuple[TextIO, BinaryIO]) -> None:
    pipe[1].write(b"\n hush")
    with pytest.raises(ClusterError, match="no flag says what") as refused:
        confidential_input.credentials(pipe[0], never, secret_from_stdin=False, token_from_stdin=False)
    assert "hush" not in str(refused.value)


def test_a_stdin_that_has_ended_holds_nothing(pipe: tuple[TextIO, BinaryIO]) -> None:
    pipe[1].close()
    found = confidential_input.credentials(pipe[0], never, secret_from_stdin=False, token_from_stdin=False)
    assert found == Credentials()


def test_who_breaks_off_has_nothing_written() -> None:
    def breaks_off(_: str) -> str:
        raise EOFError

    with pytest.raises(ClusterError, match="broken off"):
        confidential_input.credentials(Terminal(), breaks_off, secret_from_stdin=False, token_from_stdin=False)


def test_a_key_is_read_of_a_file_and_what_is_none_is_said(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text("-----BEGIN")
    assert confidential_input.private_key(file).reveal() == "-----BEGIN"
    file.write_bytes(b"\xff\xfe")
    for missing in (file, tmp_path, tmp_path / "nothing"):
        with pytest.raises(ClusterError, match="cannot be read"):
            confidential_input.private_key(missing)
