"""Each server's manifest is one that `kubectl apply` takes, and that the operator understands."""

from pathlib import Path

import pytest
import yaml

from oauthclient_operator.names import CLIENT_CREDENTIALS_TYPE, INITIAL_ACCESS_TOKEN_TYPE, SOFTWARE_STATEMENT_TYPE
from oauthclient_operator.resource.access import ClientCredentials
from oauthclient_operator.resource.cluster_oauth_issuer import ClusterOAuthIssuer
from oauthclient_operator.resource.desired import Desired
from oauthclient_operator.resource.oauth_client import OAuthClient
from oauthclient_operator.resource.terms import ByInitialAccessToken, IssuerTerms, SoftwareStatementReference
from tests.cluster.admission.manifests import EXAMPLES, SYSTEM, Manifest
from tests.parts.kubectl import Kubectl

MANIFESTS = sorted((EXAMPLES / "servers").glob("*.yaml"))
OF_APPS = sorted((EXAMPLES / "consumers").glob("*.yaml"))
OF_ISSUERS = sorted((EXAMPLES / "issuers").glob("*.yaml"))


def by_kind(manifest: Path) -> dict[str, Manifest]:
    return {document["kind"]: document for document in yaml.safe_load_all(manifest.read_text())}


def test_a_software_statement_is_shown_as_it_is_to_be_written(admin: Kubectl, room: str) -> None:
    path = EXAMPLES / "software-statement.yaml"
    admin.apply(path, "--dry-run=server", "-n", room)
    found = by_kind(path)
    terms = IssuerTerms.of_spec(found["OAuthClient"]["spec"])
    secret = found["Secret"]
    assert terms.software_statement == SoftwareStatementReference(secret["metadata"]["name"])
    assert (secret["type"], secret["stringData"]["issuer"]) == (SOFTWARE_STATEMENT_TYPE, terms.issuer)
    assert secret["stringData"].keys() == {"issuer", "software_statement"}


@pytest.mark.parametrize("manifest", OF_APPS, ids=lambda path: path.stem)
def test_those_of_apps_are_admitted_with_what_reads_their_secret(admin: Kubectl, room: str, manifest: Path) -> None:
    for document in yaml.safe_load_all(manifest.read_text()):
        # Of these kinds the API server knows nothing.
        if document["kind"] not in ("SecurityPolicy", "PushSecret"):
            document["metadata"]["namespace"] = room
            said = admin.apply(document, "--dry-run=server")
            assert f"/{document['metadata']['name']} created" in said


def test_what_argo_cd_is_told_takes_nothing_from_its_other_settings(admin: Kubectl, room: str) -> None:
    before = {"dex.config": "connectors: []", "url": "https://before.example.com"}
    metadata = {"name": "argocd-cm", "namespace": room}
    admin.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": before})
    patch = EXAMPLES / "argocd" / "login.yaml"
    admin("patch", "configmap", "argocd-cm", "-n", room, "--patch-file", patch)
    told = yaml.safe_load(patch.read_text())["data"]
    assert told.keys() == {"url", "oidc.config"}
    assert admin.json("get", "configmap", "argocd-cm", "-n", room)["data"] == {**before, **told}


def test_they_are_admitted(admin: Kubectl, room: str) -> None:
    said = admin.apply(EXAMPLES / "servers", "--dry-run=server", "-n", room)
    assert said.count("oauthclient.oauth-operator.dev/") == len(MANIFESTS) > 20


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.stem)
def test_they_are_understood_and_their_token_would_be_sent(manifest: Path) -> None:
    found = by_kind(manifest)
    resource = OAuthClient.parse(found["OAuthClient"])
    desired = Desired.of(resource, IssuerTerms.of_spec(resource.spec))
    assert desired.problem is None
    access = desired.terms.access
    assert isinstance(access, ByInitialAccessToken) == ("Secret" in found)
    if isinstance(access, ByInitialAccessToken):
        token = found["Secret"]
        assert (token["metadata"]["name"], token["type"]) == (access.secret, INITIAL_ACCESS_TOKEN_TYPE)
        said = token["stringData"]
        assert said["issuer"] == desired.terms.issuer
        assert said.get("registration_endpoint") == desired.terms.registration_endpoint


def test_those_of_issuers_are_admitted(admin: Kubectl) -> None:
    said = admin.apply(EXAMPLES / "issuers", "--dry-run=server")
    assert said.count("clusteroauthissuer.oauth-operator.dev/") == len(OF_ISSUERS) > 20


@pytest.mark.parametrize("manifest", OF_ISSUERS, ids=lambda path: path.stem)
def test_those_of_issuers_are_understood_and_let_in_by_what_is_beside_them(manifest: Path) -> None:
    found = by_kind(manifest)
    issuer = {**found["ClusterOAuthIssuer"], "metadata": {"name": manifest.stem, "uid": "u1", "generation": 1}}
    terms = IssuerTerms.of_issuer(ClusterOAuthIssuer.parse(issuer), None)
    assert (found["ClusterOAuthIssuer"]["metadata"]["name"], terms.problems) == (manifest.stem, ())
    types = {ByInitialAccessToken: INITIAL_ACCESS_TOKEN_TYPE, ClientCredentials: CLIENT_CREDENTIALS_TYPE}
    assert (type(terms.access) in types) == ("Secret" in found)
    if isinstance(terms.access, ByInitialAccessToken | ClientCredentials):
        beside = found["Secret"]
        assert beside["metadata"] == {"name": terms.access.secret, "namespace": SYSTEM}
        assert (beside["type"], beside["stringData"]["issuer"]) == (types[type(terms.access)], terms.issuer)
        if isinstance(terms.access, ByInitialAccessToken):
            assert beside["stringData"].get("registration_endpoint") == terms.registration_endpoint
