"""What tests of `check` stand on: two manifests, and the command in a directory of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from oauthclient_operator.command_line import main

GOOD = """\
apiVersion: oauth-operator.dev/v1alpha1
kind: OAuthClient
metadata: {name: web, namespace: shop}
spec:
  issuer: https://idp.example.com/realms/shop
  clientMetadata:
    client_name: Web shop
    redirect_uris: [https://shop.example.com/callback]
  registration: {initialAccessToken: {secretRef: {name: idp-token}}}
  secret: {keys: {client_id: CLIENT_ID, token_endpoint: TOKEN_URL}}
"""
BAD = GOOD.replace("clientMetadata", "clientMetdata").replace("name: web", "name: api")

Check = Callable[..., tuple[int, str, str]]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    """Run the command where the files are; return its status, what it says and what it complains of."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **files: str) -> tuple[int, str, str]:
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        try:
            status = main(["check", *arguments])
        except SystemExit as refused:
            status = int(str(refused.code))
        said, complained = capsys.readouterr()
        return status, said, complained

    return run
