"""A caller's mistakes neither lose a client nor show a secret."""

import traceback
from typing import Any

import pytest

from oauthclient_operator.errors import InvalidArgumentType, InvalidArgumentValue, RegistrationAmbiguous
from oauthclient_operator.exchange import Incomplete, Response
from oauthclient_operator.oauth import (
    ClientSecretBasic,
    ClientSecretJWT,
    ClientSecretPost,
    Options,
    PrivateKeyJWT,
    TLSClientAuth,
    client_credentials_grant,
)
from tests.pure.library.op import OP

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


async def test_an_incomplete_answer_that_is_none() -> None:
    odd: Any = "{}"
    with pytest.raises(RegistrationAmbiguous):
        await OP(registration=Incomplete(cause="lost", partial=odd)).register()


@pytest.mark.parametrize("make", [ClientSecretBasic, ClientSecretPost, ClientSecretJWT, PrivateKeyJWT, TLSClientAuth])
def test_CA_08_what_is_not_confidential_is_refused_and_not_shown(make: Any) -> None:
    with pytest.raises(InvalidArgumentType) as refused:
        make("canary-5518")
    assert "canary" not in str(refused.value)


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


def test_a_number_of_seconds_that_no_float_holds() -> None:
    with pytest.raises(InvalidArgumentValue):
        Options(timeout=10**400)
