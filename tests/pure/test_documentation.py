"""The documentation names everything that is there, and nothing that is not."""

import contextlib
import io
import re
from pathlib import Path

import pytest
import yaml

from oauthclient_operator.names import PUBLISHED_KEYS, ConditionType, Done, Reason
from oauthclient_operator.options import Options

ROOT = Path(__file__).parents[2]
DOCS = {str(page.relative_to(ROOT / "docs")): page.read_text() for page in (ROOT / "docs").rglob("*.md")}
README = (ROOT / "README.md").read_text()


def test_every_condition_and_every_reason_is_explained_once() -> None:
    reasons, _, events = DOCS["reasons.md"].partition("## Events")
    explained = re.findall(r"^\| `(\w+)` \|", reasons, flags=re.MULTILINE)
    assert sorted(explained) == sorted([*ConditionType, *Reason])
    assert sorted(re.findall(r"^\| `(\w+)` \|", events, flags=re.MULTILINE)) == sorted(Done)


def test_every_option_is_documented_with_its_default() -> None:
    documented = set(re.findall(r"^\| `(--[a-z-]+)", DOCS["options.md"], flags=re.MULTILINE))
    help_text = _help()
    assert documented == set(re.findall(r"--[a-z-]+", help_text)) - {"--help"}


def test_every_published_key_is_in_the_readme() -> None:
    assert [key for key in PUBLISHED_KEYS if f"`{key}`" not in README] == []


def test_every_page_and_every_condition_is_in_the_readme() -> None:
    pages = [page for page in DOCS if "/" not in page]
    assert [page for page in pages if f"(docs/{page})" not in README] == []
    assert [condition for condition in ConditionType if f"`{condition}`" not in README] == []


def test_every_field_of_the_resource_is_in_the_readme() -> None:
    definition = yaml.safe_load((ROOT / "crds" / "oauthclients.yaml").read_text())
    (version,) = definition["spec"]["versions"]
    fields = version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    rows = [line for line in README.splitlines() if line.startswith("| `")]
    assert [field for field in fields if not any(re.search(rf"`{field}[.`]", row) for row in rows)] == []


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


def test_every_server_has_its_row_on_renewal_and_rotation() -> None:
    _, manifests, renewal = DOCS["servers/README.md"].split("\n| server |")
    servers = re.findall(r"^\| \[(.+?)\]", manifests, flags=re.MULTILINE)
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", renewal, flags=re.MULTILINE)
    with_a_row = {server for server in servers for name, _ in rows if name == server or name.startswith(f"{server}, ")}
    assert {*servers} - with_a_row == {"Dex"}, "all but the one that has no registration"
    assert {cells.count(" | ") for _, cells in rows} == {3}


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
