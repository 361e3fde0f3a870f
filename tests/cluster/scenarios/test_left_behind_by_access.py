"""A client that nobody may end at Keycloak when its resource goes: left behind, and ended a day after that is mended."""

from datetime import timedelta
from pathlib import Path

from tests.cluster.scenarios.in_process import Account, InProcessOperator
from tests.cluster.scenarios.issuer_resources import issuer_resource, pem
from tests.cluster.scenarios.left_behind import CONFIRMED, UNCONFIRMED, delete, release
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import Room
from tests.parts.certificates import CertificateAuthority
from tests.parts.keycloak import Realm

MANAGER = "manager-for-a-while"
DAY = timedelta(hours=25)


async def test_it_ends_by_access_where_the_account_may_manage_clients_again(
    room: Room,
    operators: Operators,
    operator_kubeconfig: Path,
    certificate_authority: CertificateAuthority,
    registrar_realm: Realm,
) -> None:
    operators.running()
    realm = registrar_realm
    realm.make_client(MANAGER, serviceAccountsEnabled=True, standardFlowEnabled=False)
    realm.let_register(MANAGER, role="manage-clients")
    with issuer_resource(room, realm.issuer) as issuer:
        issuer.put_credentials(issuer.name, MANAGER, (realm.client(MANAGER) or {})["secret"])
        access = {"clientCredentials": {"secretRef": {"name": issuer.name}}}
        issuer.apply(trust={"caBundle": pem(realm.trust)}, access=access, dialect={"management": "Access"})
        issuer.wait_for("Ready")
        uid = issuer.apply_client()
        client_id = room.wait_for("web", "Registered")["status"]["clientID"]
        # Neither by a token of its own nor by the account's; a process that begins has no token of before.
        realm.registration_access_token(client_id)
        realm.take_away(MANAGER, role="manage-clients")
        operators.stop()
        operators.running()
        delete(room, within=90)
        assert release(room, uid) == UNCONFIRMED
        assert realm.client(client_id) is not None
        assert "DELETE 403" in realm.calls(client_id)
        # What comes a day later is looked at in this process.
        trust, namespace = certificate_authority.bundle, room.namespace
        account = Account(kubeconfig=operator_kubeconfig, trust=trust, namespace=namespace, issuers=(issuer.name,))
        afterwards = InProcessOperator(account=account)
        afterwards.clock.skipped += DAY
        await afterwards.look_after_left_behind()
        assert release(room, uid) == UNCONFIRMED
        realm.let_register(MANAGER, role="manage-clients")
        afterwards.clock.skipped += DAY
        await afterwards.look_after_left_behind()
        assert realm.client(client_id) is None
        assert release(room, uid) == CONFIRMED
        assert realm.calls(client_id)[-1] == "DELETE 204"
