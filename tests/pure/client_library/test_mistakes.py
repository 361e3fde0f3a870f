"""A caller's mistakes neither lose a client nor show a secret."""

import asyncio
import copy
import pickle
import traceback
from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.client_library import (
    ClientSecretBasic,
    ClientSecretJWT,
    ClientSecretPost,
    Options,
    PrivateKeyJWT,
    TLSClientAuth,
    client_credentials_grant,
)
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import (
    ExecuteFailed,
    InvalidArgumentType,
    InvalidArgumentValue,
    RegistrationAmbiguous,
    TokenResponseUnusable,
)
from oauthclient_operator.exchange import Answer, Incomplete, Response
from tests.pure.client_library.op import CLIENT, OP, answered
from tests.pure.keys import parsed

ODD: Any = [
    {"body": "{}"},
    {"body": None},
    {"status": "201"},
    {"headers": None},
    {"headers": {1: "x"}},
    {"headers": {"dpop-nonce": b"x"}},
]


@pytest.mark.parametrize("odd", ODD, ids=str)
async def test_an_answer_of_a_transport_that_is_none(odd: Any) -> None:
    with pytest.raises(RegistrationAmbiguous):
        await OP(registration=Response(**{"status": 201, "body": b"{}", **odd})).register()


MANAGED = {
    **CLIENT,
    "registration_access_token": "rat",
    "registration_client_uri": "https://op.example.com/reg/foo",
}
BODY = answered(201, MANAGED).body
HOLDING: dict[str, Any] = {
    "a str": {"body": BODY.decode()},
    "a str with half a character": {"body": BODY.decode() + "\udc00"},
    "a bytearray": {"body": bytearray(BODY)},
    "a view": {"body": memoryview(BODY)},
    "an odd status": {"status": "201"},
    "odd headers": {"headers": {"x": 1}},
}


@pytest.mark.parametrize("odd", HOLDING)
async def test_the_credentials_in_an_answer_that_is_none_are_kept(odd: str) -> None:
    await lost_and_kept(Response(**{"status": 201, "body": BODY, **HOLDING[odd]}))


async def test_the_credentials_in_an_incomplete_answer_that_is_none_are_kept() -> None:
    odd: Any = BODY.decode()[:-1]
    await lost_and_kept(Incomplete(cause="lost", partial=odd))


async def lost_and_kept(answer: Answer) -> None:
    with pytest.raises(RegistrationAmbiguous) as lost:
        await OP(registration=answer).register()
    assert (lost.value.client_id, lost.value.client_secret) == ("foo", Confidential("bar"))
    assert lost.value.registration_access_token == Confidential("rat")
    assert lost.value.registration_client_uri == MANAGED["registration_client_uri"]


async def test_a_credential_that_is_no_text_is_not_kept_as_another_one() -> None:
    odd: Any = '{"client_id": "foo", "client_secret": "b\udcc3\udca9r"}'
    with pytest.raises(RegistrationAmbiguous) as lost:
        await OP(registration=Response(status=201, body=odd)).register()
    assert (lost.value.client_id, lost.value.client_secret) == ("foo", None)


async def test_a_function_that_was_cancelled_loses_no_client() -> None:
    def cancelled(_: object) -> Any:
        raise asyncio.CancelledError("canary-5518")

    with pytest.raises(ExecuteFailed, match="CancelledError") as failed:
        await OP(registration=answered(201, MANAGED)).register(execute=(cancelled,))
    assert failed.value.registration_access_token == Confidential("rat")
    assert "canary" not in str(failed.value)
    assert failed.value.__context__ is None


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_a_function_that_ends_the_program_leaves_the_client_in_the_cause(end: type[BaseException]) -> None:
    def ending(_: object) -> Any:
        raise end(3)

    with pytest.raises(end) as ended:
        asyncio.run(OP(registration=answered(201, MANAGED)).register(execute=(ending,)))
    left = ended.value.__cause__
    assert isinstance(left, ExecuteFailed)
    assert (left.client_id, left.client_secret) == ("foo", Confidential("bar"))
    assert left.registration_access_token == Confidential("rat")


async def test_an_incomplete_answer_that_is_none() -> None:
    odd: Any = "{}"
    with pytest.raises(RegistrationAmbiguous):
        await OP(registration=Incomplete(cause="lost", partial=odd)).register()


@pytest.mark.parametrize("make", [ClientSecretBasic, ClientSecretPost, ClientSecretJWT, PrivateKeyJWT, TLSClientAuth])
def test_CA_08_what_is_not_confidential_is_refused_and_not_shown(make: Any) -> None:
    with pytest.raises(InvalidArgumentType) as refused:
        make("canary-5518")
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("make", [ClientSecretBasic, ClientSecretPost, ClientSecretJWT])
def test_a_secret_that_could_not_be_sent_is_refused_at_once(make: Any) -> None:
    octets: Any = b"canary-5518"
    with pytest.raises(InvalidArgumentType, match="has to be a str, and is of the type bytes"):
        make(Confidential(octets))
    with pytest.raises(InvalidArgumentValue, match="no character") as refused:
        make(Confidential("canary-5518\udc00"))
    assert refused.value.__context__ is None


def test_an_initial_access_token_of_octets() -> None:
    octets: Any = b"canary-5518"
    with pytest.raises(InvalidArgumentType, match="has to be a str, and is of the type bytes"):
        Options(initial_access_token=Confidential(octets))


async def test_parameters_that_could_not_be_sent() -> None:
    configuration = await OP().register()
    with pytest.raises(InvalidArgumentValue, match="parameters"):
        await client_credentials_grant(configuration, {"scope": "orders\udc00"})


@pytest.mark.parametrize("wrong", ["client_secret_basic", ClientSecretBasic])
async def test_what_is_no_client_authentication_registers_nothing(wrong: Any) -> None:
    op = OP()
    with pytest.raises(InvalidArgumentType):
        await op.register({}, wrong)
    assert op.requests == []


@pytest.mark.parametrize("kind", [ValueError, KeyError])
async def test_the_words_of_a_hook_that_fails_are_not_shown(kind: type[Exception]) -> None:
    def fail(_: object, __: object) -> None:
        raise kind("canary-5518")

    configuration = await OP().register({}, ClientSecretJWT(modify_assertion=fail))
    with pytest.raises(InvalidArgumentValue, match="modify_assertion") as failed:
        await client_credentials_grant(configuration)
    assert "canary" not in "".join(map(str, traceback.format_exception_only(failed.value)))
    assert failed.value.__context__ is None


@pytest.mark.parametrize(
    ("part", "added"),
    [
        (1, {"x": {1}}),
        (1, {"x": float("nan")}),
        (1, {7: "canary-5518"}),
        (1, {"x": "canary-5518\udc00"}),
        (0, {"x": b"canary-5518"}),
        (0, {"kid": 7}),
        (0, {"crit": ["canary-5518"]}),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", [ClientSecretJWT, PrivateKeyJWT])
async def test_what_a_hook_makes_and_no_assertion_can_hold(kind: Any, part: int, added: Any) -> None:
    given = () if kind is ClientSecretJWT else (parsed("P-256"),)
    authentication = kind(*given, modify_assertion=lambda *parts: parts[part].update(added))
    configuration = await OP().register({}, authentication)
    with pytest.raises(InvalidArgumentValue, match="client_authentication") as failed:
        await client_credentials_grant(configuration)
    assert "canary" not in str(failed.value)
    assert failed.value.__context__ is None


@pytest.mark.parametrize(
    "odd", [{"audience": "issuer"}, {"audience": None}, {"modify_assertion": 7}, {"kid": 7}], ids=str
)
def test_CA_08_what_an_assertion_is_made_with_is_checked_at_once(odd: Any) -> None:
    (name,) = odd
    with pytest.raises(InvalidArgumentType, match=name):
        PrivateKeyJWT(parsed("P-256"), **odd)
    if name != "kid":
        with pytest.raises(InvalidArgumentType, match=name):
            ClientSecretJWT(**odd)


def test_what_is_confidential_is_copied_and_not_pickled() -> None:
    secret = Confidential("canary-5518")
    assert copy.copy(secret) == copy.deepcopy([secret])[0] == secret
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        for holder in (secret, ClientSecretBasic(secret), {"x": secret}):
            with pytest.raises(TypeError, match="not pickled") as refused:
                pickle.dumps(holder, protocol)
            assert "canary" not in str(refused.value)


async def test_what_was_registered_is_copied_and_not_pickled() -> None:
    configuration = await OP().register()
    for holder in (configuration, configuration.information):
        assert copy.copy(holder) == copy.deepcopy(holder) == holder
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(holder)


@pytest.mark.parametrize("token", ["at\n1", "at 1", " at", "at\r\nx: y", "at\x7f", "été"])
async def test_an_access_token_that_could_not_stand_in_a_header(token: str) -> None:
    op = OP(token=answered(200, {"access_token": token, "token_type": "Bearer"}))
    with pytest.raises(TokenResponseUnusable, match="access_token") as unusable:
        await client_credentials_grant(await op.register())
    assert token not in str(unusable.value)


@pytest.mark.parametrize("skew", [86401, -86401, 1e12])
async def test_a_clock_is_a_day_off_at_most(skew: float) -> None:
    configuration = await OP().register(clock_skew=86400)
    for make in (lambda: Options(clock_skew=skew), lambda: replace(configuration, clock_skew=skew)):
        with pytest.raises(InvalidArgumentValue, match="clock_skew"):
            make()
    assert replace(configuration, clock_skew=-86400).clock_skew == -86400


def test_a_number_of_seconds_that_no_float_holds() -> None:
    with pytest.raises(InvalidArgumentValue):
        Options(timeout=10**400)
