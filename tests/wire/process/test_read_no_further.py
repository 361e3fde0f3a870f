"""Whoever reads what a command prints may stop, as `head` does: the command ends quietly, as others do then."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ENDED = 128 + signal.SIGPIPE
CLIENT = "{apiVersion: oauth-operator.dev/v1alpha1, kind: OAuthClient, metadata: {name: web}, spec: {}}"


@pytest.mark.parametrize(
    ("entry", "arguments", "statuses"),
    [
        pytest.param("main", ["check", "-f", "web.yaml"], {ENDED}, id="a command says what it found"),
        pytest.param("main", ["--help"], {ENDED}, id="the commands are named"),
        pytest.param("kubectl_completion", ["sta"], {ENDED}, id="what a shell offers"),
        # Where its text is longer than a buffer argparse has passed over it by itself.
        pytest.param("main", ["export", "--help"], {0, ENDED}, id="a command says how it is called"),
        pytest.param("kubectl_plugin", ["--help"], {0, ENDED}, id="the plugin says how it is called"),
    ],
)
def test_a_command_whose_reader_has_gone_ends_quietly(
    entry: str, arguments: list[str], statuses: set[int], tmp_path: Path
) -> None:
    (tmp_path / "web.yaml").write_text(CLIENT)
    program = f"import sys; from oauthclient_operator.__main__ import {entry}; sys.exit({entry}())"
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as output:
        ran = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            cwd=tmp_path,
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (ran.returncode in statuses, ran.stderr) == (True, "")


def test_a_command_that_is_read_to_its_end_has_its_own_exit_status(tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text(CLIENT)
    program = "import sys; from oauthclient_operator.__main__ import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "check", "-f", "web.yaml"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "1 OAuthClient: 0 ok, 1 refused" in ran.stdout
