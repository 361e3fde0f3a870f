"""The examples of what a platform team holds its tenants to: an issuer's name by a namespace's label, and quotas."""

import secrets
from collections.abc import Iterator

import pytest

from tests.cluster.admission.account import Account, oauth_clients_path
from tests.cluster.admission.manifests import EXAMPLES, ISSUER, oauth_client
from tests.parts.kubectl import Kubectl, KubectlError
from tests.parts.processes import wait_for

POLICIES = EXAMPLES / "policies"
DENIED = "this namespace may not name that issuer; its label example.com/oauth-issuers says which it may"
FINALIZER = "oauth-operator.dev/registration"


@pytest.fixture(scope="module")
def labelled(admin: Kubectl) -> Iterator[str]:
    """A namespace that may name some issuers, once the policy stands."""
    name = f"labelled-{secrets.token_hex(4)}"
    admin("create", "namespace", name)
    admin("label", "namespace", name, "example.com/oauth-issuers=corporate")
    # Before there was a policy: it names an issuer that it may not.
    admin.apply(oauth_client(name, "before", issuer="https://elsewhere.example.com"))
    admin.apply(POLICIES / "issuers-by-namespace.yaml")
    wait_for(lambda: DENIED in _refusal(admin, name, "https://elsewhere.example.com"), "the policy", within=30)
    yield name
    admin("delete", "-f", POLICIES / "issuers-by-namespace.yaml")
    wait_for(lambda: not _refusal(admin, name, "https://elsewhere.example.com"), "no policy", within=30)
    admin("delete", "namespace", name, "--wait=false")


def _refusal(admin: Kubectl, namespace: str, issuer: str) -> str:
    try:
        admin.apply(oauth_client(namespace, "probe", issuer=issuer), "--dry-run=server")
    except KubectlError as refused:
        return str(refused)
    return ""


def test_a_namespace_names_the_issuers_of_its_label_and_no_others(admin: Kubectl, labelled: str, room: str) -> None:
    assert _refusal(admin, labelled, ISSUER) == ""
    for issuer in (f"{ISSUER}/", "https://login.partners.example.com", "https://evil.example.com"):
        assert DENIED in _refusal(admin, labelled, issuer)
    assert DENIED in _refusal(admin, room, ISSUER)


def test_what_was_there_before_is_edited_reported_on_and_let_go(
    admin: Kubectl, operator: Account, labelled: str
) -> None:
    path = oauth_clients_path(labelled, "before")
    assert operator.patch(path, {"metadata": {"finalizers": [FINALIZER]}}).status == 200
    assert operator.patch(f"{path}/status", {"status": {"observedGeneration": 1}}).status == 200
    edit = '{"spec":{"policy":{"deletion":"Retain"}}}'
    admin("patch", "oauthclient", "before", "-n", labelled, "--type=merge", "-p", edit)
    admin("delete", "oauthclient", "before", "-n", labelled, "--wait=false")
    assert operator.patch(path, {"metadata": {"finalizers": None}}).status == 200
    assert operator.ask("GET", path).status == 404


def test_a_quota_bounds_the_oauth_clients_of_a_namespace(admin: Kubectl) -> None:
    namespace = f"bounded-{secrets.token_hex(4)}"
    admin("create", "namespace", namespace)
    # The other policy may be there still.
    admin("label", "namespace", namespace, "example.com/oauth-issuers=corporate")
    admin.apply(POLICIES / "quota.yaml", "-n", namespace)
    counted = "count/oauthclients.oauth-operator.dev"
    patch = f'{{"spec":{{"hard":{{"{counted}":"1"}}}}}}'
    admin("patch", "resourcequota", "oauth", "-n", namespace, "--type=merge", "-p", patch)

    def known() -> bool:
        status = admin.json("get", "resourcequota", "oauth", "-n", namespace).get("status", {})
        return bool(status.get("hard", {}).get(counted) == "1" and counted in status.get("used", {}))

    wait_for(known, "the quota is counted", within=60)
    admin.apply(oauth_client(namespace, "first"))
    with pytest.raises(KubectlError, match=rf"exceeded quota: oauth, requested: {counted}=1"):
        admin.apply(oauth_client(namespace, "second"))
    admin("delete", "namespace", namespace, "--wait=false")
