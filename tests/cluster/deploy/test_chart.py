"""What the chart comes to is, object by object, what kustomize builds where an overlay says the same as the values."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.deploy.chart_case import rendered
from tests.cluster.deploy.chart_cases import CASES
from tests.parts.chart_files import CHART
from tests.parts.chart_values import defaults, named
from tests.parts.helm import Helm, HelmError
from tests.parts.programs import programs

Manifest = dict[str, Any]
KEEP = "helm.sh/resource-policy"
KEPT = {"oauthclients.oauth-operator.dev", "clusteroauthissuers.oauth-operator.dev"}


def by_name(objects: list[Manifest]) -> dict[str, Manifest]:
    """Return the objects by what they are called; of variables, whose order means nothing, in one order."""
    found = {
        "/".join((it["apiVersion"], it["kind"], it["metadata"].get("namespace", ""), it["metadata"]["name"])): it
        for it in objects
    }
    assert len(found) == len(objects)
    for deployment in (it for it in objects if it["kind"] == "Deployment"):
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        container["env"].sort(key=lambda variable: variable["name"])
    return found


def kustomized(directory: Path) -> list[Manifest]:
    made = subprocess.run(
        [programs().kubectl, "kustomize", directory], check=True, capture_output=True, text=True, timeout=60
    )
    return list(yaml.safe_load_all(made.stdout))


@pytest.mark.parametrize("name", CASES)
def test_the_charts_objects_are_those_of_kustomize(name: str, helm: Helm, tmp_path: Path) -> None:
    case = CASES[name]
    (tmp_path / "overlay").mkdir()
    case.write(tmp_path / "overlay")
    theirs = by_name(kustomized(tmp_path / "overlay"))
    # Helm needs it before it can install anything.
    system = theirs.pop(f"v1/Namespace//{case.namespace}")
    assert system["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    ours = by_name(rendered(helm, case, tmp_path))
    kept = [it for it in ours.values() if KEEP in it["metadata"].get("annotations", {})]
    for it in kept:
        annotations = it["metadata"].pop("annotations")
        assert annotations.pop(KEEP) == "keep"
        it["metadata"].update({"annotations": annotations} if annotations else {})
    assert sorted(ours) == sorted(theirs)
    for called, it in theirs.items():
        assert ours[called] == it, called
    definitions = KEPT if case.values.get("crds", {}).get("enabled", True) else set()
    assert {it["metadata"]["name"] for it in kept} == {
        case.values.get("recordsNamespace", "oauth-operator-records"),
        *definitions,
    }


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_amiss_with_the_chart(name: str, helm: Helm, tmp_path: Path) -> None:
    case = CASES[name]
    said = helm("lint", "--strict", CHART, "-n", case.namespace, "-f", case.write_values(tmp_path))
    assert "1 chart(s) linted, 0 chart(s) failed" in said
    assert "[WARNING]" not in said


def test_every_value_is_compared() -> None:
    assert {name for case in CASES.values() for name, _ in named(case.values)} == set(defaults())


def test_a_packaged_chart_is_the_same(helm: Helm, tmp_path: Path) -> None:
    said = helm("package", CHART, "-d", tmp_path)
    assert "oauthclient-operator-0.1.0.tgz" in said
    case = CASES["named namespaces, another name, and all that is beside"]
    packaged = rendered(helm, case, tmp_path, tmp_path / "oauthclient-operator-0.1.0.tgz")
    assert packaged == rendered(helm, case, tmp_path)


def test_a_namespace_that_is_everybodys_is_refused(helm: Helm) -> None:
    with pytest.raises(HelmError, match="the operator's namespace must be its own"):
        helm("template", "oauthclient-operator", CHART)


def test_the_notes_name_what_the_release_named(helm: Helm) -> None:
    more = ("--dry-run=client", "--set", "recordsNamespace=acme-records,secretAccess=Namespaces,namespaces={shop}")
    _, _, notes = helm("install", "acme", CHART, "-n", "acme-system", *more).partition("NOTES:")
    assert "kubectl scale deployment/acme-oauthclient-operator -n acme-system --replicas=0" in notes
    assert "uninstall --lease-namespace=acme-system --records-namespace=acme-records" in notes
    assert "in one of these namespaces: shop" in notes
    assert "oauth-operator" not in notes
