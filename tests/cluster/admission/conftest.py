"""What tests of admission stand on: everything deployed but the Deployment, and the operator's own service account."""

import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.admission.manifests import DEPLOY, RECORDS, SYSTEM, oauth_client, secret
from tests.parts.api_server import APIServer
from tests.parts.kubectl import Kubectl, KubectlError
from tests.parts.processes import wait_for

CRD = "oauthclients.oauth-operator.dev"


@pytest.fixture(scope="session")
def installed(api_server: APIServer) -> APIServer:
    api_server.apply(DEPLOY / "without-deployment")
    api_server.kubectl("wait", "--for=condition=Established", f"customresourcedefinition/{CRD}", "--timeout=30s")
    return api_server


@pytest.fixture(scope="session")
def admin(installed: APIServer) -> Kubectl:
    return installed.kubectl


@pytest.fixture(scope="session")
def operator(installed: APIServer) -> Kubectl:
    """kubectl as the operator's service account, once the fence stands: that takes a second after the binding."""
    kubectl = Kubectl(
        program=installed.kubectl.program,
        kubeconfig=installed.service_account_kubeconfig(SYSTEM, "oauthclient-operator"),
    )
    probe = json.dumps(secret(RECORDS, "probe"))

    def fenced() -> bool:
        try:
            kubectl("create", "-f", "-", "--dry-run=server", stdin=probe)
        except KubectlError as error:
            return "ValidatingAdmissionPolicy 'oauthclient-operator'" in str(error)
        return False

    wait_for(fenced, "the fence to stand", within=30)
    return kubectl


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
    return {"apiVersion": "oauth-operator.dev/v1alpha1", "kind": "OAuthClient", "name": "owner", "uid": uid}
