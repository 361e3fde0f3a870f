"""The documentation names everything that is there, and nothing that is not."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from oauthclient_operator.names import PUBLISHED_KEYS, ConditionType, Reason
from oauthclient_operator.options import Options

ROOT = Path(__file__).parents[2]
DOCS = {str(page.relative_to(ROOT / "docs")): page.read_text() for page in (ROOT / "docs").rglob("*.md")}
README = (ROOT / "README.md").read_text()


def test_every_condition_and_every_reason_is_explained_once() -> None:
    explained = re.findall(r"^\| `(\w+)` \|", DOCS["reasons.md"], flags=re.MULTILINE)
    assert sorted(explained) == sorted([*ConditionType, *Reason])


def test_every_option_is_documented_with_its_default() -> None:
    documented = set(re.findall(r"^\| `(--[a-z-]+)", DOCS["options.md"], flags=re.MULTILINE))
    help_text = _help()
    assert documented == set(re.findall(r"--[a-z-]+", help_text)) - {"--help"}


def test_every_published_key_is_in_the_readme() -> None:
    assert [key for key in PUBLISHED_KEYS if f"`{key}`" not in README] == []


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{name}" for name in DOCS)])
def test_links_lead_somewhere(page: str) -> None:
    source = ROOT / page
    targets = re.findall(r"\]\(([^)#:]+)\)", source.read_text())
    assert [t for t in targets if not (source.parent / t).exists()] == []


def test_the_map_of_the_code_names_every_room() -> None:
    package = ROOT / "operator" / "oauthclient_operator"
    rooms = {
        p.name.removesuffix(".py") for p in package.iterdir() if not p.name.startswith("_") and p.suffix in ("", ".py")
    }
    assert [room for room in sorted(rooms) if f"`{room}" not in DOCS["code.md"]] == []


@pytest.mark.parametrize("manifest", sorted((ROOT / "examples" / "servers").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_servers_manifest_is_on_the_page_which_says_whether_it_was_tried(manifest: Path) -> None:
    (row,) = [line for line in DOCS["servers/README.md"].splitlines() if f"{manifest.name}" in line]
    assert ("not tried" in row) == ("# Not tried: " in manifest.read_text())


def test_every_server_has_its_section() -> None:
    page = DOCS["servers/README.md"]
    headings = re.findall(r"^## (.+)$", page, flags=re.MULTILINE)
    sections = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) == sections - {"any-server"}


def _help() -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), pytest.raises(SystemExit):
        Options.parse(["--help"], {})
    usage, _, flags = printed.getvalue().partition("options:")
    return re.sub(r"^ {4,}[a-z(].*$", "", flags, flags=re.MULTILINE) or usage
