"""What the example's `.env` holds reaches Node as the server issued it, or is not written: Node undoes no escapes."""

import json
import string
import subprocess
from pathlib import Path

import pytest
import yaml

from oauthclient_operator.names import TEMPLATE_NAMES, TemplateName
from oauthclient_operator.resource.secret_template import Template, Unwritten, parse
from tests.cluster.consumers.apps import EXAMPLES
from tests.parts.toolchains import node

TAKEN = [
    "".join(c for c in string.printable if not c.isspace() and c not in "\"'`\\"),
    "#begins=like$a${comment}",
    "$(id)${HOME}$HOME",
    "a<b>&c",
    "schlüssel",
]
REFUSED = ['a"b\\c$d', "a'b", "a`b", "a\\nb", "a\nb", "a b"]


def env_file() -> Template:
    spec = next(yaml.safe_load_all((EXAMPLES / "files.yaml").read_text()))["spec"]
    found = parse(spec["secret"]["template"][".env"])
    assert isinstance(found, Template)
    return found


def values(secret: str) -> dict[TemplateName, str]:
    return {**dict.fromkeys(TEMPLATE_NAMES, "https://idp.example.com/a?b=c#d"), "client_secret": secret}


def read(text: str, directory: Path) -> dict[str, str]:
    """Return the variables of such a file as a program in Node has them."""
    file = directory / ".env"
    file.write_text(text)
    command = (node().node, f"--env-file={file}", "--eval", "console.log(JSON.stringify(process.env))")
    printed = subprocess.run(command, env={"HOME": "/root"}, check=True, capture_output=True, text=True, timeout=30)
    found: dict[str, str] = json.loads(printed.stdout)
    return {name: value for name, value in found.items() if name != "HOME"}


@pytest.mark.parametrize("secret", TAKEN)
def test_what_is_written_arrives(secret: str, tmp_path: Path) -> None:
    written = env_file().filled_in(values(secret))
    assert isinstance(written, str)
    url = "https://idp.example.com/a?b=c#d"
    assert read(written, tmp_path) == {
        "OIDC_CLIENT_ID": url,
        "OIDC_CLIENT_SECRET": secret,
        "OIDC_ISSUER": url,
        "OIDC_DISCOVERY_URL": url,
        "OIDC_REDIRECT_URI": url,
    }


@pytest.mark.parametrize("secret", REFUSED)
def test_what_would_arrive_as_something_else_is_not_written(secret: str) -> None:
    found = env_file().filled_in(values(secret))
    assert isinstance(found, Unwritten)
    assert "the server's client_secret holds quotes, spaces" in found.why


@pytest.mark.parametrize(("secret", "arrives"), [('a"b\\c$d', "a\\"), ("a<b>&c", "a\\u003cb\\u003e\\u0026c")])
def test_what_json_escapes_arrives_as_something_else(secret: str, arrives: str, tmp_path: Path) -> None:
    # As docs/secret.md says: `toJson` is not for these files.
    template = parse("SECRET={{ .client_secret | toJson }}")
    assert isinstance(template, Template)
    assert read(str(template.filled_in(values(secret))), tmp_path) == {"SECRET": arrives}
