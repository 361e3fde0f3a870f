"""What only a change at the authorization server mends is tried again, slowly: an administrator tells nobody."""

import pytest

from oauthclient_operator.record.calls import CallOutcome
from tests.cluster.scenarios.conftest import MakeIssuer
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import Room
from tests.parts.misbehaving import respond
from tests.parts.misbehaving_issuer import Members

SLOWLY = 4


@pytest.fixture(autouse=True)
def in_a_hurry(operators: Operators) -> None:
    operators.running(f"--retry-slowly={SLOWLY}s")


def test_the_administrator_repairs_the_server(room: Room, make_issuer: MakeIssuer) -> None:
    refusals: dict[str, tuple[int, Members, str]] = {
        "metadata": (400, {"error": "invalid_client_metadata"}, "RegistrationRejected"),
        "rights": (403, {"error": "access_denied"}, "RegistrationUnauthorized"),
        "token": (401, {"error": "invalid_token"}, "RegistrationUnauthorized"),
        "redirect": (302, {}, "RegistrationRejected"),
        "endpoint": (404, {}, "RegistrationRejected"),
    }
    issuers = {name: make_issuer() for name in refusals}
    uids: dict[str, str] = {}
    for name, (status, members, _) in refusals.items():
        issuers[name].spoil("POST", lambda _, s=status, m=members: respond(s, m), applied=False)  # type: ignore[misc] # a default is no parameter of the behaviour
        room.put_token(f"for-{name}", issuers[name].issuer, "a-token")
        uids[name] = room.apply(name, issuers[name].issuer, token=f"for-{name}")
    for name, (_, _, reason) in refusals.items():
        room.wait_for(name, reason)
    for name, uid in uids.items():
        room.wait_for(name, "Registered")
        record = room.record(uid)
        assert [call.outcome for call in record.closed] == [CallOutcome.REJECTED, CallOutcome.COMMITTED]
        assert (record.closed[1].at - record.closed[0].at).total_seconds() >= SLOWLY
        assert [attempt.number for attempt in record.attempts] == [1]
        assert issuers[name].calls == ["POST", "POST"]
