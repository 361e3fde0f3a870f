"""What the fence cannot see, the garbage collector mends: an owner that does not exist."""

from tests.cluster.admission.account import Account, secrets_path
from tests.cluster.admission.manifests import API_VERSION, secret
from tests.parts.kubectl import Kubectl
from tests.parts.processes import wait_for


def test_a_secret_whose_owner_does_not_exist_is_collected(admin: Kubectl, operator: Account, room: str) -> None:
    owner = {
        "apiVersion": API_VERSION,
        "kind": "OAuthClient",
        "name": "nobody",
        "uid": "6f1c0ba5-5f0b-4a3c-9f0e-5d8c2f6f",
    }
    assert operator.ask("POST", secrets_path(room), secret(room, "astray", owner=owner)).status == 201
    # The garbage collector looks for new kinds every 30 s: it may not know ours yet.
    wait_for(lambda: "astray" not in admin("get", "secrets", "-n", room, "-o", "name"), "collected", within=90)
