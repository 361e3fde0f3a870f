"""The documentation names everything that is there, and nothing that is not."""

import contextlib
import io
import re
from pathlib import Path

import pytest
import yaml

from oauthclient_operator import names
from oauthclient_operator.names import PUBLISHED_KEYS, ConditionType, Done, Reason
from oauthclient_operator.options import Options
from oauthclient_operator.resource.dialect import Dialect

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]
DOCS = {str(page.relative_to(ROOT / "docs")): page.read_text() for page in (ROOT / "docs").rglob("*.md")}
README = (ROOT / "README.md").read_text()
PAGES = ["README.md", "CONTRIBUTING.md", "SECURITY.md", *(f"docs/{name}" for name in DOCS)]
NOT_IN_AN_INDEX = "It is in no package index: `pip install oauthclient-operator` finds nothing, or somebody else's."


def test_every_condition_and_every_reason_is_explained_once() -> None:
    reasons, _, events = DOCS["reasons.md"].partition("## Events")
    explained = re.findall(r"^\| `(\w+)` \|", reasons, flags=re.MULTILINE)
    assert sorted(explained) == sorted([*ConditionType, *Reason])
    assert sorted(re.findall(r"^\| `(\w+)` \|", events, flags=re.MULTILINE)) == sorted(Done)


def test_every_option_is_documented_once() -> None:
    documented = re.findall(r"^\| `(--[a-z-]+)", DOCS["options.md"], flags=re.MULTILINE)
    help_text = _help()
    assert sorted(documented) == sorted(set(re.findall(r"--[a-z-]+", help_text)) - {"--help"})


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


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    source = ROOT / page
    targets = re.findall(r"\]\(([^)#:]+)\)", source.read_text())
    assert [t for t in targets if not (source.parent / t).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_links_to_a_place_on_a_page_lead_to_a_heading(page: str) -> None:
    source = ROOT / page
    links = re.findall(r"\]\(([^)#:\s]*)#([^)\s]+)\)", source.read_text())
    pages = [(source.parent / target if target else source, place) for target, place in links]
    assert [(str(to), place) for to, place in pages if to.suffix == ".md" and place not in _places(to)] == []


def _places(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as those who show Markdown make them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", each) for each in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_no_page_installs_by_a_name_that_is_anybodys(page: str) -> None:
    assert _installed_by_name((ROOT / page).read_text().replace(NOT_IN_AN_INDEX, "")) == []


def test_the_page_of_the_library_says_that_no_index_has_it() -> None:
    assert NOT_IN_AN_INDEX in DOCS["library.md"]


@pytest.mark.parametrize(
    ("line", "by_name"),
    [
        ("$ pip install oauthclient-operator", True),
        ("`pip install -U 'oauthclient-operator[operator]'`", True),
        ("RUN python -m pip install --no-cache-dir \\\n  OAuthClient_Operator==1.0", True),
        ('$ uv add "oauthclient-operator>=1"', True),
        ("$ pipx install oauthclient-operator && oauthclient-operator check", True),
        ("$ uv tool install --with kopf oauthclient-operator", True),
        ("$ pip install .    # oauthclient-operator, in a checkout", False),
        ("$ pip install '.[operator]' && oauthclient-operator check", False),
        ("$ pip install git+https://git.example.com/oauthclient-operator.git", False),
        ("$ uv add 'oauthclient-operator @ git+https://git.example.com/oauthclient-operator.git'", False),
        ("`pip install flask authlib requests`, and oauthclient-operator", False),
        ("$ helm install oauthclient-operator deploy/chart", False),
    ],
)
def test_what_is_an_installation_by_name(line: str, by_name: bool) -> None:
    assert bool(_installed_by_name(line)) == by_name


def _installed_by_name(text: str) -> list[str]:
    """Return the commands that ask a package index for this project, which is in none."""
    commands = re.findall(
        r"\b(?:pip3?|pipx|uv(?: tool)?|poetry) (?:install|add)\b[^`\n;&|]*", text.replace("\\\n", " ")
    )
    asked = re.compile(r"(?<=[\s'\"])oauthclient[-_.]operator(\[[^]]*\])?(?! *@)(?=[\s'\"=<>~!]|$)", re.IGNORECASE)
    return [command for command in commands if asked.search(command.partition(" #")[0])]


def test_the_map_of_the_code_names_every_room() -> None:
    package = ROOT / "operator" / "oauthclient_operator"
    rooms = {
        p.name.removesuffix(".py") for p in package.iterdir() if not p.name.startswith("_") and p.suffix in ("", ".py")
    }
    assert [room for room in sorted(rooms) if f"`{room}" not in DOCS["code.md"]] == []


@pytest.mark.parametrize("of", ["servers", "issuers"])
def test_every_servers_manifests_are_on_the_page_which_says_whether_they_were_tried(of: str) -> None:
    manifests = sorted((ROOT / "examples" / of).glob("*.yaml"))
    assert len(manifests) > 20
    for manifest in manifests:
        (row,) = [line for line in DOCS["servers/README.md"].splitlines() if f"examples/{of}/{manifest.name}" in line]
        assert ("not tried" in row) == ("# Not tried: " in manifest.read_text()), manifest


def _of_servers(number: int) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the servers of the page's first table, and name and further cells of the rows of another one."""
    tables = DOCS["servers/README.md"].split("\n| server |")
    servers = re.findall(r"^\| \[(.+?)\]", tables[1], flags=re.MULTILINE)
    return servers, re.findall(r"^\| (.+?) \| (.+) \|$", tables[number].partition("\n\n")[0], flags=re.MULTILINE)


def test_every_server_has_its_row_on_the_issuer_for_all_teams() -> None:
    servers, rows = _of_servers(2)
    assert [name for name, _ in rows if name != "---"] == [server for server in servers if server != "Dex"]
    assert {cells.count(" | ") for _, cells in rows} == {2}


def test_what_a_servers_issuer_says_of_its_dialect_is_in_its_row_and_what_the_row_says_is_admitted() -> None:
    links = re.findall(r"^\| \[(.+?)\].*/examples/issuers/([a-z0-9-]+)\.yaml", DOCS["servers/README.md"], re.MULTILINE)
    rows = {name: cells.split(" | ")[1] for name, cells in _of_servers(2)[1]}
    assert len(links) > 20
    for server, manifest in links:
        documents = yaml.safe_load_all((ROOT / "examples" / "issuers" / f"{manifest}.yaml").read_text())
        (found,) = (document["spec"] for document in documents if document["kind"] == names.ISSUER_KIND)
        told = [yaml.safe_load(word) for word in re.findall(r"`(\w+: \w+)`", rows[server])]
        assert [knob for knob in found.get("dialect", {}).items() if dict([knob]) not in told] == [], server
        problems: list[str] = []
        for knob in told:
            Dialect.of({"dialect": knob}, problems)
            assert knob.keys() <= _knobs(), server
        assert problems == [], server


def _knobs() -> set[str]:
    definition = yaml.safe_load((ROOT / "crds" / "clusteroauthissuers.yaml").read_text())
    spec = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    return set(spec["dialect"]["properties"])


def test_every_server_has_its_row_on_renewal_and_rotation() -> None:
    servers, rows = _of_servers(3)
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
