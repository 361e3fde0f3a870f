"""The reference of the resources and the schemas for editors are those of the definitions, and nothing is left over."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from crds import reference

pytestmark = pytest.mark.contract
ROOT = Path(__file__).parents[2]
MANIFESTS = [
    (file, manifest)
    for file in sorted((ROOT / "examples").rglob("*.yaml"))
    for manifest in yaml.safe_load_all(file.read_text())
    if isinstance(manifest, dict) and manifest.get("kind") in ("OAuthClient", "ClusterOAuthIssuer")
]


def schema(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((reference.SCHEMAS / f"{kind.lower()}_v1alpha1.json").read_text())
    return found


def test_what_is_written_is_current() -> None:
    files = reference.written()
    there = {file for directory in (reference.PAGES, reference.SCHEMAS) for file in directory.iterdir()}
    assert there == files.keys()
    assert [file.name for file, text in files.items() if file.read_text() != text] == [], "python -m crds.reference"


def test_there_are_manifests_to_try() -> None:
    assert {manifest["kind"] for _, manifest in MANIFESTS} == {"OAuthClient", "ClusterOAuthIssuer"}


@pytest.mark.parametrize(("file", "manifest"), MANIFESTS, ids=lambda value: getattr(value, "name", ""))
def test_an_editor_objects_to_no_example(file: Path, manifest: dict[str, Any]) -> None:
    errors = Draft7Validator(schema(manifest["kind"])).iter_errors(manifest)
    assert [f"{file}: {error.json_path}: {error.message}" for error in errors] == []


@pytest.mark.parametrize(
    "spec",
    [
        {"isuer": "https://idp.example.com", "clientMetadata": {}},
        {"issuer": 7, "clientMetadata": {}},
        {"issuer": "https://idp.example.com", "clientMetadata": {"redirect_uris": "https://a.example/cb"}},
        {"issuer": "https://idp.example.com", "clientMetadata": {}, "policy": {"deletion": "delete"}},
        {"issuer": "https://idp.example.com"},
    ],
    ids=["a field that there is not", "a number", "no list", "another word", "what has to be there"],
)
def test_an_editor_shows_what_the_api_server_would_not_take(spec: dict[str, Any]) -> None:
    manifest = {"apiVersion": "oauth-operator.dev/v1alpha1", "kind": "OAuthClient", "metadata": {}, "spec": spec}
    assert not Draft7Validator(schema("OAuthClient")).is_valid(manifest)


def test_the_servers_own_members_and_language_tags_pass() -> None:
    metadata = {"client_name": "Shop", "client_name#ja": "店", "x_tenant": {"a": 1}}
    spec = {"issuer": "https://idp.example.com", "clientMetadata": metadata}
    manifest = {"apiVersion": "oauth-operator.dev/v1alpha1", "kind": "OAuthClient", "metadata": {}, "spec": spec}
    assert Draft7Validator(schema("OAuthClient")).is_valid(manifest)


def test_every_field_of_the_readme_is_on_the_page() -> None:
    page = (reference.PAGES / "oauthclients.md").read_text()
    for field in ("issuer", "discovery.form", "clientMetadata.redirect_uris", "secret.keys", "policy.deletion"):
        assert f"### `spec.{field}`" in page
