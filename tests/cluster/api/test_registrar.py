"""Tokens of the registrar's at the real API server: what the operator's account gets, and what it is refused by whom."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.registrar import Registrar
from oauthclient_operator.cluster.target import CORE, Target
from oauthclient_operator.errors import AccessTokenRefused, RequestRefused
from oauthclient_operator.oauth.rfc7519 import audiences
from tests.parts.api_server import APIServer
from tests.parts.installation import OPERATOR_USER
from tests.parts.kubeconfig import write_kubeconfig
from tests.parts.kubectl import Kubectl

SYSTEM = "oauth-operator-system"
IDP = "https://idp.example.com/realms/shop"
YEAR = 365 * 24 * 3600
EVERY_RIGHT = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRoleBinding",
    "metadata": {"name": "test-registrar-every-right"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
    "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": OPERATOR_USER}],
}


@pytest.fixture(params=["with its own role", "with every right"])
def _rights(request: pytest.FixtureRequest, kubectl: Kubectl) -> Iterator[None]:
    if request.param == "with its own role":
        yield
        return
    kubectl.apply(EVERY_RIGHT)
    yield
    kubectl("delete", "clusterrolebinding", "test-registrar-every-right")


async def asked(operator: Connection, name: str = "oauth-registrar", namespace: str = SYSTEM, **spec: Any) -> Any:
    target = Target(api=CORE, resource="serviceaccounts", namespace=namespace, name=name, subresource="token")
    body: dict[str, Any] = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
    return await operator.request("POST", target, body=body)


@pytest.fixture
async def _fenced(operator: Connection) -> None:
    """The fence stands within a second or two after its binding, and a role is known as soon."""
    async with asyncio.timeout(30):
        while True:
            try:
                await asked(operator, audiences=[IDP], expirationSeconds=3600)
                await asked(operator, audiences=[IDP], expirationSeconds=YEAR)
            except RequestRefused as refusal:
                if "ValidatingAdmissionPolicy" in str(refusal):
                    return


@pytest.mark.usefixtures("_fenced")
async def test_the_operator_gets_a_token_for_one_issuer_that_is_nothing_at_the_api_server(
    operator: Connection, api_server: APIServer, tmp_path: Path
) -> None:
    found = await Registrar(operator, SYSTEM).token(IDP)
    assert audiences(found.token) == frozenset({IDP})
    assert 0 < found.expires_in <= 600
    as_registrar = await Connection.open(_kubeconfig(api_server, tmp_path, found.token.reveal()), {})
    try:
        with pytest.raises(Exception, match="401 Unauthorized"):
            await as_registrar.request("GET", Target(api="", resource="api"))
    finally:
        await as_registrar.close()


@pytest.mark.usefixtures("_rights", "_fenced")
@pytest.mark.parametrize(
    ("name", "namespace", "spec"),
    [
        pytest.param(
            "oauth-registrar", SYSTEM, {"audiences": ["https://kubernetes.default.svc"]}, id="the cluster's own"
        ),
        pytest.param("oauth-registrar", SYSTEM, {}, id="no audience, which is the cluster's own"),
        pytest.param("oauth-registrar", SYSTEM, {"audiences": [IDP, "https://b.example"]}, id="two audiences"),
        pytest.param("oauth-registrar", SYSTEM, {"audiences": ["sts.amazonaws.com"]}, id="an audience that is no URL"),
        pytest.param("oauth-registrar", SYSTEM, {"audiences": [IDP], "expirationSeconds": YEAR}, id="a year"),
        pytest.param(
            "oauth-registrar", SYSTEM, {"audiences": [IDP], "expirationSeconds": 3601}, id="a second too much"
        ),
        pytest.param("oauthclient-operator", SYSTEM, {"audiences": [IDP]}, id="the operator's own account"),
        pytest.param("default", SYSTEM, {"audiences": [IDP]}, id="another account beside it"),
        pytest.param("default", "kube-system", {"audiences": [IDP]}, id="another namespace's account"),
    ],
)
async def test_it_is_refused(operator: Connection, name: str, namespace: str, spec: dict[str, Any]) -> None:
    with pytest.raises(RequestRefused) as refusal:
        await asked(operator, name, namespace, **spec)
    assert refusal.value.status == 403


@pytest.mark.usefixtures("_rights", "_fenced")
async def test_nor_is_one_bound_to_an_object(operator: Connection) -> None:
    bound = {"apiVersion": "v1", "kind": "Secret", "name": "anything", "uid": "7"}
    with pytest.raises(RequestRefused, match="the operator asks only for the registrar's tokens"):
        await asked(operator, audiences=[IDP], boundObjectRef=bound)


@pytest.mark.usefixtures("_fenced")
async def test_the_operator_does_not_even_ask_for_what_the_api_server_takes(operator: Connection) -> None:
    own = (await operator.login()).token
    assert own is not None
    taken = audiences(own)
    assert taken
    for audience in taken:
        with pytest.raises(AccessTokenRefused, match=r"the cluster's own|API server itself takes"):
            await Registrar(operator, SYSTEM).token(audience)


def _kubeconfig(server: APIServer, directory: Path, token: str) -> Path:
    file = directory / "registrar.kubeconfig"
    return write_kubeconfig(file, server=server.url, authority=server.authority.read_bytes(), token=token)
