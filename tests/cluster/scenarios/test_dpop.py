"""DPoP at registration: the key beside the initial access token, from `kubectl apply` to what the server saw."""

import json

from oauthclient_operator import names
from oauthclient_operator.record.calls import CallOutcome, RegisterCall
from oauthclient_operator.record.wire import encode
from tests.cluster.scenarios.conftest import MakeIssuer
from tests.cluster.scenarios.room import Room
from tests.parts import proofs
from tests.parts.proofs import Demand
from tests.pure import keys

TOKEN = "initial-access-token-0123456789"


def test_DP_01_a_client_is_registered_with_proofs_and_managed_without(room: Room, make_issuer: MakeIssuer) -> None:
    demand = Demand(jkt=keys.parsed("P-256").thumbprint, nonce="nonce-1")
    issuer = make_issuer(initial_access_token=TOKEN, demand=demand)
    room.operators.running("--log-level=debug")
    key = keys.jwk("P-256", kid="mine", use="sig")
    room.put_token("idp-token", issuer.issuer, TOKEN)
    uid = room.apply("web", issuer.issuer, token="idp-token")
    refused = room.wait_for("web", "RegistrationUnauthorized")
    assert "as dpop_key" in json.dumps(refused["status"])

    # The nonce that the refusal brought is too old by now. The Secret changes, and the operator goes on by itself.
    demand.nonce = "nonce-2"
    room.put_secret(
        "idp-token", of_type=names.INITIAL_ACCESS_TOKEN_TYPE, issuer=issuer.issuer, token=TOKEN, dpop_key=key
    )
    room.wait_for("web", "Registered")
    record = room.record(uid)
    assert [(call.outcome, call.said.error) for call in record.closed] == [
        (CallOutcome.REJECTED, "invalid_dpop_proof"),
        (CallOutcome.REJECTED, "use_dpop_nonce"),
        (CallOutcome.COMMITTED, None),
    ]
    assert [call.what.attempt for call in record.closed if isinstance(call.what, RegisterCall)] == [1, 1, 1]
    (proof,) = demand.seen
    assert proofs.read(proof)[1]["nonce"] == "nonce-2"

    room.apply("web", issuer.issuer, token="idp-token", metadata={"redirect_uris": ["https://shop.example/other"]})
    room.wait_for("web", "Registered")
    room.delete("web")
    room.wait_until(lambda: not room.exists("web"), "web is gone")
    assert issuer.calls == ["POST", "POST", "POST", "PUT", "DELETE"]
    shown = json.dumps(encode(record)) + json.dumps(room.events("web")) + room.operators.log()
    assert [hidden for hidden in (TOKEN, proof, json.loads(key)["d"]) if hidden in shown] == []
