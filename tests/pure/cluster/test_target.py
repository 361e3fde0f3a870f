"""Paths to objects: nothing that came from outside can leave its segment."""

import pytest

from oauthclient_operator.cluster.target import CORE, Target, cluster_oauth_issuer, config_map, oauth_client, secret
from oauthclient_operator.errors import RequestRefused


@pytest.mark.parametrize(
    ("target", "path", "words"),
    [
        (secret("shop", "web"), "/api/v1/namespaces/shop/secrets/web", "secrets shop/web"),
        (secret("shop"), "/api/v1/namespaces/shop/secrets", "secrets shop"),
        (Target(api=CORE, resource="secrets"), "/api/v1/secrets", "secrets"),
        (Target(api=CORE, resource="namespaces", name="n"), "/api/v1/namespaces/n", "namespaces n"),
        (Target(api="", resource="version"), "/version", "version"),
        (config_map("system", "ca"), "/api/v1/namespaces/system/configmaps/ca", "configmaps system/ca"),
        (
            cluster_oauth_issuer("corporate", subresource="status"),
            "/apis/oauth-operator.dev/v1alpha1/clusteroauthissuers/corporate/status",
            "clusteroauthissuers/status corporate",
        ),
        (
            oauth_client("shop", "web", subresource="status"),
            "/apis/oauth-operator.dev/v1alpha1/namespaces/shop/oauthclients/web/status",
            "oauthclients/status shop/web",
        ),
        (
            secret("shop", "../../x?y#z%"),
            "/api/v1/namespaces/shop/secrets/..%2F..%2Fx%3Fy%23z%25",
            "secrets shop/../../x?y#z%",
        ),
    ],
)
def test_a_target_has_a_path_and_words(target: Target, path: str, words: str) -> None:
    assert target.path == path
    assert str(target) == words


@pytest.mark.parametrize("name", ["", ".", ".."])
@pytest.mark.parametrize("part", ["name", "namespace"])
def test_a_name_that_would_be_another_path_is_refused(name: str, part: str) -> None:
    target = secret(**{"namespace": "shop", "name": "web", part: name})
    with pytest.raises(RequestRefused):
        _ = target.path
