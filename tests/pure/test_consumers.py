"""What the examples for apps refer to is published, under the names and with the values that each app documents."""

import base64
import re
import runpy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from oauthclient_operator.credentials import content, unwritten
from oauthclient_operator.names import PUBLISHED_ENDPOINTS
from oauthclient_operator.oauth.rfc8414 import DiscoveryForm, well_known_urls
from oauthclient_operator.record.calls import Asked
from oauthclient_operator.resource.desired import Desired
from oauthclient_operator.resource.oauth_client import OAuthClient
from oauthclient_operator.resource.publication import Publication
from oauthclient_operator.resource.terms import IssuerTerms
from tests.pure.records import METADATA, published, registered_record

pytestmark = pytest.mark.contract

ROOT: Final = Path(__file__).parents[2]
FILES: Final = {path.stem: path for path in sorted((ROOT / "examples/consumers").glob("*.yaml"))}
PAGE: Final = (ROOT / "docs/consumers.md").read_text()
ISSUER: Final = "https://idp.example.com"
ARGO_CD: Final = ROOT / "examples/argocd/login.yaml"
"""What is put into a ConfigMap that is there, and that the apply of a manifest would take other keys from."""
SPRING: Final = "spring.security.oauth2.client."

DOCUMENTED: Final[dict[str, dict[str, str]]] = {
    "oauth2-proxy": {
        "OAUTH2_PROXY_CLIENT_ID": "c1",
        "OAUTH2_PROXY_CLIENT_SECRET": "s1",
        "OAUTH2_PROXY_OIDC_ISSUER_URL": ISSUER,
        "OAUTH2_PROXY_REDIRECT_URL": "https://shop.example.com/oauth2/callback",
    },
    "argocd": {"client_id": "c1", "client_secret": "s1"},
    "grafana": {
        "GF_AUTH_GENERIC_OAUTH_CLIENT_ID": "c1",
        "GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET": "s1",
        "GF_AUTH_GENERIC_OAUTH_AUTH_URL": f"{ISSUER}/authorization_endpoint",
        "GF_AUTH_GENERIC_OAUTH_TOKEN_URL": f"{ISSUER}/token_endpoint",
        "GF_AUTH_GENERIC_OAUTH_API_URL": f"{ISSUER}/userinfo_endpoint",
    },
    "envoy-gateway": {"client-id": "c1", "client-secret": "s1"},
    "spring-boot": {
        f"{SPRING}registration.idp.client-id": "c1",
        f"{SPRING}registration.idp.client-secret": "s1",
        f"{SPRING}registration.idp.client-authentication-method": "client_secret_basic",
        f"{SPRING}provider.idp.issuer-uri": ISSUER,
    },
    "spring-cloud-bindings": {
        "client-id": "c1",
        "client-secret": "s1",
        "client-authentication-method": "client_secret_basic",
        "issuer-uri": ISSUER,
        "redirect-uri": "https://invoices.example.com/login/oauth2/code/idp",
    },
    "app": {
        "OIDC_CLIENT_ID": "c1",
        "OIDC_CLIENT_SECRET": "s1",
        "OIDC_ISSUER": ISSUER,
        "OIDC_REDIRECT_URI": "https://shop.example.com/callback",
    },
    "files": {
        ".env": 'OIDC_CLIENT_ID="c1"\nOIDC_CLIENT_SECRET="s1"\n'
        f'OIDC_ISSUER="{ISSUER}"\n'
        f'OIDC_DISCOVERY_URL="{ISSUER}/.well-known/openid-configuration"\n'
        'OIDC_REDIRECT_URI="https://reports.example.com/oauth/callback"\n',
        "client.json": f'{{\n  "issuer": "{ISSUER}",\n  "client": {{"id": "c1", "secret": "s1"}},\n'
        '  "scope": "openid profile email"\n}\n',
    },
    "external-secrets": {
        "client.json": f'{{"token_endpoint": "{ISSUER}/token_endpoint",\n "client_id": "c1", "client_secret": "s1"}}\n'
    },
}
"""What each app reads, by its own documentation, and what a registered client has there."""


def documents(file: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(FILES[file].read_text()))


def resource_of(file: str) -> OAuthClient:
    (found,) = (document for document in documents(file) if document["kind"] == "OAuthClient")
    return OAuthClient.parse(found)


def publication_of(resource: OAuthClient) -> Publication:
    desired = Desired.of(resource, IssuerTerms.of_spec(resource.spec), ("app.kubernetes.io",))
    assert desired.problem is None
    assert desired.publication is not None
    return desired.publication


def secret_of(file: str) -> tuple[str, dict[str, str]]:
    """Return the name and the decoded data of the Secret that the operator would publish."""
    resource = resource_of(file)
    publication = publication_of(resource)
    asked: Any = resource.spec["clientMetadata"]
    known = published(registered_record(**{**dict.fromkeys(METADATA), **asked}, client_id="c1", client_secret="s1"))
    endpoints: dict[str, str] = {name: f"{ISSUER}/{name}" for name in PUBLISHED_ENDPOINTS}
    answer = replace(known.answer, endpoints=endpoints)
    client = replace(known, issuer=ISSUER, confirmed=Asked("v1:any", asked), answer=answer)
    assert unwritten(client, publication) == {}
    data = content(client, publication)
    return publication.secret_name, {key: base64.b64decode(value).decode() for key, value in data.items()}


def referred(node: Any, name: str) -> Iterator[str]:
    """Yield the keys of a Secret to which a manifest refers."""
    if isinstance(node, dict):
        if name in (node.get("name"), node.get("secretName")):
            yield from (item["key"] for item in node.get("items", []))
            yield from [node["key"]] if "key" in node else []
        for value in node.values():
            yield from referred(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from referred(value, name)
    elif isinstance(node, str):
        yield from re.findall(rf"\${re.escape(name)}:([-\w.]+)", node)


def test_there_is_one_for_each_app_of_the_page() -> None:
    assert [*FILES] == sorted(DOCUMENTED)
    assert sorted(re.findall(r"\(\.\./examples/consumers/([-\w]+)\.yaml\)", PAGE)) == sorted(DOCUMENTED)


@pytest.mark.parametrize("file", DOCUMENTED)
def test_what_the_app_reads_is_published(file: str) -> None:
    name, data = secret_of(file)
    assert {key: data.get(key) for key in DOCUMENTED[file]} == DOCUMENTED[file]
    others = [document for document in documents(file) if document["kind"] != "OAuthClient"]
    others += [yaml.safe_load(ARGO_CD.read_text())] if file == "argocd" else []
    assert {*referred(others, name)} <= data.keys()
    assert name in yaml.safe_dump(others)


def test_variables_have_names_that_a_pod_takes() -> None:
    for file in ("oauth2-proxy", "grafana", "app"):
        _, data = secret_of(file)
        assert [key for key in data if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key)] == []


def test_what_argo_cd_and_envoy_gateway_prescribe() -> None:
    config = yaml.safe_load(ARGO_CD.read_text())
    oidc = yaml.safe_load(config["data"]["oidc.config"])
    assert (oidc["clientID"], oidc["clientSecret"]) == ("$argocd-oidc:client_id", "$argocd-oidc:client_secret")
    copied = publication_of(resource_of("argocd")).metadata
    assert copied is not None
    assert copied.labels == {"app.kubernetes.io/part-of": "argocd"}
    (policy,) = (found for found in documents("envoy-gateway") if found["kind"] == "SecurityPolicy")
    oidc = policy["spec"]["oidc"]
    assert {oidc["clientIDRef"]["name"], oidc["clientSecret"]["name"]} == {secret_of("envoy-gateway")[0]}
    assert "clientID" not in oidc


def test_what_argo_cd_has_already_is_patched_and_not_applied() -> None:
    # Without a kind it is nothing that `kubectl apply` takes.
    assert [found["kind"] for found in documents("argocd")] == ["OAuthClient"]
    assert yaml.safe_load(ARGO_CD.read_text()).keys() == {"data"}
    namespace, patch = resource_of("argocd").namespace, ARGO_CD.relative_to(ROOT)
    assert f"$ kubectl patch configmap argocd-cm -n {namespace} --patch-file {patch}\n" in PAGE


def test_what_external_secrets_prescribes() -> None:
    (push,) = (found for found in documents("external-secrets") if found["kind"] == "PushSecret")
    name, data = secret_of("external-secrets")
    assert push["spec"]["selector"]["secret"]["name"] == name
    assert [one["match"]["secretKey"] for one in push["spec"]["data"]] == ["client.json"]
    assert "client.json" in data
    assert push["spec"].keys() >= {"secretStoreRefs", "selector", "data"}


def test_a_binding_has_its_type_and_provider_and_nothing_is_there_twice() -> None:
    config, deployment = (found for found in documents("spring-cloud-bindings") if found["kind"] != "OAuthClient")
    asked: Any = resource_of("spring-cloud-bindings").spec["clientMetadata"]
    scope = asked["scope"].replace(" ", ",")
    assert config["data"] == {"type": "oauth2", "provider": "idp", "scope": scope}
    (volume,) = deployment["spec"]["template"]["spec"]["volumes"]
    mapped, secret = volume["projected"]["sources"]
    assert mapped["configMap"]["name"] == config["metadata"]["name"]
    assert [item["path"] for item in secret["secret"]["items"]] == [*DOCUMENTED["spring-cloud-bindings"]]


def test_the_redirection_uris_are_those_that_the_apps_have() -> None:
    ends = {
        "argocd": "/auth/callback",
        "grafana": "/login/generic_oauth",
        "oauth2-proxy": "/oauth2/callback",
        "spring-boot": "/login/oauth2/code/idp",
        "spring-cloud-bindings": "/login/oauth2/code/idp",
    }
    for file, end in ends.items():
        metadata: Any = resource_of(file).spec["clientMetadata"]
        (uri,) = metadata["redirect_uris"]
        assert uri.endswith(end)
    (policy,) = (found for found in documents("envoy-gateway") if found["kind"] == "SecurityPolicy")
    registered: Any = resource_of("envoy-gateway").spec["clientMetadata"]
    assert registered["redirect_uris"] == [policy["spec"]["oidc"]["redirectURL"]]


@pytest.mark.parametrize(("language", "file"), [("js", "app.mjs"), ("python", "app.py")])
def test_what_the_page_shows_of_an_app_is_in_it(language: str, file: str) -> None:
    # The app runs in tests/cluster/consumers.
    (shown,) = re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)
    assert shown in (ROOT / "examples/consumers" / file).read_text()
    assert f"(../examples/consumers/{file})" in PAGE
    _, data = secret_of("app")
    assert {*re.findall(r"\bOIDC_\w+", shown)} <= data.keys()


@pytest.mark.parametrize("issuer", [ISSUER, f"{ISSUER}/", f"{ISSUER}/tenant", f"{ISSUER}/tenant/"])
def test_the_app_in_python_reads_metadata_where_openid_connect_has_them(
    issuer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, data = secret_of("app")
    for name, value in {**data, "OIDC_ISSUER": issuer}.items():
        monkeypatch.setenv(name, value)
    app = runpy.run_path(str(ROOT / "examples/consumers/app.py"))
    assert [app["idp"]._server_metadata_url] == [*well_known_urls(issuer, DiscoveryForm.OPENID)]
