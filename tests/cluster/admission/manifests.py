"""The manifests that these tests apply, and what the API server says of them."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.parts.kubectl import Kubectl, KubectlError

ROOT = Path(__file__).parents[3]
CRDS = ROOT / "crds"
DEPLOY = ROOT / "deploy"
EXAMPLES = ROOT / "examples"

API_VERSION = "oauth-operator.dev/v1alpha1"
ISSUER = "https://idp.example.com/realms/shop"
SYSTEM = "oauth-operator-system"
RECORDS = "oauth-operator-records"
RECORD_TYPE = "oauth-operator.dev/registration"

_VALUE = re.compile(r'Invalid value: (?:"(?:[^"\\]|\\.)*"|-?\d+): ')

Manifest = dict[str, Any]


def oauth_client(namespace: str, name: str = "web", *, members: Manifest | None = None, **spec: object) -> Manifest:
    """Return an OAuthClient; `members` are its clientMetadata, by default those of a service that nobody objects to."""
    written = {"issuer": ISSUER, "clientMetadata": {"grant_types": ["client_credentials"]}, **spec}
    if members is not None:
        written["clientMetadata"] = members
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": API_VERSION, "kind": "OAuthClient", "metadata": metadata, "spec": written}


def secret(namespace: str, name: str, *, of_type: str | None = "Opaque", owner: Manifest | None = None) -> Manifest:
    """Return a Secret with one key."""
    metadata: Manifest = {"name": name, "namespace": namespace}
    if owner is not None:
        metadata["ownerReferences"] = [owner]
    manifest: Manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"key": "value"}}
    return manifest if of_type is None else {**manifest, "type": of_type}


def complaints(kubectl: Kubectl, manifest: Manifest) -> list[str]:
    """Return what `kubectl apply` is told about a manifest that is refused, one line for each field and rule.

    Without the values that are refused: which of them are shown differs between API servers.
    """
    with pytest.raises(KubectlError) as refused:
        kubectl.apply(manifest, "--dry-run=server")
    head, _, said = str(refused.value).partition(" is invalid: ")
    assert said, head
    return [
        _VALUE.sub("Invalid value: ", line.removeprefix("* ").strip()) for line in said.splitlines() if line.strip()
    ]
