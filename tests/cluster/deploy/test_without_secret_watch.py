"""An installation that neither lists nor watches tenants' Secrets: what it may, and that it notices all the same."""

import json
import re
from pathlib import Path

from oauthclient_operator.names import INITIAL_ACCESS_TOKEN_TYPE
from tests.cluster.admission.manifests import RECORDS, SYSTEM, oauth_client, secret
from tests.cluster.deploy.installations import Installation, built, changed
from tests.cluster.deploy.rights import VERBS, may
from tests.cluster.deploy.test_installations import ready, refused, said
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.processes import wait_for

EVERY = 2
TOKEN = {"initialAccessToken": {"secretRef": {"name": "idp-token"}}}


def test_it_sees_secrets_by_name_and_only_where_it_was_told(without_watch: Installation) -> None:
    without_watch.apply()
    assert changed(without_watch.server.apply(without_watch.directory)) == []
    kubectl, user = without_watch.server.kubectl, without_watch.user
    assert may(kubectl, user, "secrets", "shop") == {"get", "create", "patch", "delete"}
    assert may(kubectl, user, "secrets", RECORDS) == VERBS - {"update", "deletecollection"}
    assert may(kubectl, user, "secrets", None) == set()


def test_renamed_nothing_points_to_the_old_names(renamed_without_watch: Installation) -> None:
    objects = built(renamed_without_watch.server.kubectl, renamed_without_watch.directory)
    bindings = [found for found in objects if found["kind"].endswith("Binding")]
    assert [found["metadata"] for found in bindings if re.search(f"{SYSTEM}|{RECORDS}", json.dumps(found))] == []
    assert {found["metadata"]["namespace"] for found in bindings if found["kind"] == "RoleBinding"} == {
        "other-records",
        "other-system",
        "shop",
    }


def test_what_is_changed_by_hand_is_noticed_at_the_next_look(
    renamed_without_watch: Installation, issuer: MisbehavingIssuer, trust: Path
) -> None:
    installation = renamed_without_watch
    installation.apply()
    kubectl, since = installation.server.kubectl, installation.server.audit.mark()
    with installation.operator(trust, f"--secret-check-interval={EVERY}s"):
        kubectl.apply(oauth_client("shop", "healed", issuer=issuer.issuer))
        ready(kubectl, "shop", "healed")
        published = kubectl.json("get", "secret", "healed", "-n", "shop")["data"]
        kubectl("delete", "secret", "healed", "-n", "shop")
        kubectl("wait", "--for=create", "--timeout=20s", "secret/healed", "-n", "shop")
        assert kubectl.json("get", "secret", "healed", "-n", "shop")["data"] == published
        # A credential that a resource waits for is looked at, too: one that is made, and one that is another.
        issuer.initial_access_token = "right"
        kubectl.apply(oauth_client("shop", "waits", issuer=issuer.issuer, registration=TOKEN))
        wait_for(lambda: "does not exist" in said(kubectl, "shop", "waits"), "it says what it waits for", within=20)
        token = secret("shop", "idp-token", of_type=INITIAL_ACCESS_TOKEN_TYPE)
        kubectl.apply({**token, "stringData": {"issuer": issuer.issuer, "token": "wrong"}})
        wait_for(lambda: "401" in said(kubectl, "shop", "waits"), "it says what was refused", within=20)
        kubectl.apply({**token, "stringData": {"issuer": issuer.issuer, "token": "right"}})
        ready(kubectl, "shop", "waits")
        assert issuer.calls == ["POST"] * 3
        kubectl("delete", "oauthclient", "healed", "waits", "-n", "shop", "--timeout=20s")
        kubectl("delete", "secret", "idp-token", "-n", "shop")
    assert issuer.clients == {}
    # What it has is what it needs.
    assert refused(installation, since) == []


def test_a_namespace_without_rights_says_what_to_apply(
    without_watch: Installation, issuer: MisbehavingIssuer, trust: Path
) -> None:
    without_watch.apply()
    kubectl = without_watch.server.kubectl
    with without_watch.operator(trust, f"--secret-check-interval={EVERY}s"):
        kubectl.apply([oauth_client(namespace, issuer=issuer.issuer) for namespace in ("elsewhere", "shop")])
        ready(kubectl, "shop", "web")
        wait_for(lambda: "deploy/namespace" in said(kubectl, "elsewhere", "web"), "what to apply", within=20)
        assert issuer.calls == ["POST"]
        # Rights that are taken away and come back: it says so, and goes on.
        binding = kubectl.json("get", "rolebinding", "oauthclient-operator-namespace", "-n", "shop")
        kubectl("delete", "rolebinding", "oauthclient-operator-namespace", "-n", "shop")
        wait_for(lambda: "deploy/namespace" in said(kubectl, "shop", "web"), "what to apply", within=20)
        kubectl.apply({**binding, "metadata": {k: binding["metadata"][k] for k in ("name", "namespace", "labels")}})
        ready(kubectl, "shop", "web")
        kubectl("delete", "oauthclient", "web", "-n", "shop", "--timeout=20s")
        kubectl("delete", "oauthclient", "web", "-n", "elsewhere", "--timeout=20s")
    assert issuer.clients == {}
