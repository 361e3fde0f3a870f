"""What the chart refuses: what has no effect, what the operator would end with, and what opens what is to be closed."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.deploy.chart_case import Case, Content, rendered
from tests.parts.chart_files import CHART
from tests.parts.chart_values import defaults
from tests.parts.helm import Helm, HelmError

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a value that is not known": ({"replica": 3}, "additional properties 'replica' not allowed"),
    "a value that is not known, deeper": ({"image": {"name": "o"}}, "additional properties 'name' not allowed"),
    "an option that is not known": ({"options": {"retry-fast": "1m"}}, "additional properties 'retry-fast'"),
    "an option that the chart sets": ({"options": {"namespace": ["shop"]}}, "additional properties 'namespace'"),
    "a time without a unit": ({"options": {"retry-slowly": "300"}}, "at '/options/retry-slowly'"),
    "namespaces that nothing is said of": ({"namespaces": ["shop"]}, "at '/namespaces': maxItems"),
    "no namespace where some have to be named": ({"secretAccess": "Namespaces"}, "at '/namespaces': minItems"),
    "two bundles": ({"caBundle": {"pem": "-----BEGIN CERTIFICATE-----", "configMap": "ca"}}, "at '/caBundle'"),
    "a private key beside the certificate": (
        {"caBundle": {"pem": f"{CERTIFICATE}-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----\n"}},
        "at '/caBundle/pem'",
    ),
    "a private key before it": (
        {"caBundle": {"pem": f"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n{CERTIFICATE}"}},
        "at '/caBundle/pem'",
    ),
    "a bundle that is none": ({"caBundle": {"pem": "ca.crt"}}, "at '/caBundle/pem'"),
    "an API server that nobody may reach": (
        {"networkPolicy": {"restricted": True}},
        "at '/networkPolicy/apiServer': minItems",
    ),
    "readers of the metrics that are everybody": ({"networkPolicy": {"metrics": []}}, "at '/networkPolicy/metrics'"),
    "a tag in the place of a digest": ({"image": {"digest": "0.1.0"}}, "at '/image/digest'"),
    "a tag in the name of the image": (
        {"image": {"repository": "registry.example.com/o:1.0"}},
        "at '/image/repository'",
    ),
    "a digest in the name of the image": ({"image": {"repository": f"o@sha256:{'5a' * 32}"}}, "at '/image/repository'"),
    "an option without a value": ({"options": {"retry-slowly": None}}, "got null, want string"),
    "a time that is none": ({"options": {"retry-slowly": "0s"}}, "at '/options/retry-slowly'"),
    "a time of more than a year": (
        {"options": {"retry-slowly": "8784h1s"}},
        "options.retry-slowly is 8784h1s, and the operator takes no time that is longer than 366 days",
    ),
    "a prefix that is Kubernetes' own": (
        {"options": {"secret-metadata-prefix": ["node.kubernetes.io"]}},
        "at '/options/secret-metadata-prefix/0'",
    ),
    "a job that ends its selector": ({"monitoring": {"job": 'x"}'}}, "at '/monitoring/job'"),
    "a release that is not to be": ({"enabled": False}, "Leave enabled out"),
    "records beside the operator": ({"recordsNamespace": "oauth-operator-system"}, "nothing but records may be there"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_values_that_make_no_sense_are_refused(what: str, helm: Helm, tmp_path: Path) -> None:
    values, why = REFUSED[what]
    with pytest.raises(HelmError) as refused:
        rendered(helm, Case(values=values), tmp_path)
    assert why in str(refused.value)


DEFAULTS = yaml.safe_load((CHART / "values.yaml").read_text())
VALUES = [
    *defaults(),
    *(name for name, value in DEFAULTS.items() if isinstance(value, dict) and name not in defaults()),
]


def _said(name: str, value: object) -> Content:
    first, _, rest = name.partition(".")
    return {first: _said(rest, value) if rest else value}


@pytest.mark.parametrize("name", VALUES)
def test_a_default_is_not_taken_away(name: str, helm: Helm, tmp_path: Path) -> None:
    """Helm leaves out what is null before it looks at the schema: `from: null` would let everybody in."""
    with pytest.raises(HelmError, match=f"missing property '{name.rpartition('.')[2]}'"):
        rendered(helm, Case(values=_said(name, None)), tmp_path)


def test_a_restriction_without_its_peers_is_refused(helm: Helm, tmp_path: Path) -> None:
    for peers in ("dns", "apiServer", "issuers"):
        said = {"restricted": True, "apiServer": [{"ipBlock": {"cidr": "10.96.0.1/32"}}], peers: None}
        with pytest.raises(HelmError, match=f"missing property '{peers}'"):
            rendered(helm, Case(values={"networkPolicy": said}), tmp_path)


@pytest.mark.parametrize(
    "values",
    [
        {
            "caBundle": {
                "pem": f"# The company's root - G2, valid 2020-2040\n{CERTIFICATE}# And another -----\n{CERTIFICATE}"
            }
        },
        {"image": {"repository": "localhost:5000/team/o"}},
        {"image": {"repository": "[2001:db8::1]:5000/o"}},
        {"image": {"repository": "registry.example.com/a--b/c__d.e"}},
        {"options": {"retry-slowly": "8784h", "exchange-timeout": "0h20s"}},
        {"options": {"secret-metadata-prefix": ["/", "app.kubernetes.io", "notkubernetes.io/", "example.com"]}},
    ],
)
def test_what_the_operator_takes_is_not_refused(values: Content, helm: Helm, tmp_path: Path) -> None:
    assert rendered(helm, Case(values=values), tmp_path) != rendered(helm, Case(values={}), tmp_path)


def _parent(directory: Path, values: Content) -> Path:
    """Write a chart that has this one as a part, where it is enabled."""
    part = {"name": "oauthclient-operator", "version": "0.1.0", "condition": "oauthclient-operator.enabled"}
    chart = {"apiVersion": "v2", "name": "platform", "version": "1.0.0", "dependencies": [part]}
    parent = directory / "platform"
    shutil.copytree(CHART, parent / "charts" / "oauthclient-operator")
    (parent / "Chart.yaml").write_text(yaml.safe_dump(chart))
    (parent / "values.yaml").write_text(yaml.safe_dump(values))
    return parent


def test_a_chart_may_have_it_as_a_part(helm: Helm, tmp_path: Path) -> None:
    parent = _parent(tmp_path, {"global": {"region": "eu"}, "oauthclient-operator": {"enabled": True, "replicas": 1}})
    alone = rendered(helm, Case(values={"replicas": 1, "global": {"region": "eu"}}), tmp_path)
    assert rendered(helm, Case(values={}), tmp_path, parent) == alone
    assert rendered(helm, Case(values={"oauthclient-operator": {"enabled": False}}), tmp_path, parent) == []
    with pytest.raises(HelmError, match="missing property 'metrics'"):
        rendered(helm, Case(values={"oauthclient-operator": {"networkPolicy": {"metrics": None}}}), tmp_path, parent)
