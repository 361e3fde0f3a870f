"""Two installations, each with namespaces of its own, at work in one cluster with one ClusterOAuthIssuer."""

from pathlib import Path
from typing import Any

from oauthclient_operator.names import (
    API_VERSION,
    INITIAL_ACCESS_TOKEN_TYPE,
    INSTALLATION_ANNOTATION,
    ISSUER_KIND,
    ISSUER_PLURAL,
    KIND,
)
from tests.cluster.deploy.installations import Installation
from tests.parts.kubectl import Kubectl
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.processes import wait_for


def issuer_of(url: str, installation: str) -> dict[str, Any]:
    return {
        "apiVersion": API_VERSION,
        "kind": ISSUER_KIND,
        "metadata": {"name": "shared", "annotations": {INSTALLATION_ANNOTATION: installation}},
        "spec": {
            "issuer": url,
            "access": {"initialAccessToken": {"secretRef": {"name": "idp-access"}}},
            "allowed": {"namespaces": {"all": True}, "redirectURIs": ["https://*.example.com/*"]},
        },
    }


def client_in(namespace: str) -> dict[str, Any]:
    reference = {"kind": ISSUER_KIND, "name": "shared"}
    spec = {"issuerRef": reference, "clientMetadata": {"grant_types": ["client_credentials"]}}
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"name": "shares", "namespace": namespace},
        "spec": spec,
    }


def said(kubectl: Kubectl, *what: str) -> tuple[str, str, str]:
    conditions = kubectl.json("get", *what).get("status", {}).get("conditions", [])
    ready: dict[str, Any] = next((condition for condition in conditions if condition["type"] == "Ready"), {})
    return ready.get("status", ""), ready.get("reason", ""), ready.get("message", "")


def test_an_issuers_status_is_of_the_installation_that_it_names_and_its_finalizer_of_both(
    renamed: Installation, example: Installation, issuer: MisbehavingIssuer, trust: Path
) -> None:
    for installation in (example, renamed):
        installation.apply()
    kubectl, (system, _) = renamed.server.kubectl, renamed.named()
    # In the one's namespace alone: the other sees an issuer that lets nobody in.
    held = {"issuer": issuer.issuer, "token": "let-me-in"}
    kubectl.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "idp-access", "namespace": system},
            "type": INITIAL_ACCESS_TOKEN_TYPE,
            "stringData": held,
        }
    )
    kubectl.apply(issuer_of(issuer.issuer, system))
    with renamed.operator(trust, "--namespace=shop"), example.operator(trust, "--namespace=billing"):
        kubectl.apply([client_in("shop"), client_in("billing")])
        kubectl("wait", "--for=condition=Ready", "--timeout=20s", "oauthclient/shares", "-n", "shop")
        missing = "InitialAccessTokenMissing"
        wait_for(
            lambda: said(kubectl, "oauthclient", "shares", "-n", "billing")[1] == missing, "what it lacks", within=20
        )
        assert said(kubectl, ISSUER_PLURAL, "shared")[:2] == ("True", "Ready")
        kubectl("delete", ISSUER_PLURAL, "shared", "--wait=false")
        kubectl("delete", "oauthclient", "shares", "-n", "shop", "--timeout=20s")
        left = "billing/shares"
        wait_for(lambda: left in said(kubectl, ISSUER_PLURAL, "shared")[2], "whose client is left", within=20)
        assert said(kubectl, ISSUER_PLURAL, "shared")[1] == "InUse"
        kubectl("delete", "oauthclient", "shares", "-n", "billing", "--timeout=20s")
        kubectl("wait", "--for=delete", "--timeout=20s", f"{ISSUER_PLURAL}/shared")
    kubectl("delete", "secret", "idp-access", "-n", system)
    assert (issuer.clients, issuer.calls) == ({}, ["POST", "DELETE"])
