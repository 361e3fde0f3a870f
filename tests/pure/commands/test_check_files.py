"""Which documents `check` takes for OAuthClients, and what becomes of files that cannot be read."""

from pathlib import Path

import pytest

from oauthclient_operator.commands.manifests.documents import MOST_BYTES
from tests.pure.commands.conftest import BAD, GOOD, Check


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("v1alpha1", "v1", "a.yaml:1: apiVersion: write oauth-operator.dev/v1alpha1"),
        ("oauth-operator.dev/", "oauth-operators.dev/", "a.yaml:1: apiVersion: write oauth-operator.dev/v1alpha1"),
        ("apiVersion: oauth-operator.dev/v1alpha1\n", "", "a.yaml:1: apiVersion: write oauth-operator.dev/v1alpha1"),
        ("kind: OAuthClient", "kind: OauthClient", "a.yaml:2: kind: there is no such kind; write OAuthClient"),
        ("name: web", "name: Web", "a.yaml:3: metadata.name: write a resource's name"),
        ("name: web, ", "", "a.yaml:3: metadata.name: write a resource's name"),
        ("name: web", "name: 12", "a.yaml:3: metadata.name: it has to be text"),
        ("namespace: shop", "namespace: shop.a", "a.yaml:3: metadata.namespace: write a namespace's name"),
        ("namespace: shop", "lables: {a: b}", "a.yaml:3: metadata.lables: there is no such field; is labels meant?"),
        ("namespace: shop", "labels: {a: 1}", "a.yaml:3: metadata.labels.a: it has to be text"),
    ],
)
def test_what_kubectl_would_not_take_as_this_kind(check: Check, old: str, new: str, said: str) -> None:
    status, lines, _ = check("-f", "a.yaml", a_yaml=GOOD.replace(old, new, 1))
    problems = [line for line in lines.splitlines() if line.startswith("    a.yaml:")]
    assert (status, len(problems), said in lines) == (1, 1, True)


def test_a_name_that_is_generated_will_do(check: Check) -> None:
    assert check("-f", "a.yaml", a_yaml=GOOD.replace("name: web", "generateName: web-"))[0] == 0


@pytest.mark.parametrize(
    "other",
    [
        "apiVersion: oauth.openshift.io/v1\nkind: OAuthClient\n",
        "apiVersion: oauth-operator.dev/parameters\nkind: Parameters\n",
        "- a\n",
        "",
    ],
)
def test_what_is_another_kind_is_passed_over(check: Check, other: str) -> None:
    status, said, _ = check("-f", "a.yaml", a_yaml=other)
    assert (status, said.startswith("no OAuthClient found")) == (0, True)


def test_a_status_that_somebody_wrote_is_dropped_and_so_not_judged(check: Check) -> None:
    assert check("-f", "a.yaml", a_yaml=GOOD + "status: {any: thing}\n")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["-f", "missing.yaml"], "check: missing.yaml: it cannot be read: No such file"),
        (["-f", "empty"], "check: empty: no file below it ends in .yaml, .yml, .json"),
        (["-f", "broken.yaml"], "check: broken.yaml: line 1: this is no YAML"),
        (["-f", "latin.yaml"], "check: latin.yaml: it is not UTF-8"),
        (["-f", "large.yaml"], "check: large.yaml: it is larger than 16 MiB"),
        ([], "the following arguments are required: -f"),
        (["-f", "good.yaml", "--allow-http-issuer=a/b"], "--allow-http-issuer takes a host name"),
        (["-f", "good.yaml", "--exchange-timeout=5s"], "unrecognized arguments"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_file_that_cannot_be_read_and_a_wrong_option_are_status_2(
    check: Check, tmp_path: Path, arguments: list[str], complaint: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "latin.yaml").write_bytes(b"a: \xe4\n")
    with (tmp_path / "large.yaml").open("wb") as large:
        large.truncate(MOST_BYTES + 1)
    status, _, complained = check(*arguments, broken_yaml="a: b: c", good_yaml=GOOD)
    assert (status, complaint in complained) == (2, True), complained


def test_what_else_there_is_is_said_beside_a_file_that_cannot_be_read(check: Check) -> None:
    status, said, _ = check("-f", ".", bad_yaml=BAD, chart__x_yaml="{{ if .Values.a }}\n")
    assert status == 2
    assert said.splitlines()[-1] == "1 OAuthClient: 0 ok, 1 refused; 1 file could not be read"
