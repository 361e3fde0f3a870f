"""What is confidential comes from stdin, a file or a prompt, and is put into no text."""

import io
from pathlib import Path

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
        ("not read", False, False, (None, None)),
    ],
)
def test_stdin_has_a_line_for_each(
    written: str, secret: bool, token: bool, expected: tuple[str | None, str | None]
) -> None:
    found = confidential_input.credentials(
        io.StringIO(written), never, secret_from_stdin=secret, token_from_stdin=token, ask=True
    )
    assert tuple(value and value.reveal() for value in found) == expected
    assert all(repr(value) in ("None", "Confidential(…)") for value in found)


@pytest.mark.parametrize("written", ["", "\n", "one line\n"])
def test_a_line_that_is_missing_is_said_and_no_other_shown(written: str) -> None:
    with pytest.raises(ClusterError, match="on stdin") as missing:
        confidential_input.credentials(
            io.StringIO(written), never, secret_from_stdin=True, token_from_stdin=True, ask=True
        )
    assert "one line\n" not in str(missing.value)


def test_who_sits_at_a_terminal_is_asked_and_may_have_none() -> None:
    answers = iter(["s", " "])
    asked: list[str] = []

    def prompt(words: str) -> str:
        asked.append(words)
        return next(answers)

    found = confidential_input.credentials(
        Terminal(), prompt, secret_from_stdin=False, token_from_stdin=False, ask=True
    )
    assert found == Credentials(client_secret=Confidential("s"))
    assert len(asked) == 2
    nobody = confidential_input.credentials(
        Terminal(), never, secret_from_stdin=False, token_from_stdin=False, ask=False
    )
    assert nobody == Credentials()


def test_who_breaks_off_has_nothing_written() -> None:
    def breaks_off(_: str) -> str:
        raise EOFError

    with pytest.raises(ClusterError, match="broken off"):
        confidential_input.credentials(
            Terminal(), breaks_off, secret_from_stdin=False, token_from_stdin=False, ask=True
        )


def test_a_key_is_read_of_a_file_and_what_is_none_is_said(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text("-----BEGIN")
    assert confidential_input.private_key(file).reveal() == "-----BEGIN"
    file.write_bytes(b"\xff\xfe")
    for missing in (file, tmp_path, tmp_path / "nothing"):
        with pytest.raises(ClusterError, match="cannot be read"):
            confidential_input.private_key(missing)
