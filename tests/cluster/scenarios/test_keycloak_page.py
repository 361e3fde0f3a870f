"""docs/issuers/keycloak.md, done line by line: from an empty Keycloak to a pod that logs in."""

import html
import json
import os
import re
import secrets
import ssl
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.cluster.scenarios.keycloak_page import Page
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import Room
from tests.parts.kcadm import logged_in
from tests.parts.keycloak import Keycloak, Realm
from tests.parts.kubectl import Kubectl, KubectlError

pytestmark = pytest.mark.timeout(360)
"""The page has Java started seven times, which takes a second each on an idle machine, and the machines are shared."""
REALM = "corporate"
"""The page's, which no other test has."""
NO_KUBELET = ("kubectl apply -f pod.yaml", "kubectl logs ")
"""What needs a node: the test is that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What the page's commands have made, for people who look at it."""

    page: Page
    realm: Realm
    room: Room


def shell(kubectl: Kubectl, directory: Path, server: Keycloak) -> Mapping[str, str]:
    """Return the environment of an administrator of both."""
    environment = logged_in(directory, server)
    program = directory / "bin" / "kubectl"
    program.write_text(f'#!/bin/sh\nexec {kubectl.program} --kubeconfig {kubectl.kubeconfig} "$@"\n')
    program.chmod(0o755)
    return environment


def quietly(act: Callable[..., object], *arguments: str) -> None:
    """Remove what may not be there."""
    with suppress(KubectlError, httpx.HTTPStatusError):
        act(*arguments)


@pytest.fixture(scope="module")
def done(
    kubectl: Kubectl,
    administrator: httpx.Client,
    operators: Operators,
    keycloak_server: Keycloak,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Done]:
    """Type the page's commands, in one shell that stops at the first failure."""
    operators.running()
    namespace, directory = f"test-{secrets.token_hex(4)}", tmp_path_factory.mktemp("keycloak-page")
    page = Page.read(server=keycloak_server.origin, namespace=namespace)
    page.write_files(directory)
    typed = [command for command in page.commands() if not command.startswith(NO_KUBELET)]
    environment = shell(kubectl, directory, keycloak_server)
    room = Room(namespace=namespace, kubectl=kubectl, api=administrator, operators=operators)
    try:
        script = "\n".join(["set -eu", *typed])
        said = directory / "said.log"
        with said.open("w") as log:
            ran = subprocess.run(
                ["timeout", "240", "sh", "-xc", script],
                cwd=directory,
                env=environment,
                stdout=log,
                stderr=log,
                check=False,
            )
        assert ran.returncode == 0, f"{said.read_text()}\n{operators.last_lines(namespace)}"
        yield Done(page=page, realm=Realm(name=REALM, server=keycloak_server), room=room)
    finally:
        quietly(kubectl, "delete", "oauthclients.oauth-operator.dev", "--all", "-n", namespace, "--timeout=30s")
        quietly(kubectl, "delete", "clusteroauthissuer", REALM, "--timeout=30s")
        quietly(kubectl, "delete", "namespace", namespace, "--wait=false")
        quietly(kubectl, "delete", "clusterrolebinding", "service-account-keys-for-all")
        quietly(keycloak_server.administer, "DELETE", REALM)


def test_everything_on_the_page_is_done(done: Done) -> None:
    assert len(done.page.commands()) > 12
    assert sum(command.startswith(NO_KUBELET) for command in done.page.commands()) == len(NO_KUBELET)
    assert done.room.read("greeter")["status"]["issuer"]["name"] == REALM
    # Nobody keeps a secret for that.
    assert done.page.file("issuer.yaml")["spec"]["access"] == {"serviceAccountToken": {"method": "ClientAssertion"}}


def test_the_pod_gets_a_token_with_what_its_secret_holds(done: Done) -> None:
    (container,) = done.page.file("pod.yaml")["spec"]["containers"]
    (source,) = container["envFrom"]
    published = done.room.secret(source["secretRef"]["name"])
    # What a node would do: the image has curl, and so has this machine.
    environment = {"PATH": os.environ["PATH"], "CURL_CA_BUNDLE": str(done.realm.trust), **published}
    ran = subprocess.run(
        [*container["command"], *container["args"]],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["access_token"]


def test_a_user_logs_in_to_the_web_application(done: Done) -> None:
    user = {"username": "ada", "email": "ada@example.com", "emailVerified": True, "firstName": "Ada", "lastName": "L"}
    password = {"type": "password", "value": secrets.token_urlsafe(), "temporary": False}
    done.realm.server.administer("POST", f"{REALM}/users", enabled=True, credentials=[password], **user)
    found = done.room.secret("web")
    client_id, client_secret = found["OAUTH2_PROXY_CLIENT_ID"], found["OAUTH2_PROXY_CLIENT_SECRET"]
    assert found["OAUTH2_PROXY_OIDC_ISSUER_URL"] == done.realm.issuer
    (callback,) = done.page.file("web.yaml")["spec"]["clientMetadata"]["redirect_uris"]
    asked = {
        "client_id": client_id,
        "response_type": "code",
        "redirect_uri": callback,
        "scope": "openid",
        "state": "s1",
    }
    # A browser of its own, for the server knows its visitors by cookies.
    with httpx.Client(verify=ssl.create_default_context(cafile=done.realm.trust), trust_env=False) as browser:
        form = browser.get(found["authorization_endpoint"], params=asked).raise_for_status().text
        (action,) = re.findall(r'<form[^>]* action="([^"]+)"', form)
        answer = browser.post(html.unescape(action), data={"username": "ada", "password": password["value"]})
        assert answer.status_code == 302, answer.text
        assert answer.headers["Location"].startswith(f"{callback}?")
        (code,) = parse_qs(urlsplit(answer.headers["Location"]).query)["code"]
        grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": callback}
        token = browser.post(found["token_endpoint"], data=grant, auth=(client_id, client_secret)).raise_for_status()
    assert token.json()["id_token"]
