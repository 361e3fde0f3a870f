"""What people may do with OAuthClients who have Kubernetes' own roles in a namespace, and what they can read by it."""

from collections.abc import Iterator

import pytest

from oauthclient_operator import names
from oauthclient_operator.names import GROUP
from tests.cluster.deploy.installations import Installation
from tests.cluster.deploy.rights import may
from tests.parts.kubectl import Kubectl
from tests.parts.processes import wait_for

READ = {"get", "list", "watch"}
WRITE = {"create", "update", "patch", "delete", "deletecollection"}


@pytest.fixture(scope="module")
def kubectl(whole: Installation) -> Iterator[Kubectl]:
    whole.apply()
    kubectl = whole.server.kubectl
    for role in ("view", "edit", "admin"):
        kubectl("create", "rolebinding", role, f"--clusterrole={role}", f"--user={role}er", "-n", "elsewhere")
    # The controller manager puts the roles together.
    for role, verb in (("view", "get"), ("edit", "create"), ("admin", "create")):
        wait_for(lambda: verb in may(kubectl, f"{role}er", "oauthclients", "elsewhere", GROUP), role, within=30)  # noqa: B023 - called within this turn of the loop
    yield kubectl
    kubectl("delete", "rolebinding", "view", "edit", "admin", "-n", "elsewhere")


def test_who_may_view_sees_oauth_clients_and_no_secret(kubectl: Kubectl) -> None:
    assert may(kubectl, "viewer", "oauthclients", "elsewhere", GROUP) == READ
    assert may(kubectl, "viewer", "secrets", "elsewhere") == set()


@pytest.mark.parametrize("user", ["editer", "adminer"])
def test_who_may_edit_writes_oauth_clients_and_could_read_secrets_before(kubectl: Kubectl, user: str) -> None:
    assert may(kubectl, user, "oauthclients", "elsewhere", GROUP) == READ | WRITE
    assert may(kubectl, user, "oauthclients/status", "elsewhere", GROUP) == set()
    assert may(kubectl, user, "secrets", "elsewhere") >= READ


@pytest.mark.parametrize("user", ["viewer", "editer", "adminer"])
def test_nobody_of_them_reads_a_record_or_another_namespace(kubectl: Kubectl, user: str) -> None:
    assert may(kubectl, user, "secrets", "oauth-operator-records") == set()
    assert may(kubectl, user, "oauthclients", "shop", GROUP) == set()


@pytest.mark.parametrize("user", ["viewer", "editer", "adminer"])
def test_nobody_of_them_has_a_right_on_issuers(kubectl: Kubectl, user: str) -> None:
    assert may(kubectl, user, names.ISSUER_PLURAL, None, GROUP) == set()
    assert may(kubectl, user, f"{names.ISSUER_PLURAL}/status", None, GROUP) == set()


def test_who_is_bound_to_the_role_for_it_reads_issuers_and_nothing_else(kubectl: Kubectl) -> None:
    role = "oauthclient-operator-issuers-view"
    kubectl("create", "clusterrolebinding", "reader", f"--clusterrole={role}", "--user=reader")
    wait_for(lambda: may(kubectl, "reader", names.ISSUER_PLURAL, None, GROUP) == READ, "the rights", within=30)
    assert may(kubectl, "reader", "oauthclients", "elsewhere", GROUP) == set()
    assert may(kubectl, "reader", "secrets", "elsewhere") == set()
    kubectl("delete", "clusterrolebinding", "reader")
