"""What tests of admission stand on: everything deployed but the Deployment, and the operator's own service account."""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.admission.account import Account, secrets_path
from tests.cluster.admission.manifests import API_VERSION, RECORDS, SYSTEM, oauth_client, secret
from tests.parts.api_server import APIServer
from tests.parts.installation import install
from tests.parts.kubectl import Kubectl
from tests.parts.processes import wait_for


@pytest.fixture(scope="session")
def installed(api_server: APIServer) -> APIServer:
    install(api_server.kubectl)
    return api_server


@pytest.fixture(scope="session")
def admin(installed: APIServer) -> Kubectl:
    return installed.kubectl


@pytest.fixture(scope="session")
def operator(installed: APIServer) -> Account:
    """The operator's service account, once the fence stands: that takes a second after the binding."""
    kubeconfig = installed.service_account_kubeconfig(SYSTEM, "oauthclient-operator")
    account = Account.of(kubeconfig, authority=installed.authority)

    def fenced() -> bool:
        answer = account.ask("POST", secrets_path(RECORDS), secret(RECORDS, "probe"), dryRun="All")
        return "ValidatingAdmissionPolicy 'oauthclient-operator'" in answer.message

    wait_for(fenced, "the fence to stand", within=30)
    return account


@pytest.fixture(scope="module")
def room(admin: Kubectl) -> Iterator[str]:
    """A namespace for the tests of one module."""
    name = f"test-{secrets.token_hex(4)}"
    admin("create", "namespace", name)
    yield name
    admin("delete", "namespace", name, "--wait=false")


@pytest.fixture(scope="module")
def owner(admin: Kubectl, room: str) -> dict[str, Any]:
    """The owner reference to an OAuthClient that exists in the room."""
    admin.apply(oauth_client(room, "owner"))
    uid = admin.json("get", "oauthclient", "owner", "-n", room)["metadata"]["uid"]
    return {"apiVersion": API_VERSION, "kind": "OAuthClient", "name": "owner", "uid": uid}


@pytest.fixture(scope="module", params=["with its own role", "with cluster-admin"])
def fenced(request: pytest.FixtureRequest, admin: Kubectl, operator: Account) -> Iterator[Account]:
    """The operator's service account with the rights it has, and with all there are: the fence does not ask."""
    if request.param == "with its own role":
        yield operator
        return
    account = f"--serviceaccount={SYSTEM}:oauthclient-operator"
    admin("create", "clusterrolebinding", "everything", "--clusterrole=cluster-admin", account)
    wait_for(lambda: operator.ask("GET", "/api/v1/nodes").status == 200, "the rights", within=30)
    yield operator
    admin("delete", "clusterrolebinding", "everything")
    wait_for(lambda: operator.ask("GET", "/api/v1/nodes").status == 403, "the rights to end", within=30)
