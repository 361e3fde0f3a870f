"""deploy/ as a remote base: an overlay that is in no checkout, of a revision of a repository that git can reach."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.parts.installation import ROOT
from tests.parts.programs import programs

GIT = ("git", "-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
REVISION = "v0.1.0"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the URL of a repository with what is here, tagged; what is not committed, too."""
    directory = tmp_path_factory.mktemp("repository")
    for part in ("crds", "deploy"):
        shutil.copytree(ROOT / part, directory / part)
    for command in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "-m", "A release"), ("tag", REVISION)):
        subprocess.run([*GIT, "-C", directory, *command], check=True, timeout=60)
    return directory.as_uri()


def built(directory: Path, **content: Any) -> list[Any]:
    directory.mkdir(exist_ok=True)
    (directory / "kustomization.yaml").write_text(json.dumps(content))
    made = subprocess.run(
        [programs().kubectl, "kustomize", directory], check=True, capture_output=True, text=True, timeout=100
    )
    return list(yaml.safe_load_all(made.stdout))


def local(directory: Path, **content: Any) -> list[Any]:
    up = "../" * len(directory.resolve().parts[1:]) + str(ROOT.relative_to("/"))
    said = json.loads(json.dumps(content).replace('"//', f'"{up}/'))
    return built(directory, **said)


CONTENTS: dict[str, dict[str, Any]] = {
    "all of it": {"resources": ["//deploy"]},
    "a part": {"resources": ["//deploy/operator"]},
    "with components and names": {
        "resources": ["//deploy"],
        "components": ["//deploy/components/ca-bundle", "//deploy/components/without-secret-watch"],
        "transformers": ["//deploy/names"],
        "images": [{"name": "oauthclient-operator", "newName": "registry.example.com/o", "newTag": "0.1.0"}],
    },
}


@pytest.mark.parametrize("name", CONTENTS)
def test_what_is_built_of_the_remote_base_is_what_is_built_of_a_checkout(
    name: str, repository: str, tmp_path: Path
) -> None:
    text = json.dumps(CONTENTS[name])
    for part in ("components/ca-bundle", "components/without-secret-watch", "operator", "names"):
        text = text.replace(f'"//deploy/{part}"', f'"{repository}//deploy/{part}?ref={REVISION}"')
    text = text.replace('"//deploy"', f'"{repository}//deploy?ref={REVISION}"')
    assert built(tmp_path / "remote", **json.loads(text)) == local(tmp_path / "local", **CONTENTS[name])
