"""What a call says of itself, open and closed."""

from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.record.calls import Asked, Call, CallKind, CallOutcome, ClosedCall, Said, fingerprint
from tests.pure.records import METADATA, NOW, call, metadata, registered_record

REGISTERED = registered_record()
ABOUT: dict[CallKind, dict[str, Any]] = {
    CallKind.REGISTER: {},
    CallKind.READ: {"client": 1},
    CallKind.UPDATE: {"client": 1},
    CallKind.DEREGISTER: {"client": 1},
}


def made(kind: CallKind, **values: Any) -> Call:
    return call(REGISTERED, kind, **ABOUT[kind], **values)


def closed(kind: CallKind, outcome: CallOutcome, *, said: dict[str, Any], **values: Any) -> ClosedCall:
    return ClosedCall(call=made(kind, **values), outcome=outcome, at=NOW, said=Said(**said))


@pytest.mark.parametrize("kind", CallKind)
def test_a_call_knows_its_kind_and_its_client(kind: CallKind) -> None:
    assert made(kind).kind is kind
    assert made(kind).client == ABOUT[kind].get("client")


@pytest.mark.parametrize("kind", [CallKind.REGISTER, CallKind.UPDATE])
def test_of_the_metadata_of_a_closed_call_the_digest_stays(kind: CallKind) -> None:
    what: Any = made(kind).what
    assert what.asked == Asked(metadata().digest(), METADATA)
    compacted: Any = made(kind).compacted().what
    assert compacted.asked == Asked(metadata().digest())


@pytest.mark.parametrize("kind", [CallKind.READ, CallKind.DEREGISTER])
def test_a_read_and_a_deregistration_carry_none(kind: CallKind) -> None:
    assert made(kind).compacted() == made(kind)


PAGE = {"status": 404, "json": False}


@pytest.mark.parametrize(
    ("kind", "said", "unsupported"),
    [
        (CallKind.UPDATE, {"status": 405}, True),
        (CallKind.UPDATE, {"status": 501}, True),
        (CallKind.UPDATE, {"status": 404}, False),
        (CallKind.UPDATE, PAGE, True),
        (CallKind.UPDATE, {"status": 401, "json": False}, False),
        (CallKind.UPDATE, {"status": 400}, False),
        (CallKind.DEREGISTER, {"status": 405}, True),
        (CallKind.DEREGISTER, {"status": 501}, True),
        (CallKind.DEREGISTER, PAGE, False),
        (CallKind.DEREGISTER, {"status": 401}, False),
    ],
    ids=str,
)
def test_what_says_that_a_server_does_not_do_such_a_thing(
    kind: CallKind, said: dict[str, Any], unsupported: bool
) -> None:
    assert closed(kind, CallOutcome.REJECTED, said=said).unsupported is unsupported
    assert not closed(kind, CallOutcome.AMBIGUOUS, said=said).unsupported


NONCE = {"status": 400, "error": "use_dpop_nonce"}


@pytest.mark.parametrize(
    ("entry", "wanted", "repeated"),
    [
        pytest.param(
            closed(CallKind.REGISTER, CallOutcome.REJECTED, said=NONCE, proof_key="jkt"),
            True,
            True,
            id="a proof was refused for its nonce",
        ),
        pytest.param(
            closed(CallKind.REGISTER, CallOutcome.REJECTED, said=NONCE, proof_key="jkt", repeats=True),
            True,
            False,
            id="what repeated another is not repeated again",
        ),
        pytest.param(
            closed(CallKind.REGISTER, CallOutcome.REJECTED, said=NONCE), False, False, id="there was no proof"
        ),
        pytest.param(
            closed(CallKind.REGISTER, CallOutcome.AMBIGUOUS, said=NONCE, proof_key="jkt"),
            False,
            False,
            id="it was no refusal",
        ),
        pytest.param(
            closed(CallKind.REGISTER, CallOutcome.REJECTED, said={"status": 400}, proof_key="jkt"),
            False,
            False,
            id="it was refused for something else",
        ),
        pytest.param(
            closed(CallKind.UPDATE, CallOutcome.REJECTED, said=NONCE), False, False, id="an update carries no proof"
        ),
    ],
)
def test_when_a_call_is_worth_repeating(entry: ClosedCall, wanted: bool, repeated: bool) -> None:
    assert (entry.nonce_wanted, entry.to_be_repeated) == (wanted, repeated)


def test_a_fingerprint_tells_one_credential_from_another_and_says_no_more() -> None:
    assert fingerprint(None) is None
    assert fingerprint(Confidential("r1")) == fingerprint(Confidential("r1"))
    assert fingerprint(Confidential("r1")) != fingerprint(Confidential("r2"))
    # It is stored: another way to compute it would make every token another one.
    assert fingerprint(Confidential("rat-1")) == "5edc4d0cfcf55c23"
