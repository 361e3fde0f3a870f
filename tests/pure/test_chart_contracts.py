"""What the chart says is what the rest says: its copies, its values, their page, the operator's options, the version."""

import json
import re
import tomllib
from typing import Any

import jsonschema
import pytest
import yaml

from oauthclient_operator.names import OPERATOR, RECORDS_NAMESPACE
from oauthclient_operator.options import Options
from oauthclient_operator.options.flags import FLAGS
from tests.parts.chart_files import CHART, FILES, sources
from tests.parts.chart_values import HELMS_OWN, WHOLE, defaults, schema, schemas
from tests.parts.installation import ROOT, SYSTEM_NAMESPACE

pytestmark = pytest.mark.contract

SET_BY_THE_CHART = {
    "--records-namespace": "recordsNamespace",
    "--namespace": "secretAccess",
    "--no-secret-watch": "secretAccess",
    "--ca-bundle": "caBundle",
    # The pod's own: its account, its namespace, the port of its probes.
    "--kubeconfig": None,
    "--lease-namespace": None,
    "--listen": None,
}
TIMES = ("20s", "1h30m", "m", "0s", "0h", "00m", "0h0m0s", "0h1s", "8784h", "1h1h", "1s1m")
PREFIXES = (
    "/", "//", "example.com", "example.com/", "Example.com", "a..b", "-a.com", "kubernetes.io", "node.kubernetes.io/",
    "notkubernetes.io", "app.kubernetes.io", "x.app.kubernetes.io", "k8s.io", "a.k8s.io", "oauth-operator.dev",
)  # fmt: skip
PAGE = (ROOT / "docs" / "install.md").read_text()


def test_the_copies_are_current() -> None:
    copies = {file for file in FILES.rglob("*") if file.is_file()}
    assert copies == set(sources()), "python -m tests.parts.chart_files makes them anew"
    stale = [str(source) for copy, source in sources().items() if copy.read_bytes() != source.read_bytes()]
    assert stale == [], "python -m tests.parts.chart_files makes them anew"


def test_no_copy_is_unused() -> None:
    templates = "".join(file.read_text() for file in (CHART / "templates").iterdir())
    # Those that a template names in two steps: the directory, and names in a list.
    stems = [copy.stem for copy in sources() if copy.parent.name != "crds"]
    assert [stem for stem in stems if not re.search(rf"\b{stem}\b", templates)] == []


def test_each_value_has_a_default_a_schema_and_a_row_of_the_page() -> None:
    assert list(defaults()) == list(schemas())
    assert [name for name, said in schemas().items() if not said.get("description", "").endswith(".")] == []
    assert _table() == {name: _shown(value) for name, value in defaults().items()}


def _table() -> dict[str, str]:
    _, _, table = PAGE.partition("\n| value | default | meaning |\n")
    return dict(re.findall(r"^\| `([\w.]+)` \| (.+?) \|", table.partition("\n\n")[0], flags=re.MULTILINE))


def _shown(value: object) -> str:
    if value in ("", [], {}):
        return "none"
    if isinstance(value, list | dict):
        return "[values.yaml](../deploy/chart/values.yaml)"
    return f"`{value}`" if isinstance(value, str) else f"`{json.dumps(value)}`"


def test_the_defaults_are_what_the_schema_takes() -> None:
    jsonschema.Draft7Validator.check_schema(schema())
    jsonschema.Draft7Validator(schema()).validate(yaml.safe_load((CHART / "values.yaml").read_text()))


def test_every_mapping_of_the_schema_is_closed_or_kubernetes_own() -> None:
    open_ones = {name for name, said in _mappings(schema(), "") if said.get("additionalProperties") is not False}
    assert open_ones == {"global", *WHOLE} - {"options"}


def test_no_default_can_be_taken_away() -> None:
    """Helm leaves out what is null; without its peers a rule of a network policy lets everybody in."""
    closed = {name: said for name, said in _mappings(schema(), "") if name not in {"global", *WHOLE}}
    assert closed.keys() == {"", "crds", "image", "caBundle", "networkPolicy", "monitoring"}
    for name, said in closed.items():
        assert set(said["required"]) == said["properties"].keys() - (set() if name else HELMS_OWN), name


def _mappings(said: Any, name: str) -> list[tuple[str, Any]]:
    below = [found for key, part in said.get("properties", {}).items() for found in _mappings(part, key)]
    return [(name, said), *below] if said.get("type") == "object" else below


def test_the_options_are_the_operators_but_for_those_that_the_chart_sets() -> None:
    known = {f"--{name}" for name in schemas()["options"]["properties"]}
    assert known == {flag.name for flag in FLAGS} - set(SET_BY_THE_CHART)
    values = {name.partition(".")[0] for name in defaults()}
    assert {value for value in SET_BY_THE_CHART.values() if value} <= values


@pytest.mark.parametrize("flag", [flag for flag in FLAGS if flag.name not in SET_BY_THE_CHART], ids=lambda it: it.name)
def test_an_option_is_written_as_the_operator_reads_it(flag: Any) -> None:
    said = schemas()["options"]["properties"][flag.name.removeprefix("--")]
    assert (said.get("type") == "array") == flag.repeatable
    assert (said.get("type") == "boolean") == (flag.metavar is None)
    takes = jsonschema.Draft7Validator(said).is_valid
    for text in (*TIMES, "", "7", "0", "10000", "1000000", "Deny", "json", "debug", "other"):
        if said.get("type") in ("array", "boolean"):
            continue
        value = int(text) if said.get("type") == "integer" and text.isdigit() else text
        assert takes(value) == _read(flag, text), text


@pytest.mark.parametrize("flag", [flag for flag in FLAGS if flag.repeatable], ids=lambda it: it.name)
def test_what_is_in_a_list_of_an_option_is_written_as_the_operator_reads_it(flag: Any) -> None:
    if flag.name in SET_BY_THE_CHART:
        takes = jsonschema.Draft7Validator(schemas()["namespaces"]["items"]).is_valid
    else:
        takes = jsonschema.Draft7Validator(
            schemas()["options"]["properties"][flag.name.removeprefix("--")]["items"]
        ).is_valid
    # A comma would be another one.
    assert [text for text in (*PREFIXES, "", "a b", "Shop", "shop") if takes(text) != _read(flag, text) and text] == []
    assert not takes("")
    assert not takes("a,b")


def _read(flag: Any, text: str) -> bool:
    try:
        flag.parse(text)
    except ValueError:
        return False
    return True


def test_the_charts_names_are_the_codes() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert (chart["name"], chart["version"], chart["appVersion"]) == (OPERATOR, version, version)
    assert defaults()["recordsNamespace"] == RECORDS_NAMESPACE == Options().records_namespace
    guard = (CHART / "templates" / "_guards.tpl").read_text()
    assert f"--namespace {SYSTEM_NAMESPACE}" in guard
