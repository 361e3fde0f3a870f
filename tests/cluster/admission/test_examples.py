"""Each server's manifest is one that `kubectl apply` takes, and that the operator understands."""

from pathlib import Path

import pytest
import yaml

from oauthclient_operator.names import INITIAL_ACCESS_TOKEN_TYPE
from oauthclient_operator.resource.desired import Desired
from oauthclient_operator.resource.oauth_client import OAuthClient
from tests.cluster.admission.manifests import EXAMPLES, Manifest
from tests.parts.kubectl import Kubectl

MANIFESTS = sorted((EXAMPLES / "servers").glob("*.yaml"))


def by_kind(manifest: Path) -> dict[str, Manifest]:
    return {document["kind"]: document for document in yaml.safe_load_all(manifest.read_text())}


def test_they_are_admitted(admin: Kubectl, room: str) -> None:
    said = admin.apply(EXAMPLES / "servers", "--dry-run=server", "-n", room)
    assert said.count("oauthclient.oauth-operator.dev/") == len(MANIFESTS) > 20


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.stem)
def test_they_are_understood_and_their_token_would_be_sent(manifest: Path) -> None:
    found = by_kind(manifest)
    desired = Desired.of(OAuthClient.parse(found["OAuthClient"]))
    assert desired.problem is None
    assert (desired.initial_access_token is not None) == ("Secret" in found)
    if "Secret" in found:
        token = found["Secret"]
        assert (token["metadata"]["name"], token["type"]) == (desired.initial_access_token, INITIAL_ACCESS_TOKEN_TYPE)
        said = token["stringData"]
        assert said["issuer"] == desired.issuer
        assert said.get("registration_endpoint") == desired.registration_endpoint
