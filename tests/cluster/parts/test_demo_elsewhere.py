"""`make demo` in somebody's cluster: nothing is touched before he says yes, nor where an operator is at work."""

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oauthclient_operator import names
from tests.cluster.parts.demo import DEMO, in_terminal
from tests.parts.api_server import APIServer, api_server
from tests.parts.installation import ROOT
from tests.parts.programs import programs


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIServer]:
    with api_server(tmp_path_factory.mktemp("theirs"), programs()) as server:
        yield server


@pytest.fixture(autouse=True)
def a_temporary_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def demo(theirs: APIServer, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "KUBECONFIG": str(theirs.kubeconfig)}
    return subprocess.run(
        [*DEMO, *options],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )


def untouched(theirs: APIServer, temporary: Path) -> bool:
    there = theirs.kubectl("get", "namespaces,customresourcedefinitions,clusterroles", "-o", "name")
    return "oauth" not in there and list(temporary.iterdir()) == []


def test_where_nobody_can_be_asked_nothing_is_touched(theirs: APIServer, tmp_path: Path) -> None:
    done = demo(theirs)
    assert (done.returncode, done.stderr) == (1, "")
    assert theirs.url in done.stdout
    assert "make demo YES=1" in done.stdout
    assert untouched(theirs, tmp_path)


@pytest.mark.parametrize("answer", ["n", ""])
def test_who_is_asked_may_say_no(theirs: APIServer, tmp_path: Path, answer: str) -> None:
    with in_terminal(environment={"KUBECONFIG": str(theirs.kubeconfig)}) as asked:
        shown = asked.until("Go on? [y/N]")
        assert theirs.url in shown
        asked.type(answer)
        asked.until("nothing was touched")
        assert asked.process.wait(30) == 1
    assert untouched(theirs, tmp_path)


def manifest(kind: str, api: str, name: str, namespace: str | None = "default", **more: Any) -> dict[str, Any]:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {}), **more.pop("metadata", {})}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **more}


APP = {"app.kubernetes.io/name": names.OPERATOR}
THEIRS = [
    pytest.param(
        manifest(
            "Deployment",
            "apps/v1",
            "acme-operator",
            metadata={"labels": APP},
            spec={
                "replicas": 0,
                "selector": {"matchLabels": APP},
                "template": {
                    "metadata": {"labels": APP},
                    "spec": {"containers": [{"name": "operator", "image": "operator"}]},
                },
            },
        ),
        "Deployment default/acme-operator",
        id="a Deployment of it, whatever its name",
    ),
    pytest.param(
        manifest("Secret", "v1", "a-uid", type=names.RECORD_TYPE),
        "registration records",
        id="records of an operator that was there",
    ),
    pytest.param(
        manifest("Namespace", "v1", "oauthclient-demo", None),
        "namespace oauthclient-demo",
        id="a namespace of the demo's name",
    ),
]


def lease() -> dict[str, Any]:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    spec = {"holderIdentity": "somebody", "leaseDurationSeconds": 30, "renewTime": now}
    return manifest("Lease", "coordination.k8s.io/v1", names.OPERATOR, spec=spec)


@pytest.mark.parametrize(
    ("there", "said"), [*THEIRS, pytest.param(None, f"Lease default/{names.OPERATOR}", id="a process that leads")]
)
def test_where_an_operator_is_or_was_at_work_even_a_yes_is_not_enough(
    theirs: APIServer, there: dict[str, Any] | None, said: str
) -> None:
    found = there or lease()
    theirs.kubectl.apply(found)
    where = found["metadata"].get("namespace", "default")
    try:
        done = demo(theirs, "--yes")
    finally:
        theirs.kubectl("delete", found["kind"], found["metadata"]["name"], "-n", where, "--timeout=60s")
    assert (done.returncode, done.stderr) == (1, "")
    assert "Not done: an OAuthClient operator is, or was, at work in this cluster" in done.stdout
    assert said in done.stdout
    assert "oauth" not in theirs.kubectl("get", "customresourcedefinitions", "-o", "name")


@pytest.mark.timeout(240)
def test_with_a_yes_it_is_shown_there_and_what_it_leaves_does_not_keep_the_next_one_away(theirs: APIServer) -> None:
    done = demo(theirs, "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "any more; it lists 2." in done.stdout
    assert "oauthclient-demo" not in theirs.kubectl("get", "namespaces", "-o", "name")
    assert "nobody is there to be asked" in demo(theirs).stdout
